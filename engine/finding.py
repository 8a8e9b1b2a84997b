"""Where a requirement stands, with three values: met, still open, or no longer possible. Pure.

Only *met* advances: an engine that asked "are all votes in?" moved on with none of three approvals. A finding is a
tree, which `explain` and every refusal print: each requirement, by whom and when it was met, and who is missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from engine.errors import Reason
from engine.register import Id

if TYPE_CHECKING:
    from engine.acts import Approval


class Status(StrEnum):
    """Where a requirement stands."""

    MET = "met"
    OPEN = "open"
    LOST = "lost"
    """Can no longer be met, unless somebody takes back a no."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One requirement and where it stands: what it is, whose act it needs, the act it rests on, and its parts.

    `who` is the office, body, party or organisation whose act it is; `by` the office or body that decides for it.
    """

    status: Status
    what: Reason
    who: Id | None = None
    by: Id | None = None
    act: Approval | None = None
    parts: tuple[Finding, ...] = ()

    @property
    def met(self) -> bool:
        """Whether it is met, the only outcome that advances."""
        return self.status is Status.MET

    def leaves(self) -> Iterator[Finding]:
        """Every requirement of somebody's act, in the order of the rule."""
        if self.who is not None:
            yield self
            return
        for part in self.parts:
            yield from part.leaves()

    def missing(self) -> tuple[Finding, ...]:
        """The requirements that still wait for somebody's act."""
        return tuple(leaf for leaf in self.leaves() if leaf.status is Status.OPEN)
