"""Whose signatures count: the public keys on record for persons, and OpenSSH's `allowed_signers` made from them. Pure.

A key is registered for a person from one local date to another, and revoked by a later entry. What an act needs is a
key of the person *and* an office held, so a line of `allowed_signers` is one key within one term of office, for both
names of its owner: the person's id, and the office. A stranger then checks with either (`-I p_…`, `-I politimester`),
and `ssh-keygen` itself refuses a signature of before or after the term.

A revoked key signs nothing from the moment that its revocation is on record, whatever the date of the act: a date is
only a claim. What it signed before stands, whatever day the revocation names: the log shows which came first, and
whoever reads it sees the day. Who could sign at which position of a log is told by `engine.terms`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Protocol

import msgspec

from engine.ports import Recorded
from engine.register import Holding, Id
from engine.ssh_wire import PublicKey, public_key_of

OPENED, REGISTERED, REVOKED = "council.opened", "council.key_registered", "council.key_revoked"
"""The types of the events on case C that `allowed_signers` is made from."""

EARLIEST = date(1970, 1, 2)
"""Before it `ssh-keygen` knows no dates, in whatever time zone."""


class SigningKey(msgspec.Struct, frozen=True):
    """A public key of a person, without comment: from one local date to another, both included.

    `until` None is open-ended; `revoked` is the first day on which, as its revocation says, it was not trusted.
    """

    person: str
    key: str
    since: date
    until: date | None = None
    revoked: date | None = None

    @property
    def public(self) -> PublicKey:
        """The key itself."""
        return public_key_of(self.key)

    def covers(self, day: date) -> bool:
        """Whether its period holds a local date."""
        return self.since <= day and (self.until is None or day <= self.until)


class Period(msgspec.Struct, frozen=True):
    """A key within one term of office of its person: local dates, both included; `last` None is open-ended."""

    key: str
    person: str
    office: Id
    since: date
    last: date | None

    def covers(self, day: date) -> bool:
        """Whether a signature of a local date is within it."""
        return self.since <= day and (self.last is None or day <= self.last)

    def line(self, namespaces: str) -> str:
        """Its line of `allowed_signers`, without an end.

        Dates are plain days in the reader's own zone. So is the day that `ssh-keygen` is asked about, so no zone
        matters.
        """
        until = "" if self.last is None else f',valid-before="{self.last + timedelta(days=1):%Y%m%d}"'
        return (
            f'{self.person},{self.office} namespaces="{namespaces}",valid-after="{self.since:%Y%m%d}"{until} {self.key}'
        )


class _Reading(Protocol):
    """What `keys_on_record` asks for."""

    def entries(self, type_: str) -> Iterator[Recorded]:
        """The entries of a type on the council's own case, in order."""


def keys_on_record(reader: _Reading) -> Mapping[str, SigningKey]:
    """The keys of a council's persons by fingerprint."""
    return keys_of((*reader.entries(REGISTERED), *reader.entries(REVOKED)))


def keys_of(events: Iterable[Recorded]) -> Mapping[str, SigningKey]:
    """The keys that entries on the council's case register and revoke, by fingerprint; of two periods the newer."""
    keys: dict[str, SigningKey] = {}
    for recorded in events:
        data = recorded.event.data
        if recorded.event.type == REGISTERED:
            key = msgspec.convert(data["signing_key"], SigningKey)
            keys[key.public.fingerprint] = key
        elif recorded.event.type == REVOKED:
            said = msgspec.convert(data["revokes_key"], Revocation)
            keys[said.fingerprint] = msgspec.structs.replace(keys[said.fingerprint], revoked=said.on)
    return keys


class Revocation(msgspec.Struct, frozen=True):
    """That a key is not trusted from a local date on."""

    person: str
    fingerprint: str
    on: date


def namespace_of(origin: str) -> str:
    """What a signature for a log is made for; SSHSIG signs it too, so that it counts for no other log."""
    return f"politirad@{origin}"


def periods_of(keys: Iterable[SigningKey], holdings: Iterable[Holding]) -> frozenset[Period]:
    """Each key within each term of office of its person, as far as they meet; none of a key that was revoked."""
    terms = tuple(holdings)
    return frozenset(
        period
        for key in keys
        for held in terms
        if held.person == key.person and key.revoked is None and (period := _period(key, held)) is not None
    )


def _period(key: SigningKey, held: Holding) -> Period | None:
    since = max(key.since, held.since, EARLIEST)
    last = min((day for day in (key.until, held.until) if day is not None), default=None)
    if last is not None and last < since:
        return None
    return Period(str(key.public), key.person, held.office, since, last)


def signer_lines(periods: Iterable[Period], namespaces: str) -> str:
    """Lines of `allowed_signers`, in their own order."""
    return "".join(sorted(f"{period.line(namespaces)}\n" for period in periods))
