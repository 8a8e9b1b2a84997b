"""Whoever has the log's key and makes an export anew, every hash, seal and file in it as it should be, in tests."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.checkpoint import Checkpoint
from engine.event import FIRST, decode
from engine.folder import note_name
from engine.key import Signer
from engine.merkle import leaf_hash, root_of
from engine.note import Note, sign
from engine.ports import Recorded
from engine.terms import Signers
from tests.notary import LOG, leaves_of, lines_of, put_lines

Events = list[dict[str, Any]]


def resign(folder: Path, key: Signer = LOG) -> None:
    """Whoever has the log's key makes the newest checkpoint anew over the events as they are."""
    for path in (folder / "checkpoints").iterdir():
        path.unlink()
    shutil.rmtree(folder / "proofs", ignore_errors=True)
    leaves = leaves_of(folder)
    text = str(Checkpoint(LOG.name, len(leaves), root_of(leaves)))
    (folder / "checkpoints" / note_name(len(leaves))).write_text(str(Note(text, (sign(text, key),))))


def forge(folder: Path, change: Callable[[Events], object]) -> None:
    """Change the events of an export, and make all else fit them: chains, checkpoint, who may sign. Only proofs go."""
    events: Events = [json.loads(line) for line in lines_of(folder)]
    change(events)
    put_lines(folder, (f"{body}\n".encode() for body in _chained(events)))
    resign(folder)
    signers = Signers()
    for position, line in enumerate(lines_of(folder)):
        body = line.removesuffix(b"\n")
        signers.meet(Recorded(position, leaf_hash(body).hex(), "", decode(body)))
    (folder / "allowed_signers").write_bytes(signers.file())


def _chained(events: Events) -> list[str]:
    """The bodies of events, each linked to the one before it of its case."""
    heads: dict[str, tuple[int, str]] = {}
    bodies = []
    for event in events:
        n, event["prev"] = heads.get(event["case"], (0, FIRST))
        event["n"] = n + 1
        body = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        heads[event["case"]] = n + 1, leaf_hash(body.encode()).hex()
        bodies.append(body)
    return bodies
