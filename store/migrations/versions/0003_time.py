"""What the clock works with: plans and evidence of reminders, the outbox, snoozes, how far the log was followed.

A council of an earlier version starts where its log stands: nobody gets letters about the years before. What is owed
already is planned at the first round. Kept as it was on its day.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Bring a database of revision 0002 to this revision."""
    for create in (_snooze, _plan, _told, _letter, _marks):
        create()
    op.execute(
        "INSERT INTO followed (council, position, planned) SELECT council, max(pos) + 1, 0 FROM event GROUP BY council"
    )


def _snooze() -> None:
    op.create_table(
        "snooze",
        _text("council"),
        _text("case_id"),
        _text("name"),
        _text("office"),
        _text("due"),
        _text("until"),
        _text("leaf"),
        sa.PrimaryKeyConstraint("council", "case_id", "name", "office", name="pk_snooze"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _plan() -> None:
    op.create_table(
        "plan",
        _text("council"),
        _text("case_id"),
        _text("name"),
        _text("office"),
        _text("due"),
        _text("ladder"),
        _text("known"),
        _number("owner_rung", optional=True),
        _number("above_rung", optional=True),
        _text("warned", optional=True),
        _number("rung"),
        _text("audience"),
        _text("to_office"),
        _text("day"),
        sa.PrimaryKeyConstraint("council", "case_id", "name", "office", name="pk_plan"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_plan_council_day", "plan", ["council", "day"])


def _told() -> None:
    op.create_table(
        "told",
        _text("council"),
        _text("case_id"),
        _text("name"),
        _text("owner"),
        _text("due"),
        _number("rung"),
        _text("office"),
        _text("audience"),
        _text("day"),
        _text("fate"),
        _text("reason", optional=True),
        _number("letter", optional=True),
        _text("agenda", optional=True),
        sa.PrimaryKeyConstraint(
            "council", "case_id", "name", "owner", "due", "rung", "office", "audience", name="pk_told"
        ),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_told_due", "told", ["council", "office"], sqlite_where=sa.text("fate = 'due'"))
    op.create_index("ix_told_letter", "told", ["letter"], sqlite_where=sa.text("letter IS NOT NULL"))
    op.create_index(
        "ix_told_off_agenda", "told", ["council"], sqlite_where=sa.text("audience = 'agenda' AND agenda IS NULL")
    )


def _letter() -> None:
    op.create_table(
        "letter",
        _text("council"),
        _number("number"),
        _text("key"),
        _text("kind"),
        _text("office"),
        _text("person", optional=True),
        _text("address", optional=True),
        _text("subject"),
        _text("message_id"),
        _text("made"),
        _text("stage"),
        _number("attempts"),
        _text("not_before"),
        _text("changed"),
        _text("said", optional=True),
        _text("case_id", optional=True),
        _text("leaf", optional=True),
        _number("uncertain"),
        _number("replaced", optional=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("council", "number", name="pk_letter"),
        sa.UniqueConstraint("council", "key", name="uq_letter_council_key"),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_letter_waiting", "letter", ["council", "not_before", "number"], sqlite_where=sa.text("stage = 'pending'")
    )
    op.create_index("ix_letter_stage", "letter", ["council", "stage", "number"])
    op.create_index("ix_letter_person", "letter", ["council", "person", "stage", "changed"])


def _marks() -> None:
    op.create_table(
        "followed",
        _text("council"),
        _number("position"),
        _number("planned"),
        sa.PrimaryKeyConstraint("council", name="pk_followed"),
        sqlite_strict=True,
    )
    op.create_table(
        "beat",
        _text("council"),
        _text("at"),
        _text("said"),
        sa.PrimaryKeyConstraint("council", name="pk_beat"),
        sqlite_strict=True,
    )


def _text(name: str, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=optional)


def _number(name: str, *, optional: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=optional)
