"""The triggers that guard the log and its checkpoints in a SQLite file: they stop accidents (audit.md §5).

Whoever is bent on it drops them first, so that they are there is itself looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from store.link import Link

GUARDS = (
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
"""The triggers of the log and of its checkpoints. Those before an insert also stop `INSERT OR REPLACE`, which deletes
without asking the others: by a key, or by the hidden row number, -1 where the insert does not choose it."""

_NAME = re.compile(r"CREATE TRIGGER (\w+)")
_OWN = {found[1]: guard for guard in GUARDS if (found := _NAME.match(guard))}
_TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"


def guards_amiss(link: Link) -> Iterator[tuple[str, str]]:
    """The triggers that are not as the schema makes them, each with what is wrong with it."""
    there = _there(link)
    for name in _OWN.keys() - there.keys():
        yield name, "is missing"
    for name in there.keys() - _OWN.keys():
        yield name, "is none of ours"
    for name in there.keys() & _OWN.keys():
        if _bare(there[name]) != _bare(_OWN[name]):
            yield name, "is changed"


def restore_guards(link: Link) -> None:
    """Make the triggers what the schema makes them."""
    there = _there(link)
    for name, _ in sorted(guards_amiss(link)):
        if name in there:
            quoted = name.replace('"', '""')
            link.connection.execute(f'DROP TRIGGER "{quoted}"')
        if name in _OWN:
            link.connection.execute(_OWN[name])


def _there(link: Link) -> dict[str, str]:
    return {str(name): str(sql) for name, sql in link.connection.execute(_TRIGGERS)}


def _bare(sql: str) -> str:
    """The words of a trigger, whatever the white space: migrations lay it out in their own way."""
    return "".join(sql.split())
