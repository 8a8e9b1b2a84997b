"""Bad input to an approval: each refused with its reason, the attempt put on record, and nothing else changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from engine import evidence
from engine.register import Delegation
from engine.registration import delegate
from tests.chamber import OPENING, SEATS, Chamber
from tests.world import COUNCIL

if TYPE_CHECKING:
    from pathlib import Path

    from engine.ports import Recorded

OUTSIDER = "politikontakt_melhus"
Try = Callable[[Chamber], object]


def delegated(chamber: Chamber, scope: str, until: date | None = None) -> None:
    """The chief of police delegates to the liaison of Melhus."""
    given = Delegation("politimester", OUTSIDER, (scope,), OPENING, until)
    chamber.world.register(lambda run: delegate(run, given, chamber.world.entry(ref="delegert 1/18")))


def short_mandate(chamber: Chamber) -> None:
    """A delegation of one day, and the day after."""
    delegated(chamber, "agreement", OPENING)
    chamber.tomorrow()


BAD: dict[str, tuple[Try, Try, str]] = {
    "no version": (lambda _: None, lambda c: c.take("approve", decider="politiet"), "version_needed"),
    "an unknown version": (
        lambda _: None, lambda c: c.take("approve", decider="politiet", version="9"), "no_such_version"
    ),
    "an outdated version": (
        lambda c: c.revise(), lambda c: c.take("approve", decider="politiet", version="1"), "version_outdated"
    ),
    "somebody outside the frozen electorate": (lambda _: None, lambda c: c.yes(OUTSIDER), "outside_electorate"),
    "present below quorum": (lambda _: None, lambda c: c.decide((2, 0, 0), present=SEATS[:2]), "no_quorum"),
    "votes that do not add up": (lambda _: None, lambda c: c.decide((3, 1, 0)), "votes_do_not_add_up"),
    "a stranger who votes": (
        lambda _: None, lambda c: c.decide((7, 0, 0), present=(*SEATS, "politimester")), "not_a_member"
    ),
    "a mandate outside its scope": (
        lambda c: delegated(c, "agreement.sign"), lambda c: c.yes(OUTSIDER), "outside_scope"
    ),
    "a mandate outside its period": (short_mandate, lambda c: c.yes(OUTSIDER), "outside_period"),
    "an office vacant on the date": (lambda c: c.vacate("politimester"), lambda c: c.yes("politiet"), "office_vacant"),
    "an approval dated before the version": (
        lambda c: c.tomorrow().revise(), lambda c: c.yes("politiet", on=OPENING), "before_the_version"
    ),
    "an approval dated tomorrow": (
        lambda _: None, lambda c: c.yes("politiet", on=OPENING + timedelta(days=1)), "date_in_future"
    ),
    "a vote on another version": (
        lambda c: c.yes("regionen", decision=c.decide((6, 0, 0))).revise(),
        lambda c: c.yes("regionen", decision="D-1"), "decision_used",
    ),
    "the same said twice": (lambda c: c.yes("politiet"), lambda c: c.yes("politiet"), "already_said"),
}  # fmt: skip


def log_of(chamber: Chamber) -> list[Recorded]:
    """The whole log."""
    with chamber.world.store.read(COUNCIL) as reader:
        return list(reader.events())


@pytest.mark.parametrize(("before", "attempt", "code"), BAD.values(), ids=BAD.keys())
def test_it_is_refused_with_its_reason_and_only_the_attempt_is_put_on_record(
    before: Try, attempt: Try, code: str, tmp_path: Path
) -> None:
    chamber = Chamber(tmp_path)
    before(chamber)
    assert chamber.refusals == []
    is_refused(chamber, attempt, code)


def test_a_beginning_that_fits_two_versions_is_refused_the_same_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "SHORTEST_PREFIX", 1)  # of 17 leaves, two begin with the same of 16 digits
    chamber = Chamber(tmp_path)
    for _ in range(16):
        chamber.revise()
    with chamber.world.store.read(COUNCIL) as reader:
        first = Counter(version.leaf[0] for version in reader.versions(chamber.case))
    shared, _ = first.most_common(1)[0]
    is_refused(chamber, lambda c: c.take("approve", decider="politiet", version=shared), "version_ambiguous")


def is_refused(chamber: Chamber, attempt: Try, code: str) -> None:
    """What is tried is refused with its reason; the attempt is put on record, and nothing else has changed."""
    case, log = chamber.world.case(chamber.case), log_of(chamber)
    attempt(chamber)
    new = log_of(chamber)[len(log) :]
    assert chamber.refusals == [code]
    assert [(r.event.type, r.event.case) for r in new] == [("council.step_refused", "C")]
    assert [reason["code"] for reason in new[0].event.data["reasons"]] == [code]  # type: ignore[union-attr, call-overload, index]  # as `refuse` wrote them
    assert chamber.world.case(chamber.case) == case
