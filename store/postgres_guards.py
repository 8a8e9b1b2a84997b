"""The triggers that guard the log and its checkpoints in PostgreSQL: they stop accidents (audit.md §5).

They are ALWAYS triggers, so that `session_replication_role` does not switch them off. Only the owner of the tables can
drop them, and the program works as a writer, who owns nothing (`politirad db roles`). What a generated column says is
known only after the row is made, so an event is looked at then; the transaction fails with it all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

from store.link import Link
from store.postgres_owner import become_owner
from store.tables import RECORDS, VIEWS

_APPEND_ONLY = """\
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
FUNCTIONS = (_APPEND_ONLY, _IS_NEXT)
TRIGGERS = (
    "CREATE TRIGGER event_is_next AFTER INSERT ON event FOR EACH ROW EXECUTE FUNCTION politirad_event_is_next()",
    *(
        f"CREATE TRIGGER {table}_stays BEFORE DELETE OR UPDATE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION politirad_append_only('{what}')"
        for table, what in _TABLES
    ),
)
ALWAYS = tuple(
    f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}"
    for table, trigger in (("event", "event_is_next"), *((table, f"{table}_stays") for table, _ in _TABLES))
)
"""What has triggers fire whoever writes; also where they were switched off."""
GUARDS = (*FUNCTIONS, *TRIGGERS, *ALWAYS)
"""What makes the triggers, in order."""

Guard: TypeAlias = tuple[str, str]
"""The name of a trigger or rule and its table; for a function no table."""
_OURS = ([table.name for table in (*RECORDS, *VIEWS)],)
_NAME = re.compile(r"CREATE (?:TRIGGER|FUNCTION) (\w+)(?:.* ON (\w+) )?")
_ALWAYS_FIRES = "A"
_THERE = """\
SELECT t.tgname, c.relname, pg_get_triggerdef(t.oid), t.tgenabled::text, 'TRIGGER' FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = to_regnamespace(quote_ident(current_schema())) AND c.relname = ANY($1) AND NOT t.tgisinternal
UNION ALL
SELECT r.rulename, c.relname, '', 'A', 'RULE' FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
WHERE c.relnamespace = to_regnamespace(quote_ident(current_schema())) AND c.relname = ANY($1)
"""
_FUNCTIONS = """\
SELECT proname || CASE WHEN pronargs > 0 THEN '(' || pg_get_function_identity_arguments(oid) || ')' ELSE '' END,
    concat_ws(' ', (SELECT lanname FROM pg_language WHERE oid = prolang),
        CASE WHEN prosecdef THEN 'SECURITY DEFINER' END, array_to_string(proconfig, ' '), prosrc),
    oid::regprocedure::text
FROM pg_proc WHERE pronamespace = to_regnamespace(quote_ident(current_schema())) AND starts_with(proname, 'politirad')
"""
_HERE = "SELECT quote_ident(current_schema())"


def name_schema(link: Link) -> str:
    """For this transaction name the schema before temporary tables, so that functions made in it never look there."""
    ((here,),) = link.connection.execute(_HERE).fetchall()
    link.connection.execute(f"SET LOCAL search_path = {here}, pg_temp", prepare=False)
    return str(here)


def guards_amiss(link: Link) -> Iterator[tuple[str, str]]:
    """The triggers, their functions and rules that are not as they were made, each with what is wrong with it."""
    there, own = _there(link), _own(link)
    for name, _ in own.keys() - there.keys():
        yield name, "is missing"
    for name, _ in there.keys() - own.keys():
        yield name, "is none of ours"
    for guard in there.keys() & own.keys():
        text, fires = there[guard]
        if fires != _ALWAYS_FIRES:
            yield guard[0], "is switched off"
        elif text.split() != own[guard].split():
            yield guard[0], "is changed"


def restore_guards(link: Link) -> None:
    """Make the triggers what the schema makes them; only the owner of the tables can."""
    if not list(guards_amiss(link)):
        return
    become_owner(link)
    name_schema(link)
    for name, table, _, _, kind in link.connection.execute(_THERE, _OURS).fetchall():
        link.connection.execute(f"DROP {kind} {_quoted(name)} ON {_quoted(table)}")
    for *_, function in link.connection.execute(_FUNCTIONS).fetchall():
        link.connection.execute(f"DROP FUNCTION {function}")
    for guard in GUARDS:
        link.connection.execute(guard)


def _there(link: Link) -> dict[Guard, tuple[str, str]]:
    """Every trigger, rule and function: its text, and when it fires."""
    guards = link.connection.execute(_THERE, _OURS).fetchall()
    functions = link.connection.execute(_FUNCTIONS).fetchall()
    return {
        **{(str(name), str(table)): (str(text), str(fires)) for name, table, text, fires, _ in guards},
        **{(str(name), ""): (str(text), _ALWAYS_FIRES) for name, text, _ in functions},
    }


def _own(link: Link) -> dict[Guard, str]:
    """What there should be, in PostgreSQL's words, which name the schema of a table."""
    ((here,),) = link.connection.execute(_HERE).fetchall()
    settings = {_APPEND_ONLY: "", _IS_NEXT: f"search_path={here}, pg_temp"}
    functions = {(name, ""): f"plpgsql {settings[text]} {text.split('$$')[1]}" for (name, _), text in _named(FUNCTIONS)}
    return {**{guard: text.replace(" ON ", f" ON {here}.") for guard, text in _named(TRIGGERS)}, **functions}


def _named(statements: tuple[str, ...]) -> Iterator[tuple[Guard, str]]:
    return (((found[1], found[2] or ""), text) for text in statements if (found := _NAME.match(text)))


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'
