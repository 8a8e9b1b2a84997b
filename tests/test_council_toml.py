"""`council.toml`: what is read, and that every mistake is named with its line, its key and what to do."""

from __future__ import annotations

import re
import tomllib
from datetime import date, timedelta
from importlib.resources import files
from typing import cast

import msgspec
import pytest

from engine.calendar import month_day
from engine.event import canonical
from engine.ladder import BUILT_IN
from engine.register import Named, name_on
from tests.small_council import SMALL, mistakes, read_or_refuse
from workflows.council import Council, CouncilError, load_council
from workflows.profile import Days, MonthDay, Profile
from workflows.toml_lines import Path, lines_of

GUESTS = 'names = "Gjester"'
THEM = """\
[parties.them]
organisation = "police"
decides = "chief"
signs = "chief"
secretary = "secretary"
"""

MISTAKES = [
    # what is written instead of what; line, key, and what is said
    ("[council]", "[council", 1, "not TOML", "Expected ']'"),
    ("[registers_for]", "minimum = 1\n[registers_for]", 55, "not TOML", "the key stands twice, remove one"),
    ("[bodies.council]", "[bodies.assembly]", 32, "not TOML", "the key stands twice, remove one"),
    ("quorum = 2", "quorum = " + "9" * 5000, 1, "the file", "thousands of digits; write one of a few"),
    ("quorum = 2", "quorum = " + "[" * 5000, 1, "the file", "nested too deeply"),
    ('body = "council"', 'body = "council"\nlanguage = "no"', 7, "council.language",
     'one of "en", "nb", "nn", not "no"'),
    ('body = "council"', 'boddy = "council"', 1, "council", '"body" is missing; add it'),
    ('body = "council"', 'body = "council"\nboddy = 1', 7, "council.boddy", 'this key; did you mean "body"?'),
    ('body = "council"', 'body = "council"\nzzz = 1', 7, "council.zzz",
     "the keys here are origin, names, secretariat"),
    ("[registers_for]", "[register_for]", 55, "register_for", 'did you mean "registers_for"?'),
    ('"politirad.example/small"', '"Small Council"', 2, "council.origin",
     'such as "politirad.example/trondelag-sor"'),
    ('names = "Politiet"', "names = 5", 13, "organisations.police.names", "write a name: text, { nb"),
    ('names = "Politiet"', "names = [5]", 13, "organisations.police.names[1]", "write a name: text"),
    ('names = "Politiet"', "names = []", 13, "organisations.police.names", "there is no name; write one"),
    ('names = "Politiet"', 'names = { en = "Police" }', 13, "organisations.police.names", '"nb" is missing'),
    ('names = "Politiet"', 'names = " "', 13, "organisations.police.names", "the name in bokmål is empty"),
    ('names = "Politiet"', 'names = { nb = "P", nn = "" }', 13, "organisations.police.names",
     "in nynorsk is empty"),
    ('names = "Politiet"', f'names = "{"æ" * 301}"', 13, "organisations.police.names",
     "has 301 characters; at most 300"),
    ('names = "Politiet"', r'names = "a\u0007"', 13, "organisations.police.names",
     "unprintable character U+0007"),
    ('names = "Politiet"', 'names = "a\u202eb"', 13, "organisations.police.names",
     "unprintable character U+202E"),
    ('names = "Politiet"', 'names = ["P", "Q"]', 13, "organisations.police.names[2]",
     "begins on the same day"),
    ("since = 2020-01-01", 'since = "2020-01-01"', 19, "offices.mayor.titles[2].since",
     "a date without quotes"),
    ("since = 2020-01-01", "since = 2020-01-01T00:00:00Z", 19, "offices.mayor.titles[2].since",
     "a date without"),
    ('kind = "municipality"', 'kind = "city"', 11, "organisations.town.kind", '"municipality", "other"'),
    ('titles = "Leder"', "", 14, "offices.leader", '"titles" is missing'),
    ("[offices.chief]", "[offices.Chief]", 23, "offices.Chief", "is not an id; write small letters"),
    ("[offices.chief]", '[offices."ch ief"]', 23, 'offices."ch ief"', "is not an id"),
    ("[offices.chief]", '[offices."\\u001b[31m"]', 23, 'offices."\\u001b[31m"', "is not an id"),
    ("[parties.us]", "[parties.region]", 36, "parties.region",
     "the id of an organisation already; choose another, such"),
    ("[bodies.assembly]", "[bodies.chief]", 26, "bodies.chief", 'such as "chief_body"'),
    ('id = "guests"', 'id = "mayors"', 51, "seats[2].id", "is the id of a seat already"),
    ('id = "guests"', 'id = "Guests"', 51, "seats[2].id", "is not an id"),
    ('secretariat = "secretary"', 'secretariat = "secretry"', 4, "council.secretariat",
     'did you mean "secretary"?'),
    ('leader = "leader"\nbody', 'leader = "zzz"\nbody', 5, "council.leader", "no office has the id"),
    ('body = "council"', 'body = "chief"', 6, "council.body", '"chief" is an office; name a body here'),
    ('"police"\ntitles', '"polis"\ntitles', 24, "offices.chief.organisation",
     'no organisation has the id "polis"'),
    ('names = "Rådet"\nleader = "leader"', 'names = "Rådet"\nleader = "us"', 28, "bodies.assembly.leader",
     "is a party;"),
    ("quorum = 2", 'organisation = "oslo"', 31, "bodies.assembly.organisation", "no organisation has the id"),
    ('["leader", "mayor"]', '[\n"leader",\n"major",\n]', 32, "bodies.assembly.members[2]",
     'did you mean "mayor"?'),
    ('["leader", "mayor"]', '["leader", "mayor", "mayor"]', 30, "bodies.assembly.members[3]", "stands twice"),
    ('members = ["leader", "mayor"]', "members = []", 30, "bodies.assembly.members", "a body needs a member"),
    ('"secretary"\nmembers', '"region"\nmembers', 29, "bodies.assembly.secretary",
     "is an organisation; name an office"),
    ('decides = "assembly"', 'decides = "us"', 38, "parties.us.decides",
     "is a party; name a body or an office"),
    ('signs = "leader"', 'signs = "assembly"', 39, "parties.us.signs", "is a body; name an office"),
    ('chief"\nsecretary = "secretary"', 'chief"\nsecretary = "x"', 45, "parties.them.secretary", "no office"),
    ('"police"\ndecides', '"x"\ndecides', 42, "parties.them.organisation", "no organisation"),
    ('filled_by = ["mayor"]', 'filled_by = ["major"]', 49, "seats[1].filled_by[1]", 'did you mean "mayor"?'),
    ('secretary = "*"', 'leder = "*"', 56, "registers_for.leder", 'did you mean "leader"?'),
    ('secretary = "*"', 'secretary = ["boss"]', 56, "registers_for.secretary[1]",
     "no organisation or office or body or"),
    ("{ town = true }", "{ twon = true }", 62, "profile.ratifies.twon", 'did you mean "town"?'),
    ("{ town = true }", "{ town = true, region = false }", 62, "profile.ratifies.region",
     "name a municipality here"),
    ("{ town = true }", "{ town = 1 }", 62, "profile.ratifies.town", "write true or false, not 1"),
    ("notice_days = 14", 'required_parties = ["we"]', 58, "profile.required_parties[1]",
     'no party has the id "we"'),
    ('summon = "leader"', 'summon = "leder"', 64, "profile.overrides.meeting.summon",
     'did you mean "leader"?'),
    ("overrides.meeting.summon", 'overrides."meeting.summon"', 64, 'profile.overrides."meeting.summon"',
     "small letters"),
    ("quorum = 2", "quorum = 3", 31, "bodies.assembly.quorum", "can never be met by 2 members; lower it"),
    ("quorum = 2", "quorum = 0", 31, "bodies.assembly.quorum", "a quorum is at least 1"),
    ("quorum = 2", "quorum = true", 31, "bodies.assembly.quorum", "write a whole number, not true"),
    ("quorum = 2", "quorum = 2.0", 31, "bodies.assembly.quorum", "write a whole number, not 2.0"),
    ("[bodies.council]", "[bodies.council]\nquorum = 2", 33, "bodies.council.quorum",
     "can never be met by 1 members"),
    (THEM, "", 36, "parties", "two sides; add the other party"),
    (GUESTS, GUESTS + "\nmaximum = 0", 53, "seats[2].maximum", "write 1 or more"),
    ("minimum = 0", "minimum = -1", 54, "seats[2].minimum", "write 0 or more"),
    ("minimum = 0", "minimum = 1", 54, "seats[2].minimum", "filled_by names fewer offices than minimum = 1"),
    ('["mayor"]', '["mayor", "leader"]\nminimum = 2', 50, "seats[1].minimum",
     "minimum = 2 is more than maximum = 1"),
    ('names = "Ordførere"', 'names = "Ordførere"\npermanent = false', 46, "seats",
     "there is no permanent seat"),
    ("notice_floor = 7", "notice_floor = 21", 59, "profile.notice_floor",
     "longer than the ordinary notice_days = 14"),
    ("notice_days = 14", "notice_days = 0", 58, "profile.notice_days", "from 1 to 3660, not 0"),
    ('evaluation_due = "12-31"', 'evaluation_due = "31.12"', 61, "profile.evaluation_due",
     'such as "10-01", not "31.12"'),
    ('evaluation_due = "12-31"', 'evaluation_due = "11-31"', 61, "profile.evaluation_due",
     "a month and day that exist"),
    ("notice_days = 14", 'meeting_date_alert = "10-01"', 58, "profile.meeting_date_alert",
     'escalate = "09-01" comes before meeting_date_alert'),
    ("enough_acceded = 1", "enough_acceded = 2", 63, "profile.enough_acceded",
     "more than the municipalities that"),
    ("enough_acceded = 1", 'agenda_required = ["lunch"]', 63, "profile.agenda_required[1]", '"action_plan"'),
    ("enough_acceded = 1", "days.sing = 3", 63, "profile.days.sing", 'did you mean "sign"?'),
    ("[profile.ladders.duty]", "[profile.ladders.slow]", 65, "profile.ladders", "than duty and alert"),
    ("[-30, -14, -3, 0]", "[-30, -3, -14, 0]", 66, "profile.ladders.duty.owner", "the rungs must rise"),
    ("[-30, -14, -3, 0]", "[]", 66, "profile.ladders.duty.owner", "the rungs must rise"),
    ("[-30, -14, -3, 0]", '[-30, "14"]', 66, "profile.ladders.duty.owner[2]", 'to 3660, not "14"'),
    ("owner = ", "follow_up = 14\nowner = ", 66, "profile.ladders.duty.follow_up", "escalation must rise"),
    ("[-30, -14, -3, 0]", "[-30, 9]", 66, "profile.ladders.duty.owner", "before the office that owes it"),
    ("[-30, -14, -3, 0]", "[-30]\nthen_every_days = 8", 66, "profile.ladders.duty.owner", "or escalate later"),
    ("[-30, -14, -3, 0]", "[0]\nthen_every_days = 5\nthen_on='monday'", 68, "profile.ladders.duty.then_on", "7 or"),
    ("[-30, -14, -3, 0]", '[0]\nthen_on = "sunday"', 67, "profile.ladders.duty.then_on", "sunday"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "instead", "line", "key", "said"), MISTAKES)
def test_a_mistake_is_named_with_its_line_its_key_and_what_to_do(
    written: str, instead: str, line: int, key: str, said: str
) -> None:
    assert SMALL.count(written) == 1, "the scenario must change one place"
    found = mistakes(SMALL.replace(written, instead))
    assert any(text.startswith(f"council.toml:{line}: {key}: ") and said in text for text in found), found


def test_a_council_without_mistakes_is_read() -> None:
    council = load_council(SMALL, "council.toml")
    register = council.register
    assert (council.origin, council.language) == ("politirad.example/small", "nb")
    assert (register.secretariat, register.leader, register.council) == ("secretary", "leader", "council")
    assert register.bodies["council"].members is None
    assert register.registers_for == {"secretary": ("*",)}
    assert [seat.permanent for seat in council.seats] == [True, False]
    assert council.profile.overrider("meeting", "summon") == "leader"
    assert council.profile.overrider("meeting", "hold") is None


def test_a_name_may_be_text_a_table_or_a_list_with_dates() -> None:
    offices = load_council(SMALL, "council.toml").register.offices
    assert offices["leader"].titles == (Named("Leder"),)
    assert offices["chief"].titles == (Named("Politimester", en="Chief of police"),)
    assert name_on(offices["mayor"].titles, date(2019, 12, 31), "nb") == "Ordfører"
    assert name_on(offices["mayor"].titles, date(2020, 1, 1), "nb") == "Byens ordfører"


def test_all_mistakes_are_named_at_once_in_the_order_of_their_lines() -> None:
    wrong = SMALL.replace('"Regionen"', '""').replace("quorum = 2", "quorum = 3").replace("notice_fl", "fl")
    assert [text.split(": ")[:2] for text in mistakes(wrong)] == [
        ["council.toml:8", "organisations.region.names"],
        ["council.toml:31", "bodies.assembly.quorum"],
        ["council.toml:59", "profile.floor"],
    ]


def test_one_mistake_does_not_cause_complaints_about_what_depends_on_it() -> None:
    assert len(mistakes(SMALL.replace("notice_days = 14", 'notice_days = "14"'))) == 1
    assert len(mistakes(SMALL.replace("town = true", "town = 1"))) == 1


def test_summoned_seats_do_not_count_for_the_council_s_quorum() -> None:
    guests = SMALL.replace(GUESTS, GUESTS + '\nfilled_by = ["leader"]')
    load_council(guests.replace("[parties.us]", "quorum = 1\n[parties.us]"), "council.toml")
    (fault,) = mistakes(guests.replace("[parties.us]", "quorum = 2\n[parties.us]"))
    assert "the quorum of 2 can never be met by 1 members" in fault


def test_no_organisation_but_a_municipality_ratifies() -> None:
    region = SMALL.replace('"Regionen"', '"Regionen"\nkind = "region"')
    (fault,) = mistakes(region.replace("{ town = true }", "{ town = true, region = true }"))
    assert fault.endswith('profile.ratifies.region: "region" is an organisation; name a municipality here')


def test_an_empty_file_lacks_every_table() -> None:
    missing = [re.sub(r".*\"(\w+)\" is missing.*", r"\1", text) for text in mistakes("")]
    assert missing == ["council", "organisations", "offices", "bodies", "parties", "seats"]


def test_a_file_saved_by_an_editor_on_windows_is_read() -> None:
    assert load_council("\ufeff" + SMALL.replace("\n", "\r\n"), "x") == load_council(SMALL, "x")


WRONG_VALUES = [
    '""', '"x"', '"*"', '"1-1"', "0", "-1", str(2**80), "0x" + "f" * 5000, "1.5", "nan", "true", "[]", "[1]",
    '["x", "x"]', "[[]]", "{}", "[{}]", "{ nb = 1 }", "{ a.b = 1 }", "1979-05-27", "07:32:00",
    "1979-05-27T07:32:00Z",
]  # fmt: skip


@pytest.mark.parametrize("value", WRONG_VALUES)
def test_any_value_anywhere_is_read_or_named_as_a_mistake(value: str) -> None:
    lines = SMALL.splitlines()
    for number, line in enumerate(lines):
        key, equals, _ = line.partition(" = ")
        changed = f"{key} = {value}" if equals else f"{line.strip('[]').split('.')[0]}.zzz = {value}"
        read_or_refuse("\n".join([*lines[:number], changed, *lines[number + 1 :]]))


def test_any_line_may_be_missing_or_stand_twice() -> None:
    lines = SMALL.splitlines()
    for number in range(len(lines)):
        read_or_refuse("\n".join(lines[:number] + lines[number + 1 :]))
        read_or_refuse("\n".join(lines[: number + 1] + lines[number:]))


def test_every_value_stands_on_the_line_it_names() -> None:
    text = '''\
a = 1 # [not.a.table]
b.c."d.e" = 2
'f' = [3, 3, [3], { g = 3, h.i = 3 }] # ]
j = [
  5, # , 6
  6, { k = 6 },

  [8,
   9],
]
l = """
[no.table]
m = "" \\"""""
n = \'\'\'
''\'\'\'
o = 1979-05-27 07:32:00
p = { q = "}", r = [17, "]"] } # "
s = 18
[ t . "u" ]
v = 20
[[w]]
x = 22
[[w.y]]
z = 24
[[w.y]]
z = 26
[w.y.aa]
bb = 28
[[w]]
x = 30
[w.cc]
dd = 32
'''
    lines = lines_of(text)
    numbers = list(numbers_in(tomllib.loads(text)))
    assert len(numbers) == 21
    assert [(path, lines[path]) for path, _ in numbers] == numbers
    assert lines[("w", 1)] == 29
    assert lines[("l",)] == 11


def numbers_in(value: object, path: Path = ()) -> list[tuple[Path, int]]:
    if isinstance(value, int):
        return [(path, value)]
    if isinstance(value, str | date):
        return []
    children = value.items() if isinstance(value, dict) else enumerate(cast("list[object]", value))
    return [found for key, child in children for found in numbers_in(child, (*path, key))]


@pytest.fixture(scope="module")
def trondelag_sor() -> Council:
    text = (files("workflows.examples") / "trondelag_sor" / "council.toml").read_text("utf-8")
    return load_council(text, "council.toml")


def test_the_shipped_example_has_the_document_s_members_but_no_chief_of_police(trondelag_sor: Council) -> None:
    seated = {office for seat in trondelag_sor.seats if seat.permanent for office in seat.filled_by}
    municipalities = {"melhus", "midtre_gauldal", "holtalen", "roros", "rennebu", "oppdal"}
    for kind in ("ordforer", "kommunedirektor", "politikontakt", "slt"):
        assert {f"{kind}_{municipality}" for municipality in municipalities} <= seated
    assert {"driftsenhetsleder_gauldal", "driftsenhetsleder_orkdal"} <= seated
    assert "politimester" not in seated
    assert "politimester" in trondelag_sor.register.offices
    assert [seat.id for seat in trondelag_sor.seats if not seat.permanent] == [
        "naeringsliv",
        "frivillige",
        "interesseorganisasjoner",
    ]


def test_the_shipped_example_follows_the_document_s_rules(trondelag_sor: Council) -> None:
    profile = trondelag_sor.profile
    assert profile.meetings_per_year == 1
    assert profile.evaluation_due == "12-31"
    assert profile.amend_before_adoption
    assert len(profile.ratifies) == 6
    assert not any(profile.ratifies.values())
    assert profile.days == Days()
    assert profile.ladders == BUILT_IN


def test_a_title_ages_while_the_office_stays(trondelag_sor: Council) -> None:
    titles = trondelag_sor.register.offices["kommunedirektor_roros"].titles
    assert name_on(titles, date(2018, 10, 4), "nb") == "Rådmann i Røros"
    assert name_on(titles, date(2020, 1, 1), "nb") == "Kommunedirektør i Røros"


def test_a_council_goes_through_json_and_comes_back_the_same(trondelag_sor: Council) -> None:
    assert msgspec.json.decode(msgspec.json.encode(trondelag_sor), type=Council) == trondelag_sor


@pytest.mark.parametrize("profile", [Profile(), load_council(SMALL, "council.toml").profile])
def test_rules_go_through_the_log_s_json_and_come_back_the_same(profile: Profile) -> None:
    document = profile.to_json()
    assert Profile.from_json(msgspec.json.decode(canonical(document))) == profile


def test_rules_are_written_in_full_so_that_a_new_default_cannot_change_an_old_case() -> None:
    document = Profile().to_json()
    assert document.keys() == {field.name for field in msgspec.structs.fields(Profile)}
    assert document["days"] == msgspec.to_builtins(Days())
    duty = {"owner": [-30, -14, -3, 0], "then_every_days": 7, "follow_up": 7, "secretariat": 14, "leader": 21}
    alert = {"owner": [0], "then_every_days": 14, "follow_up": 0, "secretariat": 0, "leader": 0}
    assert document["ladders"] == {
        "duty": {**duty, "agenda": 30, "then_on": "monday"}, "alert": {**alert, "agenda": 0, "then_on": "monday"},
    }  # fmt: skip


def test_a_ladder_written_before_there_were_weekdays_keeps_counting_from_its_due_date() -> None:
    document = Profile().to_json()
    ladders = document["ladders"]
    assert isinstance(ladders, dict)
    old = {name: {key: value for key, value in ladder.items() if key != "then_on"} for name, ladder in ladders.items()}
    assert Profile.from_json({**document, "ladders": old}).ladders["duty"].then_on is None


def test_a_month_and_day_is_accepted_exactly_where_a_leap_year_has_it() -> None:
    leap_year = [date(2028, 1, 1) + timedelta(days=days) for days in range(366)]
    for text in [f"{month:02}-{day:02}" for month in range(14) for day in range(33)]:
        try:
            accepted = msgspec.convert(text, MonthDay)
        except msgspec.ValidationError:
            assert text not in {f"{day:%m-%d}" for day in leap_year}
        else:
            assert month_day(2028, accepted) in leap_year


def test_a_rule_given_beside_the_file_goes_before_its_own_and_is_checked_as_strictly() -> None:
    council = load_council(SMALL, "council.toml", {"notice_days": 21, "amend_before_adoption": False})
    assert (council.profile.notice_days, council.profile.amend_before_adoption) == (21, False)
    with pytest.raises(CouncilError, match='profile: no party has the id "nobody"'):
        load_council(SMALL, "council.toml", {"required_parties": ["nobody"]})
