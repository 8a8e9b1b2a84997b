"""Whether a log is the one its checkpoints were made over: roots, signatures, and what no witness covers yet. Pure.

The log is followed once, leaf by leaf, and the root over the first n events is compared with what was signed over n.
Those n events also say which key was to sign it (succession.py).
A log that was restored goes on under another name (origin.py): what was signed under one counts up to where it ended.
That the tail was not cut cannot be seen from inside: only a checkpoint from outside (an anchor) tells.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.checkpoint import Attested, Checkpoint, attested, checkpoint_of
from engine.errors import ConfigurationError
from engine.event import Event
from engine.key import Verifier
from engine.merkle import Frontier
from engine.note import Note, NoteError
from engine.origin import continued_as, opened_as
from engine.sealing import Announced
from engine.succession import Succession

CHANGED, SHORTER, UNSIGNED = 10, 11, 12
"""Exit codes: the bytes are not those that were signed; fewer events than were signed; a signature missing or bad."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A checkpoint to hold the log against: what to call it, and the note.

    `keys` are further keys that may have signed it, beside those that the log announces. `renamed` says that it is of
    the same log under a name that this copy need not have: by whoever knows how the log went on.
    """

    name: str
    note: Note
    keys: tuple[Verifier, ...] = ()
    renamed: bool = False


@dataclass(frozen=True, slots=True)
class Covered:
    """How far a witness covers the log: over how many events, and when (seconds since 1970, UTC) by its own claim."""

    size: int
    at: int


@dataclass(slots=True)
class _Expected:
    """An anchor with its checkpoint; later who signed it, or why that may not be believed."""

    anchor: Anchor
    checkpoint: Checkpoint
    by: Attested | None = None
    unsigned: str = ""

    def attest(self, keys: Announced) -> None:
        """See who signed it."""
        try:
            self.by = attested(self.anchor.note, (*keys.all, *self.anchor.keys))
        except (NoteError, ConfigurationError) as error:
            self.unsigned = str(error)


@dataclass
class Anchoring:
    """Holds a log against checkpoints while it is followed.

    `origin` names the log until its first event does, later as its events have it; `keys` are those it announces, which
    may be told once it was followed. `succession` says which of them signs when.
    """

    origin: str
    anchors: tuple[Anchor, ...]
    keys: Announced = field(default_factory=Announced)
    succession: Succession = field(default_factory=Succession)
    _left: dict[str, int] = field(default_factory=dict)
    _before: Frontier = field(default_factory=Frontier)
    _frontier: Frontier = field(default_factory=Frontier)
    _roots: dict[int, bytes] = field(default_factory=dict)
    _expected: dict[int, list[_Expected]] = field(default_factory=lambda: defaultdict(list))
    _faults: list[tuple[int, str, str]] = field(default_factory=list)
    _attested: bool = False

    def __post_init__(self) -> None:
        """Read every checkpoint, before the log is followed."""
        for anchor in self.anchors:
            try:
                checkpoint = checkpoint_of(anchor.note.text)
            except NoteError as error:
                self._faults.append((UNSIGNED, anchor.name, str(error)))
            else:
                self._expected[checkpoint.size].append(_Expected(anchor, checkpoint))

    def grow(self, leaf: bytes) -> None:
        """The next event's leaf hash."""
        self._before, self._frontier = self._frontier, self._frontier.append(leaf)
        if self._frontier.size in self._expected:
            self._roots[self._frontier.size] = self._frontier.root()

    def meet(self, event: Event) -> None:
        """The event itself whose leaf came last: it may name the log, or a key of it."""
        self.succession.meet(event, self._before.size)
        if self._frontier.size == 1:
            self.origin = opened_as(event) or self.origin
        if (continued := continued_as(event)) is not None:
            before = self._before
            if continued.left != Checkpoint(self.origin, before.size, before.root()):
                self._faults.append((CHANGED, f"event {before.size}", "it continues another log than this one"))
            self._left[self.origin] = before.size
            self.origin = continued.origin

    def faults(self) -> Iterator[tuple[int, str, str]]:
        """What does not fit, once the whole log was followed: exit code, which checkpoint, and what is wrong."""
        yield from self._faults
        for expected in self._all():
            if (fault := self._fault(expected)) is not None:
                code, what = fault
                yield code, expected.anchor.name, what

    @property
    def covered(self) -> Covered | None:
        """How far a witness covers the log, once the whole log was followed."""
        fitting = (one for one in self._all() if one.by and self._fault(one) is None)
        found = [Covered(one.checkpoint.size, w.at) for one in fitting if one.by for w in one.by.witnesses if w.at]
        return max(found, key=lambda covered: (covered.size, covered.at), default=None)

    def _all(self) -> tuple[_Expected, ...]:
        """Every anchor by size, its signatures checked."""
        found = tuple(one for _, expected in sorted(self._expected.items()) for one in expected)
        if not self._attested:
            self._attested = True
            for one in found:
                one.attest(self.keys)
        return found

    def _fault(self, expected: _Expected) -> tuple[int, str] | None:
        size, origin = expected.checkpoint.size, expected.checkpoint.origin
        if size and not self._frontier.size:  # its name and its keys went with its events
            return SHORTER, f"it was signed over {size} events, and {self._told(origin)}"
        if origin != self.origin and origin not in self._left and not expected.anchor.renamed:
            return UNSIGNED, f"it is of {origin}, another log"
        if expected.unsigned:
            return UNSIGNED, expected.unsigned
        if size > self._left.get(origin, self._frontier.size):
            return SHORTER, f"it was signed over {size} events, and {self._told(origin)}"
        if size and self._roots[size] != expected.checkpoint.root:
            return CHANGED, f"the first {size} events are not those it was signed over"
        why = self.succession.fault(expected.by) if expected.by else None
        return (UNSIGNED, why) if why else None

    def _told(self, origin: str) -> str:
        if origin in self._left:
            return f"the log goes on as {self.origin} after {self._left[origin]}"
        return f"the log has {self._frontier.size}"
