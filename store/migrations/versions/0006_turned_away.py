"""Letters that a server turned away are reported to the secretariat at once. Kept as it was on its day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Bring a database of revision 0005 to this revision."""
    op.create_table(
        "turned_away",
        sa.Column("council", sa.Text, nullable=False),
        sa.Column("letter", sa.Integer, nullable=False),
        sa.Column("reported", sa.Integer, nullable=True),
        sa.PrimaryKeyConstraint("council", "letter", name="pk_turned_away"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_turned_away_unreported", "turned_away", ["council"], sqlite_where=sa.text("reported IS NULL"))
