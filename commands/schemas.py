"""`politirad db roles` and `db upgrade`: who may do what on a server, and bringing a schema up to date."""

from __future__ import annotations

import click

from commands.output import say
from commands.wiring import setup_of


@click.command()
@click.option("--prefix", default="politirad", show_default=True, metavar="NAME", help="How their names begin.")
@click.option("--dry-run", is_flag=True, help="Print the SQL; change nothing.")
@click.pass_context
def roles(ctx: click.Context, *, prefix: str, dry_run: bool) -> None:
    """Make the roles PREFIX_owner, PREFIX_writer and PREFIX_reader on a PostgreSQL server.

    The owner gets the tables, and nobody logs in as owner: then not even this program can change the log, switch its
    guards off or drop it. A writer takes steps and runs the clock; a reader checks and reports. Run it as a superuser,
    or as who owns the database and may create roles. It can be repeated.
    """
    setup = setup_of(ctx)
    statements = setup.store.grant_roles(prefix, dry_run=dry_run)
    if dry_run:
        for statement in statements:
            say(f"{statement};")
        return
    say(setup.words.phrase("roles_made", database=setup.database_name, prefix=prefix))
    for phrase in ("roles_writer", "roles_reader"):
        say(setup.words.phrase(phrase, prefix=prefix))


@click.command()
@click.pass_context
def upgrade(ctx: click.Context) -> None:
    """Bring the schema up to date, and the queue's where the settings say runner = "procrastinate".

    On a server it takes the owner of the tables, or a member. Elsewhere any command does it by itself.
    """
    setup = setup_of(ctx)
    store = setup.store  # opened, it is upgraded
    if setup.settings.runner == "procrastinate" and store.upgrade_queue():
        say(setup.words.phrase("queue_renewed"))
    say(setup.words.phrase("schema_up_to_date", database=setup.database_name))
