"""The follow-up report: what was decided, who answers for it, what was done, and what nobody may overlook."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, get_args

import pytest
from click.testing import CliRunner

from commands.configuration import Settings
from commands.follow_up_cells import DUTY_COLUMNS, MEASURE_COLUMNS, cells_of
from commands.follow_up_page import STYLE, page
from commands.follow_up_text import print_text
from commands.report import Asked, made_of, report
from commands.wiring import Setup
from engine.correction import annul, correct
from engine.errors import NotFoundError
from engine.ports import Person
from engine.register import Language
from engine.registration import end_holding
from tests.world import COUNCIL, World
from workflows.follow_up import belongs
from workflows.follow_up_rows import Report, Row
from workflows.report_words import ReportWords

if TYPE_CHECKING:
    from pathlib import Path

LANGUAGES: tuple[Language, ...] = get_args(Language)
IMPLEMENTER, FOLLOW_UP, SECRETARY = "kommunedirektor_melhus", "slt_melhus", "politiradssekretar"
FOUND = {
    "effect": "partly_achieved", "assessment": "Færre anmeldelser", "method": "Statistikk", "evaluator": FOLLOW_UP,
}  # fmt: skip
NOTHING = ReportWords("en").heading("nothing")
EVERYTHING = Asked(year=None, office=None, plan_only=False)


@pytest.fixture
def council(world: World) -> World:
    """A council with an agreement in force since 4 October 2018, and names for two of its office-holders."""
    world.in_force()
    with world.store.write(COUNCIL) as tx:
        tx.keep_person(Person(f"p_{IMPLEMENTER}", "kari_d", "Kari Direktør", None))
        tx.keep_person(Person(f"p_{FOLLOW_UP}", "siv_s", "Siv Slett", None))
    return world


def setup_of(world: World, language: Language | None = None) -> Setup:
    """What the command works with, over the world's database and clock."""
    settings = Settings(world.folder / "politirad.db", world.folder / "politirad.toml", COUNCIL, language=language)
    return Setup(settings, world.clock)


def made(world: World, asked: Asked = EVERYTHING) -> Report:
    """The report as rows."""
    setup = setup_of(world)
    with setup.reading() as reader:
        return made_of(setup, reader, asked, setup.today)


def only(world: World) -> Row:
    """The one measure of the report."""
    (row,) = made(world).measures
    return row


def cells(row: Row, language: Language = "en") -> dict[str, str]:
    """A row in words, a cell's lines joined by ` | `."""
    return {column: " | ".join(lines) for column, lines in cells_of(row, ReportWords(language)).items()}


def run(world: World, *arguments: str, language: Language | None = None) -> str:
    """What `politirad report follow-up` prints."""
    result = CliRunner().invoke(
        report, ["follow-up", *arguments], obj=setup_of(world, language), catch_exceptions=False
    )  # fmt: skip
    return result.stdout


def recommended(world: World, **options: Any) -> str:  # noqa: ANN401  # the measure's own fields
    """A measure recommended by the police council on 12 June 2019, point 1 of a recorded decision; its case id."""
    world.clock.move_to(date(2019, 6, 12))
    case = world.measure(**options)
    decision = world.decide("Rådet tilrår natteravner.", body="politiradet")
    world.take("measure", "recommend", case, decider="politiradet", decision=decision, point=1, ref="PS 12/19")
    return case


def anchored(world: World, **options: Any) -> str:  # noqa: ANN401  # the measure's own fields
    """The same, accepted by its implementer on 1 July 2019."""
    case = recommended(world, **options)
    world.clock.move_to(date(2019, 7, 1))
    world.take("measure", "anchor", case, decider=options.get("implementer", IMPLEMENTER), ref="FO 39/19")
    return case


def implemented(world: World) -> str:
    """The same, carried out on 28 August 2019."""
    case = anchored(world)
    world.clock.move_to(date(2019, 8, 28))
    world.take("measure", "implement", case, decider=IMPLEMENTER, done="24 frivillige går hver helg")
    return case


def test_each_decision_tells_body_date_reference_and_text(council: World) -> None:
    anchored(council)

    assert cells(only(council))["decisions"] == (
        "12.06.2019, Regional police council of Trøndelag Sør: recommended (PS 12/19, D-2 point 1):"
        " “Rådet tilrår natteravner.” | registered by Kari Nordli, Secretary to the police council (declared)"
        " | 01.07.2019, Chief executive of Melhus: anchored (FO 39/19)"
        " | registered by Kari Nordli, Secretary to the police council (declared)"
    )


def test_both_offices_are_named_with_their_holders(council: World) -> None:
    anchored(council)

    assert cells(only(council))["responsible"] == (
        "implementing office: Chief executive of Melhus, Kari Direktør"
        " | follow-up office: Crime-prevention coordinator of Melhus, Siv Slett"
    )


def test_an_office_that_has_the_next_move_is_responsible_too(council: World) -> None:
    council.measure()

    assert cells(only(council))["responsible"].endswith("next move: Secretary to the police council, Kari Nordli")


def test_a_vacant_office_and_an_erased_name_are_told_apart(council: World) -> None:
    anchored(council, implementer="kommunedirektor_roros", follow_up="slt_oppdal")
    council.register(lambda run: end_holding(run, "slt_oppdal", date(2019, 6, 30), council.entry()))

    told = cells(only(council))["responsible"]

    assert "Chief executive of Røros, name erased" in told
    assert "Crime-prevention coordinator of Oppdal, vacant" in told


def test_what_is_not_implemented_has_its_newest_progress_and_its_plan(council: World) -> None:
    case = anchored(council)
    council.take("measure", "report", case, decider=IMPLEMENTER, progress="Vaktlister er laget", plan="Start i august")

    told = cells(only(council))

    assert told["done"] == "01.07.2019: Vaktlister er laget"
    assert told["implemented"].startswith("No: anchored | deadline 01.09.2019")
    assert told["plan"] == "Start i august"
    assert told["effect"] == NOTHING


def test_overdue_begins_the_day_after_the_deadline(council: World) -> None:
    anchored(council)
    council.clock.move_to(date(2019, 9, 1))
    assert only(council).overdue_since is None

    council.clock.move_to(date(2019, 9, 2))

    assert only(council).overdue_since == date(2019, 9, 2)
    assert "OVERDUE since 02.09.2019: carry it out, Chief executive of Melhus" in cells(only(council))["implemented"]


def test_what_is_implemented_tells_what_was_done_and_needs_no_plan(council: World) -> None:
    implemented(council)

    told = cells(only(council))

    assert told["done"] == "28.08.2019: 24 frivillige går hver helg"
    assert told["implemented"].startswith("Yes: implemented | on 28.08.2019")
    assert told["effect"] == "Not evaluated yet"
    assert told["plan"] == NOTHING
    assert only(council).plan == ""


def test_an_evaluation_tells_effect_assessment_method_and_evaluator(council: World) -> None:
    case = implemented(council)
    council.clock.move_to(date(2019, 12, 20))
    council.take("measure", "evaluate", case, decider=FOLLOW_UP, **FOUND)
    council.take("measure", "close", case, decider="politiradet", result="ended")

    assert cells(only(council))["effect"] == (
        "partly achieved | Færre anmeldelser | Method: Statistikk"
        " | 20.12.2019, Crime-prevention coordinator of Melhus | Afterwards: ended"
    )


def test_a_measure_sent_back_is_not_implemented(council: World) -> None:
    case = implemented(council)
    council.take("measure", "return", case, decider=FOLLOW_UP, reason="Ikke ferdig")

    row = only(council)

    assert (row.implemented, row.done, row.implemented_on) == (False, "", None)
    assert row.plan == "To kvelder i uken"


def test_a_date_nobody_knows_is_never_shown_as_one(council: World) -> None:
    case = anchored(council)
    lost = {"on_unknown": True, "reason": "Datoen er ikke notert"}
    council.take("measure", "implement", case, decider=IMPLEMENTER, done="Gjort", **lost)

    told = cells(only(council))

    assert "Yes: implemented | on date unknown" in told["implemented"]
    assert told["done"] == "date unknown: Gjort"
    assert "date unknown: implemented" in told["remarks"]


def test_a_corrected_reference_is_the_one_told(council: World) -> None:
    case = recommended(council)
    amended = {"ref": "PS 13/19"}
    council.register(lambda run: correct(run, case, 2, amended, council.entry(reason="Skrivefeil")))

    (decided,) = only(council).decisions

    assert decided.ref == "PS 13/19"


def test_a_date_that_was_found_is_no_longer_flagged_as_unknown(council: World) -> None:
    case = council.measure()
    lost = {"on_unknown": True, "reason": "Datoen er ikke notert"}
    council.take("measure", "recommend", case, decider="politiradet", **lost)
    assert "date unknown" in cells(only(council))["remarks"]

    council.register(lambda run: correct(run, case, 2, {"on": "2018-10-01"}, council.entry(reason="Funnet i arkivet")))

    assert "date unknown" not in cells(only(council))["remarks"]
    assert only(council).decisions[0].on == date(2018, 10, 1)


def test_a_decision_that_was_taken_back_is_not_told(council: World) -> None:
    case = anchored(council)
    council.register(lambda run: annul(run, case, council.entry(reason="Feil sak")))

    assert [decided.type for decided in only(council).decisions] == ["measure.recommended"]
    assert "anchored" not in cells(only(council))["remarks"]


def test_what_was_registered_by_another_is_said(council: World) -> None:
    anchored(council)

    assert cells(only(council))["remarks"] == "registered by another: recommended, anchored"


def test_an_evaluation_by_its_implementer_is_said(council: World) -> None:
    case = implemented(council)
    council.take("measure", "evaluate", case, decider=FOLLOW_UP, **{**FOUND, "evaluator": IMPLEMENTER})

    assert "evaluated by its own implementer: evaluated" in cells(only(council))["remarks"]


def test_a_measure_nobody_has_decided_on_says_so(council: World) -> None:
    council.measure(plan=None)

    told = cells(only(council))

    assert told["decisions"] == "No decision yet"
    assert told["done"] == "Nothing reported yet"
    assert told["plan"] == "No plan given"


def test_a_rejected_measure_owes_nothing_and_has_no_plan(council: World) -> None:
    case = council.measure()
    council.take("measure", "reject", case, decider="politiradet", ref="PS 14/19")

    told = cells(only(council))

    assert told["implemented"] == "No: rejected"
    assert told["plan"] == told["done"] == NOTHING


def test_a_case_belongs_to_every_year_in_which_it_was_open(council: World) -> None:
    row = replace(only_after(council), opened=date(2018, 5, 1), ended=date(2020, 2, 1), is_open=False, deadline=None)

    assert [year for year in range(2016, 2023) if belongs(row, year)] == [2018, 2019, 2020]
    assert belongs(replace(row, is_open=True, ended=None), 2030)


@pytest.mark.parametrize("told", ["decided", "due", "implemented", "evaluated"])
def test_a_case_belongs_to_a_year_in_which_something_of_it_happened(council: World, told: str) -> None:
    late = date(2025, 3, 1)
    case = implemented(council)
    council.take("measure", "evaluate", case, decider=FOLLOW_UP, **FOUND)
    row = replace(only(council), opened=date(2018, 1, 1), ended=date(2018, 6, 1), is_open=False)
    assert not belongs(row, 2025)
    assert row.evaluation is not None
    changed: dict[str, dict[str, Any]] = {
        "decided": {"decisions": (replace(row.decisions[0], on=late),)},
        "due": {"deadline": late},
        "implemented": {"implemented_on": late},
        "evaluated": {"evaluation": replace(row.evaluation, on=late)},
    }  # fmt: skip

    assert belongs(replace(row, **changed[told]), 2025)


def only_after(world: World) -> Row:
    """The row of one recommended measure."""
    recommended(world)
    return only(world)


def test_the_year_leaves_out_what_came_later(council: World) -> None:
    first = recommended(council)
    council.clock.move_to(date(2020, 2, 1))
    council.measure(title="Noe nytt", deadline="2020-10-01")

    assert [row.case for row in made(council, replace(EVERYTHING, year=2019)).measures] == [first]
    assert len(made(council, replace(EVERYTHING, year=2020)).measures) == 2


def test_the_plan_shows_only_what_has_not_been_implemented(council: World) -> None:
    implemented(council)
    todo = council.measure(title="Noe nytt")
    council.take("measure", "reject", council.measure(title="Nei"), decider="politiradet")

    assert [row.case for row in made(council, replace(EVERYTHING, plan_only=True)).measures] == [todo]


def test_an_office_sees_what_it_answers_for_and_what_it_owes(council: World) -> None:
    mine = recommended(council)
    council.measure(title="En annens", implementer="kommunedirektor_roros", follow_up="slt_roros")

    assert [row.case for row in made(council, replace(EVERYTHING, office=FOLLOW_UP)).measures] == [mine]
    assert [row.case for row in made(council, replace(EVERYTHING, office=SECRETARY)).measures] == ["M-2"]


def test_an_unknown_office_names_the_nearest(council: World) -> None:
    with pytest.raises(NotFoundError, match=r"There is no office 'slt_melhuss'\. Near: slt_melhus"):
        run(council, "--office", "slt_melhuss")


def test_a_breach_of_the_year_stands_at_the_head(council: World) -> None:
    council.clock.move_to(date(2020, 1, 15))
    council.tick()

    assert "2019: breach. 0 meetings held, 1 agreed." in run(council, "--year", "2019")
    assert "2019: breach" in run(council)
    assert "breach" not in run(council, "--year", "2020")


def test_a_lifted_breach_stays_visible(council: World) -> None:
    council.clock.move_to(date(2020, 1, 15))
    council.tick()
    agenda = ("notice_and_agenda", "previous_minutes", "crime_picture", "open_measures", "evaluation",
              "action_plan", "next_meeting")  # fmt: skip
    for year in ("2018", "2019"):
        on = date(int(year), 10, 20)
        planned = council.take("meeting", "plan", title="Årsmøte", date=f"{year}-11-20", decider=SECRETARY, on=on)
        case = planned.step.event.case
        council.take("meeting", "add_item", case, item=agenda, on=on)
        council.take("meeting", "summon", case, on=on)
        council.take("meeting", "hold", case, on=date(int(year), 11, 20), present=("ordforer_melhus",))
    council.take("year", "lift_breach", "Y-2019", reason="Møtet var holdt")

    assert "2019: a breach was recorded and lifted on 15.01.2020." in run(council, "--year", "2019")


def test_open_duties_of_the_agreement_are_followed_up_too(world: World) -> None:
    case = world.propose()
    world.take("agreement", "approve", case, version="1", decider="regionen", decision=world.decide("Avtalen vedtas."))

    (row,) = made(world).duties

    told = cells(row)
    assert (row.case, row.workflow) == (case, "agreement")
    assert "Regional Council of Trøndelag Sør: approved (sak 1/19, D-1 point 1): “Avtalen vedtas.”" in told["decisions"]
    assert told["standing"].startswith("proposed | approve or reject the proposal by 02.01.2019")
    assert [one.office for one in row.responsible] == ["politiets_sekretar"]


def test_an_agreement_that_has_ended_is_no_duty(world: World) -> None:
    case = world.propose()
    world.take("agreement", "withdraw", case, decider="politiet")

    assert made(world).duties == ()


def test_the_head_says_for_whom_as_of_when_and_on_how_many_events_it_rests(council: World) -> None:
    recommended(council)
    with council.store.read(COUNCIL) as reader:
        size = reader.size()

    head = run(council, "--year", "2019", "--office", FOLLOW_UP).splitlines()[:5]

    assert head == [
        "Decision follow-up 2019",
        "Council           Regional police council of Trøndelag Sør",
        "As of             12.06.2019",
        f"Rests on          {size} events in the log",
        "Only              Crime-prevention coordinator of Melhus",
    ]


def test_the_head_says_once_what_a_declared_identity_is_worth(council: World) -> None:
    anchored(council)

    told = [" ".join(run(council, "--format", form).split()) for form in ("text", "html")]

    assert [text.count("The identity was not proved.") for text in told] == [1, 1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_decision_tells_who_registered_it_and_how_surely_that_is_known(council: World, language: Language) -> None:
    anchored(council)

    with_name = cells(only(council), language)["decisions"]

    assert with_name.count("Kari Nordli") == 2
    assert with_name.count({"en": "(declared)"}.get(language, "(oppgitt)")) == 2
    registered = json.loads(run(council, "--format", "json"))["measures"][0]["decisions"][0]["registered"]
    assert registered == {
        "office": SECRETARY, "title": "Secretary to the police council", "name": "Kari Nordli",
        "assurance": "declared",
    }  # fmt: skip


def test_a_registrar_whose_name_is_erased_is_told_by_the_office(council: World) -> None:
    anchored(council)
    with council.store.write(COUNCIL) as tx:
        tx.keep_person(Person("p_secretary", "kari", None, None))

    assert "registered by name erased, Secretary to the police council (declared)" in cells(only(council))["decisions"]


def test_the_numbers_at_the_head_add_up(council: World) -> None:
    implemented(council)
    council.measure(title="Noe nytt")
    council.clock.move_to(date(2020, 1, 10))

    assert "Measures: 2. Implemented: 1, of them evaluated: 0. Not implemented: 1. Overdue: 2." in run(council)


def test_as_of_a_day_it_is_the_report_of_that_day(council: World) -> None:
    implemented(council)

    then = run(council, "--as-of", "2019-07-31")

    assert "No: anchored" in then
    assert "As of             31.07.2019" in then


def test_titles_are_those_of_the_day(council: World) -> None:
    anchored(council)
    council.clock.move_to(date(2020, 3, 1))

    told = run(council, language="nb")

    assert "Rådmann i Melhus: forankret" in told
    assert "iverksetter: Kommunedirektør i Melhus, Kari Direktør" in told


@pytest.mark.parametrize(
    ("language", "heading", "yes"),
    [("nb", "Vedtaksoppfølging", "Ja: iverksatt"), ("nn", "Vedtaksoppfølging", "Ja: sett i verk"),
     ("en", "Decision follow-up", "Yes: implemented")],
)  # fmt: skip
def test_it_is_written_in_the_language_of_the_settings(
    council: World, language: Language, heading: str, yes: str
) -> None:  # fmt: skip
    implemented(council)

    told = run(council, language=language)

    assert told.startswith(heading)
    assert yes in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_heading_is_a_word_of_the_catalogue(language: Language) -> None:
    words = ReportWords(language)

    assert all(words.heading(column) != column for column in {*MEASURE_COLUMNS, *DUTY_COLUMNS} - {"plan", "standing"})


def test_an_empty_report_says_so(world: World) -> None:
    told = run(world)

    assert "No measure belongs here." in told
    assert "Nothing is owed in any agreement or amendment." in told


def test_json_keeps_its_names(council: World) -> None:
    case = implemented(council)
    council.take("measure", "evaluate", case, decider=FOLLOW_UP, **FOUND)

    document = json.loads(run(council, "--format", "json"))

    assert set(document) == {
        "council", "name", "on", "events", "year", "office", "office_title", "plan_only", "agreements", "breaches",
        "overrides", "measures", "duties",
    }  # fmt: skip
    (row,) = document["measures"]
    assert set(row) == {
        "case", "workflow", "title", "theme", "state", "is_open", "opened", "ended", "decisions", "responsible",
        "progress", "progress_on", "implemented", "done", "implemented_on", "deadline", "overdue_since", "owed",
        "evaluation", "result", "plan", "flags", "overrides",
    }  # fmt: skip
    assert row["implemented_on"] == "2019-08-28"
    assert row["decisions"][0]["decider"] == "politiradet"
    assert row["evaluation"]["evaluator"] == FOLLOW_UP
    assert row["flags"][0]["code"] == "registered_by_another"


class Page(HTMLParser):
    """What a browser finds in a page: elements with their attributes, and the text outside the style sheet."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Check that what closes is what was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note text that is shown."""
        if self.open and self.open[-1] != "style":
            self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every element of a kind."""
        return [attributes for found, attributes in self.elements if found == tag]


def test_the_page_is_whole_and_tells_its_language_and_structure(council: World) -> None:
    implemented(council)

    found = Page(run(council, "--format", "html", language="nn"))

    assert found.open == []
    assert found.all("html") == [{"lang": "nn"}]
    assert len(found.all("h1")) == len(found.all("main")) == 1
    assert len(found.all("table")) == len(found.all("caption")) == 2
    assert {head["scope"] for head in found.all("th")} == {"col", "row"}
    assert (
        len([head for head in found.all("th") if head["scope"] == "col"])
        == len(MEASURE_COLUMNS) + len(DUTY_COLUMNS) + 2
    )
    assert all(region["tabindex"] == "0" and region["aria-label"] for region in found.all("div"))


def test_whatever_was_written_is_shown_and_never_obeyed(council: World) -> None:
    hostile = '"><script>alert(1)</script>&amp;<img src=x onerror=alert(1)>'
    recommended(council, title=hostile, plan=hostile)

    found = Page(run(council, "--format", "html"))

    assert found.all("script") == found.all("img") == []
    assert f"M-1 {hostile}" in found.text
    assert hostile in found.text


def test_control_characters_and_changes_of_direction_reach_neither_page_nor_terminal(
    council: World, capsys: pytest.CaptureFixture[str]
) -> None:
    row = replace(only_after(council), title="Natt\u202eer\x1b[31m\x00avn", plan="\u2066gift\ud800")
    whole = replace(made(council), measures=(row,), name="Råd\x07\u202e")

    print_text(whole, ReportWords("en"))

    for told in (page(whole, ReportWords("en")), capsys.readouterr().out):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", told)
        assert "Natter[31mavn" in told


def test_the_page_fetches_nothing_and_prints_on_paper(council: World) -> None:
    text = run(council, "--format", "html")

    assert not re.search(r"https?:|@import|url\(|src=|href=", text)
    assert "content=\"default-src 'none'; style-src 'unsafe-inline'\"" in text, "nor would a browser let it"
    assert "@media print" in STYLE


def test_every_colour_of_the_page_can_be_read(council: World) -> None:  # noqa: ARG001  # the same council as elsewhere
    def luminance(colour: str) -> float:
        full = colour if len(colour) == 7 else f"#{''.join(2 * c for c in colour[1:])}"
        parts = [int(full[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    backgrounds = re.findall(r"background: (#\w+)", STYLE)
    inks = re.findall(r"[^-]color: (#\w+)", STYLE)

    assert backgrounds
    assert inks
    assert all((luminance(b) + 0.05) / (luminance(i) + 0.05) >= 7 for b in backgrounds for i in inks)


def test_a_delay_is_said_in_words_wherever_it_is_shown_in_colour(council: World) -> None:
    anchored(council)
    council.clock.move_to(date(2019, 10, 1))

    text = run(council, "--format", "html")

    late = re.findall(r'<tr class="late">.*?</tr>', text)
    assert late
    assert all("OVERDUE since" in row for row in late)


@pytest.mark.parametrize("format_", ["text", "html", "json"])
def test_a_file_gets_what_the_terminal_would(council: World, tmp_path: Path, format_: str) -> None:
    implemented(council)
    file = tmp_path / "oppfølging"

    printed = run(council, "--format", format_, "--output", str(file))

    assert printed == ""
    assert file.read_text(encoding="utf-8") == run(council, "--format", format_)
