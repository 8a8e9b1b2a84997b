"""A chief of police who comes and leaves, in tests of what is erased, hidden and kept of him."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.world import COUNCIL

if TYPE_CHECKING:
    from pathlib import Path

    from engine.ports import Person, Recorded
    from tests.desk import Desk

FULL, ADDRESS, LOGIN = "Ola Vik Nordhaug", "ola.nordhaug@politi.example", "olanordhaug (4711)"
OFFICE = "politimester"


def settle(desk: Desk, *, until: str = "2018-11-30") -> str:
    """Ola has been chief of police until a day; his random id."""
    desk.does("person", "add", FULL, "--handle", "olav", "--email", ADDRESS)
    desk.does(f"office end {OFFICE} --on 2018-09-30")
    desk.does(f"office assign {OFFICE} olav --from 2018-10-01 --until {until}")
    desk.world.service.login = LOGIN
    world = desk.world
    case = world.propose(person=known(desk).id, decider="politiet")
    world.service.login = None
    desk.does(f"agreement withdraw {case} --for politiet --ref 'sak 2/18'")
    return known(desk).id


def known(desk: Desk, reference: str = "olav") -> Person:
    """A person as a reader knows them."""
    with desk.world.store.read(COUNCIL) as reader:
        return reader.person(reference)


def log(desk: Desk) -> list[Recorded]:
    """The events."""
    with desk.world.store.read(COUNCIL) as reader:
        return list(reader.events())


def in_files(folder: Path, *texts: str) -> list[tuple[str, str]]:
    """Which of some texts stand in the bytes of the database and its journals."""
    files = [path for path in folder.iterdir() if path.name.startswith("politirad.db")]
    return [(path.name, text) for path in files for text in texts if text.encode() in path.read_bytes()]
