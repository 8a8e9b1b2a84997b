"""The triggers that guard the log and its checkpoints in PostgreSQL: they stop accidents (audit.md §5).

They are ALWAYS triggers, so that `session_replication_role` does not switch them off. Only the owner of the tables can
drop them, and the program works as a writer, who owns nothing (`politirad db roles`). What a generated column says is
known only after the row is made, so an event is looked at then; the transaction fails with it all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from store.link import Link
from store.postgres_owner import become_owner

_REFUSES = """\
CREATE FUNCTION politirad_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', tg_argv[0] USING ERRCODE = 'integrity_constraint_violation';
END $$"""
_IS_NEXT = """\
CREATE FUNCTION politirad_event_is_next() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF new.pos <> 0 AND NOT EXISTS (SELECT FROM event WHERE council = new.council AND pos = new.pos - 1) THEN
        RAISE EXCEPTION 'the position is not the next one of the log' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF new.n = 1 THEN
        IF new.prev <> repeat('0', 64) THEN
            RAISE EXCEPTION 'prev is not the leaf of the event before it'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    ELSIF NOT EXISTS (SELECT FROM event WHERE council = new.council AND case_id = new.case_id AND n = new.n - 1) THEN
        RAISE EXCEPTION 'the number is not the next one of the case' USING ERRCODE = 'integrity_constraint_violation';
    ELSIF NOT EXISTS (SELECT FROM event WHERE council = new.council AND leaf = decode(new.prev, 'hex')
            AND case_id = new.case_id AND n = new.n - 1) THEN
        RAISE EXCEPTION 'prev is not the leaf of the event before it' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$"""
_TABLES = (
    ("event", "the log"),
    ("checkpoint", "the list of checkpoints"),
    ("checkpoint_sig", "the list of signatures"),
)
FUNCTIONS = (_REFUSES, _IS_NEXT)
TRIGGERS = (
    "CREATE TRIGGER event_is_next AFTER INSERT ON event FOR EACH ROW EXECUTE FUNCTION politirad_event_is_next()",
    *(
        f"CREATE TRIGGER {table}_stays BEFORE DELETE OR UPDATE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION politirad_append_only('{what}')"
        for table, what in _TABLES
    ),
)
_ALWAYS = tuple(
    f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}"
    for table, trigger in (("event", "event_is_next"), *((table, f"{table}_stays") for table, _ in _TABLES))
)
GUARDS = (*FUNCTIONS, *TRIGGERS, *_ALWAYS)
"""What makes the triggers, in order."""

_NAME = re.compile(r"CREATE (?:TRIGGER|FUNCTION) (\w+)")
_OWN = {found[1]: text for text in (*FUNCTIONS, *TRIGGERS) if (found := _NAME.match(text))}
_THERE = """\
SELECT t.tgname, pg_get_triggerdef(t.oid), t.tgenabled::text, c.relname FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = current_schema()::regnamespace AND NOT t.tgisinternal
AND c.relname IN (SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace)
"""
_BODIES = """\
SELECT proname, prosrc FROM pg_proc WHERE pronamespace = current_schema()::regnamespace AND proname LIKE 'politirad%'
"""


def guards_amiss(link: Link) -> Iterator[tuple[str, str]]:
    """The triggers and their functions that are not as they were made, each with what is wrong with it."""
    there = _there(link)
    for name in _OWN.keys() - there.keys():
        yield name, "is missing"
    for name in there.keys() - _OWN.keys():
        yield name, "is none of ours"
    for name in there.keys() & _OWN.keys():
        if (wrong := _wrong(name, there[name])) is not None:
            yield name, wrong


def restore_guards(link: Link) -> None:
    """Make the triggers what the schema makes them; only the owner of the tables can."""
    if not list(guards_amiss(link)):
        return
    become_owner(link)
    for name, _, _, table in link.connection.execute(_THERE).fetchall():
        link.connection.execute(f"DROP TRIGGER {_quoted(name)} ON {_quoted(table)}")
    for name, _ in link.connection.execute(_BODIES).fetchall():
        link.connection.execute(f"DROP FUNCTION IF EXISTS {_quoted(name)}")
    for guard in GUARDS:
        link.connection.execute(guard)


def _there(link: Link) -> dict[str, tuple[str, str]]:
    """Every trigger and function: its text, and when a trigger fires (`A`: always)."""
    triggers = {str(name): (str(text), str(on)) for name, text, on, _ in link.connection.execute(_THERE)}
    bodies = {str(name): (str(body), "A") for name, body in link.connection.execute(_BODIES)}
    return {**triggers, **bodies}


def _wrong(name: str, there: tuple[str, str]) -> str | None:
    text, fires = there
    if fires != "A":
        return "is switched off"
    own = _OWN[name]
    same = _body(own) == text if "$$" in own else _words(text) == _words(own)
    return None if same else "is changed"


def _body(function: str) -> str:
    return function.split("$$")[1]


def _words(trigger: str) -> list[str]:
    """The words of a trigger, without the schema PostgreSQL writes before names."""
    return re.sub(r"\b(?:\w+|\"[^\"]+\")\.(?=\w)", "", trigger).split()


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
