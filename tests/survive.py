"""Killing the clock at random points, many times over: nothing may be lost, and what is sent twice is the same twice.

    python -m tests.survive 200        # kills, twenty to a council

A council owes letters and reminders on one working day. `politirad serve` and `politirad tick` are started on it and
killed (SIGKILL) somewhere between reading, planning, writing, claiming, sending and settling, again and again; then it
is left alone until nothing waits. What it should have come to is told by the same day on a copy that nobody disturbed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import click

from commands.output import say
from store import SqlStore
from tests.letterbox import SENDER, Letterbox
from tests.post_office import PostOffice
from tests.serve_at import command_at, running, shift_to
from tests.world import COUNCIL, MAYORS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

MORNING = datetime(2019, 8, 2, 5, 5, tzinfo=UTC)
"""Five past seven in Oslo, 30 days before every measure here is due, and nearly nine office hours to go."""
BETWEEN = timedelta(seconds=65)
"""By how much the clock moves on at each start, so that what was broken off is tried again."""
SENDERS = 4
LATEST = (0.15, 0.9)
"""Seconds after which a process is killed at the latest, once it has imported everything: while it plans and writes
letters, or while it sends them."""
DELAY = 0.3
"""Seconds the mail server takes for a letter."""
MOST_TURNS = 60
KILLS = 20
"""To one council; its measures are as many."""

Evidence = tuple[str, str, int, str, str]
Matter = tuple[str, str, str | None, str | None, str]


@dataclass(frozen=True, slots=True)
class Record:
    """What a database says was made and told: its letters, and the rungs with their fates.

    Letters by what they are about: their keys hold the hash of an event, and that the instant of a step of the clock.
    """

    letters: Counter[Matter]
    rungs: frozenset[Evidence]


@dataclass
class Outcome:
    """What came of a campaign. `orphans` is how many letters each kill left in the hands of a sender that was gone."""

    letters: int = 0
    arrived: int = 0
    orphans: list[int] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def __add__(self, other: Outcome) -> Outcome:
        """Two campaigns together."""
        return Outcome(
            self.letters + other.letters, self.arrived + other.arrived, self.orphans + other.orphans,
            self.faults + other.faults,
        )  # fmt: skip

    @property
    def twice(self) -> int:
        """How often a letter arrived that had arrived before."""
        return self.arrived - self.letters

    @property
    def patience(self) -> float:
        """How many times as long to wait before a kill: a machine that is slow just now has come less far by then."""
        return 1.0 if any(self.orphans) else 1.0 + len(self.orphans) / 5

    def has_no_point(self, most: int) -> bool:
        """Whether no kill came in the middle of a letter yet, as on a machine that is slow just now: go on, so far."""
        return not any(self.orphans) and len(self.orphans) < most

    @property
    def line(self) -> str:
        """All of it, for people."""
        lost = "; ".join(self.faults) or "nothing lost, nothing changed, the record in order"
        return (
            f"{len(self.orphans)} kills, {sum(map(bool, self.orphans))} of them in the middle of a letter: "
            f"{self.letters} letters, {self.twice} duplicates ({sum(self.orphans)} possible); {lost}."
        )


def campaign(folder: Path, kills: int, measures: int, seed: int, told: Callable[[], None] = lambda: None) -> Outcome:
    """Build, disturb, let finish and compare. `told` hears of every kill."""
    build(folder, measures)
    undisturbed = oracle(folder)
    outcome, random = Outcome(), Random(seed)  # noqa: S311  # repeatable, as far as processes are
    with PostOffice(delay=DELAY) as post:
        settings = f'council = "{COUNCIL}"\nmail = "{post.url}"\nmail_from = "{SENDER}"\nsenders = {SENDERS}\n'
        (folder / "politirad.toml").write_text(settings)
        at = MORNING
        while len(outcome.orphans) < kills or outcome.has_no_point(4 * kills):
            at += BETWEEN
            if killed(folder, at, random, outcome.patience):
                outcome.orphans.append(len(in_flight(folder)))
                told()
        post.delay = 0.0
        finish(folder, at)
        compare(folder, post, undisturbed, outcome)
    return outcome


def build(folder: Path, measures: int) -> None:
    """A council on the eve: measures that six municipalities have started, and no turn of the clock so far."""
    box = Letterbox(folder)
    box.world.in_force()
    for number in range(measures):
        town = MAYORS[number % len(MAYORS)]
        box.measure("2019-09-03", title=f"Tiltak {number}", implementer=f"kommunedirektor_{town}")
    box.world.store.close()


def oracle(folder: Path) -> Record:
    """What the same day comes to where nobody disturbs it."""
    copy = folder / "undisturbed"
    copy.mkdir()
    shutil.copy(folder / "politirad.db", copy)
    finish(copy, MORNING + BETWEEN)
    return record(copy)


def killed(folder: Path, at: datetime, random: Random, patience: float) -> bool:
    """Start the clock and kill it at a random point; whether it had not ended by itself."""
    words = ("tick",) if random.random() < 0.25 else ("serve", "--every", "1")
    with running(folder, *command_at(shift_to(at), "--ready", *words)) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", process.communicate()[1]
        time.sleep(patience * random.uniform(0, random.choice(LATEST)))
        process.kill()
        return process.wait() == -signal.SIGKILL


def finish(folder: Path, at: datetime) -> None:
    """Turn the clock, undisturbed, until nothing waits."""
    for turn in range(1, MOST_TURNS):
        command = command_at(shift_to(at + turn * timedelta(minutes=4)), "tick")
        clean = {name: value for name, value in os.environ.items() if not name.startswith("POLITIRAD_")}
        subprocess.run(command, cwd=folder, env=clean, check=True, capture_output=True)
        with SqlStore.open(folder / "politirad.db") as store, store.read(COUNCIL) as reader:
            if not any(reader.letters("pending", "sending")):
                return
    raise AssertionError("letters wait for ever")


def in_flight(folder: Path) -> list[int]:
    """The letters that senders had in their hands."""
    with SqlStore.open(folder / "politirad.db") as store, store.read(COUNCIL) as reader:
        return [letter.number for letter in reader.letters("sending")]


def record(folder: Path) -> Record:
    """What a database says was made and told."""
    with SqlStore.open(folder / "politirad.db") as store, store.read(COUNCIL) as reader:
        letters = Counter((x.kind, x.office, x.address, x.case, x.subject) for x in reader.letters())
        rungs = frozenset(
            (told.case, told.name, told.rung, told.office, told.fate)
            for case in reader.cases()
            for told in reader.evidence(case.id)
        )
    return Record(letters, rungs)


def compare(folder: Path, post: PostOffice, undisturbed: Record, outcome: Outcome) -> None:
    """Hold what arrived against what is kept, and what is kept against what nobody disturbed."""
    with SqlStore.open(folder / "politirad.db") as store:
        verified = store.verify(COUNCIL)
        with store.read(COUNCIL) as reader:
            kept = {reader.letter_body(letter.number): letter.stage for letter in reader.letters()}
    arrived = Counter(letter.body for letter in post.letters)
    outcome.letters, outcome.arrived = len(kept), arrived.total()
    outcome.faults += faults(kept, arrived, record(folder), undisturbed)
    outcome.faults += [f"{fault.where}: {fault.what}" for fault in verified.faults]
    if outcome.twice > sum(outcome.orphans) or max(outcome.orphans, default=0) > SENDERS:
        outcome.faults.append("more arrived twice than senders had in their hands")


def faults(kept: Mapping[bytes, str], arrived: Counter[bytes], found: Record, undisturbed: Record) -> Iterator[str]:
    """What is not as it must be."""
    if lost := [body for body in kept if not arrived[body]]:
        yield f"{len(lost)} letters never arrived"
    if changed := [body for body in arrived if body not in kept]:
        yield f"{len(changed)} letters arrived with other bytes than are kept"
    if set(kept.values()) != {"sent"}:
        yield f"letters are {sorted(set(kept.values()))}"
    if found.letters != undisturbed.letters:
        missing, more = undisturbed.letters - found.letters, found.letters - undisturbed.letters
        yield f"{missing.total()} letters missing, {more.total()} too many"
    if found.rungs != undisturbed.rungs:
        yield f"{len(found.rungs ^ undisturbed.rungs)} rungs differ"


def main() -> None:
    """A whole campaign, with its progress; exit code 1 where something is not as it must be."""
    kills, began, outcome = int(sys.argv[1]), time.monotonic(), Outcome()
    with click.progressbar(length=kills, label="killed", file=sys.stderr) as bar:
        for seed in range(-(-kills // KILLS)):
            with tempfile.TemporaryDirectory() as name:
                outcome += campaign(Path(name), min(KILLS, kills - seed * KILLS), KILLS, seed, lambda: bar.update(1))
    say(f"{outcome.line} {time.monotonic() - began:.0f} s")
    sys.exit(bool(outcome.faults))


if __name__ == "__main__":
    main()
