"""Bad input: one clear line with what to do, a documented exit code, and the case as it was."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.desk import Desk
from tests.world import COUNCIL, EXAMPLE

if TYPE_CHECKING:
    from tests.world import World

REFUSED, USAGE, NOT_FOUND, CHANGED, UNAVAILABLE = 1, 2, 3, 4, 5

APPROVE = "agreement approve A-1 --version 1 --for politiet --ref x"
IMPLEMENT = "measure implement M-1 --ref x"


@pytest.fixture
def desk(world: World) -> Desk:
    """A desk with a proposed agreement in two versions (A-1), a measure (M-1) and a planned meeting (MT-1)."""
    desk = Desk(world)
    world.propose()
    text = desk.file("avtale.md", "Andre utkast")
    desk.does("agreement", "revise", "A-1", "--for", "politiet", "--ref", "x", "--document", text)
    world.measure()
    world.clock.move_to(date(2018, 11, 1))
    desk.does("meeting plan --title Årsmøte")
    return desk


BAD = [
    # what is typed, the exit code, what is said
    ("show A-9", NOT_FOUND, "There is no case A-9. Near: A-1"),
    ("show ''", NOT_FOUND, "There is no case"),
    ("show D-7", NOT_FOUND, "There is no decision D-7"),
    ("log M-2", NOT_FOUND, "There is no case M-2. Near: M-1"),
    ("approvals A-2", NOT_FOUND, "There is no case A-2"),
    ("agreement approve A-7 --version 1 --for politiet --ref x", NOT_FOUND, "There is no case A-7"),
    ("measure approve M-1", NOT_FOUND, "There is no measure step 'approve'"),
    ("measure implment M-1", NOT_FOUND, "Near: implement"),
    ("agreement adopt A-1", NOT_FOUND, "taken by itself"),
    ("explain A-1 adpot", NOT_FOUND, "Near: adopt"),
    ("contract sign A-1", NOT_FOUND, "There is no command 'contract'"),
    ("mesure", NOT_FOUND, "Near: measure"),
    ("new year", NOT_FOUND, "The clock opens it"),
    ("new treaty", NOT_FOUND, "There is no workflow 'treaty'"),
    ("list --workflow treaty", NOT_FOUND, "There is no workflow 'treaty'"),
    ("list --state signed", NOT_FOUND, "There is no state 'signed'"),
    ("list --state signed --workflow year", NOT_FOUND, "There are: running, evaluating, reporting, closed."),
    ("list --theme crime", USAGE, "crime_prevention"),
    ("list --office politmester", NOT_FOUND, "Near: politimester"),
    ("todo --office nobody", NOT_FOUND, "There is no office 'nobody'"),
    ("todo --limit 0", USAGE, "--limit"),
    ("agreement approve A-1 --version 2 --for polit --ref x", NOT_FOUND, "Near: politi"),
    ("agreement approve A-1 --version 2 --as sekretær --ref x", NOT_FOUND, "There is no office 'sekretær'"),
    ("measure propose --title x --implementer radmann_melhus", NOT_FOUND, "There is no office 'radmann_melhus'"),
    (f"{APPROVE} --person ole", NOT_FOUND, "There is no person ole"),
    ("office assign politimester ole", NOT_FOUND, "There is no person ole"),
    ("office assign politimster kari", NOT_FOUND, "Near: politimester"),
    ("office history politimster", NOT_FOUND, "Near: politimester"),
    ("decide regionsrad --ref x --point y", NOT_FOUND, "Near: regionrad"),
    ("document save A-1 /tmp/x --version 7", NOT_FOUND, "has no version '7'"),
    ("document save M-1 /tmp/x", NOT_FOUND, "has no version"),
    ("document save abcdef12 /tmp/x", NOT_FOUND, "No kept document begins with abcdef12"),
    ("agreement diff A-1 1 9", NOT_FOUND, "has no version '9'. Its versions: 1, 2."),
    # forms
    (IMPLEMENT, USAGE, "--done: is missing; what was done"),
    (f"{IMPLEMENT} --done ''", USAGE, "--done: is empty"),
    (f"{IMPLEMENT} --done '   '", USAGE, "--done: is empty"),
    (f"{IMPLEMENT} --done 'a\u202eb'", USAGE, "U+202E"),
    (f"{IMPLEMENT} --done 'a\x1b[31mb'", USAGE, "U+001B"),
    (f"{IMPLEMENT} --done 'a\udcffb'", USAGE, "U+DCFF"),
    (f"{IMPLEMENT} --done '{'x' * 1_000_000}'", USAGE, "is 1,000,000 characters; at most 4,000"),
    (f"{IMPLEMENT} --done x --don y", USAGE, "--don"),
    (f"{IMPLEMENT} --done x --on 2019-13-01", USAGE, "--on: '2019-13-01' is not a date; write YYYY-MM-DD"),
    (f"{IMPLEMENT} --done x --on 1.9.2019", USAGE, "is not a date"),
    (f"{IMPLEMENT} --done x --on yesterday", USAGE, "is not a date"),
    (f"{IMPLEMENT} --done x --key 'a\x07'", USAGE, "--key: holds the unprintable character"),
    ("measure implement M-1 --done x --ref 'a\u2066b'", USAGE, "--ref: holds the unprintable character"),
    ("measure propose --title x --deadline soon", USAGE, "--deadline: 'soon' is not a date"),
    ("measure propose --title x --theme crime", USAGE, "'crime' is not one of"),
    ("measure move-deadline M-1 --deadline 2019-02-30", USAGE, "is not a date"),
    ("measure propose", USAGE, "--title: is missing"),
    ("measure implement", USAGE, "Missing argument 'CASE'"),
    ("agreement approve A-1 --point one", USAGE, "--point"),
    ("agreement revise A-1 --for politiet --ref x", USAGE, ": is missing; the text"),
    ("decide regionrad --ref x", USAGE, "Missing option '--point'"),
    ("decide regionrad --ref x --point A --votes 1-2-3-4", USAGE, "for-against-blank"),
    ("decide regionrad --ref x --point A --votes 6-0 --votes 5-1", USAGE, "1 points and 2 votes"),
    ("decide regionrad --ref x --point A --fell 2", USAGE, "--fell 2"),
    ("decide regionrad --ref x --point ''", USAGE, "is empty"),
    ("person add ''", USAGE, "NAME: is empty"),
    ("person add 'Ola' --handle 'Ola Hansen'", USAGE, "is not a handle"),
    ("person add 'Kari Annen'", USAGE, "handle kari"),
    ("person add 'Ola' --email ola", USAGE, "is not an address"),
    ("person add 'Bjørn' --email bjørn@example.no", USAGE, "not every server takes bjørn@example.no"),
    ("person add 'Ola' --email 'ola@x.no\nBcc: y@z.no'", USAGE, "--email"),
    ("office assign slt_roros kari --from 2019-01-01 --until 2018-01-01", USAGE, "--until 2018-01-01 is before"),
    ("correct A-1 1 --reason x", USAGE, "Say what to correct"),
    ("correct A-1 1 --text title --reason x", USAGE, "write FIELD=VALUE"),
    ("correct A-1 1 --ref y", USAGE, "--reason is missing"),
    ("correct A-1 99 --ref y --reason x", NOT_FOUND, "has no event 99"),
    ("correct A-1 one --ref y --reason x", USAGE, "'one' is not a valid integer"),
    ("show A-1 --as-of 2031-01-01", USAGE, "is still to come"),
    ("show A-1 --as-of 2001-01-01", NOT_FOUND, "was not opened by 2001-01-01"),
    ("show", USAGE, "Missing argument"),
    ("show A-1 --colour", USAGE, "See `politirad show --help`."),
    ("completion tcsh", USAGE, "'tcsh' is not one of"),
    # documents
    ("agreement revise A-1 --for politiet --ref x --document missing.pdf", NOT_FOUND, "no file missing.pdf"),
    ("agreement revise A-1 --for politiet --ref x --document /", USAGE, "/ is a folder"),
    ("document save A-1 /nowhere/x.md", USAGE, "cannot be written"),
    ("profile set /nowhere.toml", NOT_FOUND, "There is no file /nowhere.toml"),
    ("profile set /", USAGE, "is a folder"),
]

NOT_ALLOWED = [
    # what is typed, the reason, whether the attempt is put on record
    (APPROVE, "Version 1 is outdated; 2", True),
    ("agreement approve A-1 --version 9 --for politiet --ref x", "There is no version 9", True),
    ("agreement approve A-1 --version abcdef --for politiet --ref x", "There is no version abcdef", True),
    ("agreement approve A-1 --for politiet --ref x", "Name the version you have read: --version 2", True),
    ("agreement approve A-1 --version 2 --for melhus --ref x", "melhus has no say on version 2", True),
    ("agreement approve A-1 --version 2 --for regionen --ref x", "decides by vote", True),
    ("agreement approve A-1 --version 2 --for politiet", "Police District (politiet) needs something to go by", True),
    ("agreement approve A-1 --version 2 --for politiet --ref x --on 2018-10-03", "is before version 2", True),
    ("agreement approve A-1 --version 2 --for politiet --ref x --on 2018-12-24", "is in the future; today is", True),
    ("agreement approve A-1 --version 2 --for politiet --ref x --on 2016-01-01", "Nobody holds the office", True),
    ("agreement approve A-1 --version 2 --for politiet --ref x --as slt_roros", "You do not hold the office", True),
    ("agreement approve A-1 --version 2 --for politiet --ref x --on unknown", "An unknown date needs --reason", True),
    ("agreement sign A-1 --version 2 --for politimester --ref x", "cannot be taken while the case is proposed", True),
    (f"{IMPLEMENT} --done x", "cannot be taken while the case is proposed", False),
    ("meeting summon MT-1", "The meeting has no date", False),
    ("meeting summon MT-1", "The agenda lacks: notice_and_agenda", False),
    ("annul M-1 --reason x", "It opened M-1, so it must stay", False),
]


@pytest.mark.parametrize(("typed", "code", "said"), BAD, ids=[f"{row[0][:60]!a}" for row in BAD])
def test_bad_input_gets_one_clear_line_and_changes_nothing(desk: Desk, typed: str, code: int, said: str) -> None:
    before = everything(desk)
    answer = desk.types(typed)
    assert (answer.code, answer.out) == (code, "")
    assert len(answer.err.splitlines()) == 1
    assert said in answer.err
    assert len(answer.err) < 400
    assert everything(desk) == before


@pytest.mark.parametrize(("typed", "said", "recorded"), NOT_ALLOWED, ids=[row[1] for row in NOT_ALLOWED])
def test_a_refused_step_changes_no_case_and_a_binding_one_is_put_on_record(
    desk: Desk, typed: str, said: str, *, recorded: bool
) -> None:
    cases, attempts = [desk.case(case) for case in ("A-1", "M-1", "MT-1")], refusals(desk)
    answer = desk.types(typed)
    assert (answer.code, answer.out) == (REFUSED, "")
    assert any(said in line for line in answer.err.splitlines()[1:])
    assert [desk.case(case) for case in ("A-1", "M-1", "MT-1")] == cases
    assert refusals(desk) - attempts == recorded


def test_all_missing_answers_are_named_at_once(desk: Desk) -> None:
    answer = desk.types("measure evaluate M-1")
    assert answer.code == USAGE
    assert [line.partition(":")[0] for line in answer.err.splitlines()] == [
        "--effect", "--assessment", "--method", "--evaluator",
    ]  # fmt: skip


def test_a_document_that_is_too_large_is_refused_before_it_is_read(desk: Desk) -> None:
    large = desk.world.folder / "large.pdf"
    with large.open("wb") as file:
        file.truncate(50 * 1024 * 1024 + 1)
    answer = desk.types(f"agreement revise A-1 --for politiet --ref x --document {large}")
    assert (answer.code, "is larger than 50 MiB" in answer.err) == (USAGE, True)


def test_nobody_acts_without_saying_who_they_are(desk: Desk) -> None:
    answer = desk.types("measure propose --title x", person=None)
    assert (answer.code, answer.err.startswith("Say who you are: --person HANDLE")) == (USAGE, True)


def test_an_unknown_council_is_not_found(desk: Desk) -> None:
    answer = desk.types("list", council="nord")
    assert (answer.code, answer.err) == (NOT_FOUND, "There is no council 'nord'. There are: trondelag_sor.\n")


def database(folder: Path, kind: str) -> Path:
    """A file that cannot be used as a database, each in its own way."""
    path = folder / f"{kind}.db"
    match kind:
        case "folder":
            path.mkdir()
        case "text":
            path.write_text("Dette er ikke en database. " * 100)
        case "foreign":
            with closing(sqlite3.connect(path)) as connection, connection:
                connection.execute("CREATE TABLE x (y)")
        case "newer":
            path.write_bytes((folder / "politirad.db").read_bytes())
            with closing(sqlite3.connect(path)) as connection, connection:
                connection.execute("UPDATE alembic_version SET version_num = '9999'")
    return path


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("missing", "There is no database"),
        ("folder", "is a folder"),
        ("text", "is not a database"),
        ("foreign", "is another program's database"),
        ("newer", "Install a newer politirad"),
    ],
)
def test_a_database_that_cannot_be_used_is_told_so(desk: Desk, kind: str, said: str) -> None:
    desk.world.store.close()
    answer = desk.types("list", database=database(desk.world.folder, kind))
    assert (answer.code, len(answer.err.splitlines())) == (UNAVAILABLE, 1)
    assert said in answer.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[council", "not TOML"),
        (EXAMPLE.read_text().replace('leader = "leder_regionrad"', 'leader = "leder_regionråd"', 1), "council.leader"),
        (EXAMPLE.read_text().replace("notice_days = 14", 'notice_days = "14"'), "write a whole number"),
        (EXAMPLE.read_text().replace("[bodies.regionrad]", "[bodies.regionrad]\nqorum = 2"), "qorum"),
        (EXAMPLE.read_text() + '\n[offices.politimester]\ntitles = "x"\norganisation = "melhus"', "stands twice"),
    ],
)
def test_rules_with_mistakes_are_refused_with_key_and_line(desk: Desk, text: str, said: str) -> None:
    before = everything(desk)
    answer = desk.types("profile", "set", desk.file("c.toml", text))
    assert (answer.code, said in answer.err) == (USAGE, True)
    assert everything(desk) == before


def everything(desk: Desk) -> list[str]:
    """The whole record."""
    with desk.world.store.read(COUNCIL) as reader:
        return [recorded.leaf for recorded in reader.events()]


def refusals(desk: Desk) -> int:
    """How many refused attempts are on record."""
    with desk.world.store.read(COUNCIL) as reader:
        return sum(1 for _ in reader.refusals())
