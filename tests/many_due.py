"""Many reminders due on one day, in tests on a PostgreSQL server: as many offices, holders and measures.

The offices come from the register; holders, measures, deadlines and plans are rows written by SQL, since taking the
steps would take minutes. So the views say more than the log does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import psycopg

from engine.register import Office, Register
from engine.registration import set_profile
from tests.world import COUNCIL

if TYPE_CHECKING:
    from tests.letterbox import Letterbox

_ROWS = (
    """\
INSERT INTO person (council, id, handle, name, email, blocked)
SELECT {council}, 'p_due_' || n, 'due_' || n, 'Holder ' || n, 'due_' || n || '@example.no', NULL
FROM generate_series(1, {offices}) AS n""",
    """\
INSERT INTO holding (council, leaf, pos, office, person, since, until, capacity, basis, scope, recorded, annulled)
SELECT {council}, 'due ' || n, 100000 + n, 'due_' || n, 'p_due_' || n, '2018-01-01', NULL, 'holder', 'office', '[]',
       NULL, NULL
FROM generate_series(1, {offices}) AS n""",
    """\
INSERT INTO cases (council, id, prefix, number, pos, leaf, workflow, version, state, n, head, profile, parent, opened,
                   title, theme, facts)
SELECT {council}, 'M-' || n, 'M', n, n + 100000, 'M ' || n, 'measure', 1, 'started', 5, 'M ' || n, {profile}, NULL,
       '2019-01-01', 'Tiltak ' || n, 'crime_prevention', '{{"title": "Tiltak ' || n || '"}}'
FROM generate_series(1, {count}) AS n""",
    """\
INSERT INTO deadline (council, case_id, number, name, office, due, ladder, fires)
SELECT {council}, 'M-' || n, 0, 'implement', 'due_' || (n % {offices} + 1), {today}, 'duty', NULL
FROM generate_series(1, {count}) AS n""",
    """\
INSERT INTO plan (council, case_id, name, office, due, ladder, known, owner_rung, above_rung, warned, rung, audience,
                  to_office, day)
SELECT {council}, 'M-' || n, 'implement', 'due_' || (n % {offices} + 1), {today}, 'duty', '2019-01-01', -3, NULL, NULL,
       0, 'owner', 'due_' || (n % {offices} + 1), {today}
FROM generate_series(1, {count}) AS n""",
)


def owe(box: Letterbox, url: str, count: int, offices: int) -> None:
    """So many reminders come due on the local date that the council's clock shows, shared out among new offices."""
    _widen(box, offices)
    box.clockwork.turn()  # plans anew what others owe, as whenever rules have changed
    with box.world.store.read(COUNCIL) as reader:
        profile = reader.council().profile
    today = box.world.today.isoformat()
    values = {"council": COUNCIL, "count": count, "offices": offices, "profile": profile, "today": today}
    with psycopg.connect(url) as connection:
        for rows in _ROWS:
            statement = psycopg.sql.SQL(rows).format(**{name: psycopg.sql.Literal(v) for name, v in values.items()})
            connection.execute(statement)
    box.world.store.close()
    box.world.reopen(url)  # it remembers a council as long as no event changes it
    box.clockwork = box.with_mailer(box.mail)


def _widen(box: Letterbox, count: int) -> None:
    """Put the offices into the register."""
    document, register = box.world.document, msgspec.convert(box.world.document["register"], Register)
    more = {f"due_{number}": Office("melhus", register.offices["slt_melhus"].titles) for number in range(1, count + 1)}
    wider = msgspec.structs.replace(register, offices={**register.offices, **more})
    changed = {**document, "register": msgspec.to_builtins(wider)}
    box.world.register(lambda run: set_profile(run, changed, box.world.entry()))
