"""Who could sign at each position of a log, and the file `allowed_signers`, from the bytes of the log alone. Pure.

A signature is judged by the keys and the terms of office that the log knew where its act stands. What is put on record
later (another period for the key, its revocation, the end of the office) changes nothing of it, and an act that comes
after a revocation is not helped by an early date. Only the order of the log tells these apart, no date can.

A stranger has `ssh-keygen` and one file, which knows dates and no positions. So the file holds what the log knows now,
and after it each period that it knew before and knows no more, cut down to the days of the acts that were signed within
it, or left out where nobody signed: every act that was good when it was registered verifies at its date, and beyond
those days nothing does by an older line. Each line ends in a comment that tells at which positions of the log it held,
`from event 12` or `from event 12 to event 56`, both included. Whoever takes only the lines of a position judges an act
there exactly as `Signers.lines` does (tests/stranger.py shows how). All lines give every name that the log has had.

Terms of office come from the entries on case C, as the views have them (store/councils.py): an ended term keeps its
last day, an annulled one never was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date

import msgspec

from engine.chain import COUNCIL_CASE
from engine.errors import BytesChangedError, PolitiradError
from engine.event import Event
from engine.note import NoteError
from engine.origin import continued_as, opened_as
from engine.ports import Recorded
from engine.register import Holding, Id
from engine.signed import Said, is_signed, said_in
from engine.signers import REGISTERED, REVOKED, Period, Revocation, SigningKey, namespace_of, periods_of, signer_lines


def tells_of_signers(event: Event) -> bool:
    """Whether an event can say who may sign, or is signed: `Signers` needs to meet these alone."""
    return event.case == COUNCIL_CASE or is_signed(event)


@dataclass(slots=True)
class _Standing:
    """Since which position a period is known, and the first and last local date that somebody signed within it."""

    position: int
    first: date | None = None
    last: date | None = None

    def use(self, day: date) -> None:
        """Somebody signed on a day."""
        self.first, self.last = min(self.first or day, day), max(self.last or day, day)


@dataclass(slots=True)
class _Owner:
    """What is known of a person: keys by fingerprint, terms of office by leaf, and the periods that follow."""

    keys: dict[str, SigningKey] = field(default_factory=dict)
    terms: dict[str, Holding] = field(default_factory=dict)
    known: dict[Period, _Standing] = field(default_factory=dict)


class Signers:
    """Who may sign, as far as a log has been followed. What it holds grows with persons and entries, not with acts."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._owners: dict[str, _Owner] = defaultdict(_Owner)
        self._holders: dict[str, _Owner] = {}
        self._past: list[tuple[Period, str]] = []

    @property
    def origin(self) -> str:
        """The name that the log has now; empty where it has none."""
        return self._names[-1] if self._names else ""

    def meet(self, made: Recorded) -> None:
        """Take in the next event of the log; those that do not tell of signers may be left out.

        Raises `BytesChangedError` where an entry about offices and keys is not ours.
        """
        if made.event.case == COUNCIL_CASE:
            self._enter(made)
        if is_signed(made.event):
            with suppress(NoteError):  # what makes no sense is signed by nobody
                said = said_in(made.event)
                for standing in self._within(said).values():
                    standing.use(said.on)

    def lines(self, said: Said) -> str:
        """What the log knows now of whoever signs: the lines for this key, person, office and day; empty where none."""
        return signer_lines(self._within(said), self._namespaces())

    def file(self) -> bytes:
        """The whole file `allowed_signers` of the log as far as it was met; always the same for the same log."""
        owners = self._owners.values()
        now = ((period, f"from event {known.position}") for one in owners for period, known in one.known.items())
        return "".join((*self._commented(now), *self._commented(self._past))).encode()

    def _within(self, said: Said) -> dict[Period, _Standing]:
        owner, key = self._owners.get(said.by, _Owner()), str(said.blob.key)
        fitting = ((period, known) for period, known in owner.known.items() if period.covers(said.on))
        return {period: known for period, known in fitting if (period.key, period.office) == (key, said.office)}

    def _namespaces(self) -> str:
        return ",".join(map(namespace_of, self._names))

    def _commented(self, periods: Iterable[tuple[Period, str]]) -> list[str]:
        namespaces = self._namespaces()
        return sorted({f"{period.line(namespaces)} {comment}\n" for period, comment in periods})

    def _enter(self, made: Recorded) -> None:
        """Take in an entry on the council's own case."""
        if not self._names and (opened := opened_as(made.event)) is not None:
            self._names.append(opened)
        if (continued := continued_as(made.event)) is not None:
            self._names.append(continued.origin)
        try:
            for owner in self._changed(made):
                self._settle(owner, made.position)
        except (LookupError, TypeError, ValueError, PolitiradError) as error:
            raise BytesChangedError(f"what it says of offices and keys is malformed: {error}") from error

    def _changed(self, made: Recorded) -> Iterator[_Owner]:
        """Whose keys and terms an entry changes, once changed."""
        type_, data = made.event.type, made.event.data
        if type_ == REGISTERED:
            yield self._registered(msgspec.convert(data["signing_key"], SigningKey))
        if type_ == REVOKED:
            yield self._revoked(msgspec.convert(data["revokes_key"], Revocation))
        if held := data.get("holding"):
            yield self._held(made.leaf, msgspec.convert(held, Holding))
        if ends := data.get("ends"):
            yield self._ended(msgspec.convert(ends, _End))
        if (owner := self._holders.pop(str(data.get("annuls")), None)) is not None:
            del owner.terms[str(data["annuls"])]
            yield owner

    def _registered(self, key: SigningKey) -> _Owner:
        """Of two periods of a key the newer holds."""
        owner = self._owners[key.person]
        owner.keys[key.public.fingerprint] = key
        return owner

    def _revoked(self, said: Revocation) -> _Owner:
        owner = self._owners[said.person]
        owner.keys[said.fingerprint] = msgspec.structs.replace(owner.keys[said.fingerprint], revoked=said.on)
        return owner

    def _held(self, leaf: str, holding: Holding) -> _Owner:
        owner = self._holders[leaf] = self._owners[holding.person]
        owner.terms[leaf] = holding
        return owner

    def _ended(self, end: _End) -> _Owner:
        owner = self._holders[end.holding]
        owner.terms[end.holding] = msgspec.structs.replace(owner.terms[end.holding], until=end.until)
        return owner

    def _settle(self, owner: _Owner, position: int) -> None:
        """Work out a person's periods anew. One that is known no more is kept as far as somebody signed within it."""
        now = periods_of(owner.keys.values(), owner.terms.values())
        for period in owner.known.keys() - now:
            then = owner.known.pop(period)
            if then.first is not None:
                used = msgspec.structs.replace(period, since=then.first, last=then.last)
                self._past.append((used, f"from event {then.position} to event {position - 1}"))
        for period in now - owner.known.keys():
            owner.known[period] = _Standing(position)


class _End(msgspec.Struct):
    """The last local date of a term of office, named by its leaf."""

    holding: Id
    until: date
