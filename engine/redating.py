"""Why an event cannot be of another date: a correction gives it no date on which it could not have been taken.

Who acted must have held the office that day and no other in their place, a delegation must have stood, an act is of
the day of its vote, after the version it speaks of; a version is no younger than what was said of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise

from engine.acts import Version
from engine.delegation import outside_period, stands
from engine.errors import Reason, because
from engine.ports import Recorded
from engine.run import Run


def undated(run: Run, wrong: Recorded, day: date) -> Reason | None:
    """Why an event cannot be of a corrected date: by who acted, by its vote, by the version and what was said of it.

    Whoever is recused stays the person that was.
    """
    for check in (_signed, _another_then, _delegated_otherwise, _voted_otherwise, _not_yet_a_version, _said_before):
        if reason := check(run, wrong, day):
            return reason
    return because("recusal_keeps_its_date", on=day.isoformat()) if wrong.event.data["step"] == "recuse" else None


def _signed(_: Run, wrong: Recorded, day: date) -> Reason | None:
    """The date of an act stands in what was signed."""
    return because("signed_keeps_its_date", on=day.isoformat()) if "signature" in wrong.event.data else None


def _another_then(run: Run, wrong: Recorded, day: date) -> Reason | None:
    authority = wrong.event.data.get("authority")
    if not isinstance(authority, Mapping) or not authority["office"] or not authority["person"]:
        return None
    office, workflow = str(authority["office"]), wrong.event.workflow.partition("/")[0]
    recused = run.tx.case(wrong.event.case).recused
    act = f"{workflow}.{wrong.event.data['step']}"
    held = run.tx.council().holdings.of(office, day, act=act, without=recused)
    same = held is not None and held.person == authority["person"]
    return None if same else because("held_by_another", office=office, on=day.isoformat())


def _delegated_otherwise(run: Run, wrong: Recorded, day: date) -> Reason | None:
    authority = wrong.event.data.get("authority")
    leaf = authority.get("mandate") if isinstance(authority, Mapping) else None
    given_ = next((d for d in run.tx.council().delegations if d.leaf == leaf), None)
    if given_ is None or stands(given_, run.tx.council().delegations, day):
        return None
    return outside_period(given_.to, day, given_)


def _voted_otherwise(run: Run, wrong: Recorded, day: date) -> Reason | None:
    cited = wrong.event.decision
    decided = run.tx.decision(str(cited["id"])) if cited else None
    if decided is None or decided.on is None or decided.on == day:
        return None
    return because("decision_dated", decision=decided.id, on=decided.on.isoformat())


def _not_yet_a_version(run: Run, wrong: Recorded, day: date) -> Reason | None:
    act = wrong.event.data.get("approval")
    if not isinstance(act, Mapping):
        return None
    since = next((v.on for v in run.tx.versions(wrong.event.case) if v.leaf == act["leaf"]), None)
    if since is None or day >= since:
        return None
    return because("before_the_version", on=day.isoformat(), version=int(str(act["version"])), since=since.isoformat())


def _said_before(run: Run, wrong: Recorded, day: date) -> Reason | None:
    """A version cannot become younger than what was said of it, nor older than the one it was made from."""
    if not wrong.event.data.get("version"):
        return None
    acts = (a.on for a in run.tx.approvals(wrong.event.case) if a.version_leaf == wrong.leaf and a.on)
    first = min(acts, default=None)
    if first is not None and first < day:
        return because("said_before_that_day", on=day.isoformat(), since=first.isoformat())
    return _older_than_its_base(run.tx.versions(wrong.event.case), wrong.leaf, day)


def _older_than_its_base(versions: tuple[Version, ...], leaf: str, day: date) -> Reason | None:
    before = next((older for older, newer in pairwise(versions) if newer.leaf == leaf), None)
    if before is None or before.on is None or before.on <= day:
        return None
    return because("older_than_its_base", on=day.isoformat(), base=before.number, since=before.on.isoformat())
