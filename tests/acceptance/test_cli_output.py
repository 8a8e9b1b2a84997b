"""What reaches the screen: cleaned of what a terminal would obey, lined up, wrapped at 100 columns when piped."""

from __future__ import annotations

import json

import pytest

from commands.output import WIDTH, aligned, capped, dump, safe, say, table


@pytest.mark.parametrize(
    "obeyed", ["\x1b[31m", "\x9b31m", "\x00", "\x07", "\r", "\x7f", "\u202e", "\u2066", "\u061c", "\u200f", "\ud800"]
)  # fmt: skip
def test_what_a_terminal_would_obey_never_reaches_it(obeyed: str) -> None:
    assert safe(f"Avtale{obeyed}n") in ("Avtalen", "Avtale[31mn", "Avtale31mn")


def test_letters_lines_and_tabs_stay() -> None:
    assert safe("Trøndelag Sør\tÅlen\n✓ 李") == "Trøndelag Sør\tÅlen\n✓ 李"


def test_json_escapes_what_text_would_lose(capsys: pytest.CaptureFixture[str]) -> None:
    dump({"title": "a\u202eb\x9bc\ud800", "place": "Røros"})
    out = capsys.readouterr().out
    assert safe(out) == out
    assert "Røros" in out
    assert json.loads(out)["title"] == "a\u202eb\x9bc\ud800"


def test_rows_are_lined_up_and_the_last_column_wraps() -> None:
    assert aligned([("a", "bb", "c d"), ("aaa", "b", "e")], [3, 2, 3], columns=20) == ["a    bb  c d", "aaa  b   e"]
    assert aligned([("a", "one two three four")], [1, 18], columns=16) == ["a  one two three", "   four"]


def test_the_widest_columns_give_way_to_the_last_one() -> None:
    assert capped([4, 10, 40], 100) == [4, 10, 40]
    assert capped([4, 60, 50, 80], 100) == [4, 30, 30, 80]
    assert capped([4, 95, 7], 100) == [4, 85, 7]
    assert capped([12, 12, 12, 12, 80], 60) == [12, 12, 12, 12, 80]


def test_a_column_that_gave_way_wraps(capsys: pytest.CaptureFixture[str]) -> None:
    table(("to", "about"), [("word " * 30, "x " * 40)])
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert lines[0].index("about") == WIDTH - 30


def test_a_table_without_headings_has_only_its_rows(capsys: pytest.CaptureFixture[str]) -> None:
    table(["", ""], [("a", "b")])
    assert capsys.readouterr().out == "a  b\n"


def test_errors_go_to_the_other_stream(capsys: pytest.CaptureFixture[str]) -> None:
    say("x", error=True)
    assert capsys.readouterr() == ("", "x\n")
