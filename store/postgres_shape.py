"""Whether the log's table on a server is still the one that is made, and its columns what its bytes say.

Who owns the table can give it another definition, under which a case's events are looked up by what somebody wrote
beside the bytes. How PostgreSQL writes a definition has been the same since version 12.
"""

from __future__ import annotations

from collections.abc import Iterator

from psycopg import Error

from store.link import Link
from store.postgres_faults import in_words, is_of_bytes

_OF_LOG = """\
SELECT 'column ' || a.attname, concat_ws(' ', format_type(a.atttypid, a.atttypmod),
    (SELECT 'COLLATE ' || collname FROM pg_collation WHERE oid = a.attcollation),
    CASE WHEN a.attnotnull THEN 'NOT NULL' END,
    nullif(a.attgenerated::text, ''), pg_get_expr(d.adbin, d.adrelid))
FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = 'event'::regclass AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT 'constraint ' || conname, pg_get_constraintdef(oid) || CASE WHEN convalidated THEN '' ELSE ' NOT VALID' END
FROM pg_constraint WHERE conrelid = 'event'::regclass AND contype <> 'n'
UNION ALL
SELECT 'index ' || c.relname, regexp_replace(pg_get_indexdef(i.indexrelid), ' ON .*?event USING', ' ON event USING')
    || CASE WHEN i.indisvalid THEN '' ELSE ' INVALID' END
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = 'event'::regclass
UNION ALL
SELECT 'heir ' || inhrelid::regclass, '' FROM pg_inherits WHERE inhparent = 'event'::regclass
UNION ALL
SELECT 'row security of ' || relname, '' FROM pg_class
WHERE relnamespace = to_regnamespace(quote_ident(current_schema())) AND relkind IN ('r', 'p') AND relrowsecurity
"""
_UNLIKE = """\
SELECT pos FROM event
WHERE council = $1 AND (case_id, n, prev, type, at, key) IS DISTINCT FROM (body::json #>> '{case}',
    (body::json #>> '{n}')::bigint, body::json #>> '{prev}', body::json #>> '{type}', body::json #>> '{at}',
    body::json #>> '{key,id}')
ORDER BY pos LIMIT 5
"""


def _text(path: str) -> str:
    return f"text COLLATE C NOT NULL s ((body)::json #>> '{{{path}}}'::text[])"


def _index(name: str, columns: str) -> str:
    return f"CREATE UNIQUE INDEX {name} ON event USING btree {columns}"


_OWN = {
    "column council": "text COLLATE C NOT NULL",
    "column pos": "bigint NOT NULL",
    "column body": "text COLLATE C NOT NULL",
    "column leaf": "bytea NOT NULL",
    "column case_id": _text("case"),
    "column n": "bigint NOT NULL s (((body)::json #>> '{n}'::text[]))::bigint",
    "column prev": _text("prev"),
    "column type": _text("type"),
    "column at": _text("at"),
    "column key": "text COLLATE C s ((body)::json #>> '{key,id}'::text[])",
    "constraint is_of_body": "CHECK ((leaf = sha256(('\\x00'::bytea || convert_to(body, 'UTF8'::name)))))",
    "constraint pk_event": "PRIMARY KEY (council, pos)",
    "constraint uq_event_council_case_id_n": "UNIQUE (council, case_id, n)",
    "constraint uq_event_council_leaf": "UNIQUE (council, leaf)",
    "index pk_event": _index("pk_event", "(council, pos)"),
    "index uq_event_council_case_id_n": _index("uq_event_council_case_id_n", "(council, case_id, n)"),
    "index uq_event_council_leaf": _index("uq_event_council_leaf", "(council, leaf)"),
    "index ix_event_council_key": _index("ix_event_council_key", "(council, key) WHERE (key IS NOT NULL)"),
}


def misshapen(link: Link, _: Link) -> Iterator[str]:
    """The names of what the log's table is made of that is not as it was made."""
    found = {str(name): str(text) for name, text in link.connection.execute(_OF_LOG)}
    return (name for name in sorted({*found, *_OWN}) if found.get(name) != _OWN.get(name))


def damage(link: Link, council: str) -> str | None:
    """At which positions what is looked up in a log is not what its bytes say; None where it is everywhere."""
    try:
        rows = link.connection.execute(_UNLIKE, [council]).fetchall()
    except Error as error:
        if not is_of_bytes(error):
            raise
        link.recover()
        return f"the log cannot be held against its bytes: {in_words(error)}"
    where = ", ".join(str(position) for (position,) in rows)
    return f"the columns of the events at {where} are not what their bytes say" if rows else None
