"""A play file as data: what a line may say, and every fault of a file at once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from commands.story import Act, Entrance, Moment, Narration, Pen, PlayFileError, acts_of, read_play
from engine.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from pathlib import Path


def written(folder: Path, text: str, name: str = "council.play") -> Path:
    """A play file with a text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def keys(folder: Path, text: str, name: str = "council.play") -> list[str]:
    """The keys of the commands in a text, in order."""
    return [act.key for act in acts_of(read_play(written(folder, text, name)))]


def faults(folder: Path, text: str) -> list[str]:
    """What is wrong with a text, line by line."""
    with pytest.raises(PlayFileError) as found:
        read_play(written(folder, text))
    return list(found.value.lines)


def test_a_line_is_narration_a_moment_an_entrance_or_a_command(tmp_path: Path) -> None:
    text = """
        # about
        > All hear.
        >nb Noen hører.
        at 2018-10-04 12:00
        as kari
        measure drop M-1 --ref "a b"
        ! tick
        pen kari
        signed agreement sign A-1
        """
    said, heard, moment, entrance, act, refused, pen, signed = read_play(written(tmp_path, text))
    assert (said, heard) == (Narration("All hear.", None), Narration("Noen hører.", "nb"))
    assert isinstance(moment, Moment)
    assert moment.instant == datetime(2018, 10, 4, 10, tzinfo=UTC)
    assert entrance == Entrance("kari")
    assert isinstance(act, Act)
    assert act.words == ("measure", "drop", "M-1", "--ref", "a b")
    assert str(act.place) == "council.play:7"
    assert isinstance(refused, Act)
    assert (act.expects_refusal, refused.expects_refusal) == (False, True)
    assert isinstance(pen, Pen)
    assert pen.handle == "kari"
    assert isinstance(signed, Act)
    assert (signed.words, signed.is_signed, act.is_signed) == (("agreement", "sign", "A-1"), True, False)


def test_a_backslash_carries_a_line_on_and_its_number_is_the_first(tmp_path: Path) -> None:
    lines = read_play(written(tmp_path, "tick\nmeasure \\\n  start \\\n  M-1\n>en one \\\n    two\n"))
    assert [act.words for act in acts_of(lines)] == [("tick",), ("measure", "start", "M-1")]
    assert acts_of(lines)[1].place.number == 2
    assert lines[-1] == Narration("one two", "en")


def test_an_included_file_stands_where_it_is_included(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    written(tmp_path / "parts", "tick\ninclude deeper.play\n", "one.play")
    written(tmp_path / "parts", "verify\n", "deeper.play")
    acts = acts_of(read_play(written(tmp_path, "doctor\ninclude parts/one.play\nrebuild\n")))
    assert [act.words[0] for act in acts] == ["doctor", "tick", "verify", "rebuild"]
    assert acts[2].place.file.parent == tmp_path / "parts"


def test_every_malformed_line_is_named_at_once(tmp_path: Path) -> None:
    wrong = ["at noon", "as", "as kari ola", 'measure "', "--person kari tick", "!", "include", "signed", "pen"]
    found = faults(tmp_path, "\n".join([*wrong, "include gone.play", "include council.play", "tick"]))
    assert [fault.split(": ")[0] for fault in found] == [f"council.play:{n}" for n in range(1, 12)]
    assert "write `at 2018-10-04 12:00`" in found[0]
    assert "close the quotation mark" in found[3]
    assert "There is no file" in found[9]
    assert "includes itself" in found[10]


def test_a_fault_in_an_included_file_names_that_file(tmp_path: Path) -> None:
    written(tmp_path, "tick\nat once\n", "part.play")
    assert faults(tmp_path, "include part.play\n")[0].startswith("part.play:2: ")


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="There is no file"):
        read_play(tmp_path / "gone.play")
    (tmp_path / "latin.play").write_bytes("as kåre".encode("latin-1"))
    with pytest.raises(UsageError, match="UTF-8"):
        read_play(tmp_path / "latin.play")
    with pytest.raises(UsageError, match="cannot be read"):
        read_play(tmp_path)


def test_a_line_keeps_its_key_when_others_are_put_right(tmp_path: Path) -> None:
    before = keys(tmp_path, "tick\nmeasure start M-1\nverify\n")
    after = keys(tmp_path, "# corrected\ntick\nmeasure start M-2\nverify\n")
    assert (before[0], before[2]) == (after[0], after[2])
    assert before[1] != after[1]


def test_the_same_words_twice_or_in_another_file_have_keys_of_their_own(tmp_path: Path) -> None:
    twice = keys(tmp_path, "tick\ntick\n")
    assert len({*twice, *keys(tmp_path, "tick\n", "other.play")}) == 3
