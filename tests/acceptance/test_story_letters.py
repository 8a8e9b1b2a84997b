"""The letters of the shipped story: shown, listed, kept in a folder; and what the demo says can be tried afterwards."""

from __future__ import annotations

import mailbox
import shlex
from typing import TYPE_CHECKING

from tests.demo import FOLDER, run

if TYPE_CHECKING:
    from tests.demo import Told

KEPT = "Every letter lies in the folder mail as well, as a mail program reads it.\n"
ANSWERS = {
    "agreement diff A-1 1 2": "+++ avtale-2.md",
    "explain M-3 implement": "M-3 implement: cannot be taken now.",
    "letters show --to slt_roros": "office   Crime-prevention coordinator of Røros (slt_roros)",
    "log E-1": "opened",
    "verify export": "is in order",
}
"""What the demo says can be tried, and what each command then shows."""


def listed(told: Told) -> list[str]:
    """The letters that the story lists, newest first."""
    _, _, after = told.transcript.partition(KEPT)
    lines = after.partition("\n\n")[0].splitlines()
    return [line.split()[0] for line in lines if line.startswith("L-")]


def test_the_story_lists_its_five_newest_letters_and_says_that_there_are_more(told_amend_first: Told) -> None:
    newest = int(listed(told_amend_first)[0].removeprefix("L-"))
    assert listed(told_amend_first) == [f"L-{number}" for number in range(newest, newest - 5, -1)]
    assert "Only the newest 5 are shown; --limit shows more." in told_amend_first.transcript.partition(KEPT)[2]


def test_the_list_holds_a_reminder_and_an_escalation_of_the_same_measure(told_amend_first: Told) -> None:
    subjects = {one["letter"]: one["subject"] for one in told_amend_first.json("letters", "--all", "--limit", "200")}
    found = {subjects[letter].partition(":")[0] for letter in listed(told_amend_first)}
    assert found == {"Over fristen", "Ikke gjort"}


def test_every_letter_lies_in_the_folder_that_the_story_names(told: Told) -> None:
    assert KEPT in told.transcript
    letters = told.json("letters", "--all", "--limit", "200")
    kept = mailbox.Maildir(told.home / FOLDER / "mail", create=False)
    assert sorted(message["Message-ID"] for message in kept) == sorted(
        one["message_id"] for one in letters if one["stage"] == "sent"
    )


def test_what_the_demo_says_can_be_tried_shows_what_it_is_for(told: Told) -> None:
    _, _, offered = told.transcript.partition(f"  cd {FOLDER}\n")
    commands = [shlex.split(line)[1:] for line in offered.splitlines()]
    assert [shlex.join(words) for words in commands] == list(ANSWERS)
    for words in commands:
        answer = run(told.home / FOLDER, *words)
        assert (answer.returncode, ANSWERS[shlex.join(words)] in answer.stdout) == (0, True), words
