"""Signed acts in an export: each is judged where it stands in the log, and part by part, by us and by a stranger.

Every signature is made by the real `ssh-keygen`. Whoever forges has the log's key and makes all else fit.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.exported import verify_export
from engine.ssh_keygen import SshKeygen
from tests.asking import stranger
from tests.forging import Events, forge
from tests.notary import Notary, codes, edit, told
from tests.signing import BY_CHIEF, Pen, SigningDesk, checks, needs_ssh_keygen
from tests.world import CHIEF, LEADER, SECRETARY

pytestmark = [
    needs_ssh_keygen,
    pytest.mark.skipif(not all(map(shutil.which, ("openssl", "sha256sum"))), reason="the stranger needs them"),
]


class Signing:
    """A council at whose desk the chief of police signed an approval of A-1, on 2018-10-04."""

    def __init__(self, folder: Path) -> None:
        self.desk = SigningDesk.set_up(folder)
        self.siri = self.desk.pen_of("siri", "--from", "2018-09-01")
        assert self.desk.signs(self.siri, "A-1", "approve", *BY_CHIEF).code == 0

    def key(self, *options: str) -> None:
        """Put something on record about the chief's keys, some days later."""
        self.desk.world.clock.pass_days(3)
        self.desk.does("person", "key", "siri", *options)

    def export(self) -> Path:
        """The whole record, sealed."""
        notary = Notary(self.desk.world)
        notary.seal()
        return notary.export("export")


def registered_anew(signing: Signing) -> None:
    """The key is registered again, for a period that begins after the act."""
    signing.key("--file", str(signing.siri.public), "--from", "2018-10-06")


def revoked(signing: Signing) -> None:
    """The key is revoked, from a day before the act on."""
    signing.key("--revoke", signing.siri.fingerprint, "--on", "2018-10-01")


def out_of_office(signing: Signing) -> None:
    """That the office had ended before the act is put on record after it."""
    signing.desk.world.clock.pass_days(3)
    signing.desk.does("office", "end", "politimester", "--on", "2018-10-01")


def everything(signing: Signing) -> None:
    """All of it, one after the other."""
    for step in (registered_anew, out_of_office, revoked):
        step(signing)


@pytest.mark.parametrize("later", [registered_anew, revoked, out_of_office, everything])
def test_what_comes_later_changes_nothing_of_a_signature(tmp_path: Path, later: Callable[[Signing], None]) -> None:
    signing = Signing(tmp_path)
    later(signing)
    folder = signing.export()
    report = verify_export(folder)
    assert (report.exit_code, report.signed, told(report)) == (0, 1, "")
    assert signing.desk.types("verify", str(folder)).code == 0
    assert "1 signed acts are in order" in stranger(folder)[1]
    ((_, said),) = signing.desk.signed_acts()
    file = (folder / "allowed_signers").read_text()
    assert checks(tmp_path, file, said, CHIEF, "20181004"), "with ssh-keygen and the file alone"
    assert not checks(tmp_path, file, said, CHIEF, "20181003")
    assert not checks(tmp_path, file, said, CHIEF, "20181005")


def before(event: str) -> Callable[[Events], None]:
    """The entry of a type is put before the last signed act, where it would have stood in its way."""

    def change(events: Events) -> None:
        (entry,) = [one for one in events if one["type"] == event]
        events.remove(entry)
        events.insert(max(at for at, one in enumerate(events) if "signature" in one["data"]), entry)

    return change


@pytest.mark.parametrize(
    ("later", "event"), [(revoked, "council.key_revoked"), (out_of_office, "council.office_ended")]
)
def test_what_comes_after_a_revocation_or_the_end_of_an_office_is_refused_whatever_its_date(
    tmp_path: Path, later: Callable[[Signing], None], event: str
) -> None:
    signing = Signing(tmp_path)
    signing.desk.world.fill("slt_melhus", CHIEF, date(2018, 9, 1), capacity="deputy")  # no help: another office
    assert signing.desk.signs(signing.siri, "A-2", "approve", *BY_CHIEF).code == 0
    later(signing)
    folder = signing.export()
    assert codes(folder) == []
    forge(folder, before(event))
    report = verify_export(folder)
    assert report.signed == 1, "the one before it stands"
    assert "12 event" in told(report)
    assert "the log knew no such key of p_chief in the office politimester on 2018-10-04 at that time" in told(report)
    assert stranger(folder) == (1, "NOT in order: the signature of A-2 2 does not hold.\n")


def test_a_key_that_was_registered_only_later_signed_nothing_before(tmp_path: Path) -> None:
    folder = Signing(tmp_path).export()

    def change(events: Events) -> None:
        (entry,) = [one for one in events if one["type"] == "council.key_registered"]
        events.remove(entry)
        events.append(entry)

    forge(folder, change)
    assert "the log knew no such key" in told(verify_export(folder))
    assert stranger(folder) == (1, "NOT in order: the signature of A-1 2 does not hold.\n")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export in which the chief of police and, for the regional council's vote, the secretary signed."""
    signing = Signing(tmp_path_factory.mktemp("council"))
    desk, vote = signing.desk, signing.desk.world.decide("Avtalen vedtas.")
    by_vote = ("--version", "1", "--for", "regionrad", "--decision", vote)
    assert desk.signs(desk.pen_of("kari"), "A-1", "approve", *by_vote).code == 0
    return signing.export()


@pytest.fixture
def export(original: Path, tmp_path: Path) -> Path:
    """A copy of it to play with."""
    shutil.copytree(original, tmp_path / "export")
    return tmp_path / "export"


def act_in(events: Events, party: str) -> dict[str, Any]:
    """The signed act of a party."""
    (act,) = [one for one in events if "signature" in one["data"] and one["data"]["approval"]["party"] == party]
    return act


def edited(party: str, *path: str, to: object) -> Callable[[Events], None]:
    """A part of a party's act is made another."""

    def change(events: Events) -> None:
        place = act_in(events, party)
        for name in path[:-1]:
            place = place[name]
        assert place[path[-1]] != to
        place[path[-1]] = to

    return change


def another_log(events: Events) -> None:
    """The log has been another's from its beginning; so the signature is made for another too, as far as it goes."""
    events[0]["data"]["origin"] = "annet.example/rad"


def act(*path: str, to: object) -> Callable[[Events], None]:
    """A part of the chief's act is made another."""
    return edited("politimester", *path, to=to)


def vote(*path: str, to: object) -> Callable[[Events], None]:
    """A part of the act that rests on the regional council's vote is made another."""
    return edited("regionrad", *path, to=to)


EDITED = {
    "origin": another_log,
    "namespace": act("data", "signature", "namespace", to="politirad@annet.example/rad"),
    "case": act("case", to="A-2"),
    "version": act("data", "approval", "leaf", to="0" * 64),
    "kind": act("data", "approval", "kind", to="ratification"),
    "decision": act("data", "approval", "outcome", to="rejected"),
    "party": act("data", "approval", "party", to="regionen"),
    "person": act("data", "approval", "person", to=LEADER),
    "office": act("data", "approval", "office", to="slt_melhus"),
    "signer's office": act("data", "signature", "office", to="slt_melhus"),
    "capacity": act("data", "approval", "capacity", to="deputy"),
    "mandate": act("data", "approval", "mandate", to="0" * 64),
    "rule": act("profile", to="0" * 64),
    "vote": vote("decision", "leaf", to="0" * 64),
    "point": vote("decision", "point", to=2),
    "on": act("on", to="2018-10-05"),
}
"""What an act is made to record, by the part of the signed statement that it then differs from."""


@pytest.mark.parametrize("part", EDITED)
def test_every_part_of_an_act_must_be_what_was_signed(export: Path, part: str) -> None:
    forge(export, EDITED[part])
    said = f": its signature is over something else than what it records: another {part}"
    assert any(line.endswith(said) for line in told(verify_export(export)).splitlines())
    code, answer = stranger(export)
    assert (code, answer.endswith(f" is over another {part}.\n")) == (1, True), answer


def everywhere(events: Events) -> None:
    """The chief's act is another person's and office's wherever the event names them, its signature included."""
    event = act_in(events, "politimester")
    for place in (event["data"]["approval"], event["data"]["authority"]):
        place |= {"person": LEADER, "office": "leder_regionrad"}
    event["data"]["signature"] |= {"by": LEADER, "office": "leder_regionrad"}


def to_somebody_without_key(events: Events) -> None:
    """The chief's act is another's in the same office, the name under the signature too."""
    event = act_in(events, "politimester")
    event["data"]["approval"]["person"] = event["data"]["signature"]["by"] = LEADER


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (everywhere, "another office"),
        (to_somebody_without_key, "the log knew no such key of p_leader in the office politimester"),
        (vote("actor", "person", to=LEADER), "another person"),
        (vote("actor", "office", to="leder_regionrad"), "another office"),
        (act("data", "signature", "on", to="2018-10-05"), "another day"),
        (vote("data", "signature", "on", to="2018-10-06"), "another day"),
        (act("data", "signature", "key", to="SHA256:x"), "another key"),
        (lambda events: act_in(events, "politimester")["data"].pop("signature"), "carries no signature"),
        (act("data", "signature", "sig", to="hello"), "its signature is malformed: holds no SSH signature"),
    ],
)
def test_an_act_cannot_be_made_another_persons_nor_lose_its_signature(
    export: Path, change: Callable[[Events], None], why: str
) -> None:
    forge(export, change)
    report = verify_export(export)
    assert (why in told(report), report.signed) == (True, 1), told(report)
    assert stranger(export)[0] == 1


def test_what_is_made_anew_as_it_was_has_no_fault_in_a_signature(export: Path) -> None:
    forge(export, lambda _: None)
    report = verify_export(export)
    assert (report.signed, [fault for fault in report.faults if fault.exit_code == 12]) == (2, [])
    assert "2 signed acts are in order" in stranger(export)[1]


def test_of_a_log_that_was_changed_no_signature_is_looked_at(export: Path) -> None:
    edit(export / "events.jsonl", b'"at":"2018', b'"at":"2017')
    report = verify_export(export)
    assert (report.exit_code, report.signed, "signature" in told(report)) == (10, 0, False)


def test_where_nobody_can_check_a_signature_that_is_said_and_none_counts(
    export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.signed_acts.SshKeygen", lambda: SshKeygen("no-such-program"))
    report = verify_export(export)
    assert (report.exit_code, report.signed) == (12, 0)
    assert "no-such-program cannot be used here" in told(report)


def test_the_signature_of_a_vote_is_of_whoever_put_it_on_record(export: Path) -> None:
    forge(export, vote("data", "approval", "person", to=SECRETARY))
    assert "another office" in told(verify_export(export))
    assert stranger(export)[0] == 1


def test_a_key_of_a_stranger_is_not_accepted_by_any_file(tmp_path: Path) -> None:
    signing = Signing(tmp_path)
    folder, pen = signing.export(), Pen.new(tmp_path, "stranger")
    statement = signing.desk.file("other", (tmp_path / "act.statement").read_text())
    by = {"sig": Path(pen.signs(statement)).read_text(), "key": pen.fingerprint}
    forge(folder, lambda events: act_in(events, "politimester")["data"]["signature"].update(by))
    assert "the log knew no such key of p_chief" in told(verify_export(folder))
    assert stranger(folder) == (1, "NOT in order: the signature of A-1 2 does not hold.\n")
