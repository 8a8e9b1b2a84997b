"""The minutes of a play: what each command left in the log, a line to a command, under what is said between them.

Nothing here is told by the play itself. Date, who decided and what changed are read back from the log after each
scene, so the minutes cannot say anything the record does not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile
from typing import TYPE_CHECKING, TypeAlias

import click

from commands.acts import Names
from commands.output import GAP, aligned, hanging, safe, say, width, wrapped
from commands.register_names import name_of
from engine.calendar import local_date, parse_instant
from engine.chain import COUNCIL_CASE

if TYPE_CHECKING:
    from commands.story import Act
    from commands.wiring import Setup
    from engine.acts import Point
    from engine.event import Facts, Json
    from engine.ports import Recorded

Row: TypeAlias = tuple[str, str, str]
"""Date, case, and what happened there."""

WIDTHS = (12, 6, 0)
TELLING = ("date", "scope", "effect", "result")
"""Answers of forms that are short, and say what the name of a step does not."""

REFUSED = "council.step_refused"


@dataclass
class MinuteKeeper:
    """An audience that reads the log and tells it. `told` and `written` count the events of the log."""

    setup: Setup
    told: int = 0
    written: int = 0

    def narrated(self, text: str) -> None:
        """A paragraph of its own, after what came before it."""
        self.tell()
        say()
        for line in wrapped(text, width()):
            say(line)

    def done(self, act: Act, output: str) -> None:  # noqa: ARG002  # the log tells what was done
        """A command that wrote is told from the log; of one that only read, what it printed is shown."""
        size = self._size()
        if size == self.written:
            self.tell()
            click.echo(output, nl=False)
        self.written = size

    def refused(self, act: Act, reasons: Sequence[str]) -> None:
        """The command as it was written, and why not. An attempt that is on record was not told yet."""
        self.tell()
        self.told = self.written = self._size()
        told = (reasons[0], *takewhile(lambda reason: reason.startswith(" "), reasons[1:]))  # its own requirements
        why = (line for reason in told for line in hanging(reason, width() - sum(WIDTHS) - GAP * len(WIDTHS)))
        _print([_row(self.setup.today.isoformat(), "", "\n".join((f"politirad {' '.join(act.words)}", *why)))])

    def tell(self) -> None:
        """Tell what has been recorded since the last time."""
        if self.told == self.written:
            return
        with self.setup.reading() as reader:
            events = list(reader.events())[self.told :]
            names = Names.of(self.setup, reader)
        self.told = self.written
        commands = list(_by_command(events))
        _print([*_housekeeping(names, events), *_joined(_minute(names, command) for command in commands)])

    def _size(self) -> int:
        with self.setup.reading() as reader:
            return reader.size()


@dataclass(frozen=True, slots=True)
class Minute:
    """What one command did: its date, its case, who decided, what was done, and points below it."""

    day: str
    case: str
    who: str
    done: str
    points: tuple[str, ...] = ()


def _by_command(events: Iterable[Recorded]) -> list[list[Recorded]]:
    """The events of each command: a step or a decision, with what followed from it."""
    commands: list[list[Recorded]] = []
    for recorded in events:
        if _is_housekeeping(recorded):
            continue
        if recorded.event.cause is None:
            commands.append([])
        commands[-1].append(recorded)
    return commands


def _is_housekeeping(recorded: Recorded) -> bool:
    """Whether an event keeps the council's own books: persons, offices, rules."""
    return recorded.event.case == COUNCIL_CASE and recorded.event.data["step"] != "decided"


def _housekeeping(names: Names, events: Iterable[Recorded]) -> list[Row]:
    """The council's own books, counted by date and kind."""
    kept = Counter((_day(r), r.event.type) for r in events if _is_housekeeping(r) and r.event.type != REFUSED)
    said = {kind: names.setup.words.event(kind) + (f" ({n})" if n > 1 else "") for (_, kind), n in kept.items()}
    days = dict.fromkeys(day for day, _ in kept)
    return [_row(day, COUNCIL_CASE, ", ".join(said[kind] for on, kind in kept if on == day)) for day in days]


def _joined(minutes: Iterable[Minute]) -> Iterable[Row]:
    """The rows of minutes: what one decided in one case on one day stands in one row."""
    for (day, case, who), together in groupby(minutes, lambda minute: (minute.day, minute.case, minute.who)):
        taken = list(together)
        yield _row(day, case, f"{who}: {'; '.join(minute.done for minute in taken)}")
        yield from (_row("", "", point) for minute in taken for point in minute.points)


def _minute(names: Names, command: Sequence[Recorded]) -> Minute:
    """What a command did, and what followed from it; a decision with its points."""
    first, *followed = command
    day, case = _day(first), first.event.case
    if isinstance(decided := first.event.data.get("decision"), Mapping):
        decision = names.decisions[str(decided["id"])]
        points = tuple(_point(names, n, point) for n, point in enumerate(decision.points, 1))
        return Minute(day, decision.id, _who(names, first), str(decision.ref), points)
    done = [_done(names, recorded, case) for recorded in (first, *followed) if recorded is first or _matters(recorded)]
    return Minute(day, case, _who(names, first), f"{'; '.join(done)}{_grounds(names, first)}")


def _matters(recorded: Recorded) -> bool:
    """Whether what followed changed a case, and did not only note in one what another has told it."""
    data = recorded.event.data
    return data["from"] != data["to"] or "version" in data


def _done(names: Names, recorded: Recorded, said_of: str) -> str:
    """What happened: which case it opened, what version it made or acted on, what was found, if it was signed."""
    event, words = recorded.event, names.setup.words
    made, acted, form = (_mapping(event.data.get(part)) for part in ("version", "approval", "form"))
    number = made.get("number") or acted.get("version")
    title = form.get("title") if event.data["from"] is None else None
    parts = (
        words.event(event.type) if event.case == said_of else f"{event.case} {words.event(event.type)}",
        f" «{title}»" if title else "",
        f", {words.phrase('version')} {number}" if number else "",
        *(f", {words.label('value', str(form[name]))}" for name in TELLING if name in form),
        f", {words.label('assurance', 'sshsig')}" if "signature" in event.data else "",
    )
    return "".join(parts)


def _who(names: Names, recorded: Recorded) -> str:
    """The office, body or party that decided; the clock by what it is."""
    event = recorded.event
    if event.decider is None:
        return names.setup.words.role(event.actor.via)
    office = _mapping(event.data.get("authority")).get("office")
    return name_of(names.register, str(office or event.decider), names.setup.today, names.setup.language)


def _grounds(names: Names, recorded: Recorded) -> str:
    """The point of a decision that a step rests on, else its reference."""
    cited = recorded.event.decision
    if cited is None:
        return f" ({recorded.event.ref})" if recorded.event.ref else ""
    return f" ({names.setup.words.phrase('decision_point', id=str(cited['id']), point=str(cited['point']))})"


def _point(names: Names, number: int, point: Point) -> str:
    votes = f" {'-'.join(map(str, point.votes))}" if point.votes else ""
    return f"{number}. {point.text}: {names.setup.words.label('outcome', point.outcome)}{votes}"


def _mapping(value: Json) -> Facts:
    return value if isinstance(value, Mapping) else {}


def _day(recorded: Recorded) -> str:
    """The date of an act; of an entry without one, the local date it was registered."""
    return recorded.event.on or local_date(parse_instant(recorded.event.at)).isoformat()


def _row(day: str, case: str, what: str) -> Row:
    return (f"  {day}", case, safe(what))


def _print(rows: Sequence[Row]) -> None:
    for line in aligned(rows, WIDTHS, columns=width()):
        say(line)
