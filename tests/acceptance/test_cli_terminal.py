"""What a terminal would obey, in whatever a record or an export holds: printed by no command (audit.md §8, row 16).

On its way in, such a text is refused (test_cli_bad_input). Here it got in all the same, as by another program or by
somebody who edits the file, and each command that prints is asked to show it.
"""

from __future__ import annotations

import json
import re
from contextlib import chdir
from typing import TYPE_CHECKING

import pytest

from engine.ports import Person
from engine.registration import add_person
from tests.desk import Desk
from tests.letterbox import Letterbox
from tests.notary import Notary, folder_in, whole
from tests.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.desk import Answer

OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Controls (but a tab and a line break), changes of direction, and what is no character."""

HOSTILE = "Nat\x1b]0;root\x07t\x1b[2J\rer\x9b31m\u202eav\u2066n"
"""Sets the window's title, wipes the screen, goes back to the start of the line, turns red, turns around."""
SHOWN = "Nat]0;roott[2Jer31mavn"
"""What is left of it."""
HARMLESS = "]0;root"
"""The beginning of that, wherever a line may break."""
NAME = f"Fru {HOSTILE}"
"""A name, which no public text may hold."""

COMMANDS = (
    "--", "list --all", "show A-1", "show M-1", "show D-1", "log A-1", "log M-1", "log C", "todo", "upcoming",
    "approvals A-1", "agreement versions A-1", "agreement diff A-1 1 2", "decisions", "person list",
    "person show p_hostile", "office list", "office history slt_roros", "report follow-up",
    "report follow-up --format html", "report year 2018", "letters --all",
    "letters show L-1", "certificate A-1", "document save A-1 saved --version 2", "agreement approve A-1 --version 1",
)  # fmt: skip


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A council in whose record somebody has put all of it: titles, names, remarks, references, file names, letters."""
    box = Letterbox(tmp_path_factory.mktemp("council"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.field._UNFIT", re.compile("(?!)"))
        written(box)
    desk = Desk(box.world)
    with chdir(box.world.folder):
        yield desk


def written(box: Letterbox) -> None:
    """Write it wherever a person can write anything."""
    world = box.world
    case = world.propose(f"Avtale\n{HOSTILE}\n", title=HOSTILE, ref=HOSTILE, reason=HOSTILE)
    document, files = world.document_of(f"{HOSTILE}.md", f"Avtale\nnå {HOSTILE}\n")
    world.take("agreement", "revise", case, documents=(document,), files=files, decider="politiet", ref=HOSTILE)
    world.decide(HOSTILE)
    world.agree(case, "2")
    world.sign(case, "2")
    world.propose(title=HOSTILE)
    person = Person("p_hostile", HOSTILE, NAME, f"{HOSTILE}@example.no")
    world.register(lambda run: add_person(run, person, world.entry()))
    world.register(lambda run: add_person(run, Person("p_slt_roros", "roar", NAME, "r@example.no"), world.entry()))
    box.measure("2019-09-03", title=HOSTILE, challenge=HOSTILE, goal=HOSTILE, plan=HOSTILE, reason=HOSTILE)
    box.at("2019-09-10")


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """An export that is whole, so far."""
    return whole(tmp_path).export("export")


def in_json(text: str) -> bytes:
    """A text as it may stand within a string of JSON, its controls in their own bytes where JSON allows that."""
    return json.dumps(text, ensure_ascii=False)[1:-1].encode()


def is_harmless(answer: Answer) -> bool:
    """Whether nothing of what was printed would be obeyed."""
    return OBEYED.search(answer.out + answer.err) is None


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_in_the_record_is_obeyed_by_the_terminal_that_shows_it(desk: Desk, command: str) -> None:
    answer = desk.types(command)
    assert is_harmless(answer), ascii(answer.out + answer.err)
    assert answer.code in {0, 1}, answer.err
    assert HARMLESS in answer.out + answer.err, "the command shows nothing of it: this test has lost its point"


def test_what_is_left_is_shown_and_json_loses_nothing(desk: Desk) -> None:
    for command in ("list --all", "show M-1", "log M-1", "todo", "approvals A-1"):
        assert SHOWN in desk.does(command), command
    answer = desk.types("list --all --json")
    assert is_harmless(answer)
    assert HOSTILE in {case["title"] for case in answer.json}


def test_a_view_that_was_edited_is_told_of_harmlessly(tmp_path: Path) -> None:
    notary = Notary(tmp_path)
    notary.break_in("UPDATE cases SET title = ?, state = ? WHERE id = 'C'", HOSTILE, HOSTILE)
    answer = Desk(notary.world).types("verify")
    assert (answer.code, is_harmless(answer), "title is" in answer.err) == (13, True, True)


STRANGE = f"{HOSTILE}.vkey"
"""The name of a file that somebody puts into an export."""


@pytest.mark.parametrize(
    ("place", "name", "code"),
    [
        ("", STRANGE, 12),
        ("", f"log-{HOSTILE}.vkey", 12),
        ("checkpoints", f"{HOSTILE}.note", 12),
        ("blobs", HOSTILE, 14),
        ("proofs", f"{HOSTILE}.tlog-proof", 10),
        ("proofs", "\udcff\udcfe.tlog-proof", 10),  # bytes that are no UTF-8
    ],
)
def test_the_name_of_a_file_in_an_export_is_not_obeyed(export: Path, place: str, name: str, code: int) -> None:
    (export / place / name).write_text(HOSTILE)
    desk = Desk(World(folder_in(export.parent, "elsewhere")))
    answer = desk.types("verify", str(export))
    assert (answer.code, is_harmless(answer)) == (code, True), ascii(answer.err)
    assert is_harmless(desk.types("verify", str(export), "--json"))


def test_an_event_of_an_export_is_not_obeyed(export: Path) -> None:
    events = export / "events.jsonl"
    events.write_bytes(events.read_bytes().replace(b'"case":"A-1"', b'"case":"A-1' + in_json(HOSTILE) + b'"'))
    desk = Desk(World(folder_in(export.parent, "elsewhere")))
    answer = desk.types("verify", str(export))
    assert (answer.code, is_harmless(answer), HARMLESS in answer.err) == (10, True, True), ascii(answer.err)


def test_neither_is_the_name_of_the_export_itself_or_of_a_file_that_is_written(desk: Desk, export: Path) -> None:
    for words in (
        ("verify", f"{export}{HOSTILE}"), ("export", str(export.with_name(HOSTILE))), ("witness", "cosign", HOSTILE),
        ("certificate", "A-1", "--output", f"{HOSTILE}.html"), ("document", "save", "A-1", HOSTILE),
        ("letters", "save", "L-1", "--output", f"{HOSTILE}.eml"), ("show", HOSTILE), (HOSTILE,), ("list", HOSTILE),
        ("list", "--office", HOSTILE), ("--council", HOSTILE, "list"), ("--person", HOSTILE, "todo"),
    ):  # fmt: skip
        answer = desk.types(*words)
        assert is_harmless(answer), (words, ascii(answer.out + answer.err))
