"""`politirad prove` and `check-proof`: one event shown to somebody, who sees no other and needs no database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.acts import local_time
from commands.exporting import read_small
from commands.output import dump, say
from commands.reading import json_flag
from commands.vkeys import verifier
from commands.wiring import setup_of
from engine.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.event import Event
    from engine.ports import Recorded
    from engine.proof import Proven
    from engine.sealing import Sealed, SealReads

FILE = click.Path(path_type=Path)
BODY = ".event.json"
"""What the file of the event's bytes ends with."""


@click.command()
@click.argument("case")
@click.argument("which", metavar="N|STEP")
@click.option("--output", type=FILE, metavar="FILE", help="Where the proof goes; CASE-N.tlog-proof if left out.")
@click.pass_context
def prove(ctx: click.Context, *, case: str, which: str, output: Path | None) -> None:
    """Write the proof that event N of CASE (or its STEP) is in the log, and the event's bytes beside it.

    The two files show that event and nothing else. `politirad check-proof` checks them, and so do other programs that
    know tlog-proof (C2SP).
    """
    from engine.folder import proof_name
    from engine.proof import prove as proof_of_event

    setup = setup_of(ctx)
    with setup.reading() as reader:
        reader.case(case)
        recorded = chosen(case, which, list(reader.events(case)))
        sealed = best_checkpoint(reader, recorded.position)
        proof = proof_of_event(recorded.position, sealed.note, reader.blocks(), reader.leaves)
    output = output or Path(proof_name(case, recorded.event.n))
    body = output.with_suffix(BODY)
    write(output, str(proof))
    write(body, recorded.body)
    say(setup.words.phrase("proved", case=case, n=recorded.event.n, what=setup.words.event(recorded.event.type),
                           proof=str(output), event=str(body), size=sealed.size))  # fmt: skip


@click.command(name="check-proof")
@click.argument("proof", type=FILE)
@click.option("--event", type=FILE, required=True, metavar="FILE", help="The event's bytes, as they came with it.")
@click.option("--key", "keys", multiple=True, required=True, metavar="VKEY",
              help="A public key you trust: of the log, and of the witness; may be repeated.")  # fmt: skip
@json_flag
@click.pass_context
def check_proof(ctx: click.Context, *, proof: Path, event: Path, keys: tuple[str, ...], as_json: bool) -> None:
    """Check that an event is in a log, with PROOF, the event's bytes and the keys you trust. Needs no database."""
    from engine.event import decode
    from engine.proof import check, proof_of

    setup, body = setup_of(ctx), read_small(event).removesuffix(b"\n")
    proven = check(body, proof_of(read_small(proof)), map(verifier, keys))
    made = decode(body)
    if as_json:
        dump(_json(made, proven))
        return
    words, by = setup.words, proven.by
    say(words.phrase("proof_holds", case=made.case, n=made.n, what=words.event(made.type), at=local_time(made.at),
                     position=proven.index, origin=by.checkpoint.origin, size=by.checkpoint.size))  # fmt: skip
    for one in by.witnesses:
        say(words.phrase("proof_cosigned", name=one.key.name, at=_local(one.at)))
    if not by.witnesses:
        say(words.phrase("proof_not_cosigned"))


def chosen(case: str, which: str, events: Sequence[Recorded]) -> Recorded:
    """The event of a case with a number, or of a step that was taken once. Raises `NotFoundError`, `UsageError`."""
    step = which.replace("-", "_")
    found = [one for one in events if which == str(one.event.n) or one.event.data.get("step") == step]
    if not found:
        raise NotFoundError(f"{case} has no event {which!r}; it has 1 to {len(events)}. See `politirad log {case}`.")
    if len(found) > 1:
        numbers = ", ".join(str(one.event.n) for one in found)
        raise UsageError(f"{which} was done {len(found)} times in {case}: name one by its number ({numbers}).")
    return found[0]


def best_checkpoint(reader: SealReads, position: int) -> Sealed:
    """The newest checkpoint over a position (0-based) that a witness cosigned, else the newest over it.

    Raises `NotFoundError` where there is none yet.
    """
    witnesses = {(key.name, key.key_id) for key in reader.announced().witnesses}
    over = [sealed for sealed in reader.checkpoints() if sealed.size > position]
    if not over:
        raise NotFoundError(
            "No checkpoint covers this event yet. `politirad tick` makes one where the log's key is "
            "(`politirad keys show`)."
        )
    cosigned = [one for one in over if any((s.name, s.key_id) in witnesses for s in one.note.signatures)]
    return (cosigned or over)[-1]


def write(file: Path, text: str) -> None:
    """Write a file, its bytes as they are. Raises `UsageError`."""
    try:
        file.write_bytes(text.encode())
    except OSError as error:
        raise UsageError(f"{file} cannot be written ({error.strerror}). Name another file with --output.") from error


def _json(made: Event, proven: Proven) -> dict[str, str | int | list[dict[str, str | int | None]]]:
    by = proven.by
    return {
        "case": made.case, "n": made.n, "type": made.type, "at": made.at, "position": proven.index,
        "origin": by.checkpoint.origin, "size": by.checkpoint.size, "root": by.checkpoint.root.hex(),
        "signed_by": [{"key": str(one.key), "at": one.at} for one in (*by.log, *by.witnesses)],
    }  # fmt: skip


def _local(at: int | None) -> str:
    from datetime import UTC, datetime

    from engine.calendar import format_instant

    return local_time(format_instant(datetime.fromtimestamp(at or 0, UTC)))
