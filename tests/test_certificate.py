"""The certificate: a page for the minutes, complete, honest about what nobody vouches for, and accessible."""

from __future__ import annotations

import re
import string
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import pytest

from commands.certificate_page import shown
from engine.register import Language
from tests.desk import Desk
from tests.notary import ORIGIN, WITNESS, Notary, folder_in, whole
from tests.world import COUNCIL

WORDS = Path(__file__).parents[1] / "workflows" / "words" / "certificate"
LANGUAGES: tuple[Language, ...] = ("nb", "nn", "en")
VOID = {"meta", "br"}


@pytest.fixture(scope="module")
def notary(tmp_path_factory: pytest.TempPathFactory) -> Notary:
    """A council with an agreement in force, sealed and cosigned; nobody changes it."""
    return whole(tmp_path_factory.mktemp("council"))


class Outline(HTMLParser):
    """The tags of a page, in order, each closed where it must be."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(page)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag begins."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """A tag ends: the one that began last."""
        assert self._open.pop() == tag

    def named(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every tag of a name."""
        return [attributes for name, attributes in self.tags if name == tag]


def text_of(page: str) -> str:
    """What a reader sees, without the style."""
    body = page.partition("<body>")[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def test_who_approved_which_version_when_in_which_capacity_under_which_decision(notary: Notary) -> None:
    seen = text_of(notary.certificate("A-1"))
    for said in (
        "Certificate of approvals", "A-1 Avtale om politiråd", "in force", ORIGIN, "Version 1, 04 October 2018",
        "(current)", "avtale.md (6 bytes)",
        "04 October 2018 approved Regional Council of Trøndelag Sør (regionen)",
        "Chief of police of Trøndelag (politimester), holder", "D-1 point 1, sak 1/19, 6-0-0 (for-against-blank)",
        "identity declared, not signed", "event 2 of A-1, position 38",
    ):  # fmt: skip
        assert said in seen, (said, seen)
    assert seen.count(" signed ") >= 2


def test_the_root_and_the_checkpoint_stand_on_it_and_who_cosigned_when(notary: Notary) -> None:
    page = notary.certificate("A-1")
    with notary.world.store.read(COUNCIL) as reader:
        newest = reader.newest_checkpoint()
    assert newest is not None
    assert str(newest.note) in page
    assert f"Cosigned by {WITNESS.name}, 2018-10-05 12:00" in page
    assert "All 45 events of the log" in page
    assert "warning" not in page.partition("<body>")[2]


def test_every_event_and_document_on_it_has_its_whole_hash(notary: Notary) -> None:
    page = notary.certificate("A-1")
    with notary.world.store.read(COUNCIL) as reader:
        (version,) = reader.versions("A-1")
        leaves = [act.leaf for act in reader.approvals("A-1")]
    assert all(found in page for found in (version.leaf, version.documents[0].sha256, *leaves))
    assert len(leaves) == 4


def test_what_nobody_else_vouches_for_is_said(tmp_path: Path) -> None:
    notary = Notary(folder_in(tmp_path, "council"))
    assert notary.case
    assert "No checkpoint has been made, so nothing seals what stands here" in text_of(notary.certificate("A-1"))
    notary.seal()
    assert "No other party has cosigned this checkpoint" in text_of(notary.certificate("A-1"))


def test_an_act_after_the_checkpoint_is_told_not_to_be_sealed(tmp_path: Path) -> None:
    notary = Notary(folder_in(tmp_path, "council"))
    case = notary.world.propose()
    notary.seal()
    notary.world.agree(case, "1")
    seen = text_of(notary.certificate(case))
    assert "are not sealed yet: event 2 of A-1, position 38, event 3 of A-1, position 39" in seen


def test_a_case_without_a_version_says_so(notary: Notary) -> None:
    measure = notary.world.measure()
    assert "There is no version yet" in text_of(notary.certificate(measure))


def test_of_an_unknown_case_there_is_no_certificate(notary: Notary) -> None:
    answer = Desk(notary.world).types("certificate", "A-9")
    assert (answer.code, answer.out) == (3, "")


def test_it_is_written_to_a_file(notary: Notary, tmp_path: Path) -> None:
    answer = Desk(notary.world).types("certificate", "A-1", "--output", str(tmp_path / "page.html"))
    assert (answer.code, answer.out) == (0, "")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == notary.certificate("A-1")


def test_nothing_that_somebody_wrote_is_markup(tmp_path: Path) -> None:
    notary = Notary(folder_in(tmp_path, "council"))
    case = notary.world.propose(title="<script>alert(1)</script> & more")
    page = notary.certificate(case)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "content=\"default-src 'none'; style-src 'unsafe-inline'\"" in page, "nor would a browser run any"
    assert shown("\u202e<\x1b[2J") == "&lt;[2J"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_accessible_in_every_language(notary: Notary, language: Language) -> None:
    outline = Outline(notary.certificate("A-1", language))
    assert outline.named("html") == [{"lang": language}]
    assert len(outline.named("h1")) == len(outline.named("title")) == len(outline.named("main")) == 1
    assert {tag for tag, _ in outline.tags if tag[0] == "h" and tag[1:].isdigit()} == {"h1", "h2"}
    assert len(outline.named("caption")) == len(outline.named("table")) == 1
    assert {one.get("scope") for one in outline.named("th")} == {"col", "row"}
    assert not {"script", "img", "link", "iframe"} & {tag for tag, _ in outline.tags}


def test_each_language_speaks_its_own(notary: Notary) -> None:
    heads = [re.search("<h1>(.*)</h1>", notary.certificate("A-1", language)) for language in LANGUAGES]
    assert [head and head[1] for head in heads] == [
        "Bekreftelse av godkjenninger", "Stadfesting av godkjenningar", "Certificate of approvals",
    ]  # fmt: skip


def words_of(language: str) -> dict[str, str]:
    """The words of the certificate in a language."""
    words: dict[str, str] = tomllib.loads((WORDS / f"{language}.toml").read_text())["certificate"]
    return words


def parameters(text: str) -> set[str]:
    """The `{parameters}` of a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_every_language_has_the_same_words_and_parameters(language: str) -> None:
    english, other = words_of("en"), words_of(language)
    assert english.keys() == other.keys()
    assert {key for key in english if parameters(english[key]) != parameters(other[key])} == set()
    assert all(text.strip() for text in other.values())


def test_every_word_of_the_certificate_is_used() -> None:
    folder = Path(__file__).parents[1] / "commands"
    code = "".join(path.read_text() for path in folder.glob("certificate*.py"))
    code += (Path(__file__).parents[1] / "workflows" / "certificate_words.py").read_text()
    assert {key for key in words_of("en") if f'"{key}"' not in code and f"'{key}'" not in code} == set()
