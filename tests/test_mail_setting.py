"""Where mail goes, as the settings name it: a folder or a server, and a password that is never in sight."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import ConfigurationError
from engine.mail import mailer_for
from engine.maildir import MaildirMailer
from engine.smtp import SmtpMailer


def test_letters_are_kept_in_a_folder_beside_the_settings(tmp_path: Path) -> None:
    for url, folder in [("file:mail", tmp_path / "mail"), ("file:/a/b", Path("/a/b")), ("file:///a/b", Path("/a/b"))]:
        mailer = mailer_for(url, {}, tmp_path)
        assert isinstance(mailer, MaildirMailer)
        assert mailer.folder == folder


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://post.example", ("smtp", "post.example", 587, None, "")),
        ("smtps://post.example:4650/", ("smtps", "post.example", 4650, None, "")),
        ("smtp+insecure://[::1]:2525", ("smtp+insecure", "::1", 2525, None, "")),
        ("smtp+insecure://localhost", ("smtp+insecure", "localhost", 25, None, "")),
        ("smtp://kari%40example.no@post.example", ("smtp", "post.example", 587, "kari@example.no", "s3cret")),
        ("smtp://kari@example.no@post.example", ("smtp", "post.example", 587, "kari@example.no", "s3cret")),
        ("smtps://kari@trøndelag.no", ("smtps", "xn--trndelag-64a.no", 465, "kari", "s3cret")),
    ],
)
def test_a_server_is_named_by_a_url(tmp_path: Path, url: str, server: tuple[object, ...]) -> None:
    mailer = mailer_for(url, {"POLITIRAD_SMTP_PASSWORD": "s3cret"} if "@" in url else {}, tmp_path)
    assert isinstance(mailer, SmtpMailer)
    to = mailer.server
    assert (to.scheme, to.host, to.port, to.user, to.password) == server
    assert "s3cret" not in repr(to)


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("post.example", "names no way to send"),
        ("http://post.example", "names no way to send"),
        ("SMTP:post", "names no way to send"),
        ("", "names no way to send"),
        ("file:", "names no folder"),
        ("file://host/mail", "names no folder"),
        ("smtp://", "the host is missing"),
        ("smtp:post.example", "nothing more"),
        ("smtp://:25", "the host is missing"),
        ("smtp://a b", "nothing more"),
        ("smtp://a..b", "names no host"),
        ("smtp://[::zz]", "no host"),
        ("smtp://post.example:0", "the port after the host is none"),
        ("smtp://post.example:65536", "the port after the host is none"),
        ("smtp://post.example:s3cret", "the port after the host is none"),
        ("smtp://kari:s3cret@post.example", "the password does not belong here"),
        ("smtp://kari:@post.example", "the password does not belong here"),
        ("smtp://kari:s3/cret@post.example", "the port after the host is none"),
        ("smtp://post.example/s3cret", "nothing more"),
        ("smtp://post.example?s3cret", "nothing more"),
        ("smtp://post.example#s3cret", "nothing more"),
        ("smtp://kari@post.example", "no password is there"),
        ("smtp+insecure://post.example", "on this machine alone"),
        ("smtp+insecure://192.0.2.1", "on this machine alone"),
    ],
)
def test_a_wrong_way_to_send_is_refused_in_plain_words(tmp_path: Path, url: str, fault: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        mailer_for(url, {}, tmp_path)
    assert fault in str(refused.value)
    assert "s3" not in str(refused.value)
    assert "cret" not in str(refused.value)


def test_a_password_comes_from_a_file_that_the_environment_names(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("s3cret\n")
    mailer = mailer_for("smtp://a@b", {"POLITIRAD_SMTP_PASSWORD_FILE": str(tmp_path / "password")}, tmp_path)
    assert isinstance(mailer, SmtpMailer)
    assert mailer.server.password == "s3cret"  # noqa: S105  # the one written above


@pytest.mark.parametrize(
    ("url", "environment", "fault"),
    [
        ("smtp://a@b", {"_FILE": "/nowhere/password"}, "cannot be read: No such file or directory"),
        ("smtp://a@b", {"_FILE": "/nowhere/password", "": "s3cret"}, "both set. Keep one"),
        ("smtp://b", {"": "s3cret"}, "mail names no user"),
        ("smtp://a@b", {"": "s3crét"}, "plain ASCII"),
        ("smtp://a@b", {"": "s3cr\0et"}, "plain ASCII"),
        ("smtp://å@b", {"": "s3cret"}, "the user in mail holds a letter"),
    ],
)
def test_a_password_that_cannot_be_used_is_refused(
    tmp_path: Path, url: str, environment: dict[str, str], fault: str
) -> None:
    with pytest.raises(ConfigurationError, match=fault) as refused:
        mailer_for(url, {f"POLITIRAD_SMTP_PASSWORD{name}": value for name, value in environment.items()}, tmp_path)
    assert "s3cr" not in str(refused.value)
