"""Letters: in three languages, each saying the four things, text and HTML alike; what was typed in them stays text."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, get_args

import pytest

from commands import tables
from engine.letter import Detour, Writer
from tests.correspondence import LANGUAGES, WRITER, Post, Reader, collected, drafts, line, squeezed, words
from workflows.letters.sentences import SHARED, read, sentences
from workflows.letters.writer import ABOUT

if TYPE_CHECKING:
    from engine.letter import Draft
    from engine.register import Language

FOLDERS = Path(__file__).parents[1] / "workflows" / "letters"
LETTERS = sorted(folder.parent.name for folder in FOLDERS.glob("*/__init__.py"))
COLLECTED = {"digest", "escalation", "returned"}
MARK = " <script>alert(1)</script>"
LABELS = {
    "nb": ("Dette ber vi deg om", "Frist", "Slik svarer du", "Hvorfor du får dette"),
    "nn": ("Dette ber vi deg om", "Frist", "Slik svarer du", "Kvifor du får dette"),
    "en": ("What we ask of you", "By when", "How to answer", "Why you get this"),
}


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Post:
    """The letters of a council."""
    return Post(tmp_path_factory.mktemp("post"))


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Post:
    """The letters of a council in which every typed text holds a script."""
    return Post(tmp_path_factory.mktemp("marked"), MARK)


def gaps(template: str) -> set[str]:
    """The names a sentence leaves open."""
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def test_the_writer_is_what_the_engine_asks_for() -> None:
    writer: Writer = WRITER
    assert writer is WRITER


@pytest.mark.parametrize("folder", [SHARED, *LETTERS])
def test_a_letter_has_the_same_sentences_in_all_three_languages(folder: str) -> None:
    nb, nn, en = (read(folder, language) for language in LANGUAGES)
    assert set(nb) == set(nn) == set(en)
    assert [name for name in nb if not gaps(nb[name]) == gaps(nn[name]) == gaps(en[name])] == []


@pytest.mark.parametrize("folder", [SHARED, *LETTERS])
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_empty_or_left_in_another_language(folder: str, language: Language) -> None:
    text = (FOLDERS / folder / f"{language}.toml").read_text()
    assert tomllib.loads(text)
    assert all(sentence.strip() for sentence in read(folder, language).values())
    foreign = {"nb": r"\b(ikkje|ein|frå|kva)\b", "nn": r"\b(ikke|en|fra|hva)\b", "en": r"\b(ikke|ikkje|som|og)\b"}
    assert re.findall(foreign[language], " ".join(read(folder, language).values())) == []


@pytest.mark.parametrize("folder", LETTERS)
def test_every_sentence_of_a_letter_is_used_by_its_module(folder: str) -> None:
    code = "".join(path.read_text() for path in (FOLDERS / folder / "__init__.py", *FOLDERS.glob("*.py")))
    stems = {re.sub(r"_(one|many|late_one|late_many|undated|none)$", "", name) for name in read(folder, "en")}
    dotted = {stem.split(".")[0] for stem in stems}
    assert [stem for stem in dotted if f'"{stem}' not in code] == []


def test_every_letter_a_table_names_has_its_folder_and_every_folder_its_use() -> None:
    named = {letter.kind for workflow in tables.workflows() for letter in workflow.letters}
    assert named == set(ABOUT)
    assert named | COLLECTED == set(LETTERS)


def test_every_decision_that_is_told_has_its_sentence() -> None:
    told = {
        f"happened.{workflow.event_types[letter.step]}"
        for workflow in tables.workflows()
        for letter in workflow.letters
        if letter.kind == "decision"
    }
    assert told == {name for name in read("decision", "en") if name.startswith("happened.")}


def test_every_letter_is_read_in_these_tests(post: Post) -> None:
    assert {name.partition(" ")[0] for name in drafts(post, "nb")} == set(LETTERS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_letter_says_what_is_yours_by_when_how_to_answer_and_why(post: Post, language: Language) -> None:
    for draft in drafts(post, language).values():
        for label in LABELS[language]:
            assert re.search(rf"^{label}: \S", draft.text, re.MULTILINE), (draft.subject, label)
            assert f"<dt>{label}</dt>\n<dd>" in draft.html


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_and_html_say_the_same(post: Post, language: Language) -> None:
    for draft in drafts(post, language).values():
        assert words(draft.text) == words("\n".join(Reader(draft.html).texts))


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_keeps_to_its_columns_and_leaves_no_white_space_behind(post: Post, language: Language) -> None:
    for draft in drafts(post, language).values():
        lines = draft.text.splitlines()
        assert [line for line in lines if len(line) > 76 or line != line.rstrip()] == []
        assert draft.text.endswith("\n")
        assert "\n\n\n" not in draft.text
        assert "\n" not in draft.subject


@pytest.mark.parametrize("language", LANGUAGES)
def test_html_can_be_read_by_everybody_and_fetches_nothing(post: Post, language: Language) -> None:
    for draft in drafts(post, language).values():
        page = Reader(draft.html)
        tags = [tag for tag, _ in page.elements]
        assert ("html", {"lang": language}) in page.elements
        assert (tags.count("h1"), tags.count("main"), tags.count("title")) == (1, 1, 1)
        assert {name for _, attributes in page.elements for name in attributes} <= {
            "lang",
            "charset",
            "name",
            "content",
            "class",
        }
        assert not re.search(r"https?:|url\(|@import|<script|<img|<link", draft.html)


@pytest.mark.parametrize(
    ("language", "sent", "wrong"),
    [
        ("nb", "går svaret til sekretariatet (Politirådssekretær), som fører det opp.", "Er du feil mottaker?"),
        ("nn", "går svaret til sekretariatet (Politirådssekretær), som fører det opp.", "Er du feil mottakar?"),
        ("en", "to the secretariat (Secretary to the police council), which puts it on record.", "Not for you?"),
    ],
)
def test_the_answer_goes_to_the_secretariat_and_a_duty_cannot_be_unsubscribed_from(
    post: Post, language: Language, sent: str, wrong: str
) -> None:
    for draft in drafts(post, language).values():
        assert sent in squeezed(draft.text)
        assert wrong in squeezed(draft.text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("detour", get_args(Detour))
def test_a_letter_that_comes_to_somebody_else_says_first_why(post: Post, language: Language, detour: Detour) -> None:
    for name, draft in drafts(post, language, detour=detour).items():
        if name.startswith("digest"):
            continue  # nobody is reminded of another's duty: that is an escalation
        why = {part: sentences(SHARED, language).known[f"detour{part}.{detour}"] for part in ("", "_some")}
        first = squeezed(draft.text.split("\n\n")[2])
        pattern = re.escape(why["_some" if name == "escalation several" else ""]).replace(r"\{title\}", ".+")
        assert re.fullmatch(pattern, first), (name, first)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_script_that_was_typed_anywhere_stays_text(marked: Post, language: Language) -> None:
    people = {"name": f"Jan{MARK}", "title": f"Ordfører{MARK}"}
    for name, draft in drafts(marked, language, **people).items():
        assert "<script" not in draft.html, name
        assert "&lt;script&gt;" in draft.html
        assert words(draft.text) == words("\n".join(Reader(draft.html).texts))


def test_braces_that_were_typed_stay_braces() -> None:
    odd = collected("nb", line(7, title="Tiltak {case} {0}"))
    assert "Tiltak {case} {0} (M-1)" in WRITER.digest(odd).text


@pytest.mark.parametrize("odd", ["\u202e", "\u2066", "\x1b", "\u200b", "\x00", "\u2028", "\r", "\n"])
def test_what_cannot_be_seen_gets_into_no_part_of_a_letter(odd: str) -> None:
    told = collected("nb", line(7, title=f"Natt{odd}ravner"), name=f"Jan{odd}")
    draft = WRITER.digest(told)
    assert odd not in draft.subject
    assert odd == "\n" or odd not in draft.text + draft.html


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_typed_line_break_makes_no_second_line_of_a_subject(language: Language) -> None:
    told = collected(language, line(7, title="Natteravner\nBcc: alle@example.no"))
    assert "\n" not in WRITER.digest(told).subject
    assert "Natteravner Bcc: alle@example.no" in WRITER.digest(told).subject


def answers(draft: Draft, language: Language) -> str:
    """What stands under the first label: what is asked of the reader."""
    first, second, *_ = LABELS[language]
    return squeezed(draft.text).partition(f"{first}: ")[2].partition(f" {second}: ")[0]


@pytest.mark.parametrize(
    ("language", "asked"),
    [
        ("nb", "Vi ber deg møte. Kan du ikke komme, så si fra om hvem som møter for deg."),
        ("nn", "Vi ber deg møte. Kan du ikkje kome, så sei frå om kven som møter for deg."),
        ("en", "Please come. If you cannot, tell us who comes in your place."),
    ],
)
def test_a_letter_is_in_the_language_of_its_recipient(post: Post, language: Language, asked: str) -> None:
    assert answers(post.letter("notice", language), language) == asked
