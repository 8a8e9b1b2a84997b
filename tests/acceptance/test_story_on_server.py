"""The shipped story played on a PostgreSQL server: every row and every answer is what it is in a file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import pytest

from engine.database_url import DatabaseUrl
from tests.moving import rows
from tests.postgres_server import new_database
from tests.theatre import Theatre

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from store.link import Value

AFTERWARDS = datetime(2020, 2, 18, 8, 0, tzinfo=UTC)

READ = """\
todo
upcoming --weeks 20
list
list --overdue
show A-1
show M-3
log A-1
log E-1 --json
log C
approvals A-1
approvals A-1 --as-of 2019-02-01
decisions
rules
explain M-3 implement
explain A-1 review --json
graph agreement --case A-1
profile show
office list
person list
person show siri
keys show
letters --limit 5
letters --all --json
letters show --to slt_roros
agreement diff A-1 1 2
agreement versions A-1
report follow-up
report year 2019
report year 2019 --json
audit
audit --json
calendar --office slt_roros
calendar --events
certificate A-1
statement A-1 --version 2 --act approve
heartbeat
remind --dry-run
tick --dry-run --json
simulate --until 2020-06-01
simulate --until 2020-06-01 --json
verify
verify --json
verify export
prove A-1 3 --output proof
check-proof proof --key log.key.vkey
prove nothing
show M-99
document save nothing nowhere
"""
"""What only reads, after the story."""

WRITTEN = """\
person add "Nora Eksempel" --handle nora --email nora@melhus.example
person edit nora --email nora@roros.example
office assign slt_oppdal nora --from 2020-02-01
office end slt_oppdal --on 2020-02-10
new measure --title "Lys på stien" --theme crime_prevention --dry-run
measure propose --title "Lys på stien"
snooze M-2 --until 2020-03-20 --for driftsenhetsleder_gauldal --ref "epost 18.2."
person block nora
person block nora --undo
person erase nora
todo --json
tick --json
tick
keys rotate --file new.key
tick --json
export after
verify after
rebuild
verify --json
audit --json
doctor
log C --json
letters --all --json
backup backup.db
backup backup.db
backup backup.db --replace
"""
"""What writes, one after another."""

REFUSED = """\
office assign slt_oppdal nora --from 2020-02-01
backup backup.db
"""
OF_ITS_OWN = ("doctor", "backup", "person erase")
"""What tells of the database itself, in other words for a server."""


class Stages(NamedTuple):
    """The same story in a file and on a server."""

    file: Theatre
    server: Theatre
    url: str


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    """The story, played twice."""
    with new_database() as url:
        home = tmp_path_factory.mktemp("story")
        file = Theatre.played(home / "file", home / "file" / "politirad.db")
        yield Stages(file, Theatre.played(home / "server", DatabaseUrl(url)), url)


def told_apart(stages: Stages) -> Mapping[str, list[tuple[Value, ...]]]:
    """Every row of the file, after each was found on the server too; only how long a turn took may differ."""
    here, there = rows(stages.file.folder / "politirad.db"), rows(stages.url)
    for table in here.keys() - {"beat"}:
        assert anywhere(there[table], stages.server.folder) == anywhere(here[table], stages.file.folder), table
    return here


def anywhere(found: list[tuple[Value, ...]], folder: Path) -> list[list[Value]]:
    """Rows, whatever the folder of letters is called."""
    return [[value.replace(str(folder), "") if isinstance(value, str) else value for value in row] for row in found]


def test_every_row_is_the_same(stages: Stages) -> None:
    here = told_apart(stages)
    assert len(here["event"]) > 100
    assert len(here["letter"]) > 10


@pytest.mark.parametrize("line", READ.splitlines())
def test_what_only_reads_answers_the_same(stages: Stages, line: str) -> None:
    here, there = (theatre.types(line, AFTERWARDS) for theatre in (stages.file, stages.server))
    assert here == there
    assert here.code != 70, here.err


def test_what_writes_answers_the_same_one_after_another(stages: Stages) -> None:
    at, refused = AFTERWARDS, list[str]()
    for line in WRITTEN.splitlines():
        at += timedelta(minutes=7)
        here, there = (theatre.types(line, at) for theatre in (stages.file, stages.server))
        assert here.code == there.code, (line, here.err, there.err)
        if not line.startswith(OF_ITS_OWN):
            assert here == there, line
        refused += [line] if here.code else []
    assert refused == REFUSED.splitlines()
    told_apart(stages)
