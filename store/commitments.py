"""Whether the erasable texts are those that events commit to: remarks, and the users of operating systems.

An event holds the hash of a salt and the text (audit.md §6, §7), so that the text can be erased and not be replaced. A
text that is gone must have been erased, by an event.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ClauseElement, LargeBinary, cast, select

from engine.erasure import Erased, remarks_in
from engine.event import Event, commitment_of
from store.expressions import BytesOf
from store.link import Link, by
from store.people import login, remark

_REMARK, _LOGIN = (
    select(cast(kept.c.salt, LargeBinary), BytesOf(kept.c.text)).where(*by(kept, "commitment"))
    for kept in (remark, login)
)


class Commitments:
    """Holds the texts of a council against the events that commit to them, while its log is followed."""

    def __init__(self, link: Link, council: str) -> None:
        self._link = link
        self._council = council
        self._logins: set[str] = set()
        self._gone: list[tuple[str, str, str]] = []

    def meet(self, event: Event, where: str) -> Iterator[str]:
        """What is wrong with the texts that the next event, found at a place, commits to."""
        for said in remarks_in(event):
            if self._differs(_REMARK, said.commitment, where, said.commitment):
                yield "the text of its remark is not the one that was written"
        user = event.data.get("login")
        if isinstance(user, str) and user not in self._logins:
            self._logins.add(user)
            if self._differs(_LOGIN, user, where, event.actor.person or ""):
                yield "the system's user behind it is not the one that was written"

    def unerased(self, erased: Erased) -> Iterator[tuple[str, str]]:
        """The places of texts that are gone although no event erased them, once the whole log was followed."""
        known = {*erased.persons, *erased.remarks}
        for where, commitment, owner in self._gone:
            if owner not in known:
                what = "its remark" if owner == commitment else "the system's user behind it"
                yield where, f"the text of {what} is gone, and no event erased it"

    def _differs(self, statement: ClauseElement, commitment: str, where: str, owner: str) -> bool:
        """Whether there is another text behind a commitment; `owner` is what an event would erase it by."""
        row = self._link.run(statement, council=self._council, commitment=commitment).fetchone()
        if row is None or row[1] is None:
            self._gone.append((where, commitment, owner))
            return False
        return commitment_of(row[0] or b"", row[1]) != commitment
