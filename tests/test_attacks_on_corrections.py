"""Corrections that would let an event have happened as it could not."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest

from engine.errors import Refused
from tests.attacks import LIAISON, PARTIES, delegated, missing, redated
from tests.chamber import OPENING, Chamber


def test_a_delegates_act_is_not_corrected_to_before_the_delegation(chamber: Chamber) -> None:
    chamber.world.clock.pass_days(10)
    delegated(chamber, "politimester", LIAISON, "agreement.approve", since=OPENING + timedelta(days=5))
    chamber.yes(LIAISON)
    with pytest.raises(Refused):
        redated(chamber, 2, OPENING + timedelta(days=1))


def test_an_approval_is_not_corrected_away_from_its_vote(chamber: Chamber) -> None:
    chamber.vote((6, 0, 0)).world.clock.pass_days(10)
    with pytest.raises(Refused):
        redated(chamber, 2, OPENING + timedelta(days=7))


def test_a_version_is_not_corrected_to_after_what_was_said_of_it(chamber: Chamber) -> None:
    chamber.yes("politiet").world.clock.pass_days(10)
    with pytest.raises(Refused):
        redated(chamber, 1, OPENING + timedelta(days=7))


def test_a_version_is_not_corrected_to_before_the_one_it_was_made_from(chamber: Chamber) -> None:
    chamber.tomorrow().tomorrow().revise().tomorrow().revise()
    with pytest.raises(Refused, match="older_than_its_base"):
        redated(chamber, 3, OPENING + timedelta(days=1))
    redated(chamber, 3, OPENING + timedelta(days=2))


def test_a_recusal_is_not_corrected_to_another_person(chamber: Chamber) -> None:
    chamber.hold("politimester", "p_before", capacity="acting", until=OPENING).world.clock.pass_days(3)
    chamber.take("recuse", decider="politiet", disqualified="politimester", reason="Inhabil")
    with suppress(Refused):
        redated(chamber, 2, OPENING)
    assert missing(chamber.yes("politiet")) == PARTIES


def test_an_act_is_not_corrected_to_a_day_on_which_another_acted_for_that_step(chamber: Chamber) -> None:
    acting = {"capacity": "acting", "scope": ("agreement.approve",), "until": OPENING}
    chamber.hold("politimester", "p_acting", **acting).world.clock.pass_days(3)
    chamber.yes("politiet")
    with pytest.raises(Refused):
        redated(chamber, 2, OPENING)


def test_a_deputys_act_may_be_corrected_too(chamber: Chamber) -> None:
    chamber.hold("politimester", "p_deputy", capacity="deputy").recuse("politimester").world.clock.pass_days(3)
    chamber.yes("politiet")
    redated(chamber, 3, OPENING + timedelta(days=1))
