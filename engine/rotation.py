"""Changing the log's key: the new one is announced and both sign one checkpoint, in one transaction.

The old one signs nothing alone from there on (succession.py). So there must be no moment at which a new one is
announced that nobody can follow: neither in a round of the clock nor where the change is broken off.
"""

from __future__ import annotations

from engine.announcing import announce_key
from engine.entry import Entry
from engine.errors import UsageError
from engine.key import Kind, Signer, Verifier
from engine.run import Run
from engine.sealer import Sealer
from engine.sealing import Sealed


def rotated(run: Run, old: bytes, new: bytes, entry: Entry) -> Sealed:
    """The checkpoint that the old and the new key of the log both sign, by their seeds (32 bytes each).

    Repeated, it does what is missing: announces, seals, or finds it done. Raises `UsageError` where the new key is
    the old one or was replaced itself, `ConfigurationError` where the log does not announce the old one, and
    `Refused` without authority.
    """
    origin, known = run.tx.council().origin, run.tx.announced().log
    before, after = (Signer(origin, Kind.LOG, seed).verifier() for seed in (old, new))
    if after in {before, *known[:-1]}:
        raise UsageError(
            "This key is the log's already, or was: one that was replaced never signs again. Name another file, and a "
            "new key is made there."
        )
    if after not in known:
        announce_key(run, str(after), entry)
    elif (done := _signed_by_both(run, before, after)) is not None:
        return done
    return Sealer(run.rules, (old, new)).seal(run.tx, run.now)


def _signed_by_both(run: Run, *keys: Verifier) -> Sealed | None:
    both = {(key.name, key.key_id) for key in keys}
    found = (one for one in run.tx.checkpoints() if both <= {(s.name, s.key_id) for s in one.note.signatures})
    return next(found, None)
