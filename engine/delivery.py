"""Delivery: letters of the outbox go to the mailer, at least once, and what came of each is kept.

A letter is claimed before it is sent and settled afterwards, each in a short transaction of its own: nothing holds the
database while a server takes its time. Whoever is killed in between leaves a claimed letter behind, which is sent again
with the same bytes; so a duplicate is one letter per sender at most, and programs know it by its Message-ID.

Several senders work side by side, each with a connection of its own. A letter the server refuses stops no other; a
server that cannot be reached stops the round, and is no letter's fault. Only one process delivers at a time (see
`commands.turn`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Event, Lock
from time import monotonic

from engine.calendar import in_office_hours, next_office_hours
from engine.desk import Desk
from engine.letter import Delivery, Mail, Mailer, Sender
from engine.outbox import Posted, Stage
from engine.ports import Clock, Store, Transaction
from engine.postage import RETURNED, Stationery, same_recipient
from engine.reminding import DIGEST, ESCALATION
from engine.rulebook import Rules

MOST_ATTEMPTS = 12
"""Attempts after which a letter is given up; with the pauses between them more than two days."""

LONGEST_PAUSE = timedelta(hours=8)

LONGEST_ROUND = 60.0
"""Seconds after which no sender begins another letter. What waits longer goes out with the next turn, so that a slow
server neither holds up what the clock does nor makes it look dead."""

ORPHANED = Delivery("uncertain", "politirad ended while it was sending this letter")
"""What is known of a letter whose sender is gone. It counts as an attempt, so that no letter can kill us for ever."""


@dataclass
class Delivered:
    """What came of a delivery: how many letters met which fate, and what an unreachable server said."""

    fates: Counter[str] = field(default_factory=Counter)
    trouble: str | None = None

    @property
    def sent(self) -> int:
        """How many letters were taken."""
        return self.fates["sent"]


@dataclass
class Deliverer:
    """Delivers what waits in every council of a store."""

    store: Store
    rules: Rules
    stationery: Stationery
    mailer: Mailer
    clock: Clock
    senders: int = 4
    _stop: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)
    _until: float = 0.0

    def deliver(self) -> Delivered:
        """Send what may be sent now. The caller must be the only one who delivers."""
        done, now = Delivered(), self.clock.now()
        self._until = monotonic() + LONGEST_ROUND
        waiting = [council for council in self.store.councils() if self._ready(council, now)]
        if waiting:
            with ThreadPoolExecutor(self.senders) as pool:
                for result in [pool.submit(self._send_all, waiting, done) for _ in range(self.senders)]:
                    result.result()
        return done

    def stop(self) -> None:
        """Let every sender finish the letter it has, and begin no other, not in a later delivery either."""
        self._stop.set()

    def _ready(self, council: str, now: datetime) -> bool:
        """Whether a council has letters to send now.

        Settled first is what was claimed by somebody who is gone, and what a clock ahead of time put off.
        """
        with self.store.read(council) as reader:
            orphans, closed = list(reader.letters("sending")), reader.council().register.closed_days
            ahead = reader.touched_ahead(now)
        if orphans or ahead:
            with self.store.write(council) as tx:
                for letter in orphans:
                    _settled(tx, letter, ORPHANED, now)
                tx.bring_back(now)
        with self.store.read(council) as reader:
            return in_office_hours(now, closed) and reader.sendable(now) is not None

    def _send_all(self, councils: list[str], done: Delivered) -> None:
        """One sender: letter after letter, over a connection that is opened for the first."""
        with ExitStack() as opened:
            sender: Sender | None = None
            for council in councils:
                for letter, body in self._claimed(council, done):
                    if sender is None:
                        sender = opened.enter_context(self.mailer.sending())
                    fate = sender.send(self._mail(letter, body))
                    self._settle(council, letter, fate, done)

    def _claimed(self, council: str, done: Delivered) -> Iterator[tuple[Posted, bytes]]:
        while not (self._stop.is_set() or monotonic() > self._until):
            claimed = self._claim(council, done)
            if claimed is None:
                return
            yield claimed

    def _claim(self, council: str, done: Delivered) -> tuple[Posted, bytes] | None:
        """The next letter, marked as being sent; one whose recipient has changed is withdrawn instead."""
        now = self.clock.now()
        with self.store.write(council) as tx:
            if done.fates["unreachable"] or not in_office_hours(now, tx.council().register.closed_days):
                return None
            letter = next_letter(Desk(self.rules, tx, self.stationery, now))
            if letter is None:
                return None
            tx.move_letter(letter.number, "sending", now, said=letter.said)
            return letter, tx.letter_body(letter.number)

    def _mail(self, letter: Posted, body: bytes) -> Mail:
        return Mail(letter.key, letter.message_id, letter.made, self.stationery.sender, letter.address or "", body)

    def _settle(self, council: str, letter: Posted, fate: Delivery, done: Delivered) -> None:
        """Keep what came of an attempt. Counted before anybody else may write: none claims what could not be sent."""
        now = self.clock.now()
        with self.store.write(council) as tx:
            _settled(tx, letter, fate, now)
            with self._lock:
                done.fates[fate.fate] += 1
                if fate.fate == "unreachable":
                    done.trouble = fate.said


def next_letter(desk: Desk) -> Posted | None:
    """The letter that goes next of those that may be sent now; one that may go no more is withdrawn on the way."""
    while (letter := desk.tx.sendable(desk.now)) is not None:
        if may_go(desk, letter):
            return letter
    return None


def may_go(desk: Desk, letter: Posted) -> bool:
    """Whether a letter still says what stands, to whoever it is for; else it is dropped, or withdrawn and made anew."""
    told = desk.tx.told_offices(letter.number) if letter.kind in {DIGEST, ESCALATION} else {}
    if desk.is_outdated(letter, told.values()):
        desk.drop(letter)
    elif same_recipient(desk.room.directory, letter, told):
        return True
    else:
        desk.withdraw(letter)
    return False


def _settled(tx: Transaction, letter: Posted, fate: Delivery, now: datetime) -> None:
    match fate.fate:
        case "sent" | "bounced":
            tx.move_letter(letter.number, fate.fate, now, said=fate.said, attempted=True)
        case "refused":
            tx.move_letter(letter.number, "dead", now, said=fate.said, attempted=True)
        case "unreachable":
            tx.move_letter(letter.number, "pending", now, said=fate.said)
        case "deferred" | "turned_away" | "uncertain":
            stage: Stage = "dead" if letter.attempts + 1 >= MOST_ATTEMPTS else "pending"
            after = next_office_hours(now + pause(letter.attempts), tx.council().register.closed_days)
            broken_off = True if fate.fate == "uncertain" else None
            tx.move_letter(
                letter.number, stage, now, after=after, said=fate.said, attempted=True, uncertain=broken_off
            )  # fmt: skip
            if fate.fate == "turned_away" and letter.kind != RETURNED:  # of what tells of others, nobody is told
                tx.turn_away(letter.number)


def pause(attempts: int) -> timedelta:
    """How long a letter waits after so many attempts before this one: one minute, two, four … up to eight hours."""
    return min(timedelta(minutes=2**attempts), LONGEST_PAUSE)
