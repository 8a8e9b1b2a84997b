"""Checkpoints and their signatures withstand `INSERT OR REPLACE`, as events do; the roots of blocks are kept.

Kept as it was on its day.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_GUARDS = (
    """\
CREATE TRIGGER checkpoint_is_new BEFORE INSERT ON checkpoint BEGIN
    SELECT RAISE(ABORT, 'checkpoints are append-only') WHERE EXISTS (SELECT 1 FROM checkpoint
        WHERE rowid = new.rowid OR (council = new.council AND size = new.size));
END""",
    """\
CREATE TRIGGER checkpoint_sig_is_new BEFORE INSERT ON checkpoint_sig BEGIN
    SELECT RAISE(ABORT, 'checkpoints are append-only') WHERE EXISTS (SELECT 1 FROM checkpoint_sig
        WHERE rowid = new.rowid OR (council = new.council AND size = new.size AND line = new.line));
END""",
)


def upgrade() -> None:
    """Bring a database of revision 0004 to this revision."""
    op.create_table(
        "block",
        sa.Column("council", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("council", "number", name="pk_block"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    for guard in _GUARDS:
        op.execute(guard)
