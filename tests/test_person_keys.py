"""Keys of persons: registered from a file without the comment, for a period, and revoked; each is one person's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.signing import Pen, SigningDesk, needs_ssh_keygen

pytestmark = needs_ssh_keygen


@pytest.fixture
def desk(tmp_path: Path) -> SigningDesk:
    """A council whose rules demand signatures."""
    return SigningDesk.set_up(tmp_path)


def test_a_key_is_registered_without_the_comment_that_names_somebody(desk: SigningDesk) -> None:
    pen = Pen.new(desk.world.folder, "berg")
    assert "berg@laptop" in pen.public.read_text()
    assert pen.fingerprint in desk.does("person", "key", "siri", "--file", str(pen.public))
    kept = b"".join(file.read_bytes() for file in desk.world.folder.glob("politirad.db*"))
    assert pen.public.read_bytes().split()[1] in kept
    assert b"berg@laptop" not in kept


def test_the_list_shows_each_key_with_its_period_and_whether_it_is_trusted(desk: SigningDesk) -> None:
    assert "No key of siri is on record" in desk.does("person key siri")
    old = desk.pen_of("siri", "--from", "2018-01-01", "--until", "2018-12-31")
    new = desk.pen_of("siri")
    desk.does("person", "key", "siri", "--revoke", old.fingerprint, "--on", "2018-09-01")
    listed = desk.types("person key siri --json").json
    assert [(one["fingerprint"], one["from"], one["until"], one["revoked"]) for one in listed] == [
        (old.fingerprint, "2018-01-01", "2018-12-31", "2018-09-01"),
        (new.fingerprint, "2018-10-04", None, None),
    ]
    assert "not trusted since 2018-09-01" in " ".join(desk.does("person key siri").split())


def test_the_log_of_the_council_tells_what_became_of_a_key(desk: SigningDesk) -> None:
    pen = desk.pen_of("siri")
    desk.does("person", "key", "siri", "--revoke", pen.fingerprint)
    told = desk.does("log C")
    assert f"Siri Berg: {pen.fingerprint}" in told
    assert "key for signing revoked" in told
    assert desk.types("verify").code == 0


def test_registered_again_a_key_has_the_new_period(desk: SigningDesk) -> None:
    pen = desk.pen_of("siri", "--until", "2018-12-31")
    desk.does("person", "key", "siri", "--file", str(pen.public), "--until", "2019-12-31")
    assert [one["until"] for one in desk.types("person key siri --json").json] == ["2019-12-31"]


def test_a_key_belongs_to_one_person_and_once_revoked_to_nobody(desk: SigningDesk) -> None:
    pen = desk.pen_of("siri")
    assert "another person's key" in desk.types("person", "key", "lars", "--file", str(pen.public)).err
    assert desk.types("person", "key", "lars", "--revoke", pen.fingerprint).code == 3
    desk.does("person", "key", "siri", "--revoke", pen.fingerprint)
    assert "was revoked" in desk.types("person", "key", "siri", "--file", str(pen.public)).err
    assert "was revoked" in desk.types("person", "key", "siri", "--revoke", pen.fingerprint).err


def test_only_whoever_keeps_the_record_registers_and_revokes(desk: SigningDesk) -> None:
    pen = Pen.new(desk.world.folder, "own")
    assert desk.types("person", "key", "siri", "--file", str(pen.public), "--person", "siri").code == 1
    desk.does("person", "key", "siri", "--file", str(pen.public))
    assert desk.types("person", "key", "siri", "--revoke", pen.fingerprint, "--person", "siri").code == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--file", "{private}"), "holds a private key"),
        (("--file", "{rsa}"), "taken are ssh-ed25519"),
        (("--file", "{text}"), "holds no public key"),
        (("--file", "{public}", "--from", "2019-01-02", "--until", "2019-01-01"), "is before --from"),
        (("--file", "{public}", "--revoke", "SHA256:x"), "Give either --file"),
        (("--until", "2019-01-01"), "add --file FILE"),
        (("--on", "2019-01-01"), "add --revoke FINGERPRINT"),
        (("--revoke", "SHA256:x"), "no such key of theirs"),
        (("--revoke", "{known}", "--on", "2019-01-01"), "is to come"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(desk: SigningDesk, options: tuple[str, ...], said: str) -> None:
    folder, known = desk.world.folder, desk.pen_of("siri").fingerprint
    pen, rsa = Pen.new(folder, "pen"), Pen.new(folder, "rsa", "rsa")
    files = {"private": str(pen.file), "public": str(pen.public), "rsa": str(rsa.public)}
    before = desk.case("C").n
    given = [option.format(**files, text=desk.file("text", "hello"), known=known) for option in options]
    answer = desk.types("person", "key", "siri", *given)
    assert answer.code in {2, 3}
    assert said in answer.err
    assert desk.case("C").n == before
