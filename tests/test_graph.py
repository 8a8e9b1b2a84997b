"""Pictures of the workflows: complete, told in words too, legible, safe to show, and the same every time."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from functools import partial
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, get_args

import pytest
from click.testing import CliRunner

from commands.configuration import Settings
from commands.graph import graph
from commands.wiring import Setup
from engine.correction import annul
from engine.errors import NotFoundError, UsageError
from engine.graph import MARKS, edges_of, mermaid, plain
from engine.layout import arrange, nearest, ranked, ways_back
from engine.register import Language
from engine.svg import INK, LINE, LOOKS, PAPER, SMALL, svg, width_of
from tests.world import COUNCIL, WORKFLOWS, World
from workflows.agreement import AGREEMENT
from workflows.measure import MEASURE
from workflows.report_words import ReportWords
from workflows.year import YEAR

if TYPE_CHECKING:
    from pathlib import Path

    from engine.definition import Workflow

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = 'a"</desc><script>alert(1)</script>;%%#\n\x1b[31m\u202e&:'
LANGUAGES: tuple[Language, ...] = get_args(Language)
every_workflow = pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow.name)
every_language = pytest.mark.parametrize("language", LANGUAGES)


@dataclass(frozen=True)
class Area:
    """A rectangle of a picture, and what stands in it."""

    left: float
    top: float
    right: float
    bottom: float
    what: str

    def meets(self, other: Area) -> bool:
        """Whether two areas share a point."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies inside, not on the edge."""
        return self.left + 1 < x < self.right - 1 and self.top + 1 < y < self.bottom - 1


def drawn(workflow: Workflow, language: Language = "en", current: str | None = None) -> ET.Element:
    """The picture of a workflow in a language, parsed."""
    label = partial(ReportWords(language).drawn, workflow.name)
    return ET.fromstring(svg(workflow, label, current, (), language))  # noqa: S314  # our own drawing


def texts(picture: ET.Element) -> list[str]:
    """Every text a person sees in a picture."""
    return ["".join(text.itertext()) for text in picture.iter(f"{SVG}text")]


def canvas(picture: ET.Element) -> ET.Element:
    """The group that holds lines, boxes and words, in one system of coordinates."""
    return picture.findall(f"{SVG}g/{SVG}g")[0]


def words_of(picture: ET.Element) -> list[Area]:
    """The room of every text of the drawing itself, as wide as a wide font makes it."""
    areas = []
    for text in canvas(picture).iter(f"{SVG}text"):
        x, y, size = (float(text.attrib[name]) for name in ("x", "y", "font-size"))
        half = width_of(text.text or "", size) / 2
        areas.append(Area(x - half, y - size * 0.75, x + half, y + size * 0.2, text.text or ""))
    return areas


def frames_of(picture: ET.Element) -> list[Area]:
    """The outer frames of the states."""
    numbers = [
        [float(rect.attrib[name]) for name in ("x", "y", "width", "height")]
        for rect in canvas(picture).iter(f"{SVG}rect")
        if rect.attrib["fill"] != "none"
    ]
    return [Area(x, y, x + width, y + height, "state") for x, y, width, height in numbers]


def points_of(path: str) -> list[tuple[float, float]]:
    """Points along a line of the drawing, one every two px or so."""
    x, y = map(float, re.findall(r"M([\d.-]+) ([\d.-]+)", path)[0])
    points = [(x, y)]
    for command, rest in re.findall(r"([VC])([^VC]+)", path):
        given = [float(number) for number in rest.split()]
        if command == "V":
            points += [(x, y + (given[0] - y) * i / 50) for i in range(51)]
            y = given[0]
        else:
            x1, y1, x2, y2, x3, y3 = given
            for t in (i / 100 for i in range(101)):
                b = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
                points.append(
                    (b[0] * x + b[1] * x1 + b[2] * x2 + b[3] * x3, b[0] * y + b[1] * y1 + b[2] * y2 + b[3] * y3)
                )
            x, y = x3, y3
    return points


def lines_of(picture: ET.Element) -> list[list[tuple[float, float]]]:
    """Every stretch of line of the drawing as points."""
    group = next(g for g in canvas(picture).iter(f"{SVG}g") if g.get("stroke") == LINE)
    return [points_of(path.attrib["d"]) for path in group.iter(f"{SVG}path")]


def contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG 2.1."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@every_workflow
def test_every_state_and_step_of_the_table_is_in_both_pictures(workflow: Workflow) -> None:
    text, seen = mermaid(workflow), " ".join(texts(drawn(workflow)))
    for name in (*map(str, workflow.states), *workflow.by_step):
        assert plain("step", name) in text
        assert plain("step", name) in seen or ReportWords("en").state(workflow.name, name) in seen


def test_rows_between_the_same_two_states_become_one_arrow() -> None:
    between = [(edge.source, edge.target) for edge in edges_of(AGREEMENT)]

    assert len(between) == len(set(between))
    assert mermaid(AGREEMENT).count("proposed --> amending") == 1


def test_a_step_that_stays_is_listed_in_its_state_and_is_no_arrow() -> None:
    text = mermaid(AGREEMENT)

    assert "    proposed : approve\n" in text
    assert "proposed --> proposed" not in text


def test_what_nobody_has_to_do_is_marked_in_words() -> None:
    text = mermaid(AGREEMENT)

    assert "adopt (auto)" in text
    assert "expire (clock)" in text
    assert "supersede (effect)" in text
    assert "take up (also clock)" in text
    assert "open (clock, effect)" in mermaid(YEAR)
    assert "sign (" not in text


@every_workflow
def test_a_picture_explains_the_marks_it_uses_and_no_others(workflow: Workflow) -> None:
    seen = texts(drawn(workflow))

    for mark in ("auto", "clock", "effect"):
        used = any(re.search(rf"\([^)]*\b{mark}\b", text) for text in seen)
        assert (MARKS[f"{mark}_means"] in seen) == used


def test_the_current_state_is_marked_by_a_class_and_in_words() -> None:
    text = mermaid(MEASURE, current="started", visited=("proposed",))

    assert "    class started current\n" in text
    assert "    started : (now here)\n" in text
    assert "    class proposed visited\n" in text
    assert "    proposed : (passed)\n" in text
    assert text.count("(now here)") == text.count("(passed)") == 1


def test_without_a_case_no_state_is_marked() -> None:
    assert "class" not in mermaid(MEASURE)
    assert "(now here)" not in texts(drawn(MEASURE))


def test_the_drawing_marks_the_current_state_in_words_and_in_its_description() -> None:
    picture = drawn(MEASURE, current="started")

    assert texts(picture).count("(now here)") == 1
    assert "started (now here)" in (picture.findtext(f"{SVG}desc") or "")


@every_workflow
@every_language
def test_no_words_lie_on_other_words_or_on_a_state_that_is_not_theirs(workflow: Workflow, language: Language) -> None:
    picture = drawn(workflow, language, current=str(next(iter(workflow.states))))
    words, frames = words_of(picture), frames_of(picture)

    assert len(frames) == len(workflow.states)
    assert not [(a, b) for a, b in combinations(words, 2) if a.meets(b)]
    assert not [(a, b) for a, b in combinations(frames, 2) if a.meets(b)]
    for word in words:
        around = [frame for frame in frames if frame.meets(word)]
        assert all(f.left <= word.left and word.right <= f.right and f.top <= word.top for f in around)
        assert len(around) <= 1


@every_workflow
@every_language
def test_no_line_runs_through_a_state_or_through_words(workflow: Workflow, language: Language) -> None:
    picture = drawn(workflow, language)
    obstacles = [*words_of(picture), *frames_of(picture)]

    crossed = [o for line in lines_of(picture) for x, y in line for o in obstacles if o.holds(x, y)]

    assert not crossed


@every_workflow
def test_nothing_is_drawn_outside_the_page(workflow: Workflow) -> None:
    picture = drawn(workflow)
    _, _, width, _ = map(float, picture.attrib["viewBox"].split())
    shift = sum(
        float(g.attrib["transform"].split("(")[1].split()[0])
        for g in picture.iter(f"{SVG}g")
        if "transform" in g.attrib
    )

    areas = [*words_of(picture), *frames_of(picture)]

    assert all(area.left + shift >= 0 and area.right + shift <= width for area in areas)


def test_every_arrow_leads_on_but_those_of_a_way_back() -> None:
    pairs = [(edge.source, edge.target) for edge in edges_of(AGREEMENT) if edge.source != edge.target]
    back = ways_back(pairs, "new")

    assert back == {("amending", "proposed"), ("adopted", "proposed"), ("postponed", "proposed")}


def test_final_states_stand_last() -> None:
    pairs = tuple((edge.source, edge.target) for edge in edges_of(AGREEMENT) if edge.source != edge.target)
    ranks = ranked(("new", *map(str, AGREEMENT.states)), pairs, "new", AGREEMENT.final)

    assert {ranks[state] for state in AGREEMENT.final} == {max(ranks.values())}
    assert ranks["new"] < ranks["wished"] < ranks["conveyed"] < ranks["proposed"] < ranks["adopted"] < ranks["in_force"]


def test_two_chains_that_need_not_cross_do_not_cross() -> None:
    boxes = dict.fromkeys(("start", "a", "b", "c", "d"), (40.0, 20.0))
    words = dict.fromkeys((("start", "a"), ("start", "b"), ("a", "d"), ("b", "c")), (30.0, 15.0))

    at = {node.key: node.x for layer in arrange(boxes, words, "start", ("c", "d")).layers for node in layer}

    assert (at["a"] < at["b"]) == (at["d"] < at["c"])


def test_places_keep_their_order_and_gaps_and_stay_near_what_they_want() -> None:
    assert nearest([0.0, 50.0, 100.0], [1.0, 1.0, 1.0], [10.0, 10.0]) == [0.0, 50.0, 100.0]
    assert nearest([10.0, 10.0], [1.0, 1.0], [10.0]) == [5.0, 15.0]
    assert nearest([10.0, 10.0], [1.0, 3.0], [8.0]) == [4.0, 12.0]


def test_words_that_would_be_markup_are_shown_as_they_are() -> None:
    picture = ET.fromstring(svg(YEAR, lambda _kind, _name: HOSTILE))  # noqa: S314  # our own drawing

    assert not list(picture.iter(f"{SVG}script"))
    assert 'a"</desc><script>alert(1)</script>;%%# [31m &:' in texts(picture)


def test_words_that_would_be_mermaid_become_entity_codes() -> None:
    lines = mermaid(YEAR, lambda _kind, _name: HOSTILE).splitlines()

    labels = [re.sub(r"#\d+;", "", line.partition(" : ")[2]) for line in lines if " : " in line]
    assert labels
    assert not re.search(r'["<>;:%#&\[\]\x1b\u202e]', "".join(labels).replace("<br/>", ""))
    assert all(line.startswith(("    ", "stateDiagram")) for line in lines)


def test_norwegian_letters_stay_as_they_are_in_mermaid() -> None:
    assert "årsmøte" in mermaid(YEAR, lambda _kind, _name: "årsmøte")


@every_language
def test_a_drawing_has_a_title_a_description_and_a_language(language: Language) -> None:
    picture = drawn(AGREEMENT, language)
    ids = {element.get("id") for element in picture}

    assert picture.get("lang") == picture.get("{http://www.w3.org/XML/1998/namespace}lang") == language
    assert picture.get("role") == "img"
    assert set(picture.attrib["aria-labelledby"].split()) <= ids
    assert picture.findtext(f"{SVG}title") == ReportWords(language).label("workflow", "agreement")


@every_workflow
def test_the_description_tells_every_step_the_drawing_shows(workflow: Workflow) -> None:
    picture = drawn(workflow)
    told = picture.findtext(f"{SVG}desc") or ""

    assert all(word.what in told for word in words_of(picture))


def test_everything_drawn_can_be_told_apart_without_seeing_colours_well() -> None:
    for fill, stroke, _ in LOOKS.values():
        assert contrast(INK, fill) >= 7
        assert contrast(stroke, PAPER) >= 4.5
    assert contrast(LINE, PAPER) >= 4.5
    assert SMALL >= 12


def test_a_drawing_fetches_nothing() -> None:
    text = svg(AGREEMENT).replace("http://www.w3.org/2000/svg", "")

    assert not re.search(r"https?:|@import|<image|<script|href=|src=|url\((?!#)", text)


def test_the_same_table_gives_the_same_drawing_in_every_process() -> None:
    program = "from engine.svg import svg; from workflows.agreement import AGREEMENT; print(svg(AGREEMENT))"
    once, again = (
        subprocess.run([sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True)
        for seed in ("1", "2")
    )

    assert once.stdout == again.stdout
    assert once.stdout.decode().strip() == svg(AGREEMENT).strip()


@every_workflow
@every_language
def test_every_step_has_a_short_word_in_every_language(workflow: Workflow, language: Language) -> None:
    short = ReportWords(language).catalogue["short"][workflow.name]

    assert isinstance(short, dict)
    assert set(short) == set(workflow.by_step)


def test_the_catalogues_of_reports_have_the_same_keys_and_parameters() -> None:
    def shape(section: object) -> object:
        if isinstance(section, dict):
            return {key: shape(value) for key, value in section.items()}
        return sorted(re.findall(r"\{(\w+)\}", str(section)))

    words = [ReportWords(language).catalogue for language in LANGUAGES]
    shapes = [{name: shape(catalogue[name]) for name in ("short", "graph", "report")} for catalogue in words]

    assert all(one == other for one, other in pairwise(shapes))
    assert set(words[0]["graph"]) == set(MARKS)


def setup_of(world: World, language: Language | None = None) -> Setup:
    """What the command works with, over the world's database and clock."""
    settings = Settings(world.folder / "politirad.db", world.folder / "politirad.toml", COUNCIL, language=language)
    return Setup(settings, world.clock)


def run(world: World, *arguments: str, language: Language | None = None) -> str:
    """What `politirad graph` prints."""
    result = CliRunner().invoke(graph, arguments, obj=setup_of(world, language), catch_exceptions=False)
    return result.stdout


def test_the_command_marks_where_a_case_stands_and_where_it_has_passed(world: World) -> None:
    case = world.in_force()

    text = run(world, "agreement", "--case", case)

    assert "class in_force current" in text
    assert "class proposed,adopted visited" in text


def test_a_state_whose_step_was_taken_back_was_not_passed(world: World) -> None:
    world.in_force()
    case = world.measure()
    world.take("measure", "recommend", case, decider="politiradet")
    world.take("measure", "put_on_hold", case, review="2019-01-01", reason="Venter på svar", decider="slt_melhus")
    world.register(lambda run: annul(run, case, world.entry(reason="Feil sak")))

    text = run(world, "measure", "--case", case)

    assert "class recommended current" in text
    assert "on_hold : (passed)" not in text


def test_the_command_writes_in_the_language_of_the_settings(world: World) -> None:
    text = run(world, "measure", "--svg", language="nn")

    assert 'lang="nn"' in text
    assert "setje på vent" in text


def test_the_command_writes_to_a_file(world: World, tmp_path: Path) -> None:
    file = tmp_path / "avtale.svg"

    printed = run(world, "agreement", "--svg", "--output", str(file))

    assert printed == ""
    assert ET.fromstring(file.read_text()).tag == f"{SVG}svg"  # noqa: S314  # our own drawing


def test_a_folder_as_output_is_refused_in_one_line(world: World, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"cannot be written \(.+\)\. Name another file with --output\."):
        run(world, "agreement", "--output", str(tmp_path))


def test_an_unknown_workflow_names_the_nearest(world: World) -> None:
    with pytest.raises(NotFoundError, match=r"There is no workflow 'mesure'\. Near: measure.* There are: agreement"):
        run(world, "mesure")


def test_a_case_of_another_workflow_names_the_command_to_try(world: World) -> None:
    case = world.measure()

    with pytest.raises(UsageError, match=f"Try: politirad graph measure --case {case}"):
        run(world, "agreement", "--case", case)


def test_an_unknown_case_is_not_found(world: World) -> None:
    with pytest.raises(NotFoundError, match="There is no case M-9"):
        run(world, "measure", "--case", "M-9")
