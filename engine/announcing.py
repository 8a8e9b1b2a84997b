"""Entries on the council's own case about the keys that vouch for the log: its own, and those of its witnesses."""

from __future__ import annotations

from engine.entry import Entry, append, authorized
from engine.errors import UsageError
from engine.key import verifier_of
from engine.ports import Recorded
from engine.run import Run


def announce_key(run: Run, vkey: str, entry: Entry) -> Recorded:
    """Announce the log's public key. Raises `UsageError` where it is announced already, or is a witness's."""
    state, entry = authorized(run, entry)
    _not_announced(run, vkey)
    if verifier_of(vkey).public in {other.public for other in run.tx.announced().witnesses}:
        raise UsageError("This is the key of a witness, who is somebody else. The log needs one of its own.")
    return append(run, state, "log_key_set", {"vkey": vkey}, entry)


def trust_witness(run: Run, vkey: str, entry: Entry) -> Recorded:
    """Announce the public key of a witness, whose cosignatures are taken in from now on.

    Raises `UsageError` where it is announced already, or is the log's own key under another name.
    """
    state, entry = authorized(run, entry)
    _not_announced(run, vkey)
    if verifier_of(vkey).public in {own.public for own in run.tx.announced().log}:
        raise UsageError("This is the log's own key. A witness is somebody else: have the other party make one.")
    return append(run, state, "witness_trusted", {"vkey": vkey}, entry)


def _not_announced(run: Run, vkey: str) -> None:
    if verifier_of(vkey) in run.tx.announced().all:
        raise UsageError("The log announces this key already; see `politirad keys show`.")
