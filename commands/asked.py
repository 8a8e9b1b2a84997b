"""What a command line asks for, noted before it is judged, so that a refusal can be told in full."""

from __future__ import annotations

from dataclasses import dataclass

import click

ASKED = "politirad.asked"
"""Under what name in click's `meta`, which all contexts of a command line share, a command notes what was asked."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a command line asked for, as far as a refusal must know it, and how it is to be answered.

    `workflow` is the step's; that of the council's own case for an entry.
    """

    workflow: str = "council"
    case: str | None = None
    as_json: bool = False


def note_asked(asked: Asked) -> None:
    """Note what is asked, before it is judged."""
    click.get_current_context().meta[ASKED] = asked
