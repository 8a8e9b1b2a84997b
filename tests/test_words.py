"""The catalogues of words: one vocabulary in three languages, and a word for everything the program can say."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from commands import tables
from engine.definition import Workflow
from engine.errors import because
from engine.field import Field, Kind
from engine.form import questions
from workflows.profile import AGENDA
from workflows.words import WORDED, Words

if TYPE_CHECKING:
    from engine.register import Language

ROOT = Path(__file__).parents[1]
LANGUAGES = ("en", "nb", "nn")
ACTS = {
    "approval": ("missing", "approved", "rejected"),
    "signature": ("missing", "signed"),
    "ratification": ("missing", "acceded", "reserved", "not_required"),
}
"""The reasons that `engine.approval` puts together: what each kind of act can come to."""

COMPUTED = {"no_such_version", "version_ambiguous"}
"""Codes that stand in a variable, where the syntax tree does not show them as an argument."""


def catalogue(language: str) -> dict[str, str]:
    """Every entry of a catalogue under its dotted key."""
    document = tomllib.loads((ROOT / "workflows" / "words" / f"{language}.toml").read_text())
    return dict(flat(document))


def flat(section: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    """The texts of a section, each under its dotted key."""
    for key, value in section.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)


def parsed(*folders: str) -> Iterator[ast.AST]:
    """Every node of the modules in some folders."""
    for folder in folders:
        for path in sorted((ROOT / folder).glob("*.py")):
            yield from ast.walk(ast.parse(path.read_text()))


def called(name: str, *folders: str) -> set[str]:
    """The constant first arguments of every call to a function or method of a name."""
    calls = (node for node in parsed(*folders) if isinstance(node, ast.Call) and node.args)
    named = (call for call in calls if getattr(call.func, "id", getattr(call.func, "attr", None)) == name)
    arguments = (part for call in named for part in branches(call.args[0]))
    return {str(part.value) for part in arguments if isinstance(part, ast.Constant)}


def prefixes(name: str, *folders: str) -> set[str]:
    """How the first arguments begin that are put together (`f"tie_{…}"`), in every call to a function of a name."""
    calls = (node for node in parsed(*folders) if isinstance(node, ast.Call) and node.args)
    named = (call.args[0] for call in calls if getattr(call.func, "id", getattr(call.func, "attr", None)) == name)
    begun = (made.values[0] for made in named if isinstance(made, ast.JoinedStr))
    return {str(part.value) for part in begun if isinstance(part, ast.Constant)}


def branches(node: ast.expr) -> Iterator[ast.expr]:
    """An expression, or each side of a conditional one."""
    if isinstance(node, ast.IfExp):
        yield from (*branches(node.body), *branches(node.orelse))
    else:
        yield node


def reason_codes() -> set[str]:
    """Every code a refusal can have."""
    made = {f"{kind}_{end}" for kind, ends in ACTS.items() for end in ends}
    return called("because", "engine", "workflows") | called("Reason", "engine", "workflows") | made | COMPUTED


def guards() -> set[str]:
    """The names of every guard in a table; a bare no of one is refused under its name."""
    return {guard.__name__ for w in tables.workflows() for row in w.rows for guard in row.only_if}


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_every_language_has_the_same_keys(language: str) -> None:
    assert set(catalogue(language)) ^ set(catalogue("en")) == set()


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_every_language_names_the_same_parameters(language: str) -> None:
    english, other = catalogue("en"), catalogue(language)
    differing = {key for key in english if placeholders(english[key]) != placeholders(other[key])}
    assert differing == set()


def placeholders(text: str) -> set[str]:
    """The `{parameters}` of a sentence."""
    return set(re.findall(r"{(\w+)}", text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_untranslated_or_empty(language: str) -> None:
    words = catalogue(language)
    assert [key for key, text in words.items() if not text.strip() and key != "phrase."] == []
    if language != "en":
        same = {key for key, text in words.items() if text == catalogue("en")[key] and len(text) > len("SQLite {}")}
        assert {key for key in same if key.partition(".")[0] in {"reason", "check", "step", "event"}} == set()


@pytest.mark.parametrize("workflow", tables.workflows(), ids=tables.NAMES)
def test_every_state_step_event_and_deadline_has_its_word(workflow: Workflow) -> None:
    known = catalogue("en")
    needed = {
        *(f"state.{workflow.name}.{state}" for state in workflow.states),
        *(f"step.{workflow.name}.{step}" for step in workflow.by_step),
        *(f"event.{type_}" for type_ in workflow.event_types.values()),
        *(f"deadline.{workflow.name}.{deadline.name}" for deadline in workflow.deadlines),
    }
    assert needed - set(known) == set()


def test_no_word_is_kept_for_what_no_table_has() -> None:
    known = {key for key in catalogue("en") if key.split(".")[0] in {"state", "step", "event", "deadline"}}
    own = {key for key in known if key.split(".")[1] in tables.NAMES}
    needed = {
        key
        for w in tables.workflows()
        for key in (
            *(f"state.{w.name}.{state}" for state in w.states),
            *(f"step.{w.name}.{step}" for step in w.by_step),
            *(f"event.{type_}" for type_ in w.event_types.values()),
            *(f"deadline.{w.name}.{deadline.name}" for deadline in w.deadlines),
        )
    }
    assert own - needed == set()


def test_every_role_and_choice_of_the_tables_has_its_word() -> None:
    rows = [row for w in tables.workflows() for row in w.rows]
    roles = {name for row in rows for name in row.by.name.split(" | ")}
    roles |= {deadline.owed_by.name for w in tables.workflows() for deadline in w.deadlines}
    choices = {choice for row in rows for q in questions(row.form) if q.kind is Kind.CHOICE for choice in q.choices}
    needed = {f"role.{role}" for role in roles} | {f"value.{choice}" for choice in choices}
    assert needed - set(catalogue("en")) == set()


def asked() -> list[Field]:
    """Every field of every form of every table."""
    return [q for w in tables.workflows() for row in w.rows for q in questions(row.form)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_of_a_form_and_every_choice_of_one_has_its_label(language: str) -> None:
    needed = {f"fact.{question.name}" for question in asked()}
    needed |= {f"value.{choice}" for question in asked() for choice in question.choices}
    needed |= {f"agenda.{item}" for item in AGENDA}
    assert needed - set(catalogue(language)) == set()


def test_every_answer_that_is_a_choice_is_put_into_words() -> None:
    assert {question.name for question in asked() if question.choices} == {
        name for name, section in WORDED.items() if section == "value"
    }


@pytest.mark.parametrize(
    ("language", "read"),
    [
        ("en", ["crime prevention", "yes", "action plan; Flood", "date 2019-06-12, held no"]),
        ("nb", ["kriminalitetsforebygging", "ja", "handlingsplan; Flood", "dato 2019-06-12, holdt nei"]),
        ("nn", ["kriminalitetsførebygging", "ja", "handlingsplan; Flood", "dato 2019-06-12, halde nei"]),
    ],
)
def test_an_answer_is_read_in_the_readers_language(language: Language, read: list[str]) -> None:
    words = Words(language)
    assert [
        words.answer("theme", "crime_prevention"),
        words.answer("mandatory", value=True),
        words.answer("item", ["action_plan", "Flood"]),
        words.answer("meetings", [{"date": "2019-06-12", "held": False, "place": None}]),
    ] == read


def test_every_reason_has_a_sentence_and_every_guard_a_statement() -> None:
    sentences = {key.removeprefix("reason.") for key in catalogue("en") if key.startswith("reason.")}
    statements = {key.removeprefix("check.") for key in catalogue("en") if key.startswith("check.")}
    assert reason_codes() - sentences == set()
    assert guards() - statements == set()


def test_no_sentence_is_kept_for_a_reason_nobody_gives() -> None:
    sentences = {key.removeprefix("reason.") for key in catalogue("en") if key.startswith("reason.")}
    assert sentences - reason_codes() == set()


def test_every_event_of_the_councils_own_case_has_its_word() -> None:
    appended = {
        str(call.args[2].value)
        for call in parsed("engine")
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in {"append", "_append"} and len(call.args) > 2
        if isinstance(call.args[2], ast.Constant)
    }
    known = {key.rpartition(".")[2] for key in catalogue("en") if key.startswith(("event.council.", "event.any."))}
    assert appended
    assert appended - known == set()


def test_every_phrase_the_commands_use_is_known_and_every_known_one_is_used() -> None:
    counted = {f"{name}_{end}" for name in called("counted", "commands") for end in ("one", "many")}
    used = called("phrase", "commands", "workflows") | counted
    strings = {node.value for node in parsed("commands", "workflows") if isinstance(node, ast.Constant)}
    known = {key.removeprefix("phrase.") for key in catalogue("en") if key.startswith("phrase.")}
    assert used - known == set()
    made = ("due_in_", "overdue_", *prefixes("phrase", "commands", "workflows"))
    assert {name for name in known - counted if name not in strings and not name.startswith(made)} == set()


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Name the version you have read: --version 2 (or its hash, 4f3a)."),
        ("nb", "Navngi den versjonen du har lest: --version 2 (eller dens avtrykk, 4f3a)."),
        ("nn", "Namngje den versjonen du har lese: --version 2 (eller avtrykket hans, 4f3a)."),
    ],
)
def test_a_reason_is_put_into_the_readers_language(language: str, sentence: str) -> None:
    words = Words(language)  # type: ignore[arg-type]  # one of the three
    assert words.reason(because("version_needed", current=2, leaf="4f3a")) == sentence


def test_a_reason_names_states_roles_and_what_is_missing_as_people_do() -> None:
    words = Words("nb")
    state = because("step_not_allowed_now", step="approve", state="in_force")
    assert words.reason(state, "agreement") == "Steget approve kan ikke tas mens saken er i kraft."
    assert "sekretariat / klokken" in words.reason(because("nobody_can_decide", role="secretariat | clock"))
    assert "Roller du har: ingen." in words.reason(because("may_not_act_for", decider="melhus", held=None))


def test_what_is_missing_is_named_as_people_do_and_as_it_is_typed() -> None:
    words = Words("nb")
    assert "mangler: utfordring (--challenge), oppfølgingsansvarlig (--follow-up)." in words.reason(
        because("incomplete", missing="challenge, follow_up")
    )
    assert "mangler: crime_picture (kriminalitetsbildet)." in words.reason(
        because("agenda_incomplete", missing="crime_picture")
    )


def test_a_reason_calls_people_by_their_titles_and_leaves_what_is_typed_as_it_is() -> None:
    vacant = because("office_vacant", office="slt_roros", on="2019-06-12")
    assert Words("nb").reason(vacant, called=lambda id_: f"SLT-koordinator i Røros ({id_})") == (
        "Ingen har rollen SLT-koordinator i Røros (slt_roros) 2019-06-12. Før opp hvem som har den:"
        " `politirad office assign slt_roros PERSON --from DATO`."
    )


def test_words_of_a_list_in_a_reason_are_put_into_words_and_not_taken_for_somebody() -> None:
    low = because("assurance_too_low", who="politiet", given="declared", needed="sshsig")
    assert "Identiteten bak handlingen til POLITIET er oppgitt, og regelen krever signert (SSH)." in (
        Words("nb").reason(low, called=str.upper)
    )
    assert "(forkastet)" in Words("nb").reason(because("already_said", who="x", outcome="rejected"))
    assert Words("nb").reason(because("vote_of", rule="consensus")) == "Avstemningen (enstemmighet)."


@pytest.mark.parametrize(("case", "typed"), [("A-1", "agreement diff A-1 1 2"), ("E-1", "show E-1")])
def test_an_outdated_version_is_told_with_what_changed_and_how_to_see_it(case: str, typed: str) -> None:
    old = because("version_outdated", given=1, current=2, leaf="4f3a", changed="a.md → b.md", case=case)
    said = Words("en").reason(old)
    assert f"Changed since: a.md → b.md. See what: `politirad {typed}`. Read that, then name it." in said


def test_a_record_from_before_a_reason_said_more_can_still_be_read() -> None:
    assert "Version 1 is outdated; 2 (4f3a)" in Words("en").reason(
        because("version_outdated", given=1, current=2, leaf="4f3a")
    )


def test_what_is_left_open_in_a_reason_is_said_in_words() -> None:
    endless = because("outside_period", office="x", on="2019-01-01", since="2019-06-12", until=None)
    assert "from 2019-06-12 to further notice" in Words("en").reason(endless)
    assert "(date unknown)" in Words("en").reason(because("no_deputy", office="x", on=None))


def test_a_guard_that_only_says_no_is_not_met() -> None:
    assert Words("en").reason(because("season_open")) == "Not met: the first day for evaluations has come."


def test_what_no_catalogue_knows_is_shown_as_its_code() -> None:
    words = Words("nn")
    assert words.event("agreement.sealed") == "sealed"
    assert words.state("charter", "sealed") == "sealed"
    assert words.label("outcome", "sealed") == "sealed"


@pytest.mark.parametrize("language", LANGUAGES)
def test_commands_in_sentences_stand_between_backticks(language: str) -> None:
    assert [key for key, text in catalogue(language).items() if text.count("`") % 2] == []
