"""What proves the log: the tree's right edge, checkpoints and signatures, only ever added; persons may be blocked.

Kept as it was on its day.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_GUARDS = (
    """\
CREATE TRIGGER checkpoint_is_not_changed BEFORE UPDATE ON checkpoint BEGIN
    SELECT RAISE(ABORT, 'checkpoints are append-only');
END""",
    """\
CREATE TRIGGER checkpoint_is_not_deleted BEFORE DELETE ON checkpoint BEGIN
    SELECT RAISE(ABORT, 'checkpoints are append-only');
END""",
    """\
CREATE TRIGGER checkpoint_sig_is_not_changed BEFORE UPDATE ON checkpoint_sig BEGIN
    SELECT RAISE(ABORT, 'checkpoints are append-only');
END""",
    """\
CREATE TRIGGER checkpoint_sig_is_not_deleted BEFORE DELETE ON checkpoint_sig BEGIN
    SELECT RAISE(ABORT, 'checkpoints are append-only');
END""",
)


def upgrade() -> None:
    """Bring a database of revision 0003 to this revision."""
    op.create_table(
        "tree",
        _text("council"),
        sa.Column("frontier", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("council", name="pk_tree"),
        sqlite_strict=True,
    )
    op.create_table(
        "checkpoint",
        _text("council"),
        sa.Column("size", sa.Integer, nullable=False),
        _text("made"),
        _text("text"),
        sa.PrimaryKeyConstraint("council", "size", name="pk_checkpoint"),
        sqlite_strict=True,
    )
    op.create_table(
        "checkpoint_sig",
        _text("council"),
        sa.Column("size", sa.Integer, nullable=False),
        _text("line"),
        sa.PrimaryKeyConstraint("council", "size", "line", name="pk_checkpoint_sig"),
        sqlite_strict=True,
    )
    for guard in _GUARDS:
        op.execute(guard)
    _person_may_be_blocked()


def _person_may_be_blocked() -> None:
    """Persons get a mark of blocking. Made anew: a column that is added stands behind the constraints."""
    op.rename_table("person", "person_before")
    op.create_table(
        "person",
        _text("council"),
        _text("id"),
        _text("handle"),
        _text("name", optional=True),
        _text("email", optional=True),
        _text("blocked", optional=True),
        sa.PrimaryKeyConstraint("council", "id", name="pk_person"),
        sa.UniqueConstraint("council", "handle", name="uq_person_council_handle"),
        sqlite_strict=True,
    )
    op.execute("INSERT INTO person SELECT council, id, handle, name, email, NULL FROM person_before")
    op.drop_table("person_before")


def _text(name: str, *, optional: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=optional)
