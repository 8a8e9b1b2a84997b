"""A council's desk: what one round does for it, in transactions short enough that nobody waits long for the lock.

Every piece of work leaves the record whole, so a round may be killed anywhere: the next one goes on where it stopped.
Letters about steps are made at any hour; reminders are climbed and gathered in office hours only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from engine.addressing import Directory
from engine.calendar import in_office_hours, local_date
from engine.follow import Follower, Owing, letters_after
from engine.outbox import NewLetter, Posted
from engine.ports import Reader, Transaction
from engine.postage import RETURNED, PostRoom, Stationery, UnwritableError
from engine.reading import situate
from engine.reminder import Telling
from engine.reminding import DIGEST, ESCALATION, Bundle, bundles, climb_due
from engine.rulebook import Rules
from engine.situation import Command, Situation

EVENTS, RUNGS, LETTERS = 500, 500, 100
"""The most of each that is done in one transaction."""


def has_work(reader: Reader, now: datetime) -> bool:
    """Whether a round has anything to do at an instant, as far as reading can tell: that costs nobody the lock."""
    followed, planned = reader.followed()
    if not planned or followed < reader.size():
        return True
    directory = Directory(reader, local_date(now))
    if any(directory.recipient(letter.office) for letter in (*reader.unreplaced(), *reader.unreported())):
        return True
    if not in_office_hours(now, reader.council().register.closed_days):
        return False
    return (
        (reader.first_planned() or date.max) <= directory.today
        or any(directory.recipient(office) is not None for office in reader.untold_offices())
        or any(missed_their_day(reader, directory.today))
    )


def missed_their_day(reader: Reader, today: date) -> Iterator[Posted]:
    """Daily letters of earlier days that still wait; those that may have arrived are sent as they are, or never."""
    for kind in (DIGEST, ESCALATION):
        yield from reader.missed(kind, today)


def withdraw(tx: Transaction, letter: Posted, now: datetime) -> None:
    """A letter that was not sent is not sent any more; what it had to say is said by another."""
    tx.move_letter(letter.number, "withdrawn", now)
    tx.reopen_companions(letter.number)
    if letter.kind in {DIGEST, ESCALATION}:
        tx.tell_anew(letter.number)
        tx.replace_letter(letter.number, 0)


def make_anew(tx: Transaction, letter: Posted, now: datetime) -> None:
    """A letter that did not arrive is made anew, for whoever is in charge today and at their address of today."""
    withdraw(tx, letter, now)
    if letter.kind not in {DIGEST, ESCALATION}:
        tx.replace_letter(letter.number, None)


@dataclass
class Desk:
    """One piece of a round's work, within one transaction over one council."""

    rules: Rules
    tx: Transaction
    stationery: Stationery
    now: datetime

    def __post_init__(self) -> None:
        """Look up nothing yet; the register is read when it is needed."""
        directory = Directory(self.tx, self.today)
        self.room = PostRoom(self.stationery, self.tx, directory, self.now)
        self.follower = Follower(self.rules, self.tx, self.today, self._situated)

    @property
    def today(self) -> date:
        """The local date of the round."""
        return local_date(self.now)

    @property
    def made(self) -> list[NewLetter]:
        """The letters made so far."""
        return self.room.made

    def work(self) -> bool:
        """Do the next piece; whether there may be more."""
        owed = list(self.follower.follow(EVENTS))
        self.room.gather(owed)
        for owing in owed:
            self.room.about(owing)
        if self.tx.followed()[0] < self.tx.size():
            return True
        self._replace()
        self._report()
        return self._open and self._remind()

    def _remind(self) -> bool:
        if climb_due(self.rules, self.tx, self.today, RUNGS) == RUNGS:
            return True
        self.tx.supersede_done()
        self._withdraw_stale()
        before = len(self.made)
        told = list(islice(bundles(self.tx, self.room.directory), LETTERS))
        self.tx.told_in(list(self._tell(told)))
        return len(told) == LETTERS and len(self.made) > before

    def _tell(self, told: Iterable[Bundle]) -> Iterator[Telling]:
        """Make the letters of the day; whom each tells."""
        for bundle in told:
            with suppress(UnwritableError):  # told of by the room; its rungs stay to be told
                if (number := self.room.tell(bundle)) is not None:
                    yield from ((number, office, own) for office, own in bundle.told)

    @property
    def _open(self) -> bool:
        """Whether letters of the day may be made now."""
        return in_office_hours(self.now, self.tx.council().register.closed_days)

    def _withdraw_stale(self) -> None:
        """A daily letter that did not get away on its day is withdrawn, and its duties are told as they stand today."""
        for letter in list(missed_their_day(self.tx, self.today)):
            self.withdraw(letter)

    def withdraw(self, letter: Posted) -> None:
        """A letter that was not sent is not sent any more; what it had to say is said by another."""
        withdraw(self.tx, letter, self.now)

    def _replace(self) -> None:
        """Make the letters in place of those that came back, were given up or withdrawn, or reached nobody."""
        for letter in self.tx.unreplaced():
            if self.room.directory.recipient(letter.office) is None:
                continue
            with suppress(UnwritableError):
                if (number := self._replacement(letter)) is not None:
                    self.tx.replace_letter(letter.number, number)

    def _report(self) -> None:
        """Tell the secretariat of letters that were turned away, though they are tried on."""
        for letter in self.tx.unreported():
            with suppress(UnwritableError):
                if number := self.room.send_back(letter):
                    self.tx.report(letter.number, number)

    def _replacement(self, letter: Posted) -> int | None:
        """The number of the letter in its place, 0 where none is needed any more, None where there is nobody yet."""
        if letter.stage in {"bounced", "dead"}:
            return self.tx.reported(letter.number) or self.room.send_back(letter) or None
        generation = int(letter.key.rpartition("/")[2]) + 1
        if letter.kind == RETURNED:
            original = self.tx.letter(int(letter.key.split("/")[1]))
            return self.room.send_back(original, generation) or None
        owing = self._owing(letter)
        return 0 if owing is None else self.room.about(owing, generation) or 0

    def _owing(self, letter: Posted) -> Owing | None:
        """What a letter after a step is owed for; None where it no longer is, or this program knows none such."""
        recorded = self.tx.event(letter.leaf or "")
        if recorded is None:
            return None
        same = (one for one in letters_after(self.rules, recorded) if one.kind == letter.kind)
        owed = (owing for one in same for owing in self.follower.owing(one, recorded))
        return next((one for one in owed if one.office == letter.office), None)

    def is_outdated(self, letter: Posted, still_owed: Collection[bool]) -> bool:
        """Whether a letter that waits says what does not stand any more: of a step taken back, of duties all done."""
        recorded = self.tx.event(letter.leaf) if letter.leaf and letter.kind != RETURNED else None
        if recorded is not None:
            return self.tx.taken_back(recorded)
        return bool(still_owed) and not letter.uncertain and not any(still_owed)

    def drop(self, letter: Posted) -> None:
        """A letter that says what does not stand any more is not sent, and no other in its place."""
        self.withdraw(letter)
        self.tx.replace_letter(letter.number, 0)

    def _situated(self, command: Command) -> Situation:
        return situate(self.rules, self.tx, command, self.now, lenient=True)
