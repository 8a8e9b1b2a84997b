"""Whether a database file is sound, by SQLite's own check.

A reader finds rows by an index, and takes from it what stands there too; only SQLite compares it with the rows.
"""

from __future__ import annotations

from store.link import Link
from store.sqlite_faults import in_words, is_of_bytes

MOST_LINES = 5
"""Lines of SQLite's that are told; where there are more, the first ones say enough."""


def damage(link: Link, _: str) -> str | None:
    """What SQLite finds wrong with the file, in one line; None where it finds nothing.

    The file is whole or it is not: nothing less is looked at for one council of many.
    """
    try:
        rows = link.connection.execute(f"PRAGMA integrity_check({MOST_LINES})").fetchall()
    except (link.product.error, UnicodeDecodeError) as error:
        if not is_of_bytes(error):
            raise
        return in_words(error)
    lines = (line.strip() for (said,) in rows for line in str(said).splitlines())
    told = [line for line in lines if line not in {"", "ok"} and not line.startswith("***")]
    return "; ".join(told[:MOST_LINES]) or None
