"""The command `politirad`: assembles its commands lazily, and turns every error into words and an exit code.

`--help` imports nothing but click. A command's module is imported when the command is called, so what one command
needs (SQL, migrations, the state machine) costs the others nothing.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

import click

COMMANDS = {
    "init": ("commands.opening:init", "Open a council: make its database from a TOML file."),
    "todo": ("commands.todo:todo", "What lies on whose table, and by when; overdue first."),
    "upcoming": ("commands.upcoming:upcoming", "What comes in the next weeks: meetings, deadlines, reminders."),
    "calendar": ("commands.calendar:calendar", "Deadlines and meetings of an office as an iCalendar file."),
    "list": ("commands.listing:list_", "List cases by workflow, state, office or theme."),
    "show": ("commands.showing:show", "Show where a case stands, what it owes and which steps are possible."),
    "agreement": ("commands.steps:agreement", "Steps of the agreement (A-1); its versions and their differences."),
    "amendment": ("commands.steps:amendment", "Steps of an amendment to the agreement (E-1)."),
    "measure": ("commands.steps:measure", "Steps of a measure (M-1), from proposed to evaluated."),
    "meeting": ("commands.steps:meeting", "Steps of a meeting of the police council (MT-1)."),
    "year": ("commands.steps:year", "Steps of the council's year (Y-2019)."),
    "new": ("commands.steps:new", "Open a case: an agreement, a measure or a meeting."),
    "decide": ("commands.decisions:decide", "Record a body's decision, point by point."),
    "decisions": ("commands.decisions:decisions", "List the recorded decisions."),
    "explain": ("commands.explaining:explain", "Tell why a step can or cannot be taken, without taking it."),
    "log": ("commands.history:log", "Everything that happened in a case: who, in which capacity, by which reference."),
    "statement": ("commands.statements:statement", "Write what is to be signed of an act on a version."),
    "approvals": ("commands.approvals:approvals", "Who approved which version, when, for whom, under which rule."),
    "rules": ("commands.rules:rules", "Whose acts an agreement needs, how bodies vote, who may override what."),
    "report": ("commands.report:report", "Reports, such as the follow-up of decisions."),
    "graph": ("commands.graph:graph", "Draw a workflow, with a case's state marked."),
    "office": ("commands.offices:office", "The offices: who holds them, and what is delegated to them."),
    "person": ("commands.persons:person", "Add and list the persons who hold offices."),
    "profile": ("commands.profiles:profile", "Show, change or apply the council's rules."),
    "document": ("commands.documents:document", "Save a kept document to a file."),
    "correct": ("commands.corrections:correct", "Put right the date, reference or text of an event, by a new one."),
    "annul": ("commands.corrections:annul", "Take back the newest step of a case, by a new event."),
    "letters": ("commands.posting:letters", "Letters that were made: to whom, about what, and what came of them."),
    "remind": ("commands.reminding:remind", "Make the reminders that are due; --dry-run shows them."),
    "simulate": ("commands.simulating:simulate", "Who would get what and when, if nobody did anything."),
    "snooze": ("commands.snoozing:snooze", "Leave an office in peace about a duty until a day."),
    "bounced": ("commands.posting:bounced", "Record that a letter came back; the secretariat gets it."),
    "tick": ("commands.upkeep:tick", "One round of the clock: what is due is done, reminders go out."),
    "serve": ("commands.serving:serve", "Be the clock: a round every minute, until told to stop."),
    "heartbeat": ("commands.serving:heartbeat", "Tell when the clock last turned; an exit code for watchdogs."),
    "keys": ("commands.keys:keys", "The key that signs the log's checkpoints, and its witnesses."),
    "audit": ("commands.auditing:audit", "Signs of trouble in the record, with the events."),
    "export": ("commands.exporting:export", "Write the whole record to a folder that anybody can check."),
    "witness": ("commands.witnessing:witness", "At the other party: check an export and cosign it."),
    "import-cosignature": ("commands.witnessing:import_cosignature", "Take in what a witness cosigned."),
    "prove": ("commands.proving:prove", "Write the proof of one event, which discloses no other."),
    "check-proof": ("commands.proving:check_proof", "Check such a proof, without a database."),
    "certificate": ("commands.certificate:certificate", "A page for the minutes: who approved what, how to check it."),
    "backup": ("commands.backups:backup", "Copy the whole database to a file, while others go on working."),
    "restore": ("commands.restoring:restore", "Put a backup in the database's place, held against what was signed."),
    "verify": ("commands.upkeep:verify", "Check the bytes, chains, views and documents of the record."),
    "rebuild": ("commands.upkeep:rebuild", "Make all views anew from the log."),
    "db": ("commands.databases:db", "The database itself: move it, upgrade it, give rights."),
    "doctor": ("commands.doctor:doctor", "Tell whether database, offices and deadlines are in order."),
    "demo": ("commands.demo:demo", "Play the real case from wish to in force, in a folder of its own."),
    "play": ("commands.play:play", "Replay a file of commands."),
    "completion": ("commands.completion:completion", "Print the completion script for a shell."),
}
"""Each command: where it lives, and its line in the list of commands."""

SECTIONS = {
    "Every day": (
        "todo upcoming list show agreement amendment measure meeting year new decide decisions explain log calendar"
    ),
    "Who approved what": "approvals rules statement report graph certificate",
    "Who there is, and by which rules": "init office person profile document correct annul",
    "The clock and the letters": "serve tick heartbeat remind letters bounced snooze simulate",
    "Proof": "verify audit keys export witness import-cosignature prove check-proof",
    "Keeping it running": "doctor backup restore db rebuild play demo completion",
}
"""The commands as `--help` lists them; every one stands in one section."""

QUIET = 130
"""The exit code of an interrupted command (128 + SIGINT)."""
CLOSED_PIPE = 141
"""The exit code when the reader of our output has gone (128 + SIGPIPE)."""
CANNOT_WRITE = 5
"""The exit code when the output cannot be written, as where a disk is full."""


class LazyGroup(click.Group):
    """The group of all commands; imports one when it is called, and none to list them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click hands it over
        """The command of a name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        from importlib import import_module

        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command the arguments name. Raises `NotFoundError` with the nearest names."""
        if not ctx.resilient_parsing and args[0] not in COMMANDS and not args[0].startswith("-"):
            from commands.naming import not_found

            raise not_found("command", args[0], COMMANDS, "See `politirad --help`.")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a refusal that leaves it carries its reasons in the reader's language, as notes."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            ctx.exit(CLOSED_PIPE)  # before click turns it into 1, which means refused
        except Exception as error:
            from commands.faults import put_in_words

            put_in_words(error, ctx)
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  # click hands it over
        """The list of commands by section, from the tables alone."""
        for section, names in SECTIONS.items():
            with formatter.section(section):
                formatter.write_dl([(name, COMMANDS[name][1]) for name in names.split()])


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--database", metavar="FILE", help="The database; politirad.db in this folder if left out.")
@click.option("--council", metavar="ID", help="Which council, where the database holds several.")
@click.option("--person", metavar="HANDLE", help="Who you are.")
@click.option("--language", metavar="nb|nn|en", help="The language of states, reasons and headings.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.version_option(package_name="politirad", message="%(prog)s %(version)s")
@click.pass_context
def politirad(ctx: click.Context, /, *, debug: bool, **overrides: str | None) -> None:  # noqa: ARG001  # see `run`
    """Drive the agreements, measures, meetings and years of a police council, and prove who approved what.

    Nothing decided is forgotten, and nothing approved can be denied. Without a command: where things stand.

    Settings come from politirad.toml in this folder (or $POLITIRAD_CONFIG), then from the environment
    (POLITIRAD_DATABASE, _COUNCIL, _PERSON, _LANGUAGE, _MAIL …), then the options below.

    Exit codes: 0 done, 1 refused by the rules, 2 usage or configuration, 3 not found, 4 changed meanwhile,
    5 database unavailable, 70 a fault of ours, 130 interrupted; of `verify`: 10 bytes changed, 11 shorter than a
    checkpoint, 12 signature missing or bad, 13 views differ, 14 document missing or different.
    """
    from commands.wiring import Setup

    if ctx.obj is None:
        ctx.obj = Setup.configured(overrides)
    if ctx.invoked_subcommand is None:
        from commands.overview import overview

        ctx.invoke(overview)


def run(arguments: Sequence[str], setup: object | None = None) -> int:
    """Run one command line; its exit code. `--debug` may stand anywhere on it.

    `setup` is a `commands.wiring.Setup` for programs that have settings and a clock of their own.
    """
    asked = [argument for argument in arguments if argument != "--debug"]
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal of another encoding shows ? instead of failing
    try:
        code = politirad.main(asked, prog_name="politirad", standalone_mode=False, obj=setup)
        sys.stdout.flush()
    except (KeyboardInterrupt, click.Abort):
        return QUIET
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains as it exits
        return CLOSED_PIPE
    except OSError as error:
        click.echo(f"The output cannot be written: {error.strerror or error}.", err=True)
        return CANNOT_WRITE
    except Exception as error:  # noqa: BLE001  # the last door: no traceback reaches a person unasked
        from commands.faults import tell

        return tell(error, debug=len(asked) < len(arguments))
    return code if isinstance(code, int) else 0


def main() -> None:
    """Entry of the installed command."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
