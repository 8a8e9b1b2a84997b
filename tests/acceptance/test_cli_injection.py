"""SQL in whatever a person can write: kept as a text, or refused in one line; never run, never a door to more."""

from __future__ import annotations

import shlex
from contextlib import chdir, closing
from typing import TYPE_CHECKING

import pytest

from store.sqlite import driver
from tests.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.world import World

HOSTILE = (
    "'; DROP TABLE event; --",
    '" OR "1"="1',
    "x' UNION SELECT name FROM person --",
    "%",
    "_____",
    "'); DELETE FROM person WHERE ('1'='1",
)

PRESENT = "ordforer_melhus,ordforer_oppdal,ordforer_roros"

ASKING = (
    "show A-1", "log A-1", "log A-1 --as-of 2018-10-04", "approvals A-1 --as-of 2018-10-04", "explain A-1 approve",
    "explain A-1 approve --version 1 --for politiet", "rules --case A-1",
    "list --workflow measure --state proposed --office slt_melhus --theme crime_prevention --as-of 2018-10-04",
    "todo --office slt_melhus", "upcoming --office slt_melhus", "calendar --office slt_melhus",
    "agreement versions A-1", "agreement diff A-1 1 1", "graph measure --case M-1", "office history politimester",
    "person show kari", "profile show --case A-1", "document save A-1 d --version 1 --name avtale.md",
    "document save abcdef e", "letters show L-1", "letters show --to slt_melhus", "letters save L-1 --output l",
    "report follow-up --year 2018 --office slt_melhus", "report year 2018", "certificate A-1 --output c",
    "prove A-1 1 --output p", "simulate --until 2018-10-06 --office slt_melhus", "audit --since 2018-10-04",
    "statement A-1 approve --version 1 --for politiet --output s", "--council trondelag_sor show A-1",
)  # fmt: skip
"""What asks a question, with something after each word that a person may write in its place."""

PROPOSE = """measure propose --title t --theme crime_prevention --challenge c --goal g --plan p --ref r --reason why \
  --implementer kommunedirektor_melhus --follow-up slt_melhus --deadline 2019-09-01"""

TELLING = (
    "person add Ola --handle ola --email ola@example.no --ref r",
    "person edit kari --name Kari --email kari@example.no --ref r",
    "office assign slt_melhus kari --from 2018-01-01 --until 2018-02-01 --capacity deputy --basis b --ref r",
    "office end slt_oppdal --on 2018-10-04 --ref r",
    "office delegate politimester --to slt_melhus --scope measure --from 2018-01-01 --basis b --ref r",
    "office revoke politimester --to slt_melhus --on 2018-10-04 --ref r",
    PROPOSE,
    "measure edit M-1 --title t --challenge c --goal g --plan p --reason why --ref r --seen 1",
    "meeting plan --title t --date 2019-01-30 --place p --begins 10:00 --ends 12:00 --reason why --ref r",
    "agreement wish --title t --for regionrad --ref r --reason why",
    f"decide regionrad --ref r --point p --votes 3-0-0 --present {PRESENT} --on 2018-10-04 --reason w",
    "agreement approve A-1 --version 1 --for politiet --ref r --reason why",
    "agreement reject A-1 --version 1 --for politiet --ref r --reason why",
    "correct A-1 1 --ref r --reason why", "correct A-1 1 --text title=t --reason why",
    "annul A-1 --reason why --ref r", "profile apply A-1 --reason why --ref r",
    "snooze M-1 --until 2018-10-20 --deadline recommend --owner politiradssekretar --ref r",
    "measure drop M-1 --for politiradet --as politiradssekretar --reason why --ref r",
    "person block kari --ref r", "person erase ola --ref r", "bounced L-1", "letters retry L-1",
    "meeting plan --title t --ref r --key k",
)  # fmt: skip
"""What writes, with an answer to every question that takes words."""

GONE_WRONG = ("Traceback", "sqlite", "syntax error", "OperationalError", "fault of", "unrecognized token")


@pytest.fixture
def desk(world: World) -> Iterator[Desk]:
    """A desk with an agreement (A-1) and a measure (M-1), in a folder that files may be written to."""
    world.propose()
    world.measure()
    with chdir(world.folder):
        yield Desk(world)


def with_each_word_replaced(line: str, hostile: str) -> Iterator[list[str]]:
    """The line once for every word in it that is a value, replaced; and once with all answers of options replaced."""
    words = shlex.split(line)
    names = {0} | {at for at, word in enumerate(words) if word.startswith("--")}
    for at in sorted(set(range(len(words))) - names):
        yield [*words[:at], hostile, *words[at + 1 :]]
    yield [hostile if at and words[at - 1].startswith("--") else word for at, word in enumerate(words)]


def everything(database: Path) -> dict[str, object]:
    """What a database is made of, and how many there are of what may not become fewer."""
    with closing(driver.connect(database)) as link:
        made = link.execute("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2").fetchall()
        (events,), (persons,) = (link.execute(f"SELECT count(*) FROM {t}").fetchone() for t in ("event", "person"))  # noqa: S608  # ours
    return {"made": made, "events": events, "persons": persons}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_question_runs_what_is_written_in_it_or_shows_more_than_was_asked_for(desk: Desk, hostile: str) -> None:
    before = everything(desk.world.folder / "politirad.db")
    for line in ASKING:
        assert desk.types(line).code in {0, 1, 3}, line
        for words in with_each_word_replaced(line, hostile):
            answer = desk.types(*words)
            told = answer.out + answer.err
            assert answer.code in {0, 1, 2, 3, 12}, (words, told)
            assert not [wrong for wrong in GONE_WRONG if wrong in told], (words, told)
            assert answer.code == 0 or "Kari Nordli" not in told, words
    assert everything(desk.world.folder / "politirad.db") == before
    assert desk.types("verify").code == 0


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_answer_is_run_and_what_is_kept_is_kept_as_it_was_written(desk: Desk, hostile: str) -> None:
    before = everything(desk.world.folder / "politirad.db")
    for line in TELLING:
        for words in with_each_word_replaced(line, hostile):
            answer = desk.types(*words)
            told = answer.out + answer.err
            assert answer.code in {0, 1, 2, 3, 4}, (words, told)
            assert not [wrong for wrong in GONE_WRONG if wrong in told], (words, told)
    after = everything(desk.world.folder / "politirad.db")
    assert after["made"] == before["made"]
    assert int(str(after["persons"])) >= int(str(before["persons"]))
    assert desk.types("verify").code == 0
    desk.does("rebuild")
    assert [point["text"] for one in desk.types("decisions --json").json for point in one["points"]].count(hostile)
    titles = [case["title"] for case in desk.types("list --all --json").json]
    assert titles.count(hostile) >= 3, "a measure, a meeting and a wish have it as their title"
