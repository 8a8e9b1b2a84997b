"""What the contestants on SQLAlchemy's ORM share: a record and its audit, and the engine as its guide sets it up.

The record has a version counter, checked by SQLAlchemy in every UPDATE as ours checks that nothing changed meanwhile.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, create_engine, event, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, object_session, sessionmaker

from bench.peers.lap import Done, sync_of
from bench.peers.life import ACTOR, INITIAL, LAST
from bench.peers.mode import SYNCHRONOUS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.peers.lap import Job


class Base(DeclarativeBase):
    """The tables of this race."""


class Measure(Base):
    """A record that is driven through its states, and how many steps it has taken."""

    __tablename__ = "measure"
    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default=INITIAL)
    taken: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012  # as SQLAlchemy declares it


class Audit(Base):
    """One step of a record: what, between which states, by whom, when."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    measure_id: Mapped[int] = mapped_column(ForeignKey("measure.id"), index=True)
    event: Mapped[str]
    source: Mapped[str]
    target: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime]


@contextmanager
def measures(job: Job) -> Iterator[sessionmaker[Session]]:
    """A database with the records, and the sessions to take steps in."""
    engine = create_engine(f"sqlite:///{job.database}")
    event.listen(engine, "connect", lambda connection, _: _settle(connection, str(job.journal)))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    Base.metadata.create_all(engine)
    sessions = sessionmaker(engine)
    with sessions.begin() as session:
        session.add_all(Measure(id=number) for number in range(1, job.records + 1))
    yield sessions
    engine.dispose()


def note(measure: Measure, step: str, source: str, target: str) -> None:
    """Count a step of a record, and add its audit record to the session."""
    measure.taken += 1
    session = object_session(measure)
    assert session is not None
    session.add(
        Audit(measure_id=measure.id, event=step, source=source, target=target, actor=ACTOR, at=datetime.now(UTC))
    )


def counted(sessions: sessionmaker[Session]) -> Done:
    """What the records and their audit say was done."""
    with sessions() as session:
        taken = session.scalar(select(func.sum(Measure.taken)).where(Measure.state == LAST))
        audits = session.scalar(select(func.count()).select_from(Audit))
        connection = session.connection()
        sync = sync_of(lambda sql: connection.exec_driver_sql(sql).scalar())
    return Done(taken or 0, audits or 0, sync)


def _settle(connection: Any, journal: str) -> None:  # noqa: ANN401  # whatever the driver calls a connection
    """Let SQLAlchemy begin transactions, and set the journal and how commits are synced."""
    connection.isolation_level = None
    for setting in (f"journal_mode = {journal}", f"synchronous = {SYNCHRONOUS}", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {setting}")
