"""Databases that move in tests: one with something in every table, every row of one, and the command in a process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from engine.letter import Delivery
from store import SqlStore
from store.copying import TABLES, rows_of
from tests.archive import Archive
from tests.contract.raw import raw
from tests.world import COUNCIL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.outbox import Posted
    from store.link import Value

ROOT = Path(__file__).parents[1]
NUL = b"Subject: =?utf-8?q?x?=\r\n\r\n\x00\xff\xfe not text at all\x00"
"""The bytes of a letter that no text can hold."""
LOADED = {"deferred": Delivery("deferred", "450 later"), "turned_away": Delivery("turned_away", "550 5.7.1 barred")}


def loaded(folder: Path) -> Archive:
    """A council with documents, checkpoints, an erased person, a snooze, and letters in several stages."""
    archive = Archive(folder)
    box, desk = archive.box, archive.desk
    box.world.in_force()
    box.measure("2019-09-03", implementer="kommunedirektor_melhus")
    box.at("2019-08-02", "09:00")
    desk.does("snooze M-1 --until 2019-08-20 --ref 'epost' --for kommunedirektor_melhus")
    desk.does("person add Ola --handle ola --email ola@politi.example")
    desk.does("person erase ola")
    box.world.propose("Avtale " * 1_000_000, title="En lang avtale")
    dropped = box.measure("2019-09-03", title="Uten nytte")
    box.world.take("measure", "drop", dropped, decider="politiradet", reason="Ingen kom", office="politiradssekretar")
    archive.seal()
    for number, answer in enumerate(LOADED.values(), 1):
        box.mail.answer = answer
        box.measure("2019-09-03", title=f"Tiltak {number}", implementer="kommunedirektor_roros")
        box.at(f"2019-08-0{number + 4}", "09:00")
    with raw(archive.database) as connection:
        connection.execute("UPDATE letter SET body = ? WHERE number = 1", (NUL,))
    box.world.store.close()
    return archive


def rows(where: str | Path) -> Mapping[str, list[tuple[Value, ...]]]:
    """Every row of every table."""
    with SqlStore.open(where) as store, store._file.reading() as link:  # noqa: SLF001  # past the store, on purpose
        return {table.name: [tuple(row) for row in rows_of(link, table)] for table in TABLES}


def letters(where: str | Path) -> dict[int, tuple[Posted, bytes]]:
    """Every letter with its bytes."""
    with SqlStore.open(where) as store, store.read(COUNCIL) as reader:
        return {letter.number: (letter, reader.letter_body(letter.number)) for letter in reader.letters()}


def copies(folder: Path, *words: str, code: str = "import cli, sys; sys.exit(cli.run(sys.argv[1:]))") -> Ended:
    """`politirad db copy` in a process of its own, with this checkout's modules; `code` may disturb it."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("POLITIRAD_")}
    return subprocess.run(
        [sys.executable, "-c", code, "db", "copy", *words], cwd=folder, env=clean | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


Ended = subprocess.CompletedProcess[str]
