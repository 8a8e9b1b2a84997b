"""What reminders, escalations and returned letters say: the duty, how late it is, and what is expected of whom."""

from __future__ import annotations

import pytest

from tests.correspondence import LANGUAGES, TODAY, WRITER, came_back, collected, line, squeezed


@pytest.mark.parametrize(
    ("late", "nb", "nn", "en"),
    [
        (7, "1. september 2019, for 7 dager siden", "for 7 dagar sidan", "1 September 2019, 7 days ago"),
        (1, "7. september 2019, for 1 dag siden", "for 1 dag sidan", "7 September 2019, 1 day ago"),
        (0, "i dag, 8. september 2019", "i dag, 8. september", "today, 8 September 2019"),
        (-1, "i morgen, 9. september 2019", "i morgon, 9. september", "tomorrow, 9 September 2019"),
        (-14, "22. september 2019, om 14 dager", "om 14 dagar", "22 September 2019, in 14 days"),
    ],
)
def test_a_reminder_says_how_late_it_is(late: int, nb: str, nn: str, en: str) -> None:
    said = {"nb": nb, "nn": nn, "en": en}
    for language in LANGUAGES:
        assert said[language] in WRITER.digest(collected(language, line(late))).text


def test_a_reminder_of_one_task_says_it_at_once() -> None:
    draft = WRITER.digest(collected("nb", line(-14)))
    assert draft.subject == "Påminnelse: Natteravner (M-1), frist 22. september 2019"
    assert "Dette ber vi deg om: Iverksett det.\nFrist: 22. september 2019, om 14 dager.\n" in draft.text


def test_a_reminder_of_several_tasks_groups_them_by_office_the_most_urgent_first() -> None:
    mayor = "Ordfører i Melhus"
    lines = (line(7), line(3, case="M-2", holder=mayor), line(-3, case="M-3"))
    draft = WRITER.digest(collected("nb", *lines))
    order = [draft.text.index(part) for part in ("Rådmann i Melhus\n---", "(M-1)", "(M-3)", f"{mayor}\n---", "(M-2)")]
    assert order == sorted(order)
    assert draft.subject == "Over fristen: 2 av 3 oppgaver"
    assert "Du får det som rådmann i Melhus og ordfører i Melhus." in squeezed(draft.text)


def test_tasks_that_are_not_due_yet_are_not_called_late() -> None:
    draft = WRITER.digest(collected("en", line(0), line(-3, case="M-2")))
    assert draft.subject == f"Reminder: 2 tasks, the first due {TODAY.day} September 2019"


@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        ("follow_up", "Spør den ansvarlige hva som hindrer, og bli enige om når det blir gjort."),
        ("secretariat", "Hjelp den ansvarlige i gang, og sjekk om det er gjort uten å være ført opp."),
        ("leader", "Ta det opp med den ansvarlige, og avgjør hva som skal skje."),
        ("agenda", "Saken skal opp på neste møte. Se til at den står på sakslisten."),
        ("owner", "Vi når ikke den ansvarlige på e-post."),
    ],
)
def test_an_escalation_says_what_is_expected_of_whom_it_tells(audience: str, expected: str) -> None:
    text = WRITER.escalation(collected("nb", line(7, audience))).text
    assert expected in squeezed(text).partition("Frist:")[0]
    assert "Ansvarlig: Rådmann i Melhus.\n  Dette gjenstår: Iverksett det.\n  Frist: 1. september 2019" in text


def test_an_escalation_says_how_late_it_is() -> None:
    assert (
        WRITER.escalation(collected("en", line(7, "leader"))).subject == "Not done: Natteravner (M-1), 7 days overdue"
    )


def test_a_reminder_nobody_else_can_be_reached_for_is_not_called_late_before_it_is() -> None:
    draft = WRITER.escalation(collected("nb", line(-3, "owner"), detour="vacant"))
    assert draft.subject == "Må følges opp: Natteravner (M-1), frist 11. september 2019"
    assert "Frist: 11. september 2019, om 3 dager." in draft.text


def test_a_year_and_a_case_without_a_title_are_named_by_their_kind() -> None:
    year = line(7, case="Y-2019", workflow="year", name="meeting_date", title="2019")
    bare = line(3, case="A-1", workflow="agreement", name="convey", title="")
    text = WRITER.digest(collected("nb", year, bare)).text
    assert "- År 2019 (Y-2019)\n  Sett dato for møtet." in text
    assert "- Avtale (A-1)\n" in text


def test_a_letter_that_came_back_is_quoted_with_what_the_server_said() -> None:
    draft = WRITER.returned(came_back("nb"))
    assert "\n> - Natteravner (M-1)\n>   Iverksett det.\n" in draft.text
    assert "E-postserveren svarte: 550 5.1.1 User unknown" in draft.text
    assert "<blockquote>Hei.\n\n- Natteravner (M-1)\n  Iverksett det.</blockquote>" in draft.html
