"""A verdict, part by part: every check with its name, its reason and its parameters, on a table made for looking."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec
import pytest

from engine.acts import Decision, Point
from engine.definition import Deadline, Row, Workflow
from engine.errors import Reason, because
from engine.event import FIRST
from engine.field import Document, Kind
from engine.finding import Finding, Status
from engine.form import Form, ask
from engine.holdings import CouncilState, Holdings
from engine.judge import Check, Verdict, changes_of, due_of, judge
from engine.register import Holding
from engine.role import CLOCK, Role
from engine.situation import NEW, Authority, Case, Command, Situation
from tests.situations import DAY, situation
from tests.world import example
from workflows.profile import Profile

if TYPE_CHECKING:
    from engine.definition import Guard

CHIEF = Holding("politimester", "p_chief", date(2017, 1, 1), leaf="held")
LEADER = Holding("leder_regionrad", "p_leader", date(2017, 1, 1))
SECRETARY = Holding("politiradssekretar", "p_secretary", date(2017, 1, 1))


class S(StrEnum):
    """Under way, or done."""

    OPEN = "open"
    DONE = "done"


@dataclass(frozen=True, kw_only=True)
class Evidence(Form):
    """A form that needs a reference, or a document in its place."""

    needs: ClassVar[tuple[str, ...]] = ("ref", "document")
    words: str | None = ask(Kind.TEXT, "Some words.", required=False)

    def facts(self) -> dict[str, Any]:
        """The words, under two names."""
        return {"words": self.words, "kept": 1}


@dataclass(frozen=True, kw_only=True)
class Referenced(Form):
    """A form that needs a reference."""

    needs: ClassVar[tuple[str, ...]] = ("ref",)


@dataclass(frozen=True, kw_only=True)
class Refusing(Form):
    """A form that says no."""

    says_no: ClassVar[bool] = True


def chief(_: Situation) -> tuple[str, ...]:
    """The one who decides."""
    return ("politimester",)


OFFICE = Role("office", chief)
BODY = Role("body", lambda _: ("regionrad",))


def table(*guards: Guard, form: type[Form] = Form, by: Role = OFFICE, **how: Any) -> Workflow:  # noqa: ANN401  # of a row
    """A table with one step to look at, `go`, beside others."""
    return Workflow(
        name="errand", version=1, prefix="X", states=S, final=frozenset({S.DONE}),
        rows=(
            Row("begin", NEW, S.OPEN, OFFICE),
            Row("go", S.OPEN, S.DONE, by, form, guards, **how),
            Row("rest", S.OPEN, None, OFFICE),
            Row("dream", S.OPEN, None, Role("nobody here", lambda _: ())),
            Row("end", S.OPEN, S.DONE, CLOCK),
        ),
        deadlines=(
            Deadline("act", S.OPEN, lambda s: s.on + timedelta(days=2), OFFICE, "slow", fires="end"),
            Deadline("vote", S.OPEN, lambda s: s.today, BODY),
            Deadline("nothing", S.OPEN, lambda _: None, OFFICE),
            Deadline("anybody", S.OPEN, lambda s: s.today, Role("nobody", lambda _: ())),
        ),
    )  # fmt: skip


def before(form: Form | None = None, *, state: str = "open", profile: Profile | None = None, **told: Any) -> Situation:  # noqa: ANN401  # of a command
    """An errand under way, and the chief of police who takes its step; `told` is of the command."""
    council = example()
    holdings = Holdings((CHIEF, LEADER, SECRETARY))
    known = CouncilState("c", "o", "nb", 1, FIRST, council.register, holdings, council.seats, "p")
    parts = {name: told.pop(name) for name in ("on", "decision") if name in told}
    command = Command(**{"workflow": "errand", "step": "go", "case": "X-1", "person": "p_chief", **told})
    case = Case("X-1", "errand", 1, state, 1, FIRST, "p", None, DAY, {})
    return situation(
        case=case, command=command, form=form or Form(), council=known, profile=profile or Profile(), **parts
    )


def yes(_: Situation) -> bool:
    """A guard that holds."""
    return True


def no(_: Situation) -> bool:
    """A guard that does not."""
    return False


def too_small(_: Situation) -> Reason:
    """A guard with a reason."""
    return because("too_small", by=3)


def unmet(_: Situation) -> Finding:
    """A rule that is still open."""
    return Finding(Status.OPEN, because("n_of_m", needed=2, of=3))


def met(_: Situation) -> Finding:
    """A rule that is met."""
    return Finding(Status.MET, because("n_of_m", needed=1, of=3))


def decided_by(name: str) -> Guard:
    """Whether the guard is told who decides."""

    def decides(s: Situation) -> bool | Reason:
        return s.authority is not None and s.authority.decider == name

    return decides


ALLOWED = Check("authority", passed=True)
BY_CHIEF = Authority("politimester", "politimester", "p_chief", CHIEF, registered=False)


def checks(*guards: Guard, s: Situation | None = None, **how: Any) -> tuple[Check, ...]:  # noqa: ANN401  # of a row
    """Every check of the step."""
    return judge(table(*guards, **how), s or before()).checks


def only(*guards: Guard, s: Situation, **how: Any) -> Check:  # noqa: ANN401  # of a row
    """The one check beside the authority."""
    (allowed, check) = checks(*guards, s=s, **how)
    assert allowed == ALLOWED
    return check


def test_an_allowed_step_is_a_whole_verdict() -> None:
    workflow = table(yes)
    assert judge(workflow, before()) == Verdict(
        allowed=True, step="go", state="open", to="done", row=workflow.rows[1],
        checks=(ALLOWED, Check("yes", passed=True)), possible=(), authority=BY_CHIEF,
    )  # fmt: skip


def test_a_refused_step_is_a_whole_verdict_and_offers_what_somebody_could_decide() -> None:
    workflow = table(too_small)
    reason = because("too_small", by=3)
    verdict = judge(workflow, before())
    assert verdict == Verdict(
        allowed=False, step="go", state="open", to=None, row=workflow.rows[1],
        checks=(ALLOWED, Check("too_small", passed=False, reason=reason)), possible=("go", "rest"), authority=BY_CHIEF,
    )  # fmt: skip
    assert verdict.reasons == (reason,)


def test_a_step_of_another_state_is_a_whole_verdict() -> None:
    workflow = table(binding=True)
    reason = because("step_not_allowed_now", step="go", state="done")
    verdict = judge(workflow, before(state="done"))
    assert verdict == Verdict(
        allowed=False, step="go", state="done", to=None, row=workflow.rows[1],
        checks=(Check("step", passed=False, reason=reason),), possible=(),
    )  # fmt: skip
    assert verdict.binding
    assert not judge(table(), before(state="done")).binding


def test_a_refusal_binds_where_its_row_does() -> None:
    assert judge(table(no, binding=True), before()).binding
    assert not judge(table(no), before()).binding


@pytest.mark.parametrize(
    ("guard", "expected"),
    [
        (yes, Check("yes", passed=True)),
        (no, Check("no", passed=False, reason=because("no"))),
        (too_small, Check("too_small", passed=False, reason=because("too_small", by=3))),
        (met, Check("met", passed=True, finding=met(before()))),
        (unmet, Check("unmet", passed=False, reason=because("n_of_m", needed=2, of=3), finding=unmet(before()))),
    ],
)
def test_a_guard_answers_with_a_check(guard: Guard, expected: Check) -> None:
    assert only(guard, s=before()) == expected


def test_a_guard_that_fails_is_named_in_its_reason_and_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    def fails(_: Situation) -> bool:
        raise ZeroDivisionError

    assert only(fails, s=before()) == Check("fails", passed=False, reason=because("guard_failed", guard="fails"))
    assert "the guard fails failed; it counts as not met" in caplog.text


def test_a_guard_without_a_name_is_called_what_it_says() -> None:
    class Guarding:
        def __call__(self, _: Situation) -> bool:
            return False

        def __str__(self) -> str:
            return "guarding"

    assert only(Guarding(), s=before()) == Check("guarding", passed=False, reason=because("guarding"))


def test_without_authority_the_guards_are_told_whom_it_is_presumably_for() -> None:
    refused, guarded = checks(decided_by("politimester"), s=before(person="p_stranger"))
    assert (refused.name, refused.passed, refused.reason and refused.reason.code) == (
        "authority", False, "may_not_act_for"
    )  # fmt: skip
    assert guarded == Check("decides", passed=True)
    assert judge(table(yes), before(person="p_stranger")).authority is None


def test_with_authority_the_guards_are_told_who_decides() -> None:
    assert only(decided_by("politimester"), s=before()) == Check("decides", passed=True)


def test_without_authority_nothing_else_of_the_command_is_looked_at() -> None:
    tomorrow = before(person="p_stranger", on=DAY + timedelta(days=1))
    assert [check.name for check in checks(s=tomorrow)] == ["authority"]


def test_an_act_dated_tomorrow_is_refused_with_both_dates() -> None:
    expected = because("date_in_future", on="2019-02-15", today="2019-02-14")
    assert only(s=before(on=DAY + timedelta(days=1))) == Check("date", passed=False, reason=expected)
    assert checks(s=before(on=DAY)) == (ALLOWED,)


def test_an_unknown_date_needs_a_reason() -> None:
    expected = Check("date", passed=False, reason=because("unknown_date_needs_reason"))
    assert only(s=before(on_unknown=True)) == expected
    assert checks(s=before(Form(reason="Udatert"), on_unknown=True)) == (ALLOWED,)


TEXT = Document("ab" * 32, "a.md", "evidence", 1)


def decision(body: str = "regionrad", *outcomes: str, on: date | None = DAY) -> Decision:
    """A recorded decision with points of these outcomes."""
    points = tuple(Point(f"Punkt {at}", outcome, None) for at, outcome in enumerate(outcomes or ("carried",), 1))
    return Decision("D-1", "leaf", body, on, "FO 1/19", (), None, (), points)


@pytest.mark.parametrize(
    ("form", "told", "shown"),
    [
        (Evidence(), {"ref": "sak 1"}, True),
        (Evidence(), {}, False),
        (Evidence(documents=(TEXT,)), {}, True),
        (Referenced(), {"ref": "sak 1"}, True),
        (Referenced(), {}, False),
        (Referenced(documents=(TEXT,)), {}, False),
        (Form(), {}, True),
    ],
)
def test_a_form_that_needs_a_reference_gets_one_or_what_may_stand_for_it(
    form: Form, told: dict[str, Any], shown: bool  # noqa: FBT001  # a column of the table
) -> None:  # fmt: skip
    expected = () if shown else (Check("reference", passed=False, reason=because("needs_reference")),)
    assert checks(s=before(form, **told), form=type(form)) == (ALLOWED, *expected)


def of_the_body(form: Form | None = None, **told: Any) -> Situation:  # noqa: ANN401  # of a command
    """The secretary registers what the regional council decided."""
    return before(form, **{"person": "p_secretary", "decider": "regionrad", "decision": decision(), **told})


def test_a_recorded_decision_stands_for_a_reference() -> None:
    s = of_the_body(Referenced())
    s = msgspec.structs.replace(s, command=replace(s.command, decision="D-1"))
    assert judge(table(by=BODY, form=Referenced), s).checks == (ALLOWED, Check("decision", passed=True))


def cited(s: Situation, **how: Any) -> Check:  # noqa: ANN401  # of a row
    """The check of the decision a step cites."""
    s = msgspec.structs.replace(s, command=replace(s.command, decision="D-1"))
    return judge(table(by=BODY, **how), s).checks[1]


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({}, None),
        ({"point": 1}, None),
        ({"decision": decision("politiradet")}, because("decision_of_another", body="politiradet", needed="regionrad")),
        ({"point": 2}, because("no_such_point", point=2)),
        ({"point": 0}, None),
        ({"decision": decision("regionrad", "carried", "fell"), "point": 2},
         because("point_fell", decision="D-1", point=2)),
        ({"decision": decision("regionrad", "fell", "carried"), "point": 2}, None),
        ({"decision": decision("regionrad", "fell")}, because("point_fell", decision="D-1", point=1)),
    ],
)  # fmt: skip
def test_a_decision_must_be_the_deciders_own_have_the_point_and_have_carried(
    told: dict[str, Any], reason: Reason | None
) -> None:
    assert cited(of_the_body(**told)) == Check("decision", passed=reason is None, reason=reason)


def test_a_step_that_says_no_may_rest_on_a_point_that_fell() -> None:
    s = of_the_body(Refusing(), decision=decision("regionrad", "fell"))
    assert cited(s, form=Refusing) == Check("decision", passed=True)


@pytest.mark.parametrize(("on", "excused"), [(None, True), (DAY, False)])
def test_an_unknown_date_needs_no_reason_where_the_decision_has_no_date_itself(
    on: date | None, excused: bool  # noqa: FBT001  # a column of the table
) -> None:  # fmt: skip
    s = of_the_body(decision=decision(on=on), on_unknown=True)
    s = msgspec.structs.replace(s, command=replace(s.command, decision="D-1"))
    missing = Check("date", passed=False, reason=because("unknown_date_needs_reason"))
    assert (missing not in judge(table(by=BODY), s).checks) is excused


def test_a_decision_of_another_date_is_not_this_acts() -> None:
    yesterday = DAY - timedelta(days=1)
    s = of_the_body(decision=decision(on=yesterday))
    s = msgspec.structs.replace(s, command=replace(s.command, on=DAY))
    reason = because("decision_dated", decision="D-1", on="2019-02-13")
    assert cited(s) == Check("decision", passed=False, reason=reason)
    assert cited(of_the_body(decision=decision(on=yesterday))).passed
    assert cited(of_the_body(decision=decision(on=None))).passed


def test_what_is_not_done_by_a_person_shows_no_evidence() -> None:
    s = before(Referenced(), step="end", via="clock", person=None, on=DAY + timedelta(days=1), on_unknown=True)
    s = msgspec.structs.replace(s, decision=decision("politiradet"))
    assert judge(table(), s).checks == (ALLOWED,)


def test_of_several_rows_the_one_that_lacks_least_is_told() -> None:
    workflow = table(no, too_small)
    least, last = (Row("go", S.OPEN, None, OFFICE, Form, guards) for guards in ((unmet, met), (too_small, unmet)))
    verdict = judge(replace(workflow, rows=(*workflow.rows, least, last)), before())
    assert (verdict.row, [check.name for check in verdict.checks]) == (least, ["authority", "unmet", "met"])


def test_the_first_row_that_passes_decides_however_much_the_others_lack() -> None:
    workflow = table(no)
    rows = (*workflow.rows, Row("go", S.OPEN, None, OFFICE, Form, (met, yes)))
    verdict = judge(replace(workflow, rows=rows), before())
    assert (verdict.allowed, verdict.to, verdict.row) == (True, "open", rows[-1])
    assert [check.name for check in verdict.checks] == ["authority", "met", "yes"]


def test_the_same_reason_is_given_once() -> None:
    def too_small_again(s: Situation) -> Reason:
        return too_small(s)

    verdict = judge(table(too_small, too_small_again, no), before())
    assert [reason.code for reason in verdict.reasons] == ["too_small", "no"]
    assert len(verdict.checks) == 4


MAY = Profile(overrides={"errand": {"go": "politimester"}})
EASED: dict[str, Any] = {"overridable": (too_small,), "form": Form}


def overriding(profile: Profile = MAY, **told: Any) -> Situation:  # noqa: ANN401  # of a command
    """The chief overrides."""
    return before(profile=profile, override="Det haster", **told)


def test_an_override_sets_aside_what_it_may_and_its_reason_stays() -> None:
    verdict = judge(table(too_small, yes, **EASED), overriding())
    eased = Check("too_small", passed=True, reason=because("too_small", by=3), set_aside=True)
    assert verdict.allowed
    assert verdict.checks == (ALLOWED, eased, Check("yes", passed=True), Check("override", passed=True))
    assert (verdict.set_aside, verdict.reasons) == ((eased,), ())


def test_an_override_sets_aside_nothing_else() -> None:
    verdict = judge(table(too_small, no, **EASED), overriding())
    assert not verdict.allowed
    assert [(check.name, check.passed, check.set_aside) for check in verdict.checks] == [
        ("authority", True, False), ("too_small", True, True), ("no", False, False), ("override", True, False)
    ]  # fmt: skip
    assert verdict.binding


NOBODY = Profile(overrides={"errand": {"rest": "politimester"}})
ANOTHER = Profile(overrides={"errand": {"go": "slt_melhus"}})


@pytest.mark.parametrize(
    ("guards", "how", "s", "reason"),
    [
        ((too_small,), {}, overriding(), because("override_unknown", step="go")),
        ((too_small,), EASED, overriding(NOBODY), because("override_nobody", step="go")),
        ((too_small,), EASED, overriding(ANOTHER), because("override_of_another", office="slt_melhus")),
        ((yes, too_small), {"overridable": (yes,)}, overriding(), because("nothing_to_override")),
    ],
)
def test_an_override_that_is_no_use_says_why_and_sets_nothing_aside(
    guards: tuple[Guard, ...], how: dict[str, Any], s: Situation, reason: Reason
) -> None:
    verdict = judge(table(*guards, **how), s)
    assert not verdict.allowed
    assert verdict.checks[-1] == Check("override", passed=False, reason=reason)
    assert (verdict.set_aside, verdict.binding) == ((), True)


def test_a_registrar_overrides_for_the_office_with_a_reference_and_not_without() -> None:
    leaders = Profile(overrides={"errand": {"go": "leder_regionrad"}})
    told = {"person": "p_secretary", "decider": "politimester"}
    workflow = table(too_small, by=Role("offices", lambda _: ("politimester",)), **EASED)
    assert judge(workflow, overriding(leaders, ref="sak 3", **told)).allowed
    verdict = judge(workflow, overriding(leaders, **told))
    missing = because("registrar_needs_reference", decider="leder_regionrad")
    assert verdict.checks[-1] == Check("override", passed=False, reason=missing)


def test_without_authority_for_the_step_an_override_helps_nobody() -> None:
    verdict = judge(table(too_small, **EASED), overriding(person="p_leader"))
    assert [(check.name, check.passed) for check in verdict.checks] == [
        ("authority", False), ("too_small", False), ("override", False)
    ]  # fmt: skip
    assert verdict.binding


def test_without_an_override_none_is_looked_for() -> None:
    assert only(too_small, s=before(profile=MAY), **EASED).name == "too_small"


def test_what_is_owed_is_owed_by_the_office_on_whose_table_it_lies() -> None:
    assert due_of(table(), before()) == [
        {"name": "act", "office": "politimester", "on": "2019-02-16", "ladder": "slow", "fires": "end"},
        {"name": "vote", "office": "sekretar_regionrad", "on": "2019-02-14", "ladder": "duty", "fires": None},
        {"name": "anybody", "office": "politiradssekretar", "on": "2019-02-14", "ladder": "duty", "fires": None},
    ]


def test_what_two_deciders_owe_through_one_office_is_owed_once() -> None:
    twice = Role("twice", lambda _: ("regionen", "regionrad"))
    workflow = replace(table(), deadlines=(Deadline("act", S.OPEN, lambda s: s.today, twice),))
    (entry,) = due_of(workflow, before())
    assert isinstance(entry, dict)
    assert entry["office"] == "sekretar_regionrad"


def test_a_row_says_more_than_its_form_and_goes_before_it() -> None:
    s = before(Evidence(words="ord"))
    assert changes_of(table(form=Evidence).rows[1], s) == {"words": "ord", "kept": 1}
    own = table(form=Evidence, sets=lambda _: {"kept": 2, "own": 3}).rows[1]
    assert changes_of(own, s) == {"words": "ord", "kept": 2, "own": 3}
