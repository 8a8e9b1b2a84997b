"""Signed approvals: a rule may demand them, the log keeps them, and anybody can check them with `ssh-keygen` alone.

Every signature here is made, and checked, by the real program.
"""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from engine.terms import Signers
from tests.signing import BY_CHIEF, NAMESPACE, SigningDesk, checks, needs_ssh_keygen
from tests.world import CHIEF, COUNCIL, SECRETARY

if TYPE_CHECKING:
    from tests.desk import Answer

pytestmark = needs_ssh_keygen


@pytest.fixture
def desk(tmp_path: Path) -> SigningDesk:
    """A council whose rules demand signatures."""
    return SigningDesk.set_up(tmp_path)


@pytest.fixture
def said(desk: SigningDesk) -> dict[str, Any]:
    """What the log says of the signature under the chief of police's approval."""
    assert desk.signs(desk.pen_of("siri"), "A-1", "approve", *BY_CHIEF).code == 0
    return desk.signed_acts()[-1][1]


def unmet(answer: Answer) -> list[str]:
    """The codes of the requirements that a refused step does not meet."""
    assert answer.code == 1, answer
    return [check["reason"] for check in answer.json["checks"] if not check["passed"]]


def signers_of(desk: SigningDesk) -> str:
    """The file `allowed_signers` of the log."""
    signers = Signers()
    with desk.world.store.read(COUNCIL) as reader:
        for recorded in reader.events():
            signers.meet(recorded)
    return signers.file().decode()


def by_vote(desk: SigningDesk) -> tuple[str, ...]:
    """How the regional council's approval of A-1 is handed in."""
    return ("--version", "1", "--for", "regionrad", "--decision", desk.world.decide("Avtalen vedtas."))


def test_an_agreement_comes_into_force_by_signed_acts_alone(desk: SigningDesk) -> None:
    siri, lars, kari = (desk.pen_of(handle) for handle in ("siri", "lars", "kari"))
    assert desk.signs(siri, "A-1", "approve", *BY_CHIEF).code == 0
    assert desk.signs(kari, "A-1", "approve", *by_vote(desk)).code == 0
    assert desk.world.state("A-1") == "adopted"
    for pen, office in ((siri, "politimester"), (lars, "leder_regionrad")):
        assert desk.signs(pen, "A-1", "sign", "--version", "1", "--for", office, "--ref", "brev 4").code == 0
    assert desk.world.state("A-1") == "in_force"
    assert not desk.world.store.verify(COUNCIL).faults


@pytest.mark.parametrize("step", ["approve", "reject"])
def test_a_declared_identity_says_neither_yes_nor_no_where_the_rule_demands_a_signature(
    desk: SigningDesk, step: str
) -> None:
    assert unmet(desk.types("agreement", step, "A-1", *BY_CHIEF, "--json")) == ["assurance_too_low"]


@pytest.mark.usefixtures("said")
def test_what_was_signed_is_withdrawn_by_a_signature_only(desk: SigningDesk) -> None:
    why = (*BY_CHIEF, "--reason", "x")
    assert unmet(desk.types("agreement", "withdraw-approval", "A-1", *why, "--json")) == ["assurance_too_low"]
    assert desk.signs(desk.pen_of("siri"), "A-1", "withdraw-approval", *why).code == 0


@pytest.mark.usefixtures("said")
def test_what_was_signed_is_not_annulled_and_keeps_its_date(desk: SigningDesk) -> None:
    assert unmet(desk.types("annul A-1 --reason x --json")) == ["annul_signed"]
    assert unmet(desk.types("correct A-1 2 --on 2018-10-03 --reason x --json")) == ["signed_keeps_its_date"]
    assert desk.types('correct A-1 2 --ref "brev 5" --reason x').code == 0


def test_the_event_names_who_signed_and_who_handed_it_in(desk: SigningDesk, said: dict[str, Any]) -> None:
    event = desk.signed_acts()[-1][0]
    assert (said["by"], said["office"], said["on"], said["namespace"]) == (
        CHIEF,
        "politimester",
        "2018-10-04",
        NAMESPACE,
    )
    assert (event.actor.person, event.actor.office, event.actor.via) == (SECRETARY, "politiradssekretar", "declared")


def test_whoever_decides_can_hand_it_in_in_person(desk: SigningDesk) -> None:
    own = ("--version", "1", "--person", "siri")
    assert desk.signs(desk.pen_of("siri"), "A-1", "approve", *own).code == 0
    event, said = desk.signed_acts()[-1]
    assert event.actor.person == said["by"] == CHIEF


def test_a_vote_is_signed_by_whoever_puts_it_on_record_on_that_day(desk: SigningDesk) -> None:
    vote = by_vote(desk)
    desk.world.clock.pass_days(20)
    assert desk.signs(desk.pen_of("kari"), "A-1", "approve", *vote).code == 0
    _, said = desk.signed_acts()[-1]
    assert (said["by"], said["office"], said["on"]) == (SECRETARY, "politiradssekretar", "2018-10-24")
    assert (said["statement"]["party"], said["statement"]["on"]) == ("regionrad", "2018-10-04")


def test_the_views_keep_it_and_a_rebuild_makes_the_same(desk: SigningDesk, said: dict[str, Any]) -> None:
    desk.does("rebuild")
    with desk.world.store.read(COUNCIL) as reader:
        assert [(act.person, act.assurance) for act in reader.approvals("A-1")] == [(said["by"], "sshsig")]
    assert desk.types("verify").code == 0


def test_the_signature_in_the_log_is_good_for_a_stranger_with_ssh_keygen_alone(
    desk: SigningDesk, said: dict[str, Any]
) -> None:
    folder, signers = desk.world.folder, signers_of(desk)
    assert checks(folder, signers, said, CHIEF, "20181004")
    assert checks(folder, signers, said, "politimester", "20181004")
    assert not checks(folder, signers, said, "leder_regionrad", "20181004")
    assert not checks(folder, signers, said, CHIEF, "20181003")
    assert not checks(folder, signers, {**said, "namespace": "politirad@x/y"}, CHIEF, "20181004")
    assert not checks(folder, signers, {**said, "statement": {**said["statement"], "case": "A-2"}}, CHIEF, "20181004")


def test_a_key_that_is_revoked_later_still_shows_what_it_signed_before(desk: SigningDesk, said: dict[str, Any]) -> None:
    desk.world.clock.pass_days(10)
    desk.does("person", "key", "siri", "--revoke", said["key"])
    assert checks(desk.world.folder, signers_of(desk), said, CHIEF, "20181004")
    assert not checks(desk.world.folder, signers_of(desk), said, CHIEF, "20181013")


@pytest.mark.usefixtures("said")
def test_it_is_shown_as_signed_wherever_the_act_is_shown(desk: SigningDesk) -> None:
    for command in ("approvals A-1", "log A-1", "explain A-1 adopt"):
        assert "signed (SSH)" in desk.does(command)
    act = desk.types("approvals A-1 --json").json[0]["acts"][0]
    assert (act["assurance"], act["signature"]["by"]) == ("sshsig", CHIEF)


def test_the_statement_is_one_line_that_says_how_to_go_on(desk: SigningDesk) -> None:
    file = desk.file("a b", "")
    answer = desk.types("statement", "A-1", "approve", *BY_CHIEF, "--output", file, "--json").json
    written = Path(file).read_text()
    assert json.loads(written) == answer["statement"]
    assert written.startswith('{"capacity":"holder","case":"A-1","decision":"approved","head":"')
    assert "\n" not in written
    assert answer["sign"] == ["ssh-keygen", "-Y", "sign", "-f", "KEY", "-n", NAMESPACE, file]
    desk.pen_of("siri").signs(file)
    assert desk.types(shlex.join(answer["take"][1:])).code == 0


def test_a_statement_is_written_of_what_only_lacks_its_signature(desk: SigningDesk) -> None:
    answer = desk.types(
        "statement", "A-1", "approve", "--version", "7", "--for", "politimester", "--ref", "x", "--json"
    )
    assert unmet(answer) == ["no_such_version"]
    assert "is no act on a version" in desk.types("statement A-1 recuse --disqualified slt_melhus --reason x").err
    assert "Record the vote first" in desk.types("statement A-1 approve --version 1 --for regionrad --votes 6-0").err


def test_the_same_signature_handed_in_twice_under_a_key_answers_as_the_first_time(desk: SigningDesk) -> None:
    signature = desk.pen_of("siri").signs(desk.writes("act", "A-1", "approve", *BY_CHIEF))
    first, again = (desk.hands_in(signature, "A-1", "approve", *BY_CHIEF, "--key", "k1", "--json") for _ in range(2))
    assert (first.json["repeated"], again.json["repeated"]) == (False, True)


def test_a_report_says_that_whoever_put_it_on_record_signed_it_and_of_a_registrar_that_they_did_not(
    desk: SigningDesk,
) -> None:
    pen = desk.pen_of("siri")
    assert desk.signs(pen, "A-1", "approve", *BY_CHIEF).code == 0
    signature = pen.signs(desk.writes("own.statement", "A-2", "approve", *BY_CHIEF))
    assert desk.types("agreement", "approve", "A-2", *BY_CHIEF, "--signature", signature, person="siri").code == 0
    report = " ".join(desk.does("report", "follow-up").split())
    assert "Siri Berg, Chief of police of Trøndelag (signed (SSH))" in report
    assert "Kari Nordli, Secretary to the police council (declared)" in report
    assert report.count("(signed (SSH))") == 1
