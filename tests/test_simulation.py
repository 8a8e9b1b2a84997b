"""Looking ahead for years: what is foreseen is what comes, and foreseeing it changes and sends nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from commands.output import WIDTH
from engine.ahead import next_instant
from engine.calendar import format_instant, in_office_hours, local_date, parse_instant
from engine.letter import Delivery
from tests.desk import Desk
from tests.letterbox import Letterbox
from tests.world import COUNCIL

if TYPE_CHECKING:
    from typing import Any

OWNER, FOLLOW_UP = "kommunedirektor_melhus", "slt_melhus"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def box(tmp_path: Path) -> Letterbox:
    """October 2018: two measures under way, one overdue soon; a meeting; an office that changes hands at New Year."""
    box = Letterbox(tmp_path)
    box.world.in_force()
    box.measure("2018-11-01")
    box.measure("2019-02-03", title="Lys <b>ute</b> & inne", implementer="kommunedirektor_roros")
    box.world.take("meeting", "plan", title="Høstmøte <script>", date="2018-11-28")
    box.move_in(OWNER, "p_ny", "2019-01-02", "ny@example.no")
    box.at("2018-10-05", "12:00")
    return box


def foreseen(box: Letterbox, until: str, *options: str) -> Any:  # noqa: ANN401  # whatever the command says
    """What the command foresees, as JSON."""
    return Desk(box.world).types("simulate", "--until", until, "--json", *options).json


def test_what_is_foreseen_is_what_comes_day_by_day(box: Letterbox) -> None:
    before = {letter.number for letter in box.letters()}
    ahead = foreseen(box, "2019-03-15")["letters"]
    box.through("2018-10-06", "2019-03-15")
    came = [x for x in box.letters() if x.stage == "sent" and x.number not in before]
    assert Counter((x["on"], x["kind"], x["office"], x["person"], x["subject"]) for x in ahead) == Counter(
        (str(local_date(x.changed)), x.kind, x.office, x.person, x.subject) for x in came
    )
    assert {x["kind"] for x in ahead} == {"digest", "escalation", "breach"}
    assert {x["person"] for x in ahead if x["office"] == OWNER} == {f"p_{OWNER}", "p_ny"}


def test_what_the_clock_does_is_foreseen_as_it_happens(box: Letterbox) -> None:
    steps = [(x["at"], x["case"], x["type"]) for x in foreseen(box, "2019-12-31")["steps"]]
    items = ("year.opened", "year.breach_recorded", "year.evaluation_started")
    assert [step for step in steps if step[2] in items] == [
        ("2018-12-31T23:00:00Z", "Y-2019", "year.opened"),
        ("2018-12-31T23:00:00Z", "Y-2018", "year.breach_recorded"),
        ("2019-09-30T22:00:00Z", "Y-2019", "year.evaluation_started"),
    ]


def test_what_is_foreseen_leaves_the_database_as_it_was_and_sends_nothing(box: Letterbox) -> None:
    box.world.store.close()
    file = box.world.folder / "politirad.db"
    before, files = file.read_bytes(), set(box.world.folder.iterdir())
    assert foreseen(box, "2021-01-01")["letters"]
    assert file.read_bytes() == before
    new = {path.name for path in box.world.folder.iterdir()} - {path.name for path in files}
    assert new <= {"politirad.db-wal", "politirad.db-shm"}
    assert all(Path(path).stat().st_size == 0 for path in box.world.folder.glob("*-wal"))


def test_letters_go_out_in_office_hours_and_one_of_a_kind_a_day_to_a_person(box: Letterbox) -> None:
    letters = foreseen(box, "2021-12-31")["letters"]
    assert len(letters) > 300
    assert all(in_office_hours(parse_instant(x["sent"])) for x in letters)
    daily = Counter((x["person"], x["kind"], x["on"]) for x in letters if x["kind"] in {"digest", "escalation"})
    assert max(daily.values()) == 1


def test_the_same_is_foreseen_every_time_in_the_same_form(box: Letterbox) -> None:
    ahead = foreseen(box, "2019-06-30")
    assert ahead == foreseen(box, "2019-06-30")
    assert set(ahead) == {"from", "until", "assumed", "letters", "steps", "summary"}
    assert (ahead["from"], ahead["until"]) == (format_instant(box.world.clock.instant), "2019-06-30")
    assert set(ahead["letters"][0]) == {
        "sent", "on", "kind", "office", "person", "name", "address", "subject", "case",
    }  # fmt: skip
    assert sum(x["letters"] for x in ahead["summary"]) == len(ahead["letters"])


def test_a_letter_that_waits_is_foreseen_too(box: Letterbox) -> None:
    box.set("2018-10-06")  # a Saturday
    box.world.take("measure", "move_deadline", "M-1", decider=FOLLOW_UP, deadline="2018-10-30", reason="Før vinteren.")
    box.clockwork.turn()
    first = foreseen(box, "2018-10-09")["letters"][0]
    assert (first["sent"], first["kind"], first["case"]) == ("2018-10-08T05:00:00Z", "decision", "M-1")


def test_one_offices_letters_can_be_foreseen_alone(box: Letterbox) -> None:
    letters = foreseen(box, "2019-03-15", "--office", FOLLOW_UP)["letters"]
    assert {x["office"] for x in letters} == {FOLLOW_UP}
    assert "near" in Desk(box.world).types("simulate --until 2019-03-15 --office slt_melhu").err.lower()


def test_a_person_reads_the_assumption_the_letters_and_the_sums(box: Letterbox) -> None:
    said = Desk(box.world).does("simulate --until 2019-12-31 --limit 3")
    assert "if nobody does anything meanwhile" in said
    assert "2019-01-01  Y-2018 breach recorded, by the clock" in said
    assert said.count("reminder") == 3
    assert "Only the first 3 are shown" in said
    assert "nothing was written and nothing was sent" in said
    (years,) = [line for line in said.splitlines() if line.startswith("office ")]
    assert years.split()[1:] == ["2018", "2019", "in", "all"]


def test_of_many_years_the_totals_of_each_are_told_in_a_table_that_fits(box: Letterbox) -> None:
    said = Desk(box.world).does("simulate --until 2027-12-31 --limit 1").splitlines()
    sums = said[said.index("Letters by year:") + 2 : said.index("Letters by office:")]
    assert [line.split()[0] for line in sums] == [str(year) for year in range(2018, 2028)]
    assert max(map(len, said)) <= WIDTH


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ("--until 2018-10-05", "is not to come; today is 2018-10-05"),
        ("--until 2038-10-06", "no later than 2038-10-05"),
        ("--until 2019-01-01 --picture ahead.png", "Name it FILE.svg"),
        ("--until 2019-01-01 --picture nowhere/ahead.svg", "Name another file with --picture."),
        ("--until sometime", "--until"),
    ],
)
def test_what_cannot_be_foreseen_is_refused_with_what_to_do(box: Letterbox, options: str, reason: str) -> None:
    answer = Desk(box.world).types(f"simulate {options}")
    assert (answer.code, reason in answer.err) == (2, True), answer.err


def test_a_clock_that_jumps_never_stands_still(box: Letterbox) -> None:
    for office in ("politiradssekretar", "leder_regionrad", OWNER):
        box.readdress(f"p_{box.to(office).partition('@')[0]}", None)  # nobody can be reached: reminders wait
    for _ in range(60):
        box.clockwork.turn()
        later = next_instant(box.world.store, box.world.clock.instant)
        assert later > box.world.clock.instant
        box.world.clock.instant = later
    assert local_date(box.world.clock.instant) < date(2019, 12, 31)


def test_where_nothing_is_owed_the_clock_wakes_at_new_year(tmp_path: Path) -> None:
    box = Letterbox(tmp_path)
    box.clockwork.turn()
    assert next_instant(box.world.store, box.world.clock.instant) == parse_instant("2018-12-31T23:00:00Z")


def test_what_comes_after_todays_letter_wakes_the_clock_tomorrow_morning(box: Letterbox) -> None:
    box.at("2018-10-18")
    box.measure("2018-10-18", title="Haster")
    box.at("2018-10-18", "12:00")
    assert next_instant(box.world.store, box.world.clock.instant) == parse_instant("2018-10-19T05:00:00Z")


def test_what_follows_from_a_step_of_the_clock_is_foreseen_on_the_same_day(tmp_path: Path) -> None:
    box = Letterbox(tmp_path)
    case = box.world.propose(starts="2018-11-05")
    box.world.agree(case, "1")
    box.world.sign(case, "1")
    steps = [(x["at"], x["type"]) for x in foreseen(box, "2018-12-01")["steps"]]
    assert steps == [
        ("2018-11-04T23:00:00Z", "agreement.entered_into_force"),
        ("2018-11-04T23:00:00Z", "year.opened"),
        ("2018-11-04T23:01:00Z", "year.evaluation_started"),  # its season has begun already
    ]


def test_a_letter_that_has_waited_for_the_server_goes_when_offices_open(box: Letterbox) -> None:
    box.set("2018-10-05", "15:00")
    box.mail.answers[box.to(FOLLOW_UP)] = Delivery("unreachable", "no server")
    box.world.take("measure", "move_deadline", "M-1", decider=FOLLOW_UP, deadline="2018-10-30", reason="Før vinteren.")
    box.clockwork.turn()
    box.set("2018-10-06")  # a Saturday
    letters = [x for x in foreseen(box, "2018-10-09")["letters"] if x["kind"] == "decision"]
    assert {x["sent"] for x in letters} == {"2018-10-08T05:00:00Z"}
    assert FOLLOW_UP in {x["office"] for x in letters}


def test_the_clock_wakes_on_the_day_an_office_changes_hands(box: Letterbox) -> None:
    box.set("2018-10-05", "23:00")
    assert next_instant(box.world.store, box.world.clock.instant) > parse_instant("2018-10-07T00:00:00Z")
    box.move_in(FOLLOW_UP, "p_flere", "2018-10-07", None)  # a Sunday
    assert next_instant(box.world.store, box.world.clock.instant) == parse_instant("2018-10-06T22:00:00Z")


def test_another_councils_clock_does_not_slow_this_one(box: Letterbox) -> None:
    document = {**box.world.document, "id": "annet", "origin": "annet.example"}
    alone = foreseen(box, "2019-03-01")
    with box.world.store.read(COUNCIL) as reader:
        secretary = replace(reader.person("kari"), id="p_other")
    box.world.service.open("annet", document, secretary, "politiradssekretar", date(2017, 1, 1))
    assert foreseen(box, "2019-03-01") == alone


def drawn(box: Letterbox, until: str, **settings: Any) -> ET.Element:  # noqa: ANN401  # settings of any type
    """The picture, as a browser reads it."""
    file = box.world.folder / "ahead.svg"
    answer = Desk(box.world).types("simulate", "--until", until, "--picture", str(file), **settings)
    assert answer.code == 0, answer.err
    return ET.fromstring(file.read_text())  # noqa: S314  # our own picture


def test_the_picture_tells_in_words_what_it_shows(box: Letterbox) -> None:
    picture, ahead = drawn(box, "2019-06-30"), foreseen(box, "2019-06-30")
    words = " ".join(picture.itertext())
    by_day = Counter(x["on"] for x in ahead["letters"])
    day, most = by_day.most_common(1)[0]
    assert f"{day}: {most} letters" in words
    assert "◇ 2018-11-28 MT-1 Høstmøte <script>" in words
    assert "Y-2018 breach recorded" in words
    assert picture.find(f"{SVG}title") is not None
    assert "2018: " in (picture.findtext(f"{SVG}desc") or "")


def test_the_picture_has_a_square_for_every_day_and_no_other(box: Letterbox) -> None:
    titles = [x.text or "" for x in drawn(box, "2019-06-30").iter(f"{SVG}title")]
    days = [date(2018, 10, 5) + timedelta(days=n) for n in range(269)]
    assert [title[:10] for title in titles[1:]] == list(map(str, days))


def test_the_picture_runs_nothing_and_fetches_nothing(box: Letterbox) -> None:
    text = (box.world.folder / "ahead.svg", drawn(box, "2019-03-01"))[0].read_text()
    assert "<script" not in text
    assert "href" not in text
    assert text.count("http") == 1  # the name space


def test_the_picture_is_in_the_readers_language(box: Letterbox) -> None:
    picture = drawn(box, "2019-03-01", language="nn")
    assert picture.get("lang") == "nn"
    assert "brev på ein dag" in " ".join(picture.itertext())
