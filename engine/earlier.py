"""What a witness remembers of a log under names that it had before, held against an export. Pure.

A log that was restored goes on under another name (origin.py), and is a new one to a witness: by its key, not by its
past. Whoever has the stolen key of a log could rewrite it whole and let it go on like that. So what was vouched for
under an earlier name must still be there, as far as the log went before it left that name. Where it left it sooner,
vouched events are gone, and the root over them shows nothing of those that are left: a person must know of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.anchoring import Anchor
from engine.checkpoint import Checkpoint
from engine.memory import Remembered
from engine.origin import Life, left, number_of


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is remembered of a log under another name, and after how many events it left that name.

    `left` is None where the log has not come so far: it is a copy from before it took that name. `passed_over` says
    that it never had it: it was restored from a copy that is older than the name.
    """

    remembered: Remembered
    left: int | None
    passed_over: bool = False

    @property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint that was cosigned last under that name."""
        return self.remembered.checkpoint

    @property
    def lost(self) -> int:
        """How many of the vouched events are gone, at the least."""
        return 0 if self.left is None else max(0, self.checkpoint.size - self.left)

    @property
    def anchor(self) -> Anchor:
        """The checkpoint to hold the log against."""
        name = f"the checkpoint of {self.checkpoint.origin} that you cosigned last"
        return Anchor(name, self.remembered.note, self.remembered.keys, renamed=True)


def earlier_in(lives: Sequence[Life], logs: Mapping[str, Remembered]) -> tuple[Earlier, ...]:
    """What is remembered of the log with these lives under any name but its present one, the last name last."""
    if not lives:
        return ()
    present, names = lives[-1].name, {life.name for life in lives}
    first = _first(lives[0].name, logs)
    others = (name for name in logs if name != present and (name in names or number_of(first, name)))
    found = (Earlier(logs[name], left(lives, first, name), name not in names) for name in others)
    return tuple(sorted(found, key=lambda one: (one.left is None, one.left, number_of(first, one.checkpoint.origin))))


def _first(opened: str, logs: Mapping[str, Remembered]) -> str:
    """The name of the first life of a log that was opened under a name: a log that is remembered, or that name."""
    base = opened.rpartition("/")[0]
    return base if base in logs and number_of(base, opened) else opened
