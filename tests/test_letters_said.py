"""What each letter after a step says: the meeting and its agenda, the decision, and what the reader now owes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from typing import TYPE_CHECKING

import pytest
from msgspec import structs

from engine.letter import Occasion
from tests.correspondence import LANGUAGES, WRITER, Post, squeezed
from tests.world import World
from workflows.agreement import AGREEMENT, bound
from workflows.letters.content import inside
from workflows.letters.decision import TABLES
from workflows.words import Words

if TYPE_CHECKING:
    from pathlib import Path

    from engine.event import Facts
    from engine.register import Language
    from engine.situation import Situation


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Post:
    """The letters of a council."""
    return Post(tmp_path_factory.mktemp("post"))


def with_facts(occasion: Occasion, facts: Facts) -> Occasion:
    """An occasion whose case has some other facts; null removes one."""
    found: Situation = occasion.situation
    return replace(occasion, situation=found.after(found.case.state, facts))


def test_a_notice_has_the_agenda_in_its_order_in_the_readers_words(post: Post) -> None:
    text = post.letter("notice", "nn").text
    order = [text.index(item) for item in ("1. Innkalling", "2. Førre referat", "7. Neste møte", "8. Flom i Gaula")]
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("language", "when"),
    [
        ("nb", "Når: Onsdag 12. juni 2019 kl. 10.00\N{EN DASH}14.30"),
        ("nn", "Når: Onsdag 12. juni 2019 kl. 10.00\N{EN DASH}14.30"),
        ("en", "When: Wednesday 12 June 2019, 10:00\N{EN DASH}14:30"),
    ],
)
def test_a_notice_says_when_and_where_as_the_language_writes_it(post: Post, language: Language, when: str) -> None:
    text = post.letter("notice", language).text
    assert when in text
    assert "Melhus rådhus" in text


@pytest.mark.parametrize(
    ("facts", "when"),
    [
        ({"ends": None}, "Når: Onsdag 12. juni 2019 kl. 10.00\n"),
        ({"begins": None, "ends": None}, "Når: Onsdag 12. juni 2019\n"),
        ({"place": None}, "Hvor: Stedet kommer senere."),
    ],
)
def test_a_notice_says_no_more_than_is_known(post: Post, facts: Facts, when: str) -> None:
    assert when in WRITER.about(with_facts(post.occasion("notice", "nb"), facts)).text


def test_a_notice_brings_its_documents_and_an_invitation(post: Post) -> None:
    draft = post.letter("notice", "en")
    assert [document.name for document in draft.documents] == ["kriminalitetsbildet.md"]
    assert "Attached\n--------\n- kriminalitetsbildet.md" in draft.text
    assert draft.invitation is not None
    assert (draft.invitation.day, draft.invitation.begins, draft.invitation.place) == (
        date(2019, 6, 12), time(10), "Melhus rådhus",
    )  # fmt: skip
    assert draft.invitation.description.startswith("Agenda\n1. Notice and agenda\n2. Previous minutes\n")


def test_a_moved_meeting_is_the_same_one_in_the_calendar_with_a_higher_number(post: Post) -> None:
    notice, moved = (post.letter(name, "nb").invitation for name in ("notice", "moved"))
    assert notice is not None
    assert moved is not None
    assert (notice.uid, moved.day) == (moved.uid, date(2019, 6, 19))
    assert notice.sequence < moved.sequence
    assert not moved.cancelled


def test_a_moved_meeting_says_its_new_date_or_that_it_follows(post: Post) -> None:
    dated = post.occasion("moved", "nb")
    assert "Møtet 12. juni 2019 er flyttet til 19. juni 2019: Årsmøte" in squeezed(WRITER.about(dated).text)
    unknown = WRITER.about(with_facts(dated, {"moved_from": None}))
    assert "Den nye datoen er 19. juni 2019." in squeezed(unknown.text)
    undated = WRITER.about(with_facts(dated, {"date": None}))
    assert "Ny dato er ikke satt ennå." in squeezed(undated.text)
    assert undated.invitation is None


def test_a_cancelled_meeting_is_taken_out_of_the_calendar(post: Post) -> None:
    draft = post.letter("cancelled", "nb")
    assert draft.subject == "Møtet 12. juni 2019 er avlyst: Årsmøte 2019 (MT-1)"
    assert draft.invitation is not None
    assert draft.invitation.cancelled


def test_minutes_ask_for_approval_of_their_version_by_their_date(post: Post) -> None:
    draft = post.letter("minutes", "nb")
    assert "Svar «Jeg godkjenner versjon 1»" in squeezed(draft.text)
    assert "Frist: Fredag 19. juli 2019." in draft.text
    assert [document.name for document in draft.documents] == ["referat.md"]


def test_an_evaluation_asks_about_the_readers_own_measures_only(post: Post) -> None:
    assert "- Natteravner (M-1)\n  Utfordring: Uro ved stasjonen\n" in post.letter("evaluation", "nb").text
    assert "Natteravner" not in post.letter("evaluation", "nb", office="slt_oppdal", person="p_slt_oppdal").text


def test_whoever_follows_up_in_two_offices_is_asked_about_both_in_one_letter(post: Post) -> None:
    draft = post.letter("evaluation", "nb", office="slt_oppdal", person="p_slt_melhus")
    assert "Natteravner (M-1)" in draft.text
    assert "Du får det som SLT-koordinator i Melhus." in squeezed(draft.text)


def test_a_letter_for_an_unreached_office_is_about_that_office_alone(post: Post) -> None:
    draft = post.letter("evaluation", "nb", office="slt_oppdal", person="p_slt_melhus", detour="vacant")
    assert "Natteravner" not in draft.text


@pytest.mark.parametrize(
    ("held", "agreed", "said"),
    [(0, 1, "Avtalen krever ett møte i året."), (1, 2, "Avtalen krever 2 møter i året.")],
)
def test_a_breach_says_how_many_meetings_there_were(post: Post, held: int, agreed: int, said: str) -> None:
    found = post.occasion("breach", "nb")
    event = structs.replace(found.recorded.event, data={"facts": {"breach": {"held": held, "agreed": agreed}}})
    text = squeezed(WRITER.about(replace(found, recorded=structs.replace(found.recorded, event=event))).text)
    assert said in text
    assert f"holdt rådet {'ett møte' if held else 'ingen møter'} i 2020." in text


def test_a_decision_says_who_decided_when_and_where_it_is_written(post: Post) -> None:
    text = post.letter("decision recommended", "nn").text
    assert "- Avgjort av: Regionalt politiråd Trøndelag Sør\n- Dato: 2. januar 2019\n- Tilvising: PS 3/19" in text
    assert "Utfordring: Uro ved stasjonen" in text


def test_a_decision_asks_of_the_reader_what_they_now_owe_and_of_others_nothing(post: Post) -> None:
    mine, others = (
        post.letter("decision recommended", "en", office=o, person=f"p_{o}")
        for o in ("kommunedirektor_melhus", "slt_melhus")
    )
    assert "What we ask of you: Accept or decline the recommendation.\nBy when: Sunday 3 March 2019." in mine.text
    assert "The office is to carry out the measure." in squeezed(mine.text)
    assert "What we ask of you: Nothing now." in others.text
    assert "The office follows up the measure." in squeezed(others.text)


def test_a_decision_whose_date_nobody_knows_invents_none(post: Post) -> None:
    found = post.occasion("decision recommended", "nb")
    unknown = structs.replace(found.recorded, event=structs.replace(found.recorded.event, on=None))
    assert "- Dato: Datoen er ikke kjent." in WRITER.about(replace(found, recorded=unknown)).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_decision_of_every_table_can_be_told(post: Post, language: Language) -> None:
    found = post.occasion("decision recommended", language)
    for workflow in TABLES.values():
        for letter in workflow.letters:
            event = structs.replace(found.recorded.event, type=workflow.event_types[letter.step])
            draft = WRITER.about(replace(found, recorded=structs.replace(found.recorded, event=event)))
            assert draft.subject == f"Natteravner: {Words(language).event(event.type)} (M-1)"


def test_what_the_clock_does_by_itself_is_asked_of_nobody(tmp_path: Path) -> None:
    post = Post.__new__(Post)
    post.mark, post.world, post.occasions = "", World(tmp_path), {}
    case = post.world.propose(starts="2019-06-01")
    post.world.agree(case, "1")
    post.note("decision adopted", case, "adopt", "politiradssekretar")
    assert "Dette ber vi deg om: Ingenting nå." in post.letter("decision adopted", "nb").text


def test_an_agreement_tells_its_municipalities_but_for_those_that_reserved_themselves(post: Post) -> None:
    _, found, _ = post.occasions["decision in force"]
    reserving = found.after(found.case.state, {"reserved": ["oppdal"]})
    assert set(bound(found)) - set(bound(reserving)) == {"oppdal"}
    told = next(letter for letter in AGREEMENT.letters if letter.step == "enter_into_force")
    assert set(bound(reserving)) < set(told.to.deciders(reserving))


def test_every_letter_about_a_case_names_it_in_its_subject(post: Post) -> None:
    for name in post.occasions:
        draft = post.letter(name, "nb")
        assert draft.subject.endswith(f"({post.occasions[name][0].event.case})")


def test_a_title_inside_a_sentence_begins_small_unless_it_is_letters() -> None:
    assert [inside(title) for title in ("Ordfører i Røros", "SLT-koordinator i Røros", "")] == [
        "ordfører i Røros", "SLT-koordinator i Røros", "",
    ]  # fmt: skip


def test_an_office_the_register_has_lost_is_called_by_its_id(post: Post) -> None:
    found = post.occasion("decision recommended", "nb")
    council = found.situation.council
    register = structs.replace(council.register, bodies={})
    lost = structs.replace(found.situation, council=replace(council, register=register))
    assert "- Avgjort av: politiradet" in WRITER.about(replace(found, situation=lost)).text
