"""A scribe of the time before approvals had capacities, versions rules, and votes the persons behind them.

Every event here is in the words of revision 0001 of the schema. Logs hold such events for ever.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from alembic import command

from engine.register import VoteRule
from store import SqlStore
from store.sqlite import APPLICATION, Sqlite
from store.tables import RECORDS, VIEWS
from store.upgrade import configuration
from tests.contract.raw import raw
from tests.contract.scribe import COUNCIL, DOCUMENT, MAJORITY, SEATS, Scribe

if TYPE_CHECKING:
    from pathlib import Path

    from engine.event import Json
    from engine.ports import Recorded

FIRST_SCHEMA = "0001"
NEIGHBOUR = "oppdal"
"""Another council in the same database."""


class Elder(Scribe):
    """Writes as the first politirad wrote."""

    def propose_text(self, **changes: Json) -> Recorded:
        """A version of the text of A-1."""
        version: dict[str, Json] = {
            "number": 1, "documents": [DOCUMENT], "seats": SEATS, "base": None, "source": None, "proposer": "slt",
            "author": None,
        }  # fmt: skip
        return self.write("A-1", "proposed", {"to": "proposed", "version": {**version, **changes}})

    def approve(self, version: Recorded, outcome: str = "approved", **changes: Json) -> Recorded:
        """The police say what they think of a version."""
        approval: dict[str, Json] = {
            "kind": "approval", "party": "police", "version": 1, "leaf": version.leaf, "outcome": outcome,
            "office": "chief", "person": "p_2",
        }  # fmt: skip
        return self.write("A-1", "approved", {"approval": {**approval, **changes}}, on="2019-01-08")

    def approve_by(self, decided: Recorded, version: Recorded, point: int = 1) -> Recorded:
        """The region approves a version by a point of what its board has decided."""
        approval: dict[str, Json] = {
            "kind": "approval", "party": "region", "version": 1, "leaf": version.leaf, "outcome": "approved",
            "office": None, "person": None,
        }  # fmt: skip
        cited: dict[str, Json] = {"id": "D-1", "leaf": decided.leaf, "point": point}
        return self.write("A-1", "approved", {"approval": approval}, on="2019-01-09", decision=cited)

    def decide(self, present: Json = None, rule: VoteRule = MAJORITY, **changes: Json) -> Recorded:
        """The board decides two points, of which one falls."""
        decision: dict[str, Json] = {
            "id": "D-1", "body": "board", "roster": ["mayor", "chief"], "present": present, "recused": [],
            "points": [
                {"text": "Vedtas", "outcome": "carried", "votes": [2, 0, 0]},
                {"text": "Oversendes", "outcome": "fell", "votes": None},
            ],
        }  # fmt: skip
        counted: dict[str, Json] = {"body": "board", "rule": rule.rule, "quorum": rule.quorum, "tie": rule.tie}
        data: dict[str, Json] = {"decision": {**decision, **changes}, "rule": counted}
        return self.write("C", "decided", data, on="2019-01-09", ref="PS 4/2019")


def lived_before(path: Path) -> Elder:
    """A database of revision 0001 with a log in it, the views the program of then made of it, and its records.

    The log is written into a database of today first; all that the older schema has a place for is carried over.
    Returns who wrote it, and knows how it would go on.
    """
    today = path.with_name("today.db")
    with SqlStore.open(today, create=True, journal="DELETE") as store:
        elder = Elder(store)
        elder.open_council()
        elder.open_measure("M-1", offices={"implementer": "slt"})
        version = elder.propose_text(documents=[_kept(store, path.with_name("avtale.md"))])
        elder.approve(version)
        elder.approve_by(elder.decide(["mayor", "chief"], VoteRule(quorum=2, tie="falls")), version)
        elder.assign()
        elder.seat("chief", on="2019-01-10")
        with store.write(COUNCIL) as tx:
            tx.keep_remark("c" * 64, b"salt", "why")
        Elder(store, council=NEIGHBOUR).open_council()
    make_first_schema(path)
    with raw(path) as connection:
        connection.execute("ATTACH ? AS today", (str(today),))
        for table in (*RECORDS, *VIEWS):
            known = [column for _, column, *_ in connection.execute(f"PRAGMA main.table_info({table.name})")]
            if columns := ", ".join(known):
                carried = f"INSERT INTO main.{table.name} ({columns}) SELECT {columns} FROM today.{table.name}"  # noqa: S608  # ours
                connection.execute(carried)
    today.unlink()
    return elder


def _kept(store: SqlStore, path: Path) -> Json:
    path.write_bytes(b"Avtale")
    sha256 = hashlib.sha256(b"Avtale").hexdigest()
    with store.write(COUNCIL) as tx:
        tx.keep_document(sha256, path)
    return {"sha256": sha256, "name": path.name, "role": "text", "size": 6}


def make_first_schema(path: Path) -> None:
    """An empty database of revision 0001, made by its migration."""
    file = Sqlite(path, journal="DELETE")
    with file.idle(create=True) as link, file.engine_over(link).begin() as connection:
        link.connection.execute(f"PRAGMA application_id = {APPLICATION}")
        command.upgrade(configuration(connection), FIRST_SCHEMA)
