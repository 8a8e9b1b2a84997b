"""Delivery: letters of the outbox go to the mailer, at least once, and what came of each is kept.

A letter is claimed before it is sent and settled afterwards, each in a short transaction of its own: nothing holds the
database while a server takes its time. Whoever is killed in between leaves a claimed letter behind, which is sent again
with the same bytes; so a duplicate is one letter per sender at most, and programs know it by its Message-ID.

Several senders work side by side, each with a connection of its own. A letter the server refuses stops no other; a
server that cannot be reached stops the round, and is no letter's fault.

Either one process delivers (`deliver`), or workers on many hosts are sent on errands (`errand`). Then a claimed letter
lies in its sender's hand (`engine.hand`), and only one that lies in none is taken for left behind. Whoever comes back
late, from a stopped process or a broken line, finds out as it settles: what another has claimed since is the other's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from threading import Event, Lock
from time import monotonic

from engine.calendar import in_office_hours
from engine.desk import Desk
from engine.errors import StoreUnavailableError
from engine.hand import Hand, Hands, free_hand
from engine.letter import Delivery, Mail, Mailer
from engine.outbox import Posted
from engine.ports import Clock, Store
from engine.postage import Stationery, same_recipient
from engine.reminding import DIGEST, ESCALATION
from engine.rulebook import Rules
from engine.settling import pause, settle_claimed, settle_orphans

LONGEST_ROUND = 60.0
"""Seconds after which no sender begins another letter. What waits longer goes out with the next turn, so that a slow
server neither holds up what the clock does nor makes it look dead."""

ERRAND, LONGEST_ERRAND = 25, 20.0
"""Letters, and seconds after which none is begun, until a sender on an errand comes back to see what else is due."""

SETTLING = (0.1, 0.5, 1.0, 2.0, *[5.0] * 24)
"""Seconds between attempts to write down what came of a letter, while the database is away: two minutes in all. What a
sender knows is worth waiting for; without it the letter would go out again."""


@dataclass
class Delivered:
    """What came of a delivery: how many letters met which fate, and what an unreachable server said."""

    fates: Counter[str] = field(default_factory=Counter)
    trouble: str | None = None

    @property
    def sent(self) -> int:
        """How many letters were taken."""
        return self.fates["sent"]

    @property
    def words(self) -> list[str]:
        """What came of it, in words for a log."""
        told = ("bounced", "turned_away", "deferred", "uncertain")
        return [
            f"sent={self.sent}",
            *(f"{fate}={self.fates[fate]}" for fate in told if self.fates[fate]),
            *([f"mail={self.trouble!r}"] if self.trouble else []),
        ]


@dataclass
class _Round:
    """Senders who set out together: what came of it so far, until when and for how many letters they go on."""

    done: Delivered
    until: float
    most: float = inf

    @property
    def is_over(self) -> bool:
        """Whether no sender begins another letter."""
        fates = self.done.fates
        return monotonic() > self.until or fates.total() >= self.most or bool(fates["unreachable"])


@dataclass
class Deliverer:
    """Delivers what waits in the councils of a store. `hands` lends each sender one."""

    store: Store
    rules: Rules
    stationery: Stationery
    mailer: Mailer
    clock: Clock
    senders: int = 4
    hands: Hands = free_hand
    _stop: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)

    def deliver(self) -> Delivered:
        """Send what may be sent now. The caller must be the only one who delivers."""
        on, now = _Round(Delivered(), monotonic() + LONGEST_ROUND), self.clock.now()
        waiting = [council for council in self.store.councils() if self._ready(council, now)]
        if waiting:
            with ThreadPoolExecutor(self.senders) as pool:
                for result in [pool.submit(self._send_all, waiting, on) for _ in range(self.senders)]:
                    result.result()
        return on.done

    def errand(self, council: str) -> Delivered:
        """Send, as one sender, a few of the letters that may be sent now in a council. Others may do the same."""
        on = _Round(Delivered(), monotonic() + LONGEST_ERRAND, ERRAND)
        self._send_all([council], on)
        return on.done

    def stop(self) -> None:
        """Let every sender finish the letter it has, and begin no other, not in a later delivery either."""
        self._stop.set()

    def _ready(self, council: str, now: datetime) -> bool:
        """Whether a council has letters to send now.

        Settled first is what was claimed by somebody who is gone, and what a clock ahead of time put off.
        """
        with self.store.read(council) as reader:
            orphans, closed = next(reader.letters("sending"), None), reader.council().register.closed_days
            ahead = reader.touched_ahead(now)
        if orphans or ahead:
            with self.store.write(council) as tx:
                settle_orphans(tx, now)
                tx.bring_back(now)
        with self.store.read(council) as reader:
            return in_office_hours(now, closed) and reader.sendable(now) is not None

    def _send_all(self, councils: list[str], on: _Round) -> None:
        """One sender: letter after letter, over a connection that is opened for the first."""
        with ExitStack() as opened:
            hand, sender = opened.enter_context(self.hands()), None
            for council in councils:
                for letter, body in self._claimed(council, on, hand):
                    if sender is None:
                        sender = opened.enter_context(self.mailer.sending())
                    fate = sender.send(self._mail(letter, body))
                    self._settle(council, letter, fate, on, hand)

    def _claimed(self, council: str, on: _Round, hand: Hand) -> Iterator[tuple[Posted, bytes]]:
        while not (self._stop.is_set() or on.is_over):
            claimed = self._claim(council, on, hand)
            if claimed is None:
                return
            yield claimed

    def _claim(self, council: str, on: _Round, hand: Hand) -> tuple[Posted, bytes] | None:
        """The next letter, marked as being sent; one whose recipient has changed is withdrawn instead."""
        now = self.clock.now()
        with self.store.write(council) as tx:
            if on.is_over or not in_office_hours(now, tx.council().register.closed_days):
                return None
            desk = Desk(self.rules, tx, self.stationery, now)
            while (letter := next_letter(desk)) is not None and not hand.take(council, letter.number):
                tx.move_letter(letter.number, "pending", now, after=now + pause(0), said=letter.said)
            if letter is None:
                return None
            tx.move_letter(letter.number, "sending", now, said=letter.said)
            return letter, tx.letter_body(letter.number)

    def _mail(self, letter: Posted, body: bytes) -> Mail:
        return Mail(letter.key, letter.message_id, letter.made, self.stationery.sender, letter.address or "", body)

    def _settle(self, council: str, letter: Posted, fate: Delivery, on: _Round, hand: Hand) -> None:
        """Keep what came of an attempt, even where the database is away for a while.

        Counted first, before anybody else may write: none claims what could not be sent.
        """
        with self._lock:
            on.done.fates[fate.fate] += 1
            if fate.fate == "unreachable":
                on.done.trouble = fate.said
        for wait in SETTLING:
            try:
                return self._write_down(council, letter, fate, hand)
            except StoreUnavailableError:
                if self._stop.wait(wait):
                    break
        return self._write_down(council, letter, fate, hand)

    def _write_down(self, council: str, letter: Posted, fate: Delivery, hand: Hand) -> None:
        with self.store.write(council) as tx:
            settle_claimed(tx, letter, fate, self.clock.now())
            hand.let_go()


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
