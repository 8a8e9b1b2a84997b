"""The council's own case `C`: its rules, its people in their offices, its decisions and refused attempts.

Every entry here is an event like any other, with the same chain and bytes. Only what is about a person (name,
address) stays outside, in the erasable table; the event knows a random id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

import msgspec

from engine.authority import registrars
from engine.chain import COUNCIL_CASE
from engine.delegation import passed_on
from engine.entry import Entry, Head, acting, append, authorized, id_or_none, refused
from engine.errors import NotFoundError, Parameter, UsageError, because
from engine.event import Facts, Json
from engine.holdings import CouncilState
from engine.judge import Verdict
from engine.ports import Person, Recorded
from engine.register import Delegation, Holding, Id, Register
from engine.run import Run


def open_council(run: Run, document: Facts, person: Person, secretariat: Id, since: date) -> None:
    """Open a council: its origin, its register and rules, and the person who keeps its papers from a local date."""
    opened = append(run, None, "opened", {"origin": document["origin"]}, Entry())
    after = Head(opened.event.n, opened.leaf)
    profiled = append(run, after, "profile_set", {"profile": document}, Entry())
    after = Head(profiled.event.n, profiled.leaf)
    run.tx.keep_person(person)
    added = append(run, after, "person_added", {"person": {"id": person.id}}, Entry(person=person.id))
    after = Head(added.event.n, added.leaf)
    holding = Holding(secretariat, person.id, since)
    append(run, after, "office_assigned", {"holding": _holding_json(holding)}, Entry(person=person.id))


def set_profile(run: Run, document: Facts, entry: Entry) -> Recorded:
    """Record a new register and rules. Open cases keep the rules they were opened under.

    Names and titles may change, ids may not while somebody rests on them: whoever is renamed stays who they are.
    Raises `UsageError` naming the ids that are gone and still in use.
    """
    state, entry = authorized(run, entry)
    if gone := tuple(_gone(run, state, msgspec.convert(document["register"], Register))):
        raise UsageError(
            f"The file lacks {', '.join(gone)}, which the record still rests on. A name or title may change (add it "
            "with its own since); the id stays."
        )
    return append(run, state, "profile_set", {"profile": document}, entry)


def add_person(run: Run, person: Person, entry: Entry) -> Recorded:
    """Record that there is a person; name and address stay in the erasable table."""
    state, entry = authorized(run, entry)
    run.tx.keep_person(person)
    return append(run, state, "person_added", {"person": {"id": person.id}}, entry)


def change_person(run: Run, person: Person, entry: Entry) -> Recorded:
    """Record that a person's name or address is another now; what they are stays in the erasable table."""
    state, entry = authorized(run, entry)
    run.tx.keep_person(person)
    return append(run, state, "person_changed", {"person": {"id": person.id}}, entry)


def assign(run: Run, holding: Holding, entry: Entry) -> Recorded:
    """Record who holds an office from when to when. Raises `NotFoundError`, `UsageError`, `Refused`."""
    state, entry = authorized(run, entry)
    if holding.office not in state.register.offices:
        raise NotFoundError(f"There is no office {holding.office!r}. `politirad office list` shows them.")
    if holding.until is not None and holding.until < holding.since:
        raise UsageError(f"--until {holding.until} is before --from {holding.since}.")
    clash = [h for h in state.holdings.all if _overlap(h, holding)]
    if clash and holding.capacity == "holder":
        raise UsageError(
            f"{holding.office} is held by another from {clash[0].since} to {clash[0].until or 'further notice'}. "
            f"End that first: politirad office end {holding.office} --on DATE"
        )
    dated = msgspec.structs.replace(holding, recorded=run.today)
    return append(run, state, "office_assigned", {"holding": _holding_json(dated)}, entry)


def end_holding(run: Run, office: Id, until: date, entry: Entry) -> Recorded:
    """Record the last day (local) of whoever acts in an office: the acting one first, then its holder.

    Raises `NotFoundError`, `Refused`.
    """
    state, entry = authorized(run, entry)
    current = next(iter(state.holdings.in_office(office, until)), None)
    if current is None:
        raise NotFoundError(f"Nobody holds {office!r} on {until}.")
    if office == state.register.secretariat and until < run.today:
        raise UsageError(
            f"Without {office} nobody could keep the record any more. End it today or later, and assign the next one."
        )
    return append(run, state, "office_ended", {"ends": {"holding": current.leaf, "until": until.isoformat()}}, entry)


def delegate(run: Run, new: Delegation, entry: Entry) -> Recorded:
    """Record that an office may decide certain steps for another office or a body, within a period.

    Whoever decides for `new.of` gives it: a body by a recorded decision that carried, an office in person or through a
    registrar with a reference; an office that has it by a delegation may pass it on where that one allows it. Nobody
    gives it to themselves. Raises `NotFoundError`, `UsageError`, `Refused`.
    """
    state = run.tx.council()
    _delegable(state.register, new)
    entry = replace(entry, decider=new.of)
    above = _above(run, state, new, entry)
    if above is not None:
        new, entry = msgspec.structs.replace(new, under=above.leaf), replace(entry, office=above.to)
    else:
        entry = acting(run, state, entry, registrars(state, new.of) | {new.of})
        if new.of in state.register.bodies:
            _decided(run, new, entry)
        _evidenced("delegate", new.of, entry)
    if above is None and any(h.office == new.to for h in state.holdings.held(entry.person or "", run.today)):
        raise refused("delegate", because("delegates_to_oneself", office=new.to))
    data: dict[str, Json] = msgspec.to_builtins(msgspec.structs.replace(new, leaf="", recorded=run.today))
    return append(run, state, "delegated", {"delegation": data}, entry)


def _above(run: Run, state: CouncilState, new: Delegation, entry: Entry) -> Delegation | None:
    """The delegation its person passes on: of an office they are in charge of today, for everything."""
    held = {h.office for h in state.holdings.held(entry.person or "", run.today)}
    serving = {o: state.holdings.of(o, run.today) for o in held if entry.office in (None, o)}
    mine = (office for office, holding in serving.items() if holding and holding.person == entry.person)
    return next((d for office in mine if (d := passed_on(new, office, state.delegations))), None)


def _decided(run: Run, new: Delegation, entry: Entry) -> None:
    """A body delegates by a decision of its own that carried. Raises `Refused`, `NotFoundError`."""
    if entry.decision is None:
        raise refused("delegate", because("delegates_by_vote", body=new.of))
    decision = run.tx.decision(entry.decision)
    if decision.body != new.of:
        raise refused("delegate", because("decision_of_another", body=decision.body, needed=new.of))
    ballot = decision.ballot(entry.point or 1)
    if ballot is None or ballot.outcome != "carried":
        raise refused("delegate", because("point_fell", decision=decision.id, point=entry.point or 1))


def end_delegation(run: Run, of: Id, to: Id, until: date, entry: Entry) -> Recorded:
    """Record the last day (local) of the delegations from one office or body to another. Raises `NotFoundError`."""
    state = run.tx.council()
    standing = [d for d in state.delegations if (d.of, d.to) == (of, to) and d.covers(until)]
    if not standing:
        raise NotFoundError(f"{of} has delegated nothing to {to} that is in force on {until}.")
    entry = acting(run, state, replace(entry, decider=of), registrars(state, of) | {of})
    _evidenced("revoke", of, entry)
    return append(run, state, "delegation_ended", {"revokes": {"of": of, "to": to, "until": until.isoformat()}}, entry)


def annul_entry(run: Run, entry: Entry, reason: str) -> Recorded:
    """Take back the newest decision or assignment, if nothing rests on it. Raises `Refused`, `UsageError`."""
    state, entry = authorized(run, entry)
    newest = list(run.tx.events(COUNCIL_CASE))[-1]
    if newest.event.type not in {"council.decided", "council.office_assigned"}:
        raise refused("annul", because("annul_only_steps_by_people", step=newest.event.type))
    citing = [r for r in run.tx.events() if r.position > newest.position and newest.leaf in r.body]
    if citing:
        raise refused("annul", because("annul_cited", case=citing[0].event.case, n=citing[0].event.n))
    form: Json = {"reason": {"remark": run.keep_remark(reason)}}
    return append(run, state, "annulled", {"annuls": newest.leaf, "form": form}, entry)


def refuse(run: Run, verdict: Verdict, attempt: Facts, entry: Entry) -> Recorded:
    """Put a refused binding attempt on record: what was tried and each reason why not.

    Of what the person typed only ids are kept; anything else could name somebody for ever.
    """
    reasons: list[Json] = [{"code": r.code, "parameters": _kept(r.parameters)} for r in verdict.reasons]
    return append(run, run.tx.council(), "step_refused", {"attempt": attempt, "reasons": reasons}, entry)


def _kept(parameters: Mapping[str, Parameter]) -> dict[str, Json]:
    return {name: id_or_none(str(value)) if name == "given" else value for name, value in parameters.items()}


def _holding_json(holding: Holding) -> Json:
    document: dict[str, Json] = msgspec.to_builtins(replace_leaf(holding))
    return {"until": None, "capacity": "holder", "basis": "", **document}


def replace_leaf(holding: Holding) -> Holding:
    """The holding without its leaf, which only its own event can give it."""
    return msgspec.structs.replace(holding, leaf="")


def _evidenced(step: str, decider: Id, entry: Entry) -> None:
    """Whoever registers for another says what it rests on. Raises `Refused`."""
    if entry.office != decider and not (entry.ref or entry.decision):
        raise refused(step, because("registrar_needs_reference", decider=decider))


def _delegable(register: Register, new: Delegation) -> None:
    """Refuse a delegation of nobody, to nobody, or for a period that ends before it begins."""
    if new.of not in (*register.offices, *register.bodies):
        raise NotFoundError(f"There is no office or body {new.of!r}. `politirad office list` shows them.")
    if new.to not in register.offices or new.to == new.of:
        raise NotFoundError(f"{new.to!r} is no other office to delegate to. `politirad office list` shows them.")
    if new.until is not None and new.until < new.since:
        raise UsageError(f"--until {new.until} is before --from {new.since}.")
    if not new.scope:
        raise UsageError("--scope is missing: say what for, such as agreement.sign or the whole of measure.")


def _gone(run: Run, state: CouncilState, new: Register) -> Iterator[Id]:
    """The ids a new register lacks and the record rests on: offices held or owing, and who decides or accedes."""
    old = state.register
    owing = {item.office for item in run.tx.todo()}
    for office in old.offices.keys() - new.offices.keys():
        if office in owing or state.holdings.of(office, run.today):
            yield office
    for table in ("bodies", "parties", "organisations"):
        yield from sorted(getattr(old, table).keys() - getattr(new, table).keys())


def _overlap(held: Holding, new: Holding) -> bool:
    same = (held.office, held.capacity) == (new.office, new.capacity)
    return same and held.since <= (new.until or date.max) and new.since <= (held.until or date.max)
