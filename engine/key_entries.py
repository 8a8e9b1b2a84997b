"""Entries on the council's own case about public keys: that one is a person's, and that it is trusted no longer."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

import msgspec

from engine.entry import Entry, append, authorized
from engine.errors import NotFoundError, UsageError
from engine.event import Json
from engine.ports import Recorded
from engine.run import Run
from engine.signers import Revocation, SigningKey, keys_on_record


def register_key(run: Run, key: SigningKey, entry: Entry) -> Recorded:
    """Record a public key as a person's, for a period; recorded again, the new period is the one that holds.

    Raises `UsageError` where it is another's, was revoked, or ends before it begins; `Refused` without authority.
    """
    state, entry = authorized(run, entry)
    _check_new(key, keys_on_record(run.tx).get(key.public.fingerprint))
    said: dict[str, Json] = msgspec.to_builtins(key)
    del said["revoked"]
    return append(run, state, "key_registered", {"signing_key": said}, entry)


def _check_new(key: SigningKey, known: SigningKey | None) -> None:
    """Refuse a key that is another's, was revoked, or ends before it begins."""
    fingerprint = key.public.fingerprint
    if known is not None and known.person != key.person:
        raise UsageError(f"{fingerprint} is another person's key. Let everybody make one of their own: ssh-keygen.")
    if known is not None and known.revoked is not None:
        raise UsageError(f"{fingerprint} was revoked from {known.revoked} on. Make a new key: ssh-keygen -t ed25519.")
    if key.until is not None and key.until < key.since:
        raise UsageError(f"--until {key.until} is before --from {key.since}.")


def revoke_key(run: Run, revocation: Revocation, entry: Entry) -> Recorded:
    """Record that a person's key is not trusted from a local date on.

    Raises `NotFoundError` where the person has no such key, `UsageError` where it is revoked already or would only be
    later, `Refused` without authority.
    """
    state, entry = authorized(run, entry)
    own = {one: key for one, key in keys_on_record(run.tx).items() if key.person == revocation.person}
    if (known := own.get(revocation.fingerprint)) is None:
        raise NotFoundError(f"There is no such key of theirs.{_near(revocation.fingerprint, own)}")
    if known.revoked is not None:
        raise UsageError(f"{revocation.fingerprint} was revoked from {known.revoked} on already.")
    if revocation.on > run.today:
        raise UsageError(f"--on {revocation.on} is to come. Revoke the key on that day, or register it with --until.")
    said: dict[str, Json] = msgspec.to_builtins(revocation)
    return append(run, state, "key_revoked", {"revokes_key": said}, entry)


def _near(given: str, known: Iterable[str]) -> str:
    listed = tuple(known)
    close = get_close_matches(given, listed, n=1) or listed[:1]
    return f" Did you mean {close[0]}?" if close else " `politirad person key HANDLE` lists them."
