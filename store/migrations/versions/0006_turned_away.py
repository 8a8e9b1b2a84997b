"""Letters that a server turned away are reported to the secretariat at once.

The first migration of which there are databases on a server. Kept as it was on its day.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_NUMBER = sa.Integer().with_variant(sa.BigInteger(), "postgresql")


def upgrade() -> None:
    """Bring a database of revision 0005 to this revision."""
    op.create_table(
        "turned_away",
        sa.Column("council", _TEXT, nullable=False),
        sa.Column("letter", _NUMBER, nullable=False),
        sa.Column("reported", _NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("council", "letter", name="pk_turned_away"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    unreported = sa.text("reported IS NULL")
    op.create_index(
        "ix_turned_away_unreported", "turned_away", ["council"], sqlite_where=unreported, postgresql_where=unreported
    )
