"""How far the log was followed by the clock's rounds: their own mark, never rebuilt, so a rebuild sends nothing."""

from __future__ import annotations

from sqlalchemy import delete, select

from store.link import Link, Reading, by, insert_into
from store.schema import number, table

followed = table("followed", number("position"), number("planned"))

_FOLLOWED = select(followed.c.position, followed.c.planned).where(*by(followed))
_FORGET = delete(followed).where(*by(followed))
_FOLLOW = insert_into(followed)


class FollowingReads(Reading):
    """Reading how far the log was followed."""

    def followed(self) -> tuple[int, bool]:
        """How many events of the log the round has followed, and whether what was owed before is planned."""
        row = self._rows(_FOLLOWED).fetchone()
        return (int(row[0]), bool(row[1])) if row else (0, True)


def follow(link: Link, council: str, position: int) -> None:
    """The log has been followed up to a position; everything owed is planned."""
    link.run(_FORGET, council=council)
    link.run(_FOLLOW, council=council, position=position, planned=1)
