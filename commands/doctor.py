"""`politirad doctor`: whether the database, the installation, the offices, the deadlines and the clock are in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from commands import tables
from commands.acts import local_time
from commands.doctor_clock import clock_findings
from commands.findings import BAD, GOOD, NOTE, Finding, some
from commands.output import dump, say_wrapped
from commands.reading import json_flag
from commands.wiring import setup_of
from engine.errors import StoreUnavailableError

if TYPE_CHECKING:
    from commands.wiring import Setup
    from store.reader import SqlReader

OURS = ("engine", "workflows", "store", "commands", "cli")
IMPATIENCE = 0.3
"""Seconds to wait for the write lock before telling who holds it."""


@click.command()
@json_flag
@click.pass_context
def doctor(ctx: click.Context, *, as_json: bool) -> None:
    """Tell whether database, installation, offices and deadlines are in order. Exit code 1 where something is not."""
    setup = setup_of(ctx)
    findings = list(examined(setup))
    if as_json:
        dump([{"ok": f.mark != BAD, "mark": f.mark, "topic": f.topic, "text": f.text} for f in findings])
    else:
        for finding in findings:
            say_wrapped(f"{finding.mark} {finding.text}")
    ctx.exit(int(any(finding.mark == BAD for finding in findings)))


def examined(setup: Setup) -> Iterator[Finding]:
    """Everything there is to look at."""
    yield _database(setup)
    yield _journal(setup)
    yield _lock(setup)
    yield from _owners(setup)
    with setup.reading() as reader:
        yield from _offices(setup, reader)
        yield from _cases(setup, reader)
        yield from clock_findings(setup, reader)
        yield _last_event(setup, reader)


def _database(setup: Setup) -> Finding:
    from store.schema import REVISION

    councils = ", ".join(setup.store.councils())
    text = setup.words.phrase("doctor_database", path=str(setup.settings.database), schema=REVISION, councils=councils)
    return Finding(GOOD, "database", text)


def _journal(setup: Setup) -> Finding:
    found = setup.store.describe()
    if found.journal == "SERVER":
        return Finding(GOOD, "server", setup.words.phrase("doctor_server", version=found.version))
    meaning = "doctor_wal" if found.journal == "WAL" else "doctor_rollback"
    mark = GOOD if found.journal != "WAL" or found.wal_is_safe else BAD
    meaning = meaning if mark == GOOD else "doctor_wal_race"
    return Finding(mark, "journal", setup.words.phrase(meaning, version=found.version, journal=found.journal))


def _lock(setup: Setup) -> Finding:
    """Take the write lock and let it go. Whoever has it is named by the store."""
    from store import SqlStore

    try:
        with SqlStore.open(setup.settings.database, timeout=IMPATIENCE) as store, store.write(setup.council):
            return Finding(GOOD, "lock", setup.words.phrase("doctor_free"))
    except StoreUnavailableError as error:
        return Finding(BAD, "lock", str(error))


def _owners(setup: Setup) -> Iterator[Finding]:
    """Our top-level names are generic; another distribution with one of them would run in our place."""
    from importlib.metadata import packages_distributions

    known = packages_distributions()
    shared = {name: sorted(set(known.get(name, ()))) for name in OURS if len(set(known.get(name, ()))) > 1}
    for name, owners in shared.items():
        yield Finding(BAD, "installation", setup.words.phrase("doctor_shared", name=name, owners=", ".join(owners)))
    if not shared:
        yield Finding(GOOD, "installation", setup.words.phrase("doctor_alone"))


def _offices(setup: Setup, reader: SqlReader) -> Iterator[Finding]:
    council, words = reader.council(), setup.words
    vacant = [o for o in council.register.offices if council.holdings.of(o, setup.today) is None]
    owing = {item.office for item in reader.todo()}
    if pressing := [office for office in vacant if office in owing]:
        yield Finding(BAD, "offices", words.phrase("doctor_vacant_owing", offices=some(pressing)))
    if idle := [office for office in vacant if office not in owing]:
        yield Finding(NOTE, "offices", words.phrase("doctor_vacant", number=len(idle), offices=some(idle)))
    if not vacant:
        yield Finding(GOOD, "offices", words.phrase("doctor_held"))


def _cases(setup: Setup, reader: SqlReader) -> Iterator[Finding]:
    """The promise of the tables, in the running system: every open case owes something, through a known office."""
    words, register = setup.words, reader.council().register
    owed = list(reader.todo())
    owing = {item.case for item in owed}
    idle = [case for case in _open_cases(reader) if case not in owing]
    astray = sorted({item.case for item in owed if item.office not in register.offices})
    if idle:
        yield Finding(BAD, "cases", words.phrase("doctor_no_deadline", cases=some(idle)))
    if astray:
        yield Finding(BAD, "cases", words.phrase("doctor_no_office", cases=some(astray)))
    if not idle and not astray:
        yield Finding(GOOD, "cases", words.phrase("doctor_cases", number=len(owing)))


def _open_cases(reader: SqlReader) -> Iterator[str]:
    for workflow in tables.workflows():
        states = [str(state) for state in workflow.states if workflow.is_open(str(state))]
        yield from (case.id for case in reader.cases(workflow.name, states))


def _last_event(setup: Setup, reader: SqlReader) -> Finding:
    (last,) = reader.events_from(reader.size() - 1, 1)
    subject = f"{last.event.case} {setup.words.event(last.event.type)}"
    text = setup.words.phrase(
        "doctor_last", number=last.position + 1, at=local_time(last.event.at), what=subject, leaf=last.leaf[:12]
    )  # fmt: skip
    return Finding(GOOD, "log", text)
