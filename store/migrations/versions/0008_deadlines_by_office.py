"""Deadlines are found by their office; by date alone only those the clock fires. Kept as it was on its day."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Bring a database of revision 0007 to this revision."""
    op.drop_index("ix_deadline_council_due", "deadline")
