"""Snoozes: an office asked not to be reminded of a deadline before a day. A view; the events are on case C."""

from __future__ import annotations

from datetime import date

from sqlalchemy import delete, select

from engine.ports import Recorded
from engine.register import Id
from store.link import Link, Reading, by, insert_into, part
from store.schema import key, table, text
from store.values import day_or_none

snooze = table(
    "snooze",
    key("case_id"),
    key("name"),
    key("office"),
    text("due"),
    text("until"),
    text("leaf"),
    rowid=False,
)

_UNTIL = select(snooze.c.until).where(*by(snooze, "case_id", "name", "office", "due"))
_KEEP = insert_into(snooze)
_FORGET = delete(snooze).where(*by(snooze, "case_id", "name", "office"))


class SnoozeReads(Reading):
    """Reading snoozes."""

    def snoozed(self, case: str, name: str, office: Id, due: date) -> date | None:
        """The local date before which an office asked not to be reminded of a deadline, as long as its date stands."""
        row = self._rows(_UNTIL, case_id=case, name=name, office=office, due=due.isoformat()).fetchone()
        return day_or_none(row[0]) if row else None


def project_snooze(link: Link, council: str, made: Recorded) -> None:
    """The newest snooze of a deadline counts."""
    said = part(made, "snooze")
    asked = {"case_id": said["case"], "name": said["deadline"], "office": said["office"]}
    link.run(_FORGET, council=council, **asked)
    link.run(_KEEP, council=council, due=said["due"], until=said["until"], leaf=made.leaf, **asked)
