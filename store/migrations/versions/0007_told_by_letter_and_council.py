"""What a letter told is found by its council too: each numbers its letters from 1. Kept as it was on its day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Bring a database of revision 0006 to this revision."""
    told = sa.text("letter IS NOT NULL")
    op.drop_index("ix_told_letter", "told")
    op.create_index("ix_told_letter", "told", ["letter", "council"], sqlite_where=told, postgresql_where=told)
