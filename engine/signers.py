"""Whose signatures count: the public keys on record for persons, and OpenSSH's `allowed_signers` made from them. Pure.

A key is registered for a person from one local date to another, and revoked by a later entry. What an act needs is a
key of the person *and* an office held, so a line of `allowed_signers` is one key within one term of office, for both
names of its owner: the person's id, and the office. A stranger then checks with either (`-I p_…`, `-I politimester`),
and `ssh-keygen` itself refuses a signature of before or after the term.

A revoked key signs nothing from the moment that its revocation is on record, whatever the date of the act: a date is
only a claim. What it signed before, of days before the one from which it is not trusted, stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Protocol

import msgspec

from engine.origin import names_in
from engine.ports import Recorded
from engine.register import Holding
from engine.ssh_wire import PublicKey, public_key_of

OPENED, REGISTERED, REVOKED = "council.opened", "council.key_registered", "council.key_revoked"
"""The types of the events on case C that `allowed_signers` is made from."""

EARLIEST = date(1970, 1, 2)
"""Before it `ssh-keygen` knows no dates, in whatever time zone."""


class SigningKey(msgspec.Struct, frozen=True):
    """A public key of a person, without comment: from one local date to another, both included.

    `until` None is open-ended; `revoked` is the first day on which it is not trusted any more.
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

    @property
    def last(self) -> date | None:
        """The last local date on which it is trusted."""
        ends = (self.until, self.revoked - timedelta(days=1) if self.revoked else None)
        return min((day for day in ends if day is not None), default=None)

    def covers(self, day: date) -> bool:
        """Whether it is trusted on a local date."""
        return self.since <= day and (self.last is None or day <= self.last)


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


def allowed_signers(events: Iterable[Recorded], holdings: Iterable[Holding]) -> str:
    """The whole file `allowed_signers`, from the entries on the council's case and its holdings; always in one order.

    One line for each key and each term of office of its person, as far as they meet, for every name the log has had.
    """
    entries = tuple(events)
    origin = next(str(made.event.data["origin"]) for made in entries if made.event.type == OPENED)
    namespaces = map(namespace_of, names_in((made.event for made in entries), origin))
    return signer_lines(keys_of(entries).values(), holdings, ",".join(namespaces))


def signer_lines(keys: Iterable[SigningKey], holdings: Iterable[Holding], namespace: str) -> str:
    """Lines of `allowed_signers`, in their own order."""
    terms = tuple(holdings)
    lines = {
        line
        for key in keys
        for held in terms
        if held.person == key.person and (line := _line(key, held, namespace)) is not None
    }
    return "".join(sorted(lines))


def _line(key: SigningKey, held: Holding, namespace: str) -> str | None:
    """One key within one term of office; None where they do not meet.

    Dates are plain days in the reader's own zone. So is the day that `ssh-keygen` is asked about, so no zone matters.
    """
    since = max(key.since, held.since, EARLIEST)
    last = min((day for day in (key.last, held.until) if day is not None), default=None)
    if last is not None and last < since:
        return None
    until = "" if last is None else f',valid-before="{last + timedelta(days=1):%Y%m%d}"'
    return f'{key.person},{held.office} namespaces="{namespace}",valid-after="{since:%Y%m%d}"{until} {key.key}\n'
