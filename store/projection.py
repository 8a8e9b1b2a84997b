"""From the log to the views: `project`, the same function live and in a rebuild.

An event says everything that was computed when it was decided, so this copies and asks nobody: no workflow table,
no profile, no calendar. An upgrade of any of those can therefore never look like tampering.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from sqlalchemy import bindparam, update

from engine.ports import Recorded
from engine.situation import Case
from store.cases import find_case, project_opening, project_step
from store.cases import project_correction as redate_case
from store.councils import (
    holding,
    profile,
    project_change,
    project_council,
    project_end,
    project_holding,
    project_origin,
    project_profile,
    project_seats,
)
from store.deadlines import project_deadlines
from store.decisions import decision, project_decision
from store.delegations import delegation, project_delegation, project_revocation
from store.link import Link, by, part
from store.seating import project_seating, seating
from store.snoozes import project_snooze
from store.texts import approval, project_approval, project_version, version

OPENING = "council.opened"
"""The type of the event that opens a council: the first one of its log."""

Project: TypeAlias = Callable[[Link, str, Recorded], None]

_ANNUL = tuple(
    update(made).where(*by(made, "leaf")).values(annulled=bindparam("annulled"))
    for made in (version, approval, holding, decision, delegation, seating)
)
_REDATE = tuple(
    update(made).where(*by(made, "leaf")).values(day=bindparam("day"))
    for made in (version, approval, decision, profile, seating)
)
_CITE = update(decision).where(*by(decision, "leaf")).values(ref=bindparam("ref"))
COUNCIL_PARTS = frozenset({"profile", "seats", "holding", "ends", "delegation", "revokes", "annuls", "continues"})
"""The parts of an event that can change what the council is."""

_MOST_KNOWN = 10_000


class Views:
    """The views of one council as far as its log has been projected; remembers the cases last touched."""

    def __init__(self, link: Link, council: str) -> None:
        self.link = link
        self.council = council
        self._cases: dict[str, Case] = {}

    def case(self, case: str) -> Case:
        """A case as it now is. Raises `NotFoundError`."""
        known = self._cases.get(case)
        return self.remember(find_case(self.link, self.council, case)) if known is None else known

    def remember(self, case: Case) -> Case:
        """Keep a case at hand for its next event."""
        if len(self._cases) >= _MOST_KNOWN:
            self._cases.clear()
        self._cases[case.id] = case
        return case

    def project(self, made: Recorded) -> None:
        """Copy what an event says into the views. Raises `ChangedMeanwhileError` where its case has moved on."""
        event = made.event
        if event.type == OPENING:
            project_council(self.link, self.council, made)
        if event.n == 1:
            self.remember(project_opening(self.link, self.council, made))
        else:
            self.remember(project_step(self.link, self.council, made, self.case(event.case)))
        for name, project in _PARTS:
            if event.data.get(name) is not None:
                project(self.link, self.council, made)


def _annul(link: Link, council: str, made: Recorded) -> None:
    annulled = made.event.data["annuls"]
    for statement in _ANNUL:
        link.run(statement, council=council, leaf=str(annulled), annulled=made.leaf)
    project_change(link, council, made)


def _seat(link: Link, council: str, made: Recorded) -> None:
    project_seats(link, council, made)
    project_seating(link, council, made)


def _delegate(link: Link, council: str, made: Recorded) -> None:
    project_delegation(link, council, made)
    project_change(link, council, made)


def _revoke(link: Link, council: str, made: Recorded) -> None:
    project_revocation(link, council, made)
    project_change(link, council, made)


def _correct(link: Link, council: str, made: Recorded) -> None:
    said = part(made, "corrects")
    if "on" in said:
        for statement in _REDATE:
            link.run(statement, council=council, leaf=said["leaf"], day=said["on"])
        redate_case(link, council, made)
    if "ref" in said:
        link.run(_CITE, council=council, leaf=said["leaf"], ref=said["ref"])


_PARTS: tuple[tuple[str, Project], ...] = (
    ("due", project_deadlines),
    ("version", project_version),
    ("approval", project_approval),
    ("decision", project_decision),
    ("profile", project_profile),
    ("continues", project_origin),
    ("seats", _seat),
    ("holding", project_holding),
    ("ends", project_end),
    ("delegation", _delegate),
    ("revokes", _revoke),
    ("snooze", project_snooze),
    ("annuls", _annul),
    ("corrects", _correct),
)
