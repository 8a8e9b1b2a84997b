"""What `politirad doctor` says of the clock: whether it turns, and whether what it plans and sends is in order.

The promise looked after here: every owed deadline that is not silent has exactly one plan, once the log is followed;
and no letter stays where it is without somebody being told.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from commands.findings import BAD, GOOD, NOTE, Finding, some
from commands.letter_page import at_clock
from commands.serving import heartbeat_line, never_line, patience_of, start_line
from engine.calendar import in_office_hours, office_time_after
from engine.errors import ConfigurationError, NotFoundError
from engine.maildir import takes_letters

if TYPE_CHECKING:
    from collections.abc import Iterable

    from commands.wiring import Setup
    from engine.outbox import Posted
    from store.reader import SqlReader

LATE = timedelta(hours=4)
"""How long, in office hours, a letter may wait after its time has come."""


def clock_findings(setup: Setup, reader: SqlReader) -> Iterator[Finding]:
    """Everything there is to look at."""
    yield _heartbeat(setup, reader)
    yield _mail(setup)
    yield from _letters(setup, reader)
    yield from _recipients(setup, reader)
    yield from _plans(setup, reader)


def _heartbeat(setup: Setup, reader: SqlReader) -> Finding:
    beat, words = setup.store.heartbeat(), setup.words
    if beat is None:
        return Finding(NOTE, "clock", never_line(setup))
    if abs((setup.now - beat[0]).total_seconds()) <= patience_of(beat[1]):
        return Finding(GOOD, "clock", heartbeat_line(setup, beat[0], alive=True))
    if _is_awaited(setup, reader):
        return Finding(BAD, "clock", heartbeat_line(setup, beat[0], alive=False))
    return Finding(NOTE, "clock", words.phrase("doctor_clock_idle", at=at_clock(beat[0]), start=start_line(setup)))


def _is_awaited(setup: Setup, reader: SqlReader) -> bool:
    """Whether a turn of the clock would have something to do now."""
    from engine.desk import has_work

    may_send = in_office_hours(setup.now, reader.council().register.closed_days)
    letters = may_send and reader.sendable(setup.now) is not None
    return letters or has_work(reader, setup.now) or reader.due(setup.today) != ()


def _mail(setup: Setup) -> Finding:
    """Where letters go. The setting holds no password: such a one is refused, and not repeated."""
    try:
        sender = setup.mail_from
        folder = getattr(setup.mailer, "folder", None)
    except ConfigurationError as error:
        return Finding(BAD, "mail", str(error))
    if isinstance(folder, Path) and not takes_letters(folder):
        return Finding(BAD, "mail", setup.words.phrase("doctor_mail_folder", where=setup.settings.mail))
    return Finding(GOOD, "mail", setup.words.phrase("doctor_mail", where=setup.settings.mail, sender=sender))


def _letters(setup: Setup, reader: SqlReader) -> Iterator[Finding]:
    """Letters in trouble, and what to do with each kind."""
    dead = list(reader.letters("dead"))
    stranded = [letter for letter in reader.letters("stranded") if letter.replaced is None]
    bounced = [letter for letter in reader.letters("bounced") if _is_still_used(reader, letter)]
    troubles = ((BAD, "doctor_dead", dead), (BAD, "doctor_stranded", stranded), (NOTE, "doctor_bounced", bounced))
    for mark, phrase, letters in troubles:
        if letters:
            text = setup.words.phrase(phrase, number=len(letters), letters=_numbers(letters))
            yield Finding(mark, "letters", text)
    waiting = list(reader.letters("pending", "sending"))
    if late := [letter for letter in waiting if _is_late(setup, reader, letter)]:
        text = setup.words.phrase("doctor_late", number=len(late), hours=LATE.seconds // 3600, letters=_numbers(late))
        yield Finding(BAD, "letters", text)
    if said := next((letter.said for letter in reversed(waiting) if letter.said), None):
        yield Finding(NOTE, "letters", setup.words.phrase("doctor_waiting", number=len(waiting), said=said))
    elif not (late or dead or stranded or bounced):
        yield Finding(GOOD, "letters", setup.words.phrase("doctor_letters", number=len(waiting)))


def _is_late(setup: Setup, reader: SqlReader, letter: Posted) -> bool:
    """Whether a letter still waits after hours in which it might have gone."""
    return office_time_after(letter.after, LATE, reader.council().register.closed_days) <= setup.now


def _is_still_used(reader: SqlReader, letter: Posted) -> bool:
    """Whether the address a letter came back from is still its reader's."""
    try:
        email = reader.person(letter.person).email if letter.person else None
    except NotFoundError:
        return False
    return email is not None and email == letter.address


def _recipients(setup: Setup, reader: SqlReader) -> Iterator[Finding]:
    """Whether mail reaches those who owe something. Vacant offices are told of elsewhere."""
    from engine.addressing import Directory

    directory, words = Directory(reader, setup.today), setup.words
    owing = dict.fromkeys(item.office for item in reader.todo())
    reached = {office: directory.recipient(office) for office in (*owing, *reader.untold_offices())}
    silent = [office for office in reader.untold_offices() if reached[office] is None]
    around = [
        o for o in owing if o not in silent and ((way := reached[o]) is None or way.detour not in {None, "vacant"})
    ]
    if silent:
        yield Finding(BAD, "addresses", words.phrase("doctor_silent", offices=some(silent)))
    if around:
        yield Finding(NOTE, "addresses", words.phrase("doctor_no_address", offices=some(around)))
    if not (silent or around):
        yield Finding(GOOD, "addresses", words.phrase("doctor_addresses"))


def _plans(setup: Setup, reader: SqlReader) -> Iterator[Finding]:
    words, (followed, planned) = setup.words, reader.followed()
    if not planned or followed < reader.size():
        yield Finding(NOTE, "plans", words.phrase("doctor_behind", number=reader.size() - followed))
        return
    unplanned, left_over = reader.unplanned(), reader.left_over()
    if unplanned:
        yield Finding(BAD, "plans", words.phrase("doctor_unplanned", cases=some(unplanned)))
    if left_over:
        yield Finding(BAD, "plans", words.phrase("doctor_left_over", cases=some(left_over)))
    if not unplanned and not left_over:
        yield Finding(GOOD, "plans", words.phrase("doctor_plans"))


def _numbers(letters: Iterable[Posted]) -> str:
    return some(f"L-{letter.number}" for letter in letters)
