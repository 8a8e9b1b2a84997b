"""The clock: a turn among a million open deadlines against the same turn among ten thousand, and sending letters.

The rows of cases, deadlines and plans are written by SQL, since taking a million steps would take minutes; what is
measured is `Clockwork.turn` itself. Both sides have the same work, the same thousand rungs of today for the same 200
offices, and take turns. Letters are sent over SMTP to a server in a process of its own that takes 20 ms for each.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, time
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

import msgspec

from bench.driver import sqlite
from bench.table import Row
from engine.calendar import instant_of
from engine.clockwork import Clockwork
from engine.mail_server import server_of
from engine.ports import Person
from engine.postage import Stationery
from engine.register import Office, Register
from engine.registration import add_person, set_profile
from engine.round import Round
from engine.service import Service, rules_of
from engine.smtp import SmtpMailer
from store import SqlStore
from tests.letterbox import SENDER, Letterbox
from tests.outgoing import posts
from tests.post_office import PostOffice
from tests.world import COUNCIL, WORKFLOWS, FakeClock, SeededEntropy, World
from workflows.letters.writer import LetterWriter
from workflows.profile import Profile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

MANY, FEW, DUE = 1_000_000, 10_000, 1_000
OFFICES = 200
TODAY = "2027-03-03"
"""A Wednesday."""
ROUNDS, IDLE_ROUNDS = 7, 25
LETTERS, SENDERS, DELAY = 1_000, 8, 0.02
BUILD = (
    """\
INSERT INTO cases (council, id, prefix, number, pos, leaf, workflow, version, state, n, head, profile, parent, opened,
                   title, theme, facts)
WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < :count)
SELECT :council, 'M-' || n, 'M', n, n + 100000, hex(n), 'measure', 1, 'started', 5, hex(n), :profile, NULL,
       '2026-01-01', 'Tiltak ' || n, 'crime_prevention', '{"title": "Tiltak ' || n || '"}'
FROM i""",
    """\
INSERT INTO case_office SELECT council, id, 'follow_up', 'slt_melhus' FROM cases WHERE workflow = 'measure'""",
    """\
INSERT INTO deadline (council, case_id, number, name, office, due, ladder, fires)
SELECT council, id, 0, 'implement', 'office_' || (number / :each % :offices),
       CASE WHEN number % :each = 0 THEN :today ELSE date(:today, '+' || (31 + number % 700) || ' days') END,
       'duty', NULL
FROM cases WHERE workflow = 'measure'""",
    """\
INSERT INTO plan (council, case_id, name, office, due, ladder, known, owner_rung, above_rung, warned, rung, audience,
                  to_office, day)
SELECT council, case_id, name, office, due, ladder, '2026-01-01', -3, NULL, NULL, 0, 'owner', office, due
FROM deadline WHERE name = 'implement'""",
    "DELETE FROM followed",
    "INSERT INTO followed (council, position, planned) SELECT :council, count(*), 1 FROM event",
)
AGAIN = (
    "DELETE FROM letter",
    "DELETE FROM told",
    """\
UPDATE plan SET owner_rung = -3, above_rung = NULL, warned = NULL, rung = 0, audience = 'owner', to_office = office,
                day = due WHERE due = :today""",
)
"""A day that has been told is untold again, so that the same turn can be measured again."""


@dataclass(frozen=True, slots=True)
class Side:
    """A council with so many open deadlines, of which a thousand have a rung today."""

    path: Path
    deadlines: int

    def build(self) -> None:
        """Make the database."""
        self.path.parent.mkdir()
        world = Letterbox(self.path.parent).world
        _open_offices(world)
        with world.store.read(COUNCIL) as reader:
            profile = reader.council().profile
        world.store.close()
        self._run(BUILD, council=COUNCIL, profile=profile, count=self.deadlines, each=self.deadlines // DUE,
                  offices=OFFICES, today=TODAY)  # fmt: skip

    def again(self) -> None:
        """Untell what was told today."""
        self._run(AGAIN, today=TODAY)

    def _run(self, statements: tuple[str, ...], **values: str | int) -> None:
        with closing(sqlite.connect(self.path, isolation_level=None)) as connection:
            connection.execute("BEGIN")
            for statement in statements:
                connection.execute(statement, {name: v for name, v in values.items() if f":{name}" in statement})
            connection.execute("COMMIT")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def clock() -> list[Row]:
    """The rows of the table: a turn, an idle one, memory, and delivery."""
    with tempfile.TemporaryDirectory() as name:
        many, few = Side(Path(name) / "many" / "politirad.db", MANY), Side(Path(name) / "few" / "politirad.db", FEW)
        begun = perf_counter()
        few.build()
        many.build()
        built = perf_counter() - begun
        return [*_turns(many, few, built), _memory(many), _delivery(Path(name))]


def _turns(many: Side, few: Side, built: float) -> list[Row]:
    pairs = [(_turn(many), _turn(few)) for _ in range(ROUNDS)]
    busy, idle = (median(turn[at] for turn, _ in pairs) for at in (0, 1))
    ratio = median(ours[0] / theirs[0] for ours, theirs in pairs)
    return [
        Row(f"tick, {DUE:,} due among {MANY:,}", f"{busy * 1e3:.0f} ms", f"{OFFICES} letters; built in {built:.0f} s"),
        Row(f"tick, against {DUE:,} among {FEW:,}", f"{ratio:.2f}", "times as long (at most 1.5)"),
        Row(f"idle tick among {MANY:,}", f"{idle * 1e3:.1f} ms", "with its heartbeat (at most 5 ms)"),
    ]


def _turn(side: Side) -> tuple[float, float]:
    """Seconds for the turn of a day on which a thousand rungs come, and for one after it."""
    side.again()
    clockwork = _clockwork(side.path)
    clockwork.store.councils()
    begun = perf_counter()
    made = clockwork.turn().done.letters
    busy = perf_counter() - begun
    assert len(made) == OFFICES
    return busy, median(_idle(clockwork) for _ in range(IDLE_ROUNDS))


def _idle(clockwork: Clockwork) -> float:
    begun = perf_counter()
    assert not clockwork.turn().done.letters
    return perf_counter() - begun


def _clockwork(path: Path) -> Clockwork:
    """The clock over a database, at eight in Oslo; delivery is measured by itself."""
    store, at = SqlStore.open(path), FakeClock()
    at.instant = instant_of(date.fromisoformat(TODAY), time(8))
    service = Service(store, rules_of(WORKFLOWS, Profile.from_json), at, SeededEntropy())
    return Clockwork(store, at, Round(service, Stationery(LetterWriter(), SENDER)), None)


def _memory(side: Side) -> Row:
    """The most memory of a process that turns the clock there."""
    side.again()
    done = subprocess.run(
        [sys.executable, "-m", "bench.clock", str(side.path)], capture_output=True, text=True, check=True
    )  # fmt: skip
    return Row(f"memory of a tick among {side.deadlines:,}", f"{int(done.stdout) / 1024:.0f} MB", "at most 200 MB")


def _delivery(folder: Path) -> Row:
    box = Letterbox(folder)
    posts(box, LETTERS, size=2_000)
    with _sink() as url:
        deliverer = box.with_mailer(SmtpMailer(server_of(url, {})), SENDERS).deliverer
        assert deliverer is not None
        begun = perf_counter()
        assert deliverer.deliver().sent == LETTERS
        spent = perf_counter() - begun
    note = f"{SENDERS} senders, a server that takes {DELAY * 1e3:.0f} ms (at least 200)"
    return Row("letters delivered", f"{LETTERS / spent:,.0f}/s", note)


@contextmanager
def _sink() -> Iterator[str]:
    """A mail server in a process of its own; its URL."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,))
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send("enough")
        process.join()


def _serve(told: Connection) -> None:
    with PostOffice(delay=DELAY) as post:
        told.send(post.url)
        told.recv()


def _open_offices(world: World) -> None:
    """Two hundred more offices, each with a holder who has an address."""
    document, register = world.document, msgspec.convert(world.document["register"], Register)
    more = {f"office_{n}": Office("melhus", register.offices["slt_melhus"].titles) for n in range(OFFICES)}
    wider = msgspec.structs.replace(register, offices={**register.offices, **more})
    changed = {**document, "register": msgspec.to_builtins(wider)}
    world.register(lambda run: set_profile(run, changed, world.entry()))
    for office in more:
        holder = Person(f"p_{office}", office, f"Holder {office}", f"{office}@example.no")
        world.register(lambda run, holder=holder: add_person(run, holder, world.entry()))
        world.fill(office, holder.id, date(2018, 1, 1))


if __name__ == "__main__":
    _clockwork(Path(sys.argv[1])).turn()
    # Not `ru_maxrss`, which a process inherits from the one that started it.
    print(re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[0])
