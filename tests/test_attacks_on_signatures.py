"""Attacks on signed approvals: a signature replayed, moved, changed or borrowed is refused, in the right words."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from commands.signed import signature_in
from engine.errors import ConfigurationError, Refused
from engine.registration import end_holding
from engine.ssh_keygen import SshKeygen
from tests.signing import BY_CHIEF, NAMESPACE, Pen, SigningDesk, needs_ssh_keygen
from tests.world import CHIEF

if TYPE_CHECKING:
    from engine.statement import Signature

pytestmark = needs_ssh_keygen

BY_REGION = ("--version", "1", "--for", "regionrad", "--decision")


@pytest.fixture
def desk(tmp_path: Path) -> SigningDesk:
    """A council whose rules demand signatures."""
    return SigningDesk.set_up(tmp_path)


class Always:
    """A checker that finds every signature good, or none, and remembers what it was asked."""

    def __init__(self, *, good: bool) -> None:
        self.good = good
        self.asked: list[tuple[object, ...]] = []

    def accepts(self, _signature: Signature, signers: str, who: str, namespace: str, on: date) -> bool:
        """Whatever it was told to say."""
        self.asked.append((signers, who, namespace, on))
        return self.good


def refused(desk: SigningDesk, signature: str, *options: str, step: str = "approve") -> list[str]:
    """Why a signature is refused for A-1; nothing of it gets into the case."""
    before = desk.case("A-1").n
    answer = desk.hands_in(signature, "A-1", step, *(options or BY_CHIEF), "--json")
    assert (answer.code, desk.case("A-1").n) == (1, before), answer
    return [check["reason"] for check in answer.json["checks"] if not check["passed"]]


def approval(desk: SigningDesk) -> Path:
    """The statement of the chief's approval of A-1."""
    return Path(desk.writes("act", "A-1", "approve", *BY_CHIEF))


@pytest.mark.parametrize(
    ("signed", "step", "taken", "said"),
    [
        (("A-2", "approve", *BY_CHIEF), "approve", BY_CHIEF, "the case is A-2 there, and A-1 in this act"),
        (("A-1", "reject", *BY_CHIEF), "approve", BY_CHIEF, "the answer is rejected there, and approved in this act"),
        (("A-1", "approve", *BY_CHIEF), "reject", BY_CHIEF, "the answer is approved there, and rejected in this act"),
        (("A-1", "approve", *BY_CHIEF), "approve", (*BY_CHIEF, "--on", "2018-10-05"), "the date is 2018-10-04 there"),
        (("A-1", "approve", *BY_REGION, "D-1"), "approve", BY_CHIEF, "the party is regionrad there, and politimester"),
        (("A-1", "approve", *BY_REGION, "D-1"), "approve", (*BY_REGION, "D-2"), "the body's decision is "),
    ],
)  # fmt: skip
def test_a_signature_counts_for_the_one_act_it_was_made_for(
    desk: SigningDesk, signed: tuple[str, ...], step: str, taken: tuple[str, ...], said: str
) -> None:
    for _ in ("D-1", "D-2"):
        desk.world.decide("Avtalen vedtas.")
    signature = desk.pen_of("siri").signs(desk.writes("other", *signed))
    desk.world.clock.pass_days(1)
    assert "another_was_signed" in refused(desk, signature, *taken, step=step)
    assert said in desk.hands_in(signature, "A-1", step, *taken).err


def test_a_signature_does_not_outlive_its_version(desk: SigningDesk) -> None:
    siri = desk.pen_of("siri")
    signature = siri.signs(str(approval(desk)))
    revised = ("--for", "regionen", "--ref", "sak 2", "--document", desk.file("neste.md", "Neste"))
    desk.does("agreement", "revise", "A-1", *revised)
    second = ("--version", "2", *BY_CHIEF[2:])
    assert refused(desk, signature, *BY_CHIEF) == ["version_outdated"]
    assert refused(desk, signature, *second) == ["another_was_signed"]
    assert desk.signs(siri, "A-1", "approve", *second).code == 0


def test_a_signature_for_another_log_counts_for_nothing_here(desk: SigningDesk) -> None:
    siri, path = desk.pen_of("siri"), approval(desk)
    elsewhere = siri.signs(str(path), "politirad@politirad.example/trondelag-nord")
    assert refused(desk, elsewhere) == ["signed_for_another_log"]
    path.write_text(path.read_text().replace("trondelag-sor", "trondelag-nord"))
    assert refused(desk, siri.signs(str(path))) == ["another_was_signed"]


def test_only_a_key_on_record_for_whoever_decides_signs(desk: SigningDesk) -> None:
    file = str(approval(desk))
    assert refused(desk, Pen.new(desk.world.folder, "stranger").signs(file)) == ["key_unknown"]
    assert refused(desk, desk.pen_of("kari").signs(file)) == ["signed_by_another"]


def test_a_revoked_key_signs_nothing_more_whatever_the_date_of_the_act(desk: SigningDesk) -> None:
    siri = desk.pen_of("siri", "--from", "2018-01-01")
    signature = siri.signs(str(approval(desk)))
    desk.world.clock.pass_days(2)
    desk.does("person", "key", "siri", "--revoke", siri.fingerprint)
    assert refused(desk, signature) == ["key_revoked"]


@pytest.mark.parametrize("period", [("--from", "2018-10-05"), ("--from", "2018-01-01", "--until", "2018-10-03")])
def test_a_key_signs_within_its_period_only(desk: SigningDesk, period: tuple[str, ...]) -> None:
    assert refused(desk, desk.pen_of("siri", *period).signs(str(approval(desk)))) == ["key_outside_period"]


def test_whoever_left_the_office_signs_for_it_no_more(desk: SigningDesk) -> None:
    siri, world = desk.pen_of("siri"), desk.world
    world.register(lambda run: end_holding(run, "politimester", date(2018, 10, 4), world.entry()))
    world.fill("politimester", "p_next", date(2018, 10, 5))
    world.clock.pass_days(1)
    assert refused(desk, siri.signs(str(approval(desk)))) == ["signed_by_another"]


def test_a_statement_from_the_term_of_the_one_before_is_not_taken_over(desk: SigningDesk) -> None:
    siri, world = desk.pen_of("siri"), desk.world
    signature = siri.signs(str(approval(desk)))
    world.register(lambda run: end_holding(run, "politimester", date(2018, 10, 3), world.entry()))
    world.fill("politimester", "p_next", date(2018, 10, 4))
    assert refused(desk, signature) == ["another_was_signed"]


def test_others_may_act_on_the_version_meanwhile(desk: SigningDesk) -> None:
    siri, path, seen = desk.pen_of("siri"), approval(desk), desk.case("A-1").head
    assert desk.signs(desk.pen_of("kari"), "A-1", "approve", *BY_REGION, desk.world.decide("Vedtas.")).code == 0
    assert desk.hands_in(siri.signs(str(path)), "A-1", "approve", *BY_CHIEF).code == 0
    assert desk.signed_acts()[-1][1]["statement"]["head"] == seen


def test_whoever_signs_has_seen_an_event_of_this_very_case(desk: SigningDesk) -> None:
    siri, path = desk.pen_of("siri"), approval(desk)
    path.write_text(path.read_text().replace(f'"head":"{desk.case("A-1").head}', f'"head":"{desk.case("A-2").head}'))
    assert refused(desk, siri.signs(str(path))) == ["signed_on_unknown_event"]


def test_a_statement_in_which_only_what_was_seen_is_changed_does_not_hold(desk: SigningDesk) -> None:
    siri, first = desk.pen_of("siri"), desk.case("A-1").head
    assert desk.signs(desk.pen_of("kari"), "A-1", "approve", *BY_REGION, desk.world.decide("Vedtas.")).code == 0
    path, second = approval(desk), desk.case("A-1").head
    signature = siri.signs(str(path))
    path.write_text(path.read_text().replace(f'"head":"{second}', f'"head":"{first}'))
    assert refused(desk, signature) == ["signature_does_not_hold"]


def test_no_byte_of_a_signed_statement_can_be_changed(desk: SigningDesk) -> None:
    siri, path = desk.pen_of("siri"), approval(desk)
    signature, text = siri.signs(str(path)), path.read_bytes()
    for at in range(0, len(text), 17):
        path.write_bytes(text[:at] + bytes((text[at] ^ 1,)) + text[at + 1 :])
        assert desk.hands_in(signature, "A-1", "approve", *BY_CHIEF, "--dry-run").code in {1, 2}, at
    path.write_bytes(text)
    assert desk.hands_in(signature, "A-1", "approve", *BY_CHIEF).code == 0


def test_what_is_signed_has_a_date(desk: SigningDesk) -> None:
    signature = desk.pen_of("siri").signs(str(approval(desk)))
    unknown = (*BY_CHIEF, "--on", "unknown", "--reason", "x")
    assert "signature_needs_date" in refused(desk, signature, *unknown)


def test_nothing_that_came_with_a_signature_gets_into_the_record_of_its_refusal(desk: SigningDesk) -> None:
    siri, path = desk.pen_of("siri"), approval(desk)
    path.write_text(path.read_text().replace("trondelag-sor", "Ola Nordmann"))
    assert refused(desk, siri.signs(str(path))) == ["another_was_signed"]
    assert refused(desk, siri.signs(str(path), "Ola Nordmann")) == ["signed_for_another_log"]
    kept = b"".join(file.read_bytes() for file in desk.world.folder.glob("politirad.db*"))
    assert b"step_refused" in kept
    assert b"Ola Nordmann" not in kept


def test_a_signature_is_handed_in_beside_its_statement_and_without_a_vote(desk: SigningDesk) -> None:
    signature = desk.pen_of("siri").signs(str(approval(desk)))
    plain = desk.file("plain.sig", "hello")
    desk.file("plain", "{}")
    voted = ("--version", "1", "--for", "regionrad", "--votes", "6-0", "--present", "all")
    for options, code, said in (
        ((signature.removesuffix(".sig"), *BY_CHIEF), 2, "it ends in .sig"),
        ((f"{signature}.sig", *BY_CHIEF), 3, "there is no file"),
        ((plain, *BY_CHIEF), 2, "holds no SSH signature"),
        ((desk.file("big.sig", "x" * 200_000), *BY_CHIEF), 2, "far too long"),
        ((desk.file("raw.sig", b"\xff\xfe"), *BY_CHIEF), 2, "holds no text"),
        ((signature, *voted), 2, "record the vote first"),
    ):
        answer = desk.hands_in(options[0], "A-1", "approve", *options[1:])
        assert (answer.code, said in answer.err) == (code, True), answer


@pytest.mark.parametrize("good", [True, False])
def test_neither_ssh_keygen_nor_the_other_checks_are_enough_alone(desk: SigningDesk, good: bool) -> None:  # noqa: FBT001  # a case of the test
    world, path = desk.world, approval(desk)
    pen = Pen.new(world.folder, "stranger") if good else desk.pen_of("siri")
    world.service.checker = Always(good=good)
    with pytest.raises(Refused, match="key_unknown" if good else "signature_does_not_hold"):
        world.take("agreement", "approve", "A-1", version="1", decider="politimester",
                   signature=signature_in(pen.signs(str(path))))  # fmt: skip


def test_ssh_keygen_is_asked_about_the_term_of_the_very_office_on_the_day_of_the_act(desk: SigningDesk) -> None:
    world, siri, path = desk.world, desk.pen_of("siri"), approval(desk)
    world.fill("slt_melhus", CHIEF, date(2018, 10, 4), capacity="deputy")
    world.clock.pass_days(3)
    world.service.checker = always = Always(good=True)
    world.take("agreement", "approve", "A-1", version="1", decider="politimester", on=date(2018, 10, 4),
               signature=signature_in(siri.signs(str(path))))  # fmt: skip
    ((signers, *rest),) = always.asked
    assert str(signers).startswith(f"{CHIEF},politimester ")
    assert str(signers).count("\n") == 1
    assert rest == [CHIEF, NAMESPACE, date(2018, 10, 4)]


def test_what_was_signed_in_office_can_be_handed_in_when_the_term_is_over(desk: SigningDesk) -> None:
    siri, path, world = desk.pen_of("siri"), approval(desk), desk.world
    signature = siri.signs(str(path))
    world.register(lambda run: end_holding(run, "politimester", date(2018, 10, 4), world.entry()))
    world.clock.pass_days(10)
    assert desk.hands_in(signature, "A-1", "approve", *BY_CHIEF).code == 0
    assert desk.signed_acts()[-1][0].on == "2018-10-04"


@pytest.mark.parametrize(("old", "new"), [("}", "}\n"), ('{"', '{ "'), ('{"', '{"v":1,"'), ('"v":1', '"v":2')])
def test_a_statement_in_other_bytes_is_none_even_if_it_says_the_same(desk: SigningDesk, old: str, new: str) -> None:
    siri, path = desk.pen_of("siri"), approval(desk)
    path.write_text(path.read_text().replace(old, new, 1))
    answer = desk.hands_in(siri.signs(str(path)), "A-1", "approve", *BY_CHIEF)
    assert (answer.code, "was changed after" in answer.err) == (2, True)


def test_where_nobody_can_check_a_signature_none_is_taken(desk: SigningDesk) -> None:
    world, signature = desk.world, signature_in(desk.pen_of("siri").signs(str(approval(desk))))
    world.service.checker = SshKeygen("no-such-program")
    with pytest.raises(ConfigurationError, match="no-such-program cannot be used here"):
        world.take("agreement", "approve", "A-1", version="1", decider="politimester", signature=signature)
    assert desk.case("A-1").n == 1


def test_a_signature_on_a_step_that_says_nothing_of_a_version_is_refused(desk: SigningDesk) -> None:
    signature = signature_in(desk.pen_of("siri").signs(str(approval(desk))))
    with pytest.raises(Refused, match="nothing_to_sign"):
        desk.world.take("agreement", "withdraw", "A-1", decider="regionen", signature=signature)
