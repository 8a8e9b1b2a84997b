"""Letters that a server turned away for reasons of policy, and by which letter the secretariat was told of it.

Such a letter waits and is tried on; that it did not arrive yet, somebody must know at once.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.sqlite import insert

from engine.outbox import Posted
from store.letters import LETTER, letter, to_posted
from store.link import Link, Reading, by, holds
from store.schema import index_where, key, number, table

turned_away = table("turned_away", key("letter", number=True), number("reported", optional=True), rowid=False)
index_where("ix_turned_away_unreported", turned_away.c.council, where=turned_away.c.reported.is_(None))

_KEEP = insert(turned_away).values({c.name: bindparam(c.name) for c in turned_away.columns}).on_conflict_do_nothing()
_REPORTED = select(turned_away.c.reported).where(*by(turned_away, "letter"))
_REPORT = update(turned_away).where(*by(turned_away, "letter")).values(reported=bindparam("by"))
_UNREPORTED = (
    select(*LETTER)
    .join(turned_away, (turned_away.c.council == letter.c.council) & (turned_away.c.letter == letter.c.number))
    .where(*by(turned_away), turned_away.c.reported.is_(None), holds(letter.c.stage, "pending"))
    .order_by(letter.c.number)
)


class TurnedAwayReads(Reading):
    """Reading which letters were turned away."""

    def unreported(self) -> Iterator[Posted]:
        """Letters that wait after they were turned away, and that the secretariat has not been told of."""
        return map(to_posted, self._rows(_UNREPORTED).fetchall())

    def reported(self, letter: int) -> int | None:
        """The number of the letter that told the secretariat that another was turned away."""
        row = self._rows(_REPORTED, letter=letter).fetchone()
        return row[0] if row else None


def turn_away(link: Link, council: str, letter: int) -> None:
    """A server turned a letter away; the secretariat is to be told, once."""
    link.run(_KEEP, council=council, letter=letter, reported=None)


def report(link: Link, council: str, letter: int, by_: int) -> None:
    """The secretariat was told by another letter."""
    link.run(_REPORT, council=council, letter=letter, by=by_)
