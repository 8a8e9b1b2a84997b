"""The annual report in its forms: three languages, JSON that keeps its names, a page for everybody, a file."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest

from commands.annual_cells import COLUMNS
from engine.register import Language
from tests.desk import Desk
from tests.seasons import LEADER, a_year_with_a_breach, recommended, two_meetings
from tests.test_report import Page

if TYPE_CHECKING:
    from collections.abc import Iterable

WORDS = Path(__file__).parents[1] / "workflows" / "words" / "report"
LANGUAGES: tuple[Language, ...] = get_args(Language)


@pytest.fixture
def told(tmp_path: Path) -> Desk:
    """The desk of a council that has a year behind it."""
    return Desk(a_year_with_a_breach(tmp_path))


@pytest.mark.parametrize(
    ("language", "heading", "left"),
    [("nb", "Årsrapport 2027", "TILTAK SOM IKKE ER IVERKSATT"), ("nn", "Årsrapport 2027", "TILTAK SOM IKKJE ER SETTE"),
     ("en", "Annual report 2027", "MEASURES NOT IMPLEMENTED")],
)  # fmt: skip
def test_it_is_written_in_the_language_of_the_settings(told: Desk, language: Language, heading: str, left: str) -> None:
    text = told.types("report year 2027", language=language).out
    assert text.startswith(heading)
    assert left in text
    assert not re.search(r"\b(no|season|version)_\w+", text)


def annual(language: str) -> dict[str, str]:
    """The words of the annual report in a language."""
    words: dict[str, str] = tomllib.loads((WORDS / f"{language}.toml").read_text())["annual"]
    return words


def placeholders(texts: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """The parameters of each sentence."""
    return {name: set(re.findall(r"{(\w+)}", text)) for name, text in texts}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_it_is_there_in_every_language_with_the_same_parameters(language: str) -> None:
    assert placeholders(annual(language).items()) == placeholders(annual("en").items())
    assert {*COLUMNS, *(column for columns in COLUMNS.values() for column in columns)} <= set(annual(language))


def test_json_keeps_its_names(told: Desk) -> None:
    found = json.loads(told.does("report year 2027 --format json"))
    assert set(found) == {
        "council", "name", "year", "state", "on", "events", "meetings_agreed", "meetings_held", "breaches",
        "overrides", "agreements", "meetings", "season", "measures", "recommended", "implemented", "evaluated",
        "not_implemented", "decisions", "self_evaluation", "self_evaluated_on", "report_sent_on", "owed",
    }  # fmt: skip
    assert set(found["measures"][0]) == {
        "case", "title", "theme", "state", "challenge", "goal", "recommended_on", "recommended_ref", "responsible",
        "implemented_on", "done", "evaluation", "put_off_until", "result", "progress", "progress_on", "plan",
        "deadline", "overdue_since",
    }  # fmt: skip
    assert set(found["agreements"][0]) == {
        "case", "title", "state", "since", "until", "term_ends", "ends_on", "version", "version_on", "parties",
        "reserved",
    }  # fmt: skip
    assert set(found["decisions"][0]) == {"on", "decider", "body", "ref", "decision", "points", "led_to"}
    assert set(found["owed"][0]) == {
        "case", "workflow", "title", "name", "office", "office_title", "on", "overdue_since",
    }  # fmt: skip


def test_the_page_tells_its_language_and_structure_and_names_its_tables(told: Desk) -> None:
    found = Page(told.types("report year 2027 --format html", language="nn").out)
    assert found.open == []
    assert found.all("html") == [{"lang": "nn"}]
    assert len(found.all("h1")) == len(found.all("main")) == 1
    headings = {heading["id"] for heading in found.all("h2")}
    assert len(headings) == len(found.all("h2"))
    assert found.all("table")
    for named in (*found.all("table"), *found.all("div")):
        assert named["aria-labelledby"] in headings
    assert {head["scope"] for head in found.all("th")} == {"col", "row"}
    assert all(region["tabindex"] == "0" for region in found.all("div"))


def test_the_page_shows_a_breach_before_anything_else(told: Desk) -> None:
    text = told.does("report year 2027 --format html")
    assert text.index('<section class="breaches">') < text.index("<section><h2")
    assert "2027: breach. 1 meetings held, 2 agreed." in Page(text).text


def test_the_page_fetches_nothing(told: Desk) -> None:
    text = told.does("report year 2027 --format html")
    assert not re.search(r"https?:|@import|url\(|src=|href=", text)
    assert "content=\"default-src 'none'; style-src 'unsafe-inline'\"" in text, "nor would a browser let it"


def test_whatever_was_written_is_shown_and_never_obeyed(tmp_path: Path) -> None:
    desk = Desk(two_meetings(tmp_path))
    hostile = '"><script>alert(1)</script>&amp;<img src=x onerror=alert(1)>'
    recommended(desk.world, hostile)
    desk.world.take("year", "evaluate_council", "Y-2027", assessment=hostile, decider=LEADER)
    found = Page(desk.does("report year 2027 --format html"))
    assert found.all("script") == found.all("img") == []
    assert f"M-1 {hostile}" in found.text


@pytest.mark.parametrize("format_", ["text", "html", "json"])
def test_a_file_gets_what_the_terminal_would(told: Desk, format_: str, tmp_path: Path) -> None:
    file = tmp_path / "årsrapport"
    words = ("report", "year", "2027", "--format", format_)
    assert told.does(*words, "--output", str(file)) == ""
    assert file.read_text(encoding="utf-8") == told.does(*words)
