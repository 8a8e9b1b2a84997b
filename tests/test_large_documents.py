"""Documents too large for a letter: they are named in it, with where to get them, and it goes out all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.field import Document
from engine.letter import go_along
from engine.mail import attached_names, plain_text
from tests.letterbox import Letterbox
from workflows.letters.attached import listed
from workflows.letters.sentences import SHARED, sentences
from workflows.profile import AGENDA

if TYPE_CHECKING:
    from pathlib import Path

    from engine.register import Language

MEBIBYTE = 2**20
READER = "ordforer_melhus"


def document(size: int) -> Document:
    """A document of so many bytes."""
    return Document("0" * 64, "kart.md", "text", size)


@pytest.mark.parametrize(
    ("sizes", "along"),
    [((), True), ((3 * MEBIBYTE,), True), ((3 * MEBIBYTE + 1,), False), ((2 * MEBIBYTE, MEBIBYTE, 1), False)],
)
def test_three_mebibytes_of_documents_go_along_with_a_letter_and_not_a_byte_more(
    sizes: tuple[int, ...], *, along: bool
) -> None:
    assert go_along(tuple(map(document, sizes))) is along


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("nb", "For store for e-post; be sekretariatet om dem"),
        ("nn", "For store for e-post; be sekretariatet om dei"),
        ("en", "Too large for e-mail; ask the secretariat for them"),
    ],
)
def test_a_letter_does_not_call_attached_what_is_not(language: Language, title: str) -> None:
    assert listed((document(4 * MEBIBYTE),), sentences(SHARED, language)).heading == title


def test_documents_over_three_mebibytes_are_named_in_the_notice_and_left_out_of_it(tmp_path: Path) -> None:
    box = Letterbox(tmp_path)
    box.world.in_force()
    meeting = box.world.take("meeting", "plan", title="Årsmøte", date="2018-12-05").step.event.case
    box.world.take("meeting", "add_item", meeting, item=AGENDA)
    small, files = box.world.document_of("saksliste.md", "Saker")
    large, more = box.world.document_of("kart.md", "x" * 3 * MEBIBYTE)
    box.world.take("meeting", "summon", meeting, documents=(small, large), files={**files, **more})
    box.at("2018-10-05")
    (body,) = [mail.body for mail in box.mail.sent if mail.address == box.to(READER) and b"METHOD:" not in mail.body]
    assert attached_names(body) == ("invite.ics",)
    assert len(body) < MEBIBYTE
    told = plain_text(body)
    assert "For store for e-post; be sekretariatet om dem" in told
    assert "saksliste.md" in told
    assert "kart.md" in told
