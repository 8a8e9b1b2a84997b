"""The outbox: letters with their bytes.

Records: never rebuilt, so a rebuild sends nothing. A letter's bytes hold a name and an address; they are beside the
log, not in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import (
    Column,
    Index,
    LargeBinary,
    UniqueConstraint,
    and_,
    bindparam,
    func,
    null,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.sqlite import insert

from engine.calendar import format_instant, instant_of, parse_instant
from engine.errors import NotFoundError
from engine.outbox import NewLetter, Posted, Stage
from store.expressions import OneOf
from store.link import Link, Reading, by, dump, holds
from store.schema import index_where, key, number, table, text

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select

LetterRow: TypeAlias = (
    "tuple[int, str, str, str, str | None, str | None, str, str, str, Stage, int, str, str, str | None, str | None, "
    "str | None, int, int | None]"
)

letter = table(
    "letter",
    key("number", number=True),
    text("key"),
    text("kind"),
    text("office"),
    text("person", optional=True),
    text("address", optional=True),
    text("subject"),
    text("message_id"),
    text("made"),
    text("stage"),
    number("attempts"),
    text("not_before"),
    text("changed"),
    text("said", optional=True),
    text("case_id", optional=True),
    text("leaf", optional=True),
    number("uncertain"),
    number("replaced", optional=True),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("council", "key"),
)
index_where(
    "ix_letter_waiting",
    *(letter.c.council, letter.c.not_before, letter.c.number),
    where=letter.c.stage == "pending",
)
Index("ix_letter_stage", letter.c.council, letter.c.stage, letter.c.number)
Index("ix_letter_person", letter.c.council, letter.c.person, letter.c.stage, letter.c.changed)


def _is_any(*stages: Stage) -> ColumnElement[bool]:
    return or_(*(holds(letter.c.stage, stage) for stage in stages))


_WAITS = _is_any("pending")


LETTER = tuple(column for column in letter.columns if column.name not in {"council", "body"})
"""What of a letter `to_posted` reads."""
_NEXT = select(func.coalesce(func.max(letter.c.number), 0) + 1).where(*by(letter))
_POST = (
    insert(letter)
    .values({c.name: bindparam(c.name) for c in letter.columns} | {"number": _NEXT.scalar_subquery()})
    .on_conflict_do_nothing(index_elements=["council", "key"])
    .returning(letter.c.number)
)
_ONE = select(*LETTER).where(*by(letter, "number"))
_BODY = select(letter.c.body).where(*by(letter, "number"))
_SENDABLE = (
    select(*LETTER)
    .where(*by(letter), _WAITS, letter.c.not_before <= bindparam("now"))
    .order_by(letter.c.not_before, letter.c.number)
    .limit(1)
)
_IS_AHEAD = (*by(letter), _WAITS, letter.c.changed > bindparam("now"))
_AHEAD = select(letter.c.number).where(*_IS_AHEAD).limit(1)
_BRING_BACK = update(letter).where(*_IS_AHEAD).values(not_before=bindparam("now"), changed=bindparam("now"))
_FIRST_SENDABLE = select(func.min(letter.c.not_before)).where(*by(letter), _WAITS)
_MISSED = (
    select(*LETTER)
    .where(*by(letter, "kind"), _WAITS, letter.c.uncertain == 0)
    .where(or_(letter.c.made < bindparam("begins"), letter.c.made >= bindparam("ends")))
    .order_by(letter.c.number)
)
_MOVE = (
    update(letter)
    .where(*by(letter, "number"))
    .values(
        stage=bindparam("stage"),
        changed=bindparam("now"),
        not_before=func.coalesce(bindparam("after"), letter.c.not_before),
        said=bindparam("said"),
        attempts=letter.c.attempts + bindparam("attempted"),
        uncertain=func.coalesce(bindparam("uncertain"), letter.c.uncertain),
    )
)
_REPLACE = update(letter).where(*by(letter, "number")).values(replaced=bindparam("by"))
_REOPEN = (
    update(letter)
    .where(*by(letter, "replaced"), letter.c.stage == "withdrawn", letter.c.message_id == "")
    .values(replaced=null())
)
_UNREPLACED = (
    select(*LETTER)
    .where(*by(letter), _is_any("bounced", "dead", "withdrawn", "stranded"), letter.c.replaced.is_(None))
    .order_by(letter.c.number + 0)  # an order no index has, lest SQLite walk through all letters
)
_SAME = select(letter.c.person, letter.c.kind).where(*by(letter), OneOf(letter.c.person, "persons"))
_DIGESTED = union_all(
    _SAME.where(_is_any("pending", "sending")),
    _SAME.where(
        _is_any("sent", "bounced", "dead"),
        letter.c.changed >= bindparam("begins"),  # so was what was made since; it is what the index has
        or_(
            and_(holds(letter.c.stage, "sent"), letter.c.changed < bindparam("ends")),
            and_(letter.c.made >= bindparam("begins"), letter.c.made < bindparam("ends")),
        ),
    ),
)
_BOUNCED = select(letter.c.address).where(*by(letter), letter.c.stage == "bounced").distinct()


class LetterReads(Reading):
    """Reading the outbox."""

    def letter(self, number: int) -> Posted:
        """A letter. Raises `NotFoundError`."""
        row = self._rows(_ONE, number=number).fetchone()
        if row is None:
            raise self._no_letter(number)
        return to_posted(row)

    def letters(self, *stages: Stage) -> Iterator[Posted]:
        """Letters by stage, all where none is named, in the order they were made."""
        asked = {f"stage_{at}": stage for at, stage in enumerate(stages)}
        return map(to_posted, self._rows(_by_stage(len(stages)), **asked))

    def letter_body(self, number: int) -> bytes:
        """The bytes of a letter. Raises `NotFoundError`."""
        row = self._rows(_BODY, number=number).fetchone()
        if row is None:
            raise self._no_letter(number)
        return bytes(row[0])

    def sendable(self, now: datetime) -> Posted | None:
        """The letter that has waited longest among those that may be sent at a UTC instant."""
        row = self._rows(_SENDABLE, now=format_instant(now)).fetchone()
        return to_posted(row) if row else None

    def missed(self, kind: str, day: date) -> Iterator[Posted]:
        """Letters of a kind that wait, were made on another local date than this, and certainly did not arrive.

        On a later one, too: the clock may have been set forward and put right again.
        """
        return map(to_posted, self._rows(_MISSED, kind=kind, **_span(day)).fetchall())

    def touched_ahead(self, now: datetime) -> bool:
        """Whether a letter that waits was made or tried after a UTC instant: the clock was ahead of time then."""
        return self._rows(_AHEAD, now=format_instant(now)).fetchone() is not None

    def first_sendable(self) -> datetime | None:
        """The UTC instant from which the first waiting letter may be sent."""
        (after,) = self._rows(_FIRST_SENDABLE).fetchone()
        return parse_instant(after) if after else None

    def unreplaced(self) -> Iterator[Posted]:
        """Letters that came back, were given up, withdrawn or made for nobody, and that no other has replaced."""
        return map(to_posted, self._rows(_UNREPLACED).fetchall())

    def digested(self, persons: Iterable[str], day: date) -> frozenset[tuple[str, str]]:
        """Who of some persons has a letter of which kind that waits, or that was made or sent on a local date."""
        return frozenset(map(tuple, self._rows(_DIGESTED, persons=dump([*persons]), **_span(day))))

    def bounced_addresses(self) -> frozenset[str]:
        """Addresses that mail has come back from."""
        return frozenset(address for (address,) in self._rows(_BOUNCED) if address)

    def _no_letter(self, number: int) -> NotFoundError:
        return NotFoundError(f"There is no letter L-{number}. `politirad letters` lists them.")


def _span(day: date) -> dict[str, str]:
    """A local date as instants: when it begins, and when it has ended."""
    ends = instant_of(date.fromordinal(day.toordinal() + 1))
    return {"begins": format_instant(instant_of(day)), "ends": format_instant(ends)}


def post(link: Link, council: str, new: NewLetter) -> int | None:
    """Keep a letter; its number, or None where one with its key was made before."""
    made = format_instant(new.made)
    kept = link.run(
        _POST, council=council, key=new.key, kind=new.kind, office=new.office, person=new.person,
        address=new.address, subject=new.subject, message_id=new.message_id, made=made, stage=new.stage, attempts=0,
        not_before=format_instant(new.after), changed=made, said=new.said, case_id=new.case, leaf=new.leaf, uncertain=0,
        replaced=None, body=new.body,
    ).fetchone()  # fmt: skip
    return int(kept[0]) if kept else None


def move_letter(  # noqa: PLR0913  # what an attempt can change
    link: Link, council: str, number: int, stage: Stage, now: datetime, *, after: datetime | None = None,
    said: str | None = None, attempted: bool = False, uncertain: bool | None = None,
) -> None:  # fmt: skip
    """Record where a letter is now, since a UTC instant."""
    link.run(
        _MOVE, council=council, number=number, stage=stage, now=format_instant(now), said=said,
        after=format_instant(after) if after else None, attempted=int(attempted),
        uncertain=None if uncertain is None else int(uncertain),
    )  # fmt: skip


def bring_back(link: Link, council: str, now: datetime) -> None:
    """What waits because a clock was ahead of time may be sent from a UTC instant on."""
    link.run(_BRING_BACK, council=council, now=format_instant(now))


def replace_letter(link: Link, council: str, number: int, by_: int | None) -> None:
    """Another letter went out in its place, or (0) none was needed; None: one is still to be made."""
    link.run(_REPLACE, council=council, number=number, by=by_)


def reopen_companions(link: Link, council: str, number: int) -> None:
    """The letters that another one stood for as well are to be made for themselves."""
    link.run(_REOPEN, council=council, replaced=number)


def to_posted(row: LetterRow) -> Posted:
    """A letter from the columns of `LETTER`."""
    made, after, changed = (parse_instant(row[at]).astimezone(UTC) for at in (8, 11, 12))  # type: ignore[arg-type]  # texts
    return Posted(*row[:8], made, row[9], row[10], after, changed, *row[13:16], bool(row[16]), row[17])


@cache
def _by_stage(stages: int) -> Select[LetterRow]:
    statement = select(*LETTER).where(*by(letter)).order_by(letter.c.number)
    if not stages:
        return statement
    return statement.where(letter.c.stage.in_([bindparam(f"stage_{at}") for at in range(stages)]))
