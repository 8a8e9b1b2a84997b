"""The first schema: the log, the records beside it, and the views of it.

Kept as it was on its day: a migration neither imports the tables of today nor the triggers of today.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_GUARDS = (
    """\
CREATE TRIGGER event_is_next BEFORE INSERT ON event BEGIN
    SELECT RAISE(ABORT, 'the position is not the next one of the log') WHERE new.pos IS NOT
        (SELECT coalesce(max(pos), -1) + 1 FROM event WHERE council = new.council);
    SELECT RAISE(ABORT, 'the number is not the next one of the case') WHERE new.n IS NOT
        (SELECT coalesce(max(n), 0) + 1 FROM event WHERE council = new.council AND case_id = new.case_id);
    SELECT RAISE(ABORT, 'prev is not the leaf of the event before it') WHERE new.prev IS NOT coalesce(
        (SELECT lower(hex(leaf)) FROM event
         WHERE council = new.council AND case_id = new.case_id AND n = new.n - 1), printf('%064d', 0));
    SELECT RAISE(ABORT, 'the key was already answered') WHERE new.key IS NOT NULL AND EXISTS
        (SELECT 1 FROM event WHERE council = new.council AND key = new.key);
    SELECT RAISE(ABORT, 'the log is append-only') WHERE EXISTS (SELECT 1 FROM event WHERE rowid = new.rowid);
END""",
    """\
CREATE TRIGGER event_is_not_changed BEFORE UPDATE ON event BEGIN
    SELECT RAISE(ABORT, 'the log is append-only');
END""",
    """\
CREATE TRIGGER event_is_not_deleted BEFORE DELETE ON event BEGIN
    SELECT RAISE(ABORT, 'the log is append-only');
END""",
)


def upgrade() -> None:
    """Bring an empty database to this revision."""
    tables = (
        _event,
        _document,
        _chunk,
        _person,
        _remark,
        _council,
        _profile,
        _holding,
        _decision,
        _cases,
        _case_office,
        _deadline,
        _version,
        _approval,
    )
    for create in tables:
        create()
    for guard in _GUARDS:
        op.execute(guard)


def _event() -> None:
    op.create_table(
        "event",
        _text("council"),
        _number("pos"),
        _text("body"),
        _bytes("leaf"),
        sa.Column("case_id", sa.Text(), sa.Computed("json_extract(body, '$.case')", persisted=False), nullable=False),
        sa.Column("n", sa.Integer(), sa.Computed("json_extract(body, '$.n')", persisted=False), nullable=False),
        sa.Column("prev", sa.Text(), sa.Computed("json_extract(body, '$.prev')", persisted=False), nullable=False),
        sa.Column("type", sa.Text(), sa.Computed("json_extract(body, '$.type')", persisted=False), nullable=False),
        sa.Column("at", sa.Text(), sa.Computed("json_extract(body, '$.at')", persisted=False), nullable=False),
        sa.Column("key", sa.Text(), sa.Computed("json_extract(body, '$.key.id')", persisted=False), nullable=True),
        sa.PrimaryKeyConstraint("council", "pos", name="pk_event"),
        sa.UniqueConstraint("council", "case_id", "n", name="uq_event_council_case_id_n"),
        sa.UniqueConstraint("council", "leaf", name="uq_event_council_leaf"),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_event_council_key", "event", ["council", "key"], unique=True, sqlite_where=sa.text('"key" IS NOT NULL')
    )


def _document() -> None:
    op.create_table(
        "document",
        _text("council"),
        _text("sha256"),
        _number("size"),
        sa.PrimaryKeyConstraint("council", "sha256", name="pk_document"),
        sqlite_strict=True,
    )


def _chunk() -> None:
    op.create_table(
        "chunk",
        _text("council"),
        _text("sha256"),
        _number("number"),
        _bytes("bytes"),
        sa.ForeignKeyConstraint(
            ["council", "sha256"], ["document.council", "document.sha256"], name="fk_chunk_document"
        ),
        sa.PrimaryKeyConstraint("council", "sha256", "number", name="pk_chunk"),
        sqlite_strict=True,
    )


def _person() -> None:
    op.create_table(
        "person",
        _text("council"),
        _text("id"),
        _text("handle"),
        _text("name", optional=True),
        _text("email", optional=True),
        sa.PrimaryKeyConstraint("council", "id", name="pk_person"),
        sa.UniqueConstraint("council", "handle", name="uq_person_council_handle"),
        sqlite_strict=True,
    )


def _remark() -> None:
    op.create_table(
        "remark",
        _text("council"),
        _text("commitment"),
        _bytes("salt"),
        _text("text", optional=True),
        sa.PrimaryKeyConstraint("council", "commitment", name="pk_remark"),
        sqlite_strict=True,
    )


def _council() -> None:
    op.create_table(
        "council",
        _text("council"),
        _text("opened"),
        _text("origin"),
        _text("changed"),
        _text("names", optional=True),
        _text("language", optional=True),
        _text("register", optional=True),
        _text("seats", optional=True),
        _text("profile", optional=True),
        sa.PrimaryKeyConstraint("council", name="pk_council"),
        sqlite_strict=True,
    )


def _profile() -> None:
    op.create_table(
        "profile",
        _text("council"),
        _text("leaf"),
        _number("pos"),
        _text("day", optional=True),
        _text("rules"),
        sa.PrimaryKeyConstraint("council", "leaf", name="pk_profile"),
        sqlite_strict=True,
    )
    op.create_index("ix_profile_council_pos", "profile", ["council", "pos"])


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
        _text("annulled", optional=True),
        sa.PrimaryKeyConstraint("council", "leaf", name="pk_holding"),
        sqlite_strict=True,
    )
    op.create_index("ix_holding_council_pos", "holding", ["council", "pos"])


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
        _text("annulled", optional=True),
        sa.PrimaryKeyConstraint("council", "leaf", name="pk_decision"),
        sa.UniqueConstraint("council", "id", name="uq_decision_council_id"),
        sqlite_strict=True,
    )


def _cases() -> None:
    op.create_table(
        "cases",
        _text("council"),
        _text("id"),
        _text("prefix"),
        _number("number"),
        _number("pos"),
        _text("leaf"),
        _text("workflow"),
        _number("version"),
        _text("state"),
        _number("n"),
        _text("head"),
        _text("profile", optional=True),
        _text("parent", optional=True),
        _text("opened"),
        _text("title"),
        _text("theme", optional=True),
        _text("facts"),
        sa.PrimaryKeyConstraint("council", "id", name="pk_cases"),
        sqlite_strict=True,
    )
    op.create_index("ix_cases_council_parent", "cases", ["council", "parent"])
    op.create_index("ix_cases_council_prefix_number", "cases", ["council", "prefix", "number"])
    op.create_index("ix_cases_council_workflow_state_id", "cases", ["council", "workflow", "state", "id"])


def _case_office() -> None:
    op.create_table(
        "case_office",
        _text("council"),
        _text("case_id"),
        _text("role"),
        _text("office"),
        sa.ForeignKeyConstraint(["council", "case_id"], ["cases.council", "cases.id"], name="fk_case_office_cases"),
        sa.PrimaryKeyConstraint("council", "case_id", "role", name="pk_case_office"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_case_office_council_office", "case_office", ["council", "office"])


def _deadline() -> None:
    op.create_table(
        "deadline",
        _text("council"),
        _text("case_id"),
        _number("number"),
        _text("name"),
        _text("office"),
        _text("due"),
        _text("ladder"),
        _text("fires", optional=True),
        sa.ForeignKeyConstraint(["council", "case_id"], ["cases.council", "cases.id"], name="fk_deadline_cases"),
        sa.PrimaryKeyConstraint("council", "case_id", "number", name="pk_deadline"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_deadline_council_due", "deadline", ["council", "due"])
    op.create_index("ix_deadline_fires", "deadline", ["council", "due"], sqlite_where=sa.text("fires IS NOT NULL"))
    op.create_index("ix_deadline_council_office_due", "deadline", ["council", "office", "due"])


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
        _text("annulled", optional=True),
        sa.ForeignKeyConstraint(["council", "case_id"], ["cases.council", "cases.id"], name="fk_approval_cases"),
        sa.PrimaryKeyConstraint("council", "leaf", name="pk_approval"),
        sqlite_strict=True,
    )
    op.create_index("ix_approval_council_case_id_pos", "approval", ["council", "case_id", "pos"])


def _text(name: str, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=optional)


def _number(name: str, *, optional: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=optional)


def _bytes(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary, nullable=False)
