"""What approvals rest on: capacity and mandate, the rules fixed with a version, that day's roster, delegations, logins.

The views that gain columns are made anew; the upgrade fills them from the log. Kept as it was on its day.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_GROWN = ("approval", "version", "decision", "holding")


def upgrade() -> None:
    """Bring a database of revision 0001 to this revision."""
    for view in _GROWN:
        op.drop_table(view)
    for create in (_version, _approval, _decision, _holding, _delegation, _seating, _login):
        create()


def _version() -> None:
    op.create_table(
        "version",
        _text("council"),
        _text("leaf"),
        _number("pos"),
        _text("case_id"),
        _number("number"),
        _text("day", optional=True),
        _text("documents"),
        _text("seats"),
        _number("base", optional=True),
        _text("source", optional=True),
        _text("proposer", optional=True),
        _text("author", optional=True),
        _text("rules"),
        _text("annulled", optional=True),
        sa.ForeignKeyConstraint(["council", "case_id"], ["cases.council", "cases.id"], name="fk_version_cases"),
        sa.PrimaryKeyConstraint("council", "leaf", name="pk_version"),
        sqlite_strict=True,
    )
    op.create_index("ix_version_council_case_id_pos", "version", ["council", "case_id", "pos"])


def _approval() -> None:
    op.create_table(
        "approval",
        _text("council"),
        _text("leaf"),
        _number("pos"),
        _text("case_id"),
        _text("kind"),
        _text("party"),
        _number("version"),
        _text("version_leaf"),
        _text("outcome"),
        _text("office", optional=True),
        _text("person", optional=True),
        _text("day", optional=True),
        _text("capacity", optional=True),
        _text("mandate", optional=True),
        _text("assurance"),
        _text("decision", optional=True),
        _number("point", optional=True),
        _text("annulled", optional=True),
        sa.ForeignKeyConstraint(["council", "case_id"], ["cases.council", "cases.id"], name="fk_approval_cases"),
        sa.PrimaryKeyConstraint("council", "leaf", name="pk_approval"),
        sqlite_strict=True,
    )
    op.create_index("ix_approval_council_case_id_pos", "approval", ["council", "case_id", "pos"])
    op.create_index("ix_approval_council_decision", "approval", ["council", "decision"])
    op.create_index("ix_approval_council_version_leaf", "approval", ["council", "version_leaf"])


def _decision() -> None:
    op.create_table(
        "decision",
        _text("council"),
        _text("leaf"),
        _number("pos"),
        _text("id"),
        _number("number"),
        _text("body"),
        _text("day", optional=True),
        _text("ref", optional=True),
        _text("roster"),
        _text("present"),
        _text("recused"),
        _text("points"),
        _text("deputies"),
        _text("persons"),
        _text("rule"),
        _text("annulled", optional=True),
        sa.PrimaryKeyConstraint("council", "leaf", name="pk_decision"),
        sa.UniqueConstraint("council", "id", name="uq_decision_council_id"),
        sqlite_strict=True,
    )


def _holding() -> None:
    op.create_table(
        "holding",
        _text("council"),
        _text("leaf"),
        _number("pos"),
        _text("office"),
        _text("person"),
        _text("since"),
        _text("until", optional=True),
        _text("capacity"),
        _text("basis"),
        _text("scope"),
        _text("recorded", optional=True),
        _text("annulled", optional=True),
        sa.PrimaryKeyConstraint("council", "leaf", name="pk_holding"),
        sqlite_strict=True,
    )
    op.create_index("ix_holding_council_pos", "holding", ["council", "pos"])


def _delegation() -> None:
    op.create_table(
        "delegation",
        _text("council"),
        _text("leaf"),
        _number("pos"),
        _text("giver"),
        _text("taker"),
        _text("scope"),
        _text("since"),
        _text("until", optional=True),
        _number("further"),
        _text("under", optional=True),
        _text("basis"),
        _text("recorded"),
        _text("annulled", optional=True),
        sa.PrimaryKeyConstraint("council", "leaf", name="pk_delegation"),
        sqlite_strict=True,
    )
    op.create_index("ix_delegation_council_pos", "delegation", ["council", "pos"])


def _seating() -> None:
    op.create_table(
        "seating",
        _text("council"),
        _text("leaf"),
        _number("pos"),
        _text("day"),
        _text("seats"),
        _text("annulled", optional=True),
        sa.PrimaryKeyConstraint("council", "leaf", name="pk_seating"),
        sqlite_strict=True,
    )
    op.create_index("ix_seating_council_day_pos", "seating", ["council", "day", "pos"])


def _login() -> None:
    op.create_table(
        "login",
        _text("council"),
        _text("commitment"),
        _text("person"),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        _text("text", optional=True),
        sa.PrimaryKeyConstraint("council", "commitment", name="pk_login"),
        sa.UniqueConstraint("council", "person", "text", name="uq_login_council_person_text"),
        sqlite_strict=True,
    )


def _text(name: str, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=optional)


def _number(name: str, *, optional: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=optional)
