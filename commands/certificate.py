"""`politirad certificate`: a page for the minutes and the archive. What is on it is gathered here, and written apart.

Printed in the signed minutes, the root is kept where nobody who runs a database can reach it (audit.md §1). The page
says how to check everything on it with programs that are not ours, and what nobody vouches for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.acts import Names, corrections, local_time
from commands.approvals import Acted, acted_versions, cases_of
from commands.overriding import override_line, overrides_of
from commands.proving import best_checkpoint
from commands.register_names import name_of
from commands.saving import OUTPUT, hand_over
from commands.wiring import setup_of
from engine.errors import NotFoundError

if TYPE_CHECKING:
    from commands.wiring import Setup
    from engine.checkpoint import Attested
    from engine.event import Facts
    from engine.ports import Recorded
    from engine.sealing import Sealed
    from engine.situation import Case
    from store.reader import SqlReader


@dataclass(frozen=True, slots=True)
class Seal:
    """A checkpoint as it is kept, and who vouches for it."""

    sealed: Sealed
    by: Attested


@dataclass(frozen=True, slots=True)
class Certificate:
    """What stands on the page. `made` are the events that made the versions, by leaf; `corrected` as in commands.acts.

    `overrides` are lines ready to be read; `seal` is None where the log has no checkpoint.
    """

    names: Names
    case: Case
    council: str
    origin: str
    on: date
    versions: Sequence[Acted]
    made: Mapping[str, Recorded]
    corrected: Mapping[str, Facts]
    overrides: Sequence[str]
    seal: Seal | None

    @property
    def events(self) -> tuple[Recorded, ...]:
        """Every event on the page, in the order of the log."""
        acts = (act.recorded for version in self.versions for act in version.acts)
        found = {one.position: one for one in (*self.made.values(), *acts)}
        return tuple(one for _, one in sorted(found.items()))

    @property
    def unsealed(self) -> tuple[Recorded, ...]:
        """The events on the page that came after the checkpoint."""
        size = self.seal.sealed.size if self.seal else 0
        return tuple(one for one in self.events if one.position >= size)


@click.command()
@click.argument("case")
@OUTPUT
@click.pass_context
def certificate(ctx: click.Context, *, case: str, output: Path | None) -> None:
    """Write a page (HTML) for the minutes: who approved which version of CASE, what seals it, how to check it."""
    from commands.certificate_page import page
    from workflows.certificate_words import CertificateWords

    setup = setup_of(ctx)
    with setup.reading() as reader:
        made = certified(setup, reader, case)
    hand_over(page(made, CertificateWords(setup.language)), output)


def certified(setup: Setup, reader: SqlReader, case: str) -> Certificate:
    """What there is to certify of a case. Raises `NotFoundError`."""
    found, names, council = reader.case(case), Names.of(setup, reader), reader.council()
    versions = list(acted_versions(reader, case))
    cases = sorted(cases_of(versions, case))
    made = {one.version.leaf: reader.event(one.version.leaf) for one in versions}
    known = {leaf: recorded for leaf, recorded in made.items() if recorded}
    last = max((act.recorded.position for one in versions for act in one.acts), default=0)
    overrides = [override_line(names, one) for id_ in cases for one in overrides_of(reader, reader.case(id_), names)]
    return Certificate(
        names, found, name_of(council.register, council.register.council, setup.today, setup.language),
        council.origin, setup.today, versions, known,
        {leaf: said for id_ in cases for leaf, said in corrections(reader.events(id_)).items()},
        overrides, seal_over(reader, last),
    )  # fmt: skip


def seal_over(reader: SqlReader, position: int) -> Seal | None:
    """The checkpoint to print: the best one over a position (0-based), else the newest there is. Raises `NoteError`."""
    from engine.checkpoint import attested

    try:
        sealed: Sealed | None = best_checkpoint(reader, position)
    except NotFoundError:
        sealed = reader.newest_checkpoint()
    return Seal(sealed, attested(sealed.note, reader.announced().all)) if sealed else None


def minute_of(at: datetime | int) -> str:
    """An instant (UTC, or seconds since 1970) as the clocks in Oslo showed it, to the minute."""
    from engine.calendar import format_instant

    instant = datetime.fromtimestamp(at, UTC) if isinstance(at, int) else at
    return local_time(format_instant(instant))
