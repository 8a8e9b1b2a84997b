"""`politirad db copy`: the whole database in another place, a file or a server's."""

from __future__ import annotations

from pathlib import Path

import click

from commands.output import say
from commands.upkeep import Progress
from commands.wiring import setup_of, tell_of_upgrade
from engine.database_url import DatabaseUrl, is_server


@click.command()
@click.argument("source", metavar="SRC")
@click.argument("target", metavar="DST")
@click.pass_context
def copy(ctx: click.Context, *, source: str, target: str) -> None:
    """Copy the database SRC with all its councils to DST; each is a file, or postgresql://USER@HOST/DATABASE.

    Everything comes along: logs, persons, documents, checkpoints, and letters with what came of them. Both ends are
    verified, and nothing is said to be done before both have the same rows and the same roots. DST must be empty, and
    nobody may work with either meanwhile: stop the clock and the workers first.

    Broken off, at whatever point, the same command does it again; until then nobody can open DST. A damaged SRC is
    refused with the exit code of `politirad verify`.

    A password has no place on a command line; keep it in ~/.pgpass or $PGPASSWORD.
    """
    from store import SqlStore

    words, places = setup_of(ctx).words, {"source": str(_place(source)), "target": str(_place(target))}
    with SqlStore.open(_place(source), upgrading=tell_of_upgrade) as store:
        copied = store.copy_into(_place(target), Progress)
    say(words.phrase("copied", **places))
    for log in copied:
        say(words.phrase("copied_log", council=log.council, events=log.events, root=log.root.hex()))
    say(words.phrase("copied_next", target=places["target"]))
    say(words.phrase("copied_old", source=places["source"]))


def _place(named: str) -> Path | DatabaseUrl:
    return DatabaseUrl(named) if is_server(named) else Path(named)
