"""The file `allowed_signers`: one line for each key within each term of office, always the same for the same log."""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from engine.event import FIRST, Actor, Event, Json
from engine.ports import Recorded
from engine.register import Holding
from engine.signers import OPENED, REGISTERED, REVOKED, allowed_signers, keys_of
from engine.ssh_wire import public_key_of

KEYS = (
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHlKfur6ubigcnKfY6QX5rSt1mEmO8KI1IihDWdLetkmO",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
)
KEY = KEYS[1]
FINGERPRINT = public_key_of(KEY).fingerprint
CHIEF = Holding("chief", "p_1", date(2018, 1, 1), date(2019, 6, 30))
NAMES = 'namespaces="politirad@example.org/north"'


def log(*entries: tuple[str, dict[str, Json]]) -> list[Recorded]:
    """A council's own case: opened, then these entries."""
    plain = Event(OPENED, "C", 1, FIRST, "2018-01-01T00:00:00Z", Actor(None, None, "declared"), None, None, None, None,
                  None, None, None, "council/1", {"origin": "example.org/north"})  # fmt: skip
    events = [plain, *(replace(plain, type=type_, data=data) for type_, data in entries)]
    return [Recorded(at, f"{at:064x}", "", event) for at, event in enumerate(events)]


def registered(since: str = "2018-03-01", until: str | None = None, person: str = "p_1") -> tuple[str, dict[str, Json]]:
    """An entry: a person's key."""
    return REGISTERED, {"signing_key": {"person": person, "key": KEY, "since": since, "until": until}}


def revoked(on: str) -> tuple[str, dict[str, Json]]:
    """An entry: the key is not trusted from a day on."""
    return REVOKED, {"revokes_key": {"person": "p_1", "fingerprint": FINGERPRINT, "on": on}}


def test_a_line_is_good_from_when_key_and_office_meet_to_the_end_of_the_last_day_of_both() -> None:
    assert allowed_signers(log(registered()), [CHIEF]) == (
        f'p_1,chief {NAMES},valid-after="20180301",valid-before="20190701" {KEY}\n'
    )


def test_a_key_without_end_in_an_office_without_end_has_none() -> None:
    held = Holding("chief", "p_1", date(2018, 4, 1))
    assert allowed_signers(log(registered()), [held]) == f'p_1,chief {NAMES},valid-after="20180401" {KEY}\n'


def test_a_revoked_key_ends_with_the_day_before() -> None:
    assert 'valid-before="20181004"' in allowed_signers(log(registered(), revoked("2018-10-04")), [CHIEF])


def test_where_key_and_office_never_meet_there_is_no_line() -> None:
    assert not allowed_signers(log(registered("2019-07-01")), [CHIEF])
    assert not allowed_signers(log(registered(person="p_2")), [CHIEF])
    assert not allowed_signers(log(registered(), revoked("2018-01-01")), [CHIEF])
    assert not allowed_signers(log(), [CHIEF])


def test_each_term_of_office_has_its_line_in_one_order() -> None:
    second = Holding("leader", "p_1", date(2018, 5, 1))
    one, other = (allowed_signers(log(registered()), held) for held in ((CHIEF, second), (second, CHIEF)))
    assert one == other
    assert [line.split()[0] for line in one.splitlines()] == ["p_1,chief", "p_1,leader"]


def test_dates_that_ssh_keygen_cannot_read_are_never_written() -> None:
    held = Holding("chief", "p_1", date(1900, 1, 1))
    assert 'valid-after="19700102"' in allowed_signers(log(registered("1950-01-01")), [held])
    assert not allowed_signers(log(registered("1950-01-01", "1960-01-01")), [held])


def test_of_two_periods_of_a_key_the_newer_holds() -> None:
    (key,) = keys_of(log(registered(), registered("2018-05-01", "2018-05-31"))).values()
    assert (key.since, key.until) == (date(2018, 5, 1), date(2018, 5, 31))
    assert [key.covers(date(2018, 5, day)) for day in (1, 31)] == [True, True]
    assert [key.covers(day) for day in (date(2018, 4, 30), date(2018, 6, 1))] == [False, False]
