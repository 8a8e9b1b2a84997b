"""What attacks on approvals are made of: the calls that people make, where a refusal is let pass."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Any

from engine.entry import Entry
from engine.errors import PolitiradError, Refused
from engine.register import Delegation
from engine.registration import delegate, set_profile
from engine.rule import AllOf, BodyVote, Party
from engine.sitting import PointVote, Sitting, decide
from tests.chamber import OPENING, SEATS, Chamber
from tests.world import COUNCIL, SECRETARY, World, as_document, example

if TYPE_CHECKING:
    from engine.event import Json

LIAISON = "politikontakt_melhus"
"""An office that has no say in any agreement."""

HOLDER = f"p_{LIAISON}"
"""Who holds it."""

PARTIES = ["regionen", "politiet"]
UNDATED: dict[str, Any] = {"on_unknown": True, "reason": "Ikke i protokollen"}
OPTING_OUT = AllOf((BodyVote("regionrad", rule="consensus_with_reservation"), Party("politiet")))
OVERRIDING = {"overrides": {"agreement": {"set_aside": "leder_regionrad"}}}
LIFTED = {
    "decider": "leder_regionrad", "version": "1", "rejected_by": "politiet", "ref": None, "override": "Feil",
}  # fmt: skip


def missing(chamber: Chamber) -> list[str]:
    """Whose approval the current version still lacks."""
    return [str(leaf.who) for leaf in chamber.found().missing()]


def newest(world: World, case: str) -> dict[str, Any]:
    """The data of a case's newest event."""
    with world.store.read(COUNCIL) as reader:
        return dict(list(reader.events(case))[-1].event.data)


def sat(chamber: Chamber, votes: tuple[int, int, int] | None = (6, 0, 0), **attending: Any) -> str | None:  # noqa: ANN401  # of a sitting
    """A sitting as the secretary registers it, however little is known; the decision's id, None where it is refused."""
    on, person = attending.pop("on", chamber.world.today), attending.pop("person", SECRETARY)
    reserved = attending.pop("reserved", ())
    how = {"present": SEATS, "recused": (), **attending}
    sitting = Sitting("regionrad", points=(PointVote("Avtalen vedtas", votes, reserved=reserved),), **how)
    entry = Entry(person=person, on=on, ref="FO 39/19", reason=None if on else "Ikke i protokollen")
    try:
        decided = chamber.world.register(lambda run: decide(run, sitting, entry)).step.event.data["decision"]
    except Refused:
        return None
    assert isinstance(decided, dict)
    return str(decided["id"])


def carried(chamber: Chamber, decision: str | None, **options: Any) -> Chamber:  # noqa: ANN401  # of a command
    """The regional council's approval is registered, resting on a decision, if there is one."""
    return chamber.yes("regionen", decision=decision, **options) if decision else chamber


def delegated(chamber: Chamber, of: str, to: str, *scope: str, **rest: Any) -> None:  # noqa: ANN401  # of a delegation
    """An office or body delegates, by somebody who registers it; a refusal is let pass."""
    by = {"person": rest.pop("person", SECRETARY), "ref": "delegert 1/18", "decision": rest.pop("decision", None)}
    new, entry = Delegation(of, to, scope, rest.pop("since", OPENING), **rest), Entry(**by)
    with suppress(PolitiradError):
        chamber.world.register(lambda run: delegate(run, new, entry))


def annulled(chamber: Chamber, case: str | None = None, person: str = SECRETARY) -> None:
    """The newest event is taken back; a refusal is let pass."""
    entry = chamber.world.entry(reason="Feil", person=person)
    with suppress(Refused):
        chamber.world.service.annul(COUNCIL, case or chamber.case, entry=entry)


def redated(chamber: Chamber, n: int, day: date) -> None:
    """The secretary corrects an event's date. Raises `Refused`."""
    entry = chamber.world.entry(reason="Feil dato")
    chamber.world.service.correct(COUNCIL, chamber.case, n, {"on": day.isoformat()}, entry=entry)


def accepted(world: World, case: str, amendment: str = "E-1", seat: str = "politimester", **mandate: Any) -> None:  # noqa: ANN401  # of the step
    """A change to an agreement in force that the other party has accepted."""
    change = {"change": f"Fast medlem: {seat}", "add_seat": (seat,)}
    world.take("agreement", "request_amendment", case, decider="regionen", **change)
    mandate = {"holder": "leder_regionrad", "scope": "dialogue", **mandate}
    world.take("amendment", "mandate", amendment, decider="regionen", **mandate)
    world.take("amendment", "start", amendment, decider="leder_regionrad")
    world.take("amendment", "accept", amendment, decider="politiet")


def drafted(world: World, amendment: str = "E-1") -> None:
    """The full next version of an agreement, drafted in an amendment."""
    document, files = world.document_of(f"{amendment}.md", f"Neste {world.case(amendment).n}")
    world.take("amendment", "draft", amendment, documents=(document,), files=files)


def concluded(world: World, amendment: str = "E-1", version: str = "1") -> None:
    """Both parties approve and sign the draft."""
    vote = world.decide(f"Endringen vedtas: {amendment}")
    world.take("amendment", "approve", amendment, version=version, decider="regionen", decision=vote)
    world.take("amendment", "approve", amendment, version=version, decider="politiet")
    world.sign(amendment, version, "amendment")


def register_changed(world: World, change: Any) -> None:  # noqa: ANN401  # a callable over a register
    """A new register, changed in one place."""
    document: dict[str, Json] = as_document(example())
    change(document["register"])
    world.register(lambda run: set_profile(run, document, world.entry()))
