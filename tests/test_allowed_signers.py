"""Who could sign at each position of a log, and the file `allowed_signers`: always the same for the same log.

The entries are made by hand; with the real program and a real history see test_signed_exports.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec
import pytest

from engine import terms
from engine.errors import BytesChangedError
from engine.event import FIRST, Actor, Event, Json
from engine.ports import Recorded
from engine.register import Holding
from engine.signed import Said
from engine.signers import OPENED, REGISTERED, REVOKED, Period, SigningKey, keys_of, periods_of
from engine.ssh_wire import MAGIC, SignatureBlob, public_key_of
from engine.statement import Statement
from engine.terms import Signers

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
PUBLIC = public_key_of(KEY)
CHIEF = Holding("chief", "p_1", date(2018, 1, 1), date(2019, 6, 30))
NAMESPACE = "politirad@example.org/north"
NAMES = f'namespaces="{NAMESPACE}"'

Entry = tuple[str, dict[str, Json]]


def log(*entries: Entry) -> list[Recorded]:
    """A log: the council's own case is opened, then these entries follow."""
    plain = Event(OPENED, "C", 1, FIRST, "2018-01-01T00:00:00Z", Actor(None, None, "declared"), None, None, None, None,
                  None, None, None, "council/1", {"origin": "example.org/north"})  # fmt: skip
    events = [plain, *(msgspec.structs.replace(plain, type=type_, data=data) for type_, data in entries)]
    return [Recorded(at, f"{at:064x}", "", event) for at, event in enumerate(events)]


def registered(since: str = "2018-03-01", until: str | None = None, person: str = "p_1") -> Entry:
    """An entry: a person's key."""
    return REGISTERED, {"signing_key": {"person": person, "key": KEY, "since": since, "until": until}}


def revoked(on: str) -> Entry:
    """An entry: the key is not trusted from a day on."""
    return REVOKED, {"revokes_key": {"person": "p_1", "fingerprint": PUBLIC.fingerprint, "on": on}}


def assigned(held: Holding = CHIEF) -> Entry:
    """An entry: somebody holds an office."""
    return "council.office_assigned", {"holding": msgspec.to_builtins(held)}


def ended(position: int, until: str) -> Entry:
    """An entry: the holding that was assigned at a position ends."""
    return "council.office_ended", {"ends": {"holding": f"{position:064x}", "until": until}}


def said(on: str, office: str = "chief") -> Said:
    """What an event says of a signature by the key on a day; the signature itself is none."""
    strings = (PUBLIC.blob, NAMESPACE.encode(), b"", b"sha512", b"none")
    blob = MAGIC + b"".join(len(part).to_bytes(4, "big") + part for part in strings)
    statement = Statement("", "A-1", "", (), "approval", "approved", "", office, None, None, None, None, None, on, "")
    sig, key = str(SignatureBlob(PUBLIC, NAMESPACE, blob)), PUBLIC.fingerprint
    return Said("p_1", office, date.fromisoformat(on), key, NAMESPACE, sig, statement)


def signed(on: str, office: str = "chief") -> Entry:
    """An act that the key signed on a day."""
    return "agreement.approved", {"signature": msgspec.to_builtins(said(on, office))}


def met(*entries: Entry) -> Signers:
    """The signers of a log."""
    signers = Signers()
    for made in log(*entries):
        signers.meet(made)
    return signers


def file_of(*entries: Entry) -> str:
    """The file of a log."""
    return met(*entries).file().decode()


def lines_of(*entries: Entry) -> list[str]:
    """The lines of the file, without what all have in common."""
    return [line.removeprefix(f"p_1,chief {NAMES},").replace(KEY, "KEY") for line in file_of(*entries).splitlines()]


def test_a_line_is_good_from_when_key_and_office_meet_to_the_end_of_the_last_day_of_both() -> None:
    assert file_of(registered(), assigned()) == (
        f'p_1,chief {NAMES},valid-after="20180301",valid-before="20190701" {KEY} from event 2\n'
    )


def test_a_key_without_end_in_an_office_without_end_has_none() -> None:
    held = Holding("chief", "p_1", date(2018, 4, 1))
    assert lines_of(registered(), assigned(held)) == ['valid-after="20180401" KEY from event 2']


def test_where_key_and_office_never_meet_there_is_no_line() -> None:
    assert not file_of(assigned(), registered("2019-07-01"))
    assert not file_of(assigned(), registered(person="p_2"))
    assert not file_of(assigned())
    assert not file_of(registered())
    assert not file_of()


def test_each_term_of_office_has_its_line_in_one_order() -> None:
    second = Holding("leader", "p_1", date(2018, 5, 1))
    for terms_ in ((CHIEF, second), (second, CHIEF)):
        lines = file_of(*map(assigned, terms_), registered()).splitlines()
        assert [line.split()[0] for line in lines] == ["p_1,chief", "p_1,leader"]


def test_dates_that_ssh_keygen_cannot_read_are_never_written() -> None:
    held = Holding("chief", "p_1", date(1900, 1, 1))
    assert 'valid-after="19700102"' in file_of(assigned(held), registered("1950-01-01"))
    assert not file_of(assigned(held), registered("1950-01-01", "1960-01-01"))


def test_of_two_periods_of_a_key_the_newer_holds() -> None:
    (key,) = keys_of(log(registered(), registered("2018-05-01", "2018-05-31"))).values()
    assert (key.since, key.until) == (date(2018, 5, 1), date(2018, 5, 31))
    assert [key.covers(date(2018, 5, day)) for day in (1, 31)] == [True, True]
    assert [key.covers(day) for day in (date(2018, 4, 30), date(2018, 6, 1))] == [False, False]


LATER = 'valid-after="20180901",valid-before="20190701" KEY from event 4'


@pytest.mark.parametrize(
    ("later", "now"),
    [
        (registered("2018-09-01"), [LATER]),
        (revoked("2018-04-01"), []),
        (revoked("2018-10-04"), []),
        (ended(1, "2018-04-01"), ['valid-after="20180301",valid-before="20180402" KEY from event 4']),
        (("council.annulled", {"annuls": f"{1:064x}"}), []),
    ],
    ids=["registered anew", "revoked from before", "revoked from after", "office ended", "office annulled"],
)
def test_what_was_known_before_stays_for_the_days_of_its_acts_and_is_left_out_where_it_has_none(
    later: Entry, now: list[str]
) -> None:
    then = 'valid-after="20180505",valid-before="20180506" KEY from event 2 to event 3'
    assert lines_of(assigned(), registered(), signed("2018-05-05"), later) == [*now, then]
    assert lines_of(assigned(), registered(), signed("2017-05-05"), later) == now
    assert lines_of(assigned(), registered(), signed("2018-05-05", "leader"), later) == now


def test_an_act_after_a_revocation_adds_nothing_whatever_its_date() -> None:
    before = (assigned(), registered(), signed("2018-05-05"), revoked("2018-10-04"))
    assert lines_of(*before, signed("2018-05-04")) == lines_of(*before)
    assert not met(*before).lines(said("2018-05-05"))


def test_a_signature_is_judged_by_what_was_known_where_it_stands() -> None:
    assert not met(registered()).lines(said("2018-05-05"))
    assert not met(assigned()).lines(said("2018-05-05"))
    known = met(assigned(), registered())
    assert known.lines(said("2018-05-05")) == (
        f'p_1,chief {NAMES},valid-after="20180301",valid-before="20190701" {KEY}\n'
    )
    assert not known.lines(said("2018-02-28"))
    assert not known.lines(said("2018-05-05", "leader"))
    assert not known.lines(msgspec.structs.replace(said("2018-05-05"), by="p_2"))


def test_a_period_that_comes_back_is_told_for_each_time_it_held() -> None:
    acts = (
        signed("2018-05-05"),
        registered("2018-09-01"),
        registered(),
        signed("2018-05-07"),
        registered("2018-09-01"),
    )
    assert lines_of(assigned(), registered(), *acts)[1:] == [
        'valid-after="20180505",valid-before="20180506" KEY from event 2 to event 3',
        'valid-after="20180507",valid-before="20180508" KEY from event 5 to event 6',
    ]


def test_a_signature_counts_under_the_names_so_far_and_the_file_gives_all_of_them() -> None:
    root = "4IF1CidEfHjMt5IqEfGZr4p5nQHXNsc7KX1sujD8pzM="
    continues: Json = {"origin": "example.org/north/2", "was": "example.org/north", "size": 3, "root": root}
    signers = met(assigned(), registered(), signed("2018-05-05"))
    assert f'"{NAMESPACE}"' in signers.lines(said("2018-05-05"))
    signers.meet(log(("council.continued", {"continues": continues}))[1])
    assert f'"{NAMESPACE},{NAMESPACE}/2"' in signers.lines(said("2018-05-05"))
    assert f'"{NAMESPACE},{NAMESPACE}/2"' in signers.file().decode()


def test_a_thousand_acts_cost_no_new_reckoning_and_leave_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    reckoned = []

    def counted(keys: Iterable[SigningKey], held: Iterable[Holding]) -> frozenset[Period]:
        reckoned.append(held)
        return periods_of(keys, held)

    monkeypatch.setattr(terms, "periods_of", counted)
    days = [f"2018-{4 + at // 28:02}-{1 + at % 28:02}" for at in range(200)]
    assert lines_of(assigned(), registered(), *map(signed, days * 5), registered("2019-01-01")) == [
        'valid-after="20190101",valid-before="20190701" KEY from event 1003',
        'valid-after="20180401",valid-before="20181105" KEY from event 2 to event 1002',
    ]
    assert len(reckoned) == 3


@pytest.mark.parametrize(
    "entry",
    [ended(7, "2018-05-05"), revoked("2018-05-05"), (REGISTERED, {}), (REGISTERED, {"signing_key": {"key": 1}})],
)
def test_an_entry_that_makes_no_sense_is_said_to_be_changed(entry: Entry) -> None:
    with pytest.raises(BytesChangedError, match="what it says of offices and keys is malformed"):
        met(entry)
