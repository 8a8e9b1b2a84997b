"""A step that is killed, before every statement that writes and after its commit: all of it is on record, or nothing.

A child of this process takes the step and kills itself (SIGKILL). Its cache is so small that what is not committed yet
is in the file already, as it may be when the power goes, and has to be undone by whoever opens the database next.
"""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import pytest

from engine.ports import Recorded
from store.sqlite import Sqlite
from tests.archive import JOURNALS
from tests.world import COUNCIL, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from store.link import Link

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

WRITING = ("INSERT", "UPDATE", "DELETE", "COMMIT")
"""How the statements begin that a step is killed before; the others only read."""

Act: TypeAlias = "Callable[[World], object]"


def one_signature_missing(world: World) -> None:
    """An agreement that waits for its second signature."""
    world.propose()
    world.agree("A-1", "1")
    world.take("agreement", "sign", "A-1", version="1", decider="leder_regionrad")


def sign(world: World) -> object:
    """The second signature: the agreement enters into force, and the council's year is opened."""
    return world.take("agreement", "sign", "A-1", version="1", decider="politimester")


def revise(world: World) -> object:
    """Another version, with a document of several pieces and a remark."""
    document, files = world.document_of("avtale-2.md", "Avtale\n" * 300_000)
    form = {"documents": (document,), "decider": "politiet", "reason": "Etter møtet"}
    return world.take("agreement", "revise", "A-1", files=files, **form)


STEPS: dict[str, tuple[Act, Act, list[str]]] = {
    "three events": (one_signature_missing, sign, ["agreement.signed", "agreement.entered_into_force", "year.opened"]),
    "an event and a document": (World.propose, revise, ["agreement.revised"]),
}


@dataclass
class Victim:
    """A council whose step is killed; nobody has its database open in between."""

    world: World
    journal: str
    step: Act

    def __post_init__(self) -> None:
        """Leave the database alone."""
        self.world.store.close()

    def open(self, name: str = "politirad.db") -> None:
        """Open the database, as the next process would."""
        self.world.reopen(self.world.folder / name, journal=self.journal)

    def record(self) -> list[Recorded]:
        """The log as whoever opens the database next finds it; the whole record is in order."""
        self.open()
        assert self.world.store.verify(COUNCIL).faults == []
        with self.world.store.read(COUNCIL) as reader:
            found = list(reader.events())
        self.world.store.close()
        return found

    def rehearsed(self) -> list[str]:
        """The statements of the step, taken in a copy."""
        self.open()
        self.world.store.copy_to(self.world.folder / "rehearsal.db").close()
        self.world.store.close()
        self.open("rehearsal.db")
        statements: list[str] = []
        with traced(statements.append):
            self.step(self.world)
        self.world.store.close()
        return statements

    def killed(self, before: int | None = None) -> int:
        """How a child ended that took the step and killed itself before its n-th statement, or once it was done."""
        child = os.fork()
        if not child:
            self.open()
            said: list[str] = []
            with traced(lambda statement: die() if len(said) == before else said.append(statement)):
                self.step(self.world)
                die()
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    def left_behind(self) -> bool:
        """Whether a journal lies beside the database with something in it."""
        ends = ("-journal", "-wal")
        return any(path.exists() and path.stat().st_size for path in map(self.beside, ends))

    def beside(self, end: str) -> Path:
        """A file that SQLite may keep beside the database."""
        return self.world.folder / f"politirad.db{end}"


def die() -> None:
    """End this process at once, without any tidying up."""
    os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def traced(tell: Callable[[str], object]) -> Iterator[None]:
    """While the context lasts, every new connection tells each statement first, and keeps next to nothing in memory."""
    true = Sqlite._connect  # noqa: SLF001  # the one place where connections are made

    def connect(file: Sqlite, *, create: bool = False) -> Link:
        link = true(file, create=create)
        link.connection.execute("PRAGMA cache_size = 1")
        link.connection.set_trace_callback(tell)
        return link

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sqlite, "_connect", connect)
        yield


@pytest.mark.parametrize("journal", JOURNALS)
@pytest.mark.parametrize("name", STEPS)
def test_a_step_that_is_killed_is_all_on_record_or_not_at_all(tmp_path: Path, journal: str, name: str) -> None:
    so_far, step, events = STEPS[name]
    world = World(tmp_path, journal=journal, amend_before_adoption=False)
    so_far(world)
    victim = Victim(world, journal, step)
    before, statements = victim.record(), victim.rehearsed()
    assert len([said for said in statements if said.startswith("INSERT INTO event")]) >= len(events)
    undone = 0
    for number in (at for at, said in enumerate(statements) if said.startswith(WRITING)):
        assert victim.killed(before=number) == -signal.SIGKILL
        undone += victim.left_behind()
        assert victim.record() == before, f"killed before {statements[number]}"
    assert undone, "no kill left anything to be undone: this test has lost its point"
    assert victim.killed() == -signal.SIGKILL
    assert [made.event.type for made in victim.record()[len(before) :]] == events
