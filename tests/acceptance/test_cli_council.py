"""The council on the command line: opening it, its settings, people, offices, decisions, rules and documents."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import cli
from commands.configuration import KEYS, load_settings
from commands.identities import first_name
from commands.opening import default_id
from commands.wiring import Setup
from engine.errors import ConfigurationError
from engine.maildir import MaildirMailer
from tests.world import COUNCIL, EXAMPLE

if TYPE_CHECKING:
    from tests.desk import Desk


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, without settings in the environment."""
    for name in ("CONFIG", *(key.upper() for key in KEYS)):
        monkeypatch.delenv(f"POLITIRAD_{name}", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def types(*words: str) -> int:
    """Type a command in the folder; its exit code."""
    return cli.run(words)


def test_without_a_council_two_lines_tell_how_to_begin(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert types() == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert list(folder.iterdir()) == []


def test_init_without_a_file_explains_and_offers_the_example(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert types("init") == 2
    assert "politirad init --example" in capsys.readouterr().err
    assert list(folder.iterdir()) == []


def test_the_example_is_written_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert types("init", "--example") == 0
    assert (folder / "council.toml").read_bytes() == EXAMPLE.read_bytes()
    assert types("init", "--example") == 2
    assert "exists already" in capsys.readouterr().err


def test_init_makes_a_database_a_first_person_and_settings(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert types("init", str(EXAMPLE), "--name", "Kari Nordli", "--since", "2018-01-01") == 0
    assert capsys.readouterr().out.splitlines()[:2] == [
        f"Opened trondelag_sor (politirad.example/trondelag-sor) in {folder / 'politirad.db'}.",
        "Kari Nordli (kari) holds politiradssekretar from 2018-01-01.",
    ]
    assert (folder / "politirad.toml").read_text() == (
        "# Settings of politirad in this folder. POLITIRAD_* in the environment and options override them.\n"
        'database = "politirad.db"\ncouncil = "trondelag_sor"\nperson = "kari"  # who you are; see'
        ' `politirad person list`\nlanguage = "nb"  # of labels and reasons: nb, nn or en\n'
        "# Letters are kept in this folder, and nothing leaves the machine until `mail` names a server, such as\n"
        '# "smtp://USER@HOST" with the password in $POLITIRAD_SMTP_PASSWORD and an address of ours in mail_from.\n'
        'mail = "file:mail"\n'
    )
    assert load_settings({}, folder, {}).mail == f"file:{folder / 'mail'}"
    assert types("person", "list") == 0
    assert "politiradssekretar" in capsys.readouterr().out


def test_two_councils_live_in_one_database(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = folder / "other.toml"
    other.write_text(EXAMPLE.read_text().replace("politirad.example/trondelag-sor", "politirad.example/nord"))
    assert types("init", str(EXAMPLE), "--name", "Kari Nordli") == 0
    assert types("init", str(other), "--name", "Nils Nord", "--handle", "nils") == 0
    assert "choose this council with --council nord" in capsys.readouterr().out
    assert types("--council", "nord", "person", "list") == 0
    assert "Nils Nord" in capsys.readouterr().out
    (folder / "politirad.toml").unlink()
    assert types("list") == 2
    said = capsys.readouterr().err
    assert said.startswith("Say which council with --council: ")
    assert "trondelag_sor" in said


@pytest.mark.usefixtures("folder")
def test_a_council_is_opened_once_and_its_origin_is_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    name = ("--name", "Kari Nordli")
    assert types("init", str(EXAMPLE), *name) == 0
    assert types("init", str(EXAMPLE), *name) == 2
    assert types("init", str(EXAMPLE), *name, "--id", "another") == 2
    assert [line.partition(".")[0] for line in capsys.readouterr().err.splitlines()] == [
        "The council trondelag_sor is here already",
        "The origin politirad",
    ]


def test_every_mistake_in_a_councils_file_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = EXAMPLE.read_text().replace('kind = "region"', 'kind = "county"').replace("notice_days", "notise_days")
    (folder / "wrong.toml").write_text(wrong)
    assert types("init", "wrong.toml", "--name", "Kari Nordli") == 2
    lines = capsys.readouterr().err.splitlines()
    assert ["kind" in lines[0], "notise_days" in lines[1], len(lines)] == [True, True, 2]
    assert not (folder / "politirad.db").exists()


@pytest.mark.parametrize(
    ("origin", "id_"), [("politirad.example/trondelag-sor", "trondelag_sor"), ("a/b.c-d", "b_c_d")]
)  # fmt: skip
def test_a_council_is_called_after_the_last_part_of_its_origin(origin: str, id_: str) -> None:
    assert default_id(origin) == id_


@pytest.mark.parametrize(
    ("name", "handle"),
    [("Kari Nordli", "kari"), ("Åse-Marie Ås", "asemarie"), ("Øyvind", "oyvind"), ("李", "secretary")],
)
def test_a_handle_is_made_from_the_first_name(name: str, handle: str) -> None:
    assert first_name(name) == handle


def test_options_override_the_environment_which_overrides_the_file(tmp_path: Path) -> None:
    (tmp_path / "politirad.toml").write_text('council = "file"\nperson = "file"\nlanguage = "nn"\n')
    environment = {"POLITIRAD_COUNCIL": "environment", "POLITIRAD_PERSON": "environment"}
    settings = load_settings(environment, tmp_path, {"council": "option", "person": None})
    assert (settings.council, settings.person, settings.language) == ("option", "environment", "nn")


def test_the_database_of_a_file_is_relative_to_that_file(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "p.toml").write_text('database = "data.db"')
    settings = load_settings({"POLITIRAD_CONFIG": "elsewhere/p.toml"}, tmp_path, {})
    assert settings.database == tmp_path / "elsewhere" / "data.db"
    assert load_settings({}, tmp_path, {}).database == tmp_path / "politirad.db"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('databse = "x"', "the key 'databse' is unknown; did you mean database?"),
        ('now = "2018-10-04"', "the key 'now' is unknown; known: database, council, person, language, mail"),
        ("council = 1", "council: write text in quotes, not 1"),
        ('language = "no"', "The language 'no' is unknown; write nb, nn or en."),
        ("council = ", "not TOML"),
        ('senders = "8"', "senders: write a number without quotes, not '8'"),
        ("senders = true", "senders: write a number without quotes, not True"),
        ("senders = 33", "senders: 33 is none; write a whole number from 1 to 32."),
        ("senders = 0", "senders: 0 is none"),
        ("senders = -1", "senders: -1 is none"),
        ('runner = "celery"', "runner: celery is none; write one of embedded, procrastinate."),
        ('runner = "procrastinate"', "runner: procrastinate needs a PostgreSQL server, and"),
        ('mail_from = "politirad"', "mail_from: 'politirad' is no address"),
        ('mail_from = "råd@example.no"', "mail_from: not every server takes råd@example.no."),
        ("mail = 1", "mail: write text in quotes, not 1"),
    ],
)
def test_wrong_settings_are_refused_by_name(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / "politirad.toml").write_text(text)
    with pytest.raises(ConfigurationError) as refused:
        load_settings({}, tmp_path, {})
    assert fault in str(refused.value)


def test_the_folder_for_letters_is_relative_to_the_file_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "p.toml").write_text('mail = "file:letters"')
    (tmp_path / "elsewhere" / "q.toml").write_text("")
    named = {"POLITIRAD_CONFIG": "elsewhere/p.toml"}
    assert load_settings(named, tmp_path, {}).mail == f"file:{tmp_path / 'elsewhere' / 'letters'}"
    assert load_settings({**named, "POLITIRAD_MAIL": "file:here"}, tmp_path, {}).mail == f"file:{tmp_path / 'here'}"
    unnamed = load_settings({"POLITIRAD_CONFIG": "elsewhere/q.toml"}, tmp_path, {})
    assert unnamed.mail == f"file:{tmp_path / 'elsewhere' / 'mail'}"


def test_mail_is_set_by_the_file_or_the_environment(tmp_path: Path) -> None:
    (tmp_path / "politirad.toml").write_text(
        'mail = "smtps://post.example"\nmail_from = "a@trøndelag.no"\nsenders = 8\n'
    )
    settings = load_settings({"POLITIRAD_SENDERS": "2"}, tmp_path, {})
    assert (settings.mail, settings.senders) == ("smtps://post.example", 2)
    assert settings.mail_from == "a@xn--trndelag-64a.no"
    with pytest.raises(ConfigurationError, match="senders: many is none"):
        load_settings({"POLITIRAD_SENDERS": "many"}, tmp_path, {})


def test_mail_for_a_server_needs_an_address_it_comes_from(tmp_path: Path) -> None:
    kept, sent = (Setup(load_settings({"POLITIRAD_MAIL": url}, tmp_path, {})) for url in ("file:x", "smtp://a.example"))
    assert kept.mail_from == "politirad@localhost"
    with pytest.raises(ConfigurationError, match="mail_from is missing"):
        _ = sent.mail_from
    assert isinstance(kept.mailer, MaildirMailer)
    assert kept.mailer.folder == tmp_path / "x"


def test_settings_that_are_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="which is no file"):
        load_settings({"POLITIRAD_CONFIG": "missing.toml"}, tmp_path, {})


def test_the_environment_has_no_say_in_the_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLITIRAD_NOW", "2001-01-01T00:00:00Z")
    desk.does("measure propose --title Natteravner")
    assert desk.types("show M-1 --json").json["opened"] == "2018-10-04"


def test_a_person_is_added_holds_an_office_and_leaves_it(desk: Desk) -> None:
    assert desk.does("person add 'Ola Hansen' --email ola@example.no") == "Ola Hansen is added as ola.\n"
    desk.does("office end slt_melhus --on 2018-09-30")
    desk.does("office assign slt_melhus ola --from 2018-10-01 --basis 'Ansatt'")
    desk.does("office end slt_melhus --on 2018-10-03")
    held = desk.types("office history slt_melhus --json").json
    assert [(h["name"], h["from"], h["until"], h["basis"]) for h in held] == [
        (None, "2017-01-01", "2018-09-30", None), ("Ola Hansen", "2018-10-01", "2018-10-03", "Ansatt"),
    ]  # fmt: skip
    assert [office["office"] for office in desk.types("office list --vacant --json").json] == ["slt_melhus"]


def test_an_acting_holder_goes_before_the_holder(desk: Desk) -> None:
    desk.does("person add 'Ola Hansen'")
    desk.does("office assign politimester ola --from 2018-10-01 --until 2018-10-31 --capacity acting")
    holder = {office["office"]: office["holding"] for office in desk.types("office list --json").json}["politimester"]
    assert (holder["name"], holder["capacity"]) == ("Ola Hansen", "acting")
    assert "Ola Hansen, acting" in " ".join(desk.does("office list").split())


def test_persons_are_listed_with_their_offices(desk: Desk) -> None:
    (kari,) = desk.types("person list --json").json
    assert (kari["handle"], kari["offices"][0]["office"]) == ("kari", "politiradssekretar")
    assert "Secretary to the police council (politiradssekretar), holder" in desk.does("person show kari")


def test_a_decision_is_recorded_point_by_point(desk: Desk) -> None:
    points = "--point 'Avtalen vedtas.' --votes 5-1 --point 'Leder fører dialog.' --votes 6-0"
    answer = desk.does(f"decide regionrad --ref 'RR 1/19' {points} --present all")
    assert answer == "D-1 recorded for regionrad: 1. carried, 2. carried.\n"
    assert desk.types("decisions").lines == [
        "D-1  2018-10-04  Regional Council of Trøndelag Sør (regionrad), RR 1/19",
        "  1.  Avtalen vedtas.: carried, 5-1-0 (for-against-blank)",
        "  2.  Leder fører dialog.: carried, 6-0-0 (for-against-blank)",
    ]


def test_a_decision_without_known_votes_tells_which_points_fell(desk: Desk) -> None:
    desk.does("decide regionrad --ref 'RR 1/19' --point A --point B --fell 2 --on 2018-09-01")
    assert [point["outcome"] for point in desk.types("show D-1 --json").json["points"]] == ["carried", "fell"]


def test_one_decision_drives_two_cases(desk: Desk) -> None:
    desk.world.propose()
    desk.does("decide regionrad --ref 'RR 1/19' --point 'Avtalen vedtas.' --point 'Endring ønskes.'")
    desk.does("agreement approve A-1 --version 1 --for regionen --decision D-1 --point 1")
    desk.does("agreement request-amendment A-1 --change Endring --for regionen --decision D-1 --point 2")
    cited = [event["decision"] for event in desk.types("log A-1 --json").json if event["decision"]]
    assert [(decision["id"], decision["point"]) for decision in cited] == [("D-1", 1), ("D-1", 2)]


def test_the_rules_are_shown_changed_and_applied(desk: Desk) -> None:
    desk.does("meeting plan --title Årsmøte")
    changed = desk.file("new.toml", EXAMPLE.read_text().replace("notice_days = 14", "notice_days = 21"))
    assert desk.types("profile", "set", changed).lines == [
        "The register and the rules are set. Open cases keep the rules they were opened under.",
        "  notice_days  14 → 21",
    ]
    assert desk.types("profile show --json").json["rules"]["notice_days"] == 21
    assert desk.types("profile show --case MT-1 --json").json["rules"]["notice_days"] == 14
    assert "the council has newer ones" in desk.does("profile show --case MT-1")
    assert desk.does("profile apply MT-1 --reason 'Vedtatt i rådet'").startswith("MT-1 newest rules applied\n")
    assert desk.types("profile show --case MT-1 --json").json["newest"] is True


def test_rules_of_another_council_are_refused(desk: Desk) -> None:
    other = desk.file(
        "o.toml", EXAMPLE.read_text().replace("politirad.example/trondelag-sor", "politirad.example/nord")
    )
    assert desk.types("profile", "set", other).code == 2


def test_a_document_is_saved_by_case_version_or_hash(desk: Desk) -> None:
    desk.world.propose("Første")
    desk.does(
        "agreement", "revise", "A-1", "--for", "politiet", "--ref", "x", "--document", desk.file("ny.md", "Andre")
    )
    folder, sha256 = desk.world.folder, hashlib.sha256("Første".encode()).hexdigest()
    desk.does(f"document save A-1 {folder / 'current.md'}")
    desk.does(f"document save A-1 {folder / 'first.md'} --version 1")
    desk.does(f"document save {sha256[:8]} {folder / 'hash.md'}")
    saved = [(folder / name).read_text() for name in ("current.md", "first.md", "hash.md")]
    assert saved == ["Andre", "Første", "Første"]


def test_a_saved_document_replaces_nothing_and_stays_in_its_folder(desk: Desk) -> None:
    desk.world.propose()
    (desk.world.folder / "out").mkdir()
    desk.does(f"document save A-1 {desk.world.folder / 'out'}")
    assert [path.name for path in (desk.world.folder / "out").iterdir()] == ["avtale.md"]
    answer = desk.types(f"document save A-1 {desk.world.folder / 'out'}")
    assert (answer.code, "exists already" in answer.err) == (2, True)


def test_a_correction_stays_visible_beside_what_it_corrects(desk: Desk) -> None:
    desk.world.propose(ref="2018/1")
    desk.does("correct A-1 1 --ref 2018/100 --reason 'Feil nummer'")
    first, second = desk.types("log A-1 --json").json
    assert (first["ref"], second["type"], second["remarks"]) == ("2018/100", "agreement.corrected", ["Feil nummer"])
    assert "corrected by event 2" in desk.does("log A-1")


def test_the_newest_step_is_taken_back_and_stays_visible(desk: Desk) -> None:
    desk.world.propose()
    desk.does("agreement postpone A-1 --until 2019-01-01 --for politiet --reason x --ref y")
    assert desk.case("A-1").state == "postponed"
    assert desk.does("annul A-1 --reason 'Feil sak'").startswith("A-1 newest step taken back\n")
    assert desk.case("A-1").state == "proposed"
    assert "taken back by event 3" in desk.does("log A-1")


def test_entries_too_can_be_tried_first(desk: Desk) -> None:
    with desk.world.store.read(COUNCIL) as reader:
        before = reader.size()
    assert desk.types("person add 'Ola Hansen' --dry-run").lines[-1] == "Nothing was written (--dry-run)."
    assert desk.types("decide regionrad --ref x --point A --dry-run").code == 0
    assert desk.types("office end politimester --dry-run").code == 0
    with desk.world.store.read(COUNCIL) as reader:
        assert reader.size() == before
    assert desk.types("person show ola").code == 3


def test_only_who_keeps_the_register_changes_it(desk: Desk) -> None:
    desk.does("person add 'Ola Hansen'")
    answer = desk.types("person add 'Per Persen' --person ola")
    assert answer.code == 1
    assert "You may not act for" in answer.err
    assert desk.world.clock.now().date() == date(2018, 10, 4)
