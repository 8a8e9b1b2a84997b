"""Whether the log's table is still the one that is made: with columns computed from the bytes, and by nothing else.

Who can write the file can give the table another definition, under which a case's events are looked up by what
somebody wrote beside the bytes. An event could then be hidden from every reader but those that read the whole log.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from store.link import Link

_OF_LOG = """\
SELECT type, name, sql FROM sqlite_master WHERE tbl_name = 'event' AND type <> 'trigger' AND sql IS NOT NULL
"""


def misshapen(link: Link, model: Link) -> Iterator[str]:
    """The names of the log's table and its indexes that are not defined as in a database that was just made."""
    found, made = _definitions(link), _definitions(model)
    return (name for name in sorted({*found, *made}) if found.get(name) != made.get(name))


def _definitions(link: Link) -> dict[str, tuple[str, str]]:
    """What the log's table and its indexes are and how they are defined, whatever the white space."""
    return {name: (kind, re.sub(r"\s+", "", sql)) for kind, name, sql in link.connection.execute(_OF_LOG)}
