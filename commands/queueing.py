"""`politirad queue status`: letters that wait, jobs for workers, and the workers that live."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import click

from commands.acts import local_time
from commands.output import dump, say, table
from commands.reading import json_flag, span
from commands.serving import heartbeat_line, never_line, patience_of
from commands.wiring import Setup, setup_of
from engine.calendar import format_instant

if TYPE_CHECKING:
    from commands.output import Printable
    from store.queue import Jobs
    from workflows.words import Words

WAITING = ("pending", "sending")
STATUSES = ("todo", "doing", "failed")


@click.group()
def queue() -> None:
    """What waits to be done, and who does it."""


@queue.command()
@json_flag
@click.pass_context
def status(ctx: click.Context, *, as_json: bool) -> None:
    """Show letters by stage over all councils, the oldest that waits, jobs by status, workers, and the last turn."""
    setup = setup_of(ctx)
    letters, jobs = setup.store.letters_by_stage(), setup.store.jobs()
    if as_json:
        dump(_json(setup, letters, jobs))
    else:
        for line in _lines(setup, letters, jobs):
            say(line)


def _lines(setup: Setup, letters: Mapping[str, tuple[int, datetime]], jobs: Jobs | None) -> Iterator[str]:
    """All of it, for people; the tables are printed as they come."""
    words = setup.words
    if letters:
        rows = [(words.label("stage", stage), str(number)) for stage, (number, _) in letters.items()]
        table((words.phrase("stage"), words.phrase("queue_letters")), rows)
    else:
        yield words.phrase("queue_no_letters")
    if oldest := _oldest(letters):
        age = span(words, max(0, int((setup.now - oldest).total_seconds())))
        yield words.phrase("queue_oldest", at=local_time(format_instant(oldest)), age=age)
    yield from _of_jobs(words, jobs) if jobs else ()
    yield _of_workers(setup, jobs)
    beat = setup.store.heartbeat()
    yield heartbeat_line(setup, beat[0], alive=_is_alive(setup, *beat)) if beat else never_line(setup)


def _of_jobs(words: Words, jobs: Jobs) -> Iterator[str]:
    if tasks := sorted({task for task, _ in jobs.jobs}):
        headings = ("queue_job", "queue_todo", "queue_doing", "queue_failed")
        rows = [(task, *(str(jobs.jobs.get((task, status), 0)) for status in STATUSES)) for task in tasks]
        table(tuple(map(words.phrase, headings)), rows)
    if jobs.stalled:
        yield words.counted("queue_stalled", jobs.stalled)


def _of_workers(setup: Setup, jobs: Jobs | None) -> str:
    """Who works; where nobody does, what starts whoever the settings leave it to."""
    if jobs and jobs.workers:
        return setup.words.counted("queue_workers", len(jobs.workers))
    if setup.settings.runner == "embedded":
        return setup.words.phrase("queue_embedded")
    return setup.words.phrase("queue_no_worker" if jobs else "queue_no_jobs")


def _json(setup: Setup, letters: Mapping[str, tuple[int, datetime]], jobs: Jobs | None) -> Printable:
    """All of it, for programs. `jobs` is null where there are no tables for workers."""
    oldest, beat = _oldest(letters), setup.store.heartbeat()
    return {
        "runner": setup.settings.runner,
        "letters": {stage: number for stage, (number, _) in letters.items()},
        "oldest_waiting": format_instant(oldest) if oldest else None,
        "jobs": _jobs_json(jobs) if jobs else None,
        "last_tick": format_instant(beat[0]) if beat else None,
        "alive": bool(beat and _is_alive(setup, *beat)),
    }


def _jobs_json(jobs: Jobs) -> Printable:
    tasks = sorted({task for task, _ in jobs.jobs})
    return {
        "tasks": {task: {s: number for (t, s), number in jobs.jobs.items() if t == task} for task in tasks},
        "stalled": jobs.stalled,
        "workers": [{"id": id_, "seconds_since_heartbeat": round(age)} for id_, age in jobs.workers.items()],
    }


def _oldest(letters: Mapping[str, tuple[int, datetime]]) -> datetime | None:
    return min((made for stage, (_, made) in letters.items() if stage in WAITING), default=None)


def _is_alive(setup: Setup, at: datetime, said: str) -> bool:
    return abs((setup.now - at).total_seconds()) <= patience_of(said)
