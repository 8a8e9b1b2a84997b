"""What a requirement that is still open waits for: through whom it can come, whether anybody can, and by when.

Worked out from the council as it is today: who holds the office, whether they are disqualified in the case, who else
may by a delegation, and what the case owes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from commands.acts import Names
from commands.output import Printable
from engine.authority import keeper
from engine.delegation import stands

if TYPE_CHECKING:
    from commands.wiring import Setup
    from engine.errors import Reason
    from engine.finding import Finding
    from engine.holdings import CouncilState
    from engine.ports import Owed
    from engine.register import Id
    from store.reader import SqlReader

ACTS = {"approval": "approve", "signature": "sign", "ratification": "ratify"}
"""The step by which a requirement of each kind is met; the kind begins the requirement's code."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a tree is put into words with: what ids are called, who holds what, and what the case owes by when."""

    names: Names
    council: CouncilState
    workflow: str
    owed: Sequence[Owed] = ()
    recused: frozenset[str] = frozenset()

    @classmethod
    def of(cls, setup: Setup, reader: SqlReader, workflow: str, case: str | None) -> Ground:
        """The ground of a step in a case, or of one that opens a case. Raises `NotFoundError`."""
        owed, recused = (reader.owed(case), reader.case(case).recused) if case else ((), frozenset[str]())
        return cls(Names.of(setup, reader), reader.council(), workflow, owed, recused)

    def reason(self, reason: Reason) -> str:
        """A reason in the reader's language, with what everybody in it is called."""
        return self.names.setup.words.reason(reason, self.workflow, self.names.somebody)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Through whom a missing act can come, and by when it is due: in words, and for JSON."""

    sentences: list[str]
    known: dict[str, Printable]


NOBODY_AWAITED: dict[str, Printable] = {"through": None, "due": None, "due_office": None}
"""What JSON has of a requirement that waits for nobody."""


def waiting(ground: Ground, finding: Finding) -> Waiting:
    """What an open requirement of somebody's act waits for."""
    due = _due(ground, finding)
    through = _through(ground, finding)
    told: dict[str, Printable] = {
        "through": through.known, "due": due.on.isoformat() if due else None, "due_office": due.office if due else None,
    }  # fmt: skip
    words = ground.names.setup.words
    when = [words.phrase("by_when", on=due.on, office=ground.names.somebody(due.office))] if due else []
    return Waiting([*through.sentences, *when], told)


def _through(ground: Ground, finding: Finding) -> Waiting:
    """The office or body that decides, whether anybody can act for it today, and who else may by a delegation."""
    by, phrase = finding.by, ground.names.setup.words.phrase
    delegates = _delegates(ground, finding)
    known: dict[str, Printable] = {"office": None, "body": None, "vacant": False, "person": None, "name": None,
                                   "capacity": None, "delegates": list(delegates)}  # fmt: skip
    others = [phrase("through_delegate", office=ground.names.somebody(office), event=event)
              for office, event in delegates.items()]  # fmt: skip
    if by in ground.council.register.bodies:
        return Waiting([phrase("through_vote", body=ground.names.somebody(by or "")), *others], {**known, "body": by})
    if by not in ground.council.register.offices:
        return Waiting(others, known)
    sentence, told = _holder(ground, by or "")
    return Waiting([sentence, *others], {**known, "office": by, **told})


def _holder(ground: Ground, office: Id) -> tuple[str, dict[str, Printable]]:
    """Who acts for an office today in this case, or why nobody does."""
    names, today, holdings = ground.names, ground.names.setup.today, ground.council.holdings
    phrase, title = names.setup.words.phrase, names.somebody(office)
    held = holdings.of(office, today, without=ground.recused)
    if held is None:
        nobody = "through_vacant" if holdings.of(office, today) is None else "through_recused"
        return phrase(nobody, office=title, id=office), {"vacant": True}
    who = ", ".join(part for part in (title, names.person(held.person), names.capacity(held.capacity, None)) if part)
    return phrase("through_office", who=who), {
        "person": held.person, "name": names.person(held.person), "capacity": held.capacity,
    }  # fmt: skip


def _delegates(ground: Ground, finding: Finding) -> dict[Id, str]:
    """The offices that may act for the missing one by a delegation today, each with the event that gave it."""
    step, known = ACTS.get(finding.what.code.partition("_")[0], ""), ground.council.delegations
    given = (d for d in known if d.of == finding.by and d.reaches(f"{ground.workflow}.{step}"))
    today = ground.names.setup.today
    return {d.to: ground.names.delegations.get(d.leaf, d.leaf) for d in given if stands(d, known, today)}


def _due(ground: Ground, finding: Finding) -> Owed | None:
    """The deadline by which a missing act is owed, on the table of whoever keeps it."""
    offices = {keeper(ground.council.register, finding.who or ""), finding.by}
    return next((item for item in ground.owed if item.office in offices and item.fires is None), None)
