"""One tree of errors, each with the exit code a script can rely on (design.md, "Errors and manners").

Bad *requests* are these exceptions. A refusal by the rules is a value first (`Verdict`, made of `Reason`s) and
becomes `Refused` only at the door, so that `explain` can show the very same reasons without an exception.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.entry import Entry
    from engine.event import Facts
    from engine.judge import Verdict

Parameter = str | int | None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a step is refused: a code, and parameters that the catalogue of the reader's language words."""

    code: str
    parameters: Mapping[str, Parameter] = field(default_factory=lambda: MappingProxyType({}))


def because(code: str, **parameters: Parameter) -> Reason:
    """A `Reason` written like a sentence: `because("wrong_version", given=1, current=2)`."""
    return Reason(code, parameters)


class PolitiradError(Exception):
    """Something a person can mend. The message says what is wrong and what to do next."""

    exit_code = 2


class Refused(PolitiradError):
    """The rules say no. Carries the whole verdict, each requirement met or not.

    `attempt` is what to put on record of a binding entry on the council's own case: what was tried, and by whom.
    """

    exit_code = 1

    def __init__(self, verdict: Verdict, attempt: tuple[Facts, Entry] | None = None) -> None:
        self.verdict = verdict
        self.attempt = attempt
        super().__init__("; ".join(reason.code for reason in verdict.reasons))


class UsageError(PolitiradError):
    """The command itself is malformed; nothing was judged."""


class ConfigurationError(PolitiradError):
    """A configuration file is wrong; one line per mistake, each naming its place."""

    def __init__(self, *lines: str) -> None:
        self.lines = lines
        super().__init__("\n".join(lines))


class DefinitionError(PolitiradError):
    """A workflow table is wrong. Raised while the table is built, never later."""


class NotFoundError(PolitiradError):
    """There is no such case, step, office, person or document."""

    exit_code = 3


class ChangedMeanwhileError(PolitiradError):
    """Somebody else changed the case between reading and writing. Nothing was written."""

    exit_code = 4


class StoreUnavailableError(PolitiradError):
    """The database cannot be used: locked, full, read-only, not ours, or of another schema."""

    exit_code = 5


class PassingError(StoreUnavailableError):
    """Two transactions were in each other's way and this one gave in: nothing was written, and it may be run anew."""


class DamagedError(StoreUnavailableError):
    """The database file is damaged: what stands in it is not what was written."""

    exit_code = 10


class BytesChangedError(PolitiradError):
    """The stored bytes of an event are not what was hashed, or the chain does not fit."""

    exit_code = 10


class ViewsDifferError(PolitiradError):
    """The views differ from what the log says; `politirad rebuild` makes them anew."""

    exit_code = 13


class DocumentDiffersError(PolitiradError):
    """A document is missing or its bytes are not those that were approved."""

    exit_code = 14
