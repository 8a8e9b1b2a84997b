"""Sending to a real server: what comes of it, above all when something fails, and that nothing is sent in the open."""

from __future__ import annotations

import base64
import shutil
import socket
import ssl
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from engine.letter import Delivery, Draft, Mail
from engine.mail import compose, mailer_for, message_id
from engine.mail_server import server_of
from engine.smtp import SmtpMailer, own_name
from engine.smtp_reply import fate_before_content, fate_of_content
from tests.post_office import PostOffice, Received

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

MADE = datetime(2018, 10, 4, 10, 0, tzinfo=UTC)
SENDER = "politirad@example.no"
PASSWORD = "s3cret-pass"  # noqa: S105  # of a server in this test alone
LOGIN = {"POLITIRAD_SMTP_PASSWORD": PASSWORD}


def letter(to: str = "kari@example.no", text: str = "Hei\n", reply_to: str | None = None) -> Mail:
    """A letter to somebody."""
    id_ = message_id(to, "example.no")
    body = compose(
        Draft("Årsmøte", text, "<p>Hei</p>"), to=to, to_name=None, sender=SENDER, sender_name=None, reply_to=reply_to,
        message_id=id_, made=MADE, calendar=None, attachments=(),
    )  # fmt: skip
    return Mail(to, id_, MADE, SENDER, to, body)


def mailer(url: str, *, timeout: float = 10.0, context: ssl.SSLContext | None = None) -> SmtpMailer:
    """A mailer that loses patience sooner than in earnest."""
    return SmtpMailer(server_of(url, LOGIN if "@" in url else {}), timeout=timeout, context=context)


def send(post: PostOffice | str, *letters: Mail, timeout: float = 10.0) -> list[Delivery]:
    """Send letters one after another."""
    with mailer(post if isinstance(post, str) else post.url, timeout=timeout).sending() as sender:
        return [sender.send(one) for one in letters]


def fates(deliveries: Sequence[Delivery]) -> list[str]:
    """What came of letters, without what was said."""
    return [delivery.fate for delivery in deliveries]


@pytest.fixture
def post() -> Iterator[PostOffice]:
    """A server that takes everything."""
    with PostOffice() as office:
        yield office


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this machine that nobody else has signed, with its key beside it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-keyout", folder / "key.pem", "-out", folder / "certificate.pem", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-addext", "keyUsage=critical,digitalSignature,keyCertSign"],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder / "certificate.pem"


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    """What a server with that certificate works with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    return context


@contextmanager
def server_saying(*lines: bytes) -> Iterator[str]:
    """A server that says these lines, one to each of ours, and then hangs up; its URL."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection, connection.makefile("rb") as heard:
                for line in lines:
                    connection.sendall(line + b"\r\n")
                    heard.readline()

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"smtp+insecure://127.0.0.1:{listening.getsockname()[1]}"
        thread.join()


def to_a_server_that_says(*lines: bytes, user: str = "") -> Delivery:
    """What comes of a letter to such a server."""
    with server_saying(*lines) as url:
        return send(url.replace("//", f"//{user}"), letter())[0]


def test_a_letter_arrives_as_it_was_made(post: PostOffice) -> None:
    mail = letter(text=".\n..\n.Hei\nFrom meg\n")
    assert send(post, mail) == [Delivery("sent", "250 2.0.0 Taken")]
    assert post.letters == (Received(SENDER, "kari@example.no", mail.body),)


def test_many_letters_go_over_one_connection(post: PostOffice) -> None:
    letters = [letter(f"p{n}@example.no") for n in range(20)]
    assert set(fates(send(post, *letters))) == {"sent"}
    assert [one.body for one in post.letters] == [one.body for one in letters]
    assert post.connections == 1


def test_nothing_to_send_needs_no_connection(post: PostOffice) -> None:
    assert send(post) == []
    assert post.connections == 0


def test_senders_work_beside_each_other() -> None:
    with PostOffice(delay=0.3) as post, ThreadPoolExecutor(8) as pool:
        began = time.monotonic()
        sent = list(pool.map(lambda n: send(post, letter(f"p{n}@example.no"))[0].fate, range(8)))
        took = time.monotonic() - began
    assert (sent, len(post.letters)) == (["sent"] * 8, 8)
    assert took < 8 * 0.3


def test_one_refused_recipient_is_no_other_letters_fault(post: PostOffice) -> None:
    post.refuses("ola@example.no")
    told = send(post, letter("ola@example.no"), letter())
    assert told[0] == Delivery("bounced", "550 5.1.1 No such user here")
    assert told[1].fate == "sent"
    assert ([one.recipient for one in post.letters], post.connections) == (["kari@example.no"], 1)


def test_a_recipient_refused_for_now_is_deferred_until_accepted(post: PostOffice) -> None:
    post.defers("kari@example.no")
    assert send(post, letter()) == [Delivery("deferred", "451 4.7.1 Try again later")]
    post.answers("RCPT kari@example.no", None)
    assert fates(send(post, letter())) == ["sent"]


@pytest.mark.parametrize(
    ("answer", "fate"),
    [("451 4.3.0 Later", "deferred"), ("550 5.7.1 Spam", "refused"), ("421 4.3.2 Closing", "unreachable"),
     ("999 what", "uncertain"), ("what", "uncertain")],
)  # fmt: skip
def test_the_content_may_be_refused_too(post: PostOffice, answer: str, fate: str) -> None:
    post.answers("content", answer)
    told = send(post, letter())
    post.answers("content", None)
    assert (fates(told), post.letters) == ([fate], ())
    assert fates(send(post, letter())) == ["sent"]


@pytest.mark.parametrize(
    ("answer", "fate"),
    [("550 5.7.1 Not from you", "unreachable"), ("553 5.1.8 Sender refused", "unreachable"),
     ("450 4.1.8 Later", "deferred"), ("530 5.7.0 Log in first", "unreachable"), ("421 4.3.2 Closing", "unreachable"),
     ("552 5.3.4 Too big", "refused")],
)  # fmt: skip
def test_a_refused_sender_is_our_trouble_not_the_letters(post: PostOffice, answer: str, fate: str) -> None:
    post.answers("MAIL", answer)
    (told,) = send(post, letter())
    assert told.fate == fate
    assert answer in told.said
    post.answers("MAIL", None)
    assert fates(send(post, letter())) == ["sent"]


@pytest.mark.parametrize(
    ("command", "code", "fate"),
    [
        ("MAIL", 250, None), ("RCPT", 250, None), ("RCPT", 251, None), ("RCPT", 252, None), ("DATA", 354, None),
        ("DATA", 250, "unreachable"), ("MAIL", 354, "unreachable"), ("RCPT", -1, "unreachable"),
        ("RCPT", 550, "bounced"), ("RCPT", 501, "bounced"), ("RCPT", 552, "refused"), ("RCPT", 554, "refused"),
        ("DATA", 554, "refused"),
        ("RCPT", 450, "deferred"), ("DATA", 451, "deferred"), ("MAIL", 452, "deferred"),
        ("RCPT", 421, "unreachable"), ("RCPT", 503, "unreachable"), ("RCPT", 530, "unreachable"),
        ("DATA", 500, "unreachable"), ("MAIL", 501, "unreachable"), ("MAIL", 552, "refused"),
    ],
)  # fmt: skip
def test_what_an_answer_means(command: str, code: int, fate: str | None) -> None:
    assert fate_before_content(command, code) == fate


@pytest.mark.parametrize(
    ("words", "fate"),
    [(b"5.7.1 Client host blocked", "turned_away"), (b"5.1.1 No such user", "bounced"), (b"no such user", "bounced")],
)
def test_a_recipient_refused_by_policy_is_no_dead_address(words: bytes, fate: str) -> None:
    assert fate_before_content("RCPT", 550, words) == fate


@pytest.mark.parametrize(
    ("code", "fate"),
    [(250, "sent"), (251, "sent"), (354, "uncertain"), (421, "unreachable"), (452, "deferred"), (500, "refused"),
     (554, "refused"), (-1, "uncertain"), (0, "uncertain")],
)  # fmt: skip
def test_what_the_last_answer_means(code: int, fate: str) -> None:
    assert fate_of_content(code) == fate


def test_a_connection_lost_after_the_content_leaves_it_uncertain(post: PostOffice) -> None:
    post.drops("content")
    told = send(post, letter(), letter("ola@example.no"))
    assert fates(told) == ["uncertain", "sent"]
    assert "Connection unexpectedly closed" in told[0].said
    assert [one.recipient for one in post.letters] == ["kari@example.no", "ola@example.no"]


def test_an_answer_that_comes_too_late_leaves_it_uncertain() -> None:
    with PostOffice(delay=5) as post:
        (told,) = send(post, letter(), timeout=0.3)
        assert (told.fate, len(post.letters)) == ("uncertain", 1)
    assert "timed out" in told.said


def test_a_connection_lost_before_the_content_has_sent_nothing(post: PostOffice) -> None:
    post.drops("recipient")
    assert fates(send(post, letter(), letter())) == ["unreachable", "sent"]
    assert len(post.letters) == 1


def test_a_connection_that_went_stale_is_replaced(post: PostOffice) -> None:
    with mailer(post.url).sending() as sender:
        assert sender.send(letter()).fate == "sent"
        post.close()
        post.open()
        assert sender.send(letter("ola@example.no")).fate == "sent"
        post.drops("recipient")
        assert sender.send(letter("per@example.no")).fate == "sent"
    assert ([one.recipient[0] for one in post.letters], post.connections) == (["k", "o", "p"], 3)


@pytest.mark.parametrize("command", ["MAIL", "RCPT kari@example.no", "content"])
def test_after_a_goodbye_the_next_letter_has_a_connection_of_its_own(post: PostOffice, command: str) -> None:
    with mailer(post.url).sending() as sender:
        post.answers(command, "421 4.3.2 Closing")
        assert sender.send(letter()).fate == "unreachable"
        assert post.connections == 1
        post.answers(command, None)
        assert sender.send(letter()).fate == "sent"
    assert post.connections == 2


def test_a_server_that_wants_no_more_over_a_connection_gets_a_new_one(post: PostOffice) -> None:
    with mailer(post.url).sending() as sender:
        sender.send(letter())
        post.answers("MAIL", "421 4.7.0 Too many letters")
        assert sender.send(letter("ola@example.no")).fate == "unreachable"
    assert post.connections == 2


def test_a_server_that_falls_silent_is_not_waited_for_twice(post: PostOffice) -> None:
    with mailer(post.url, timeout=0.3).sending() as sender:
        sender.send(letter())
        post.hesitation = 5
        assert sender.send(letter("ola@example.no")).fate == "unreachable"
    assert (post.connections, len(post.letters)) == (1, 1)


def test_a_lost_letter_is_not_tried_twice_where_it_may_have_been_taken(post: PostOffice) -> None:
    with mailer(post.url).sending() as sender:
        sender.send(letter())
        post.drops("content")
        assert sender.send(letter("ola@example.no")).fate == "uncertain"
    assert [one.recipient[0] for one in post.letters] == ["k", "o"]


def test_a_server_that_is_down_is_unreachable_until_it_is_back(post: PostOffice) -> None:
    with mailer(post.url).sending() as sender:
        post.close()
        assert sender.send(letter()) == Delivery("unreachable", f"127.0.0.1:{post.port}: Connection refused")
        post.open()
        assert sender.send(letter()).fate == "sent"


def test_a_host_that_nobody_knows_is_unreachable() -> None:
    with SmtpMailer(server_of("smtps://nowhere.invalid", {}), timeout=5).sending() as sender:
        told = sender.send(letter())
    assert told.fate == "unreachable"
    assert told.said.startswith("nowhere.invalid:465: ")


def test_a_server_that_says_nothing_is_given_up() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        (told,) = send(f"smtp+insecure://127.0.0.1:{silent.getsockname()[1]}", letter(), timeout=0.2)
    assert told.fate == "unreachable"
    assert "timed out" in told.said


def test_in_earnest_no_answer_is_waited_for_longer_than_half_a_minute(post: PostOffice, tmp_path: Path) -> None:
    mailer = mailer_for(post.url, {}, tmp_path)
    assert isinstance(mailer, SmtpMailer)
    with mailer.connect() as connection:
        assert connection.sock is not None
        assert connection.sock.gettimeout() == 30


@pytest.mark.parametrize(
    "lines",
    [
        [b"421 4.3.2 Too busy"], [b"554 No service"], [b"what"], [b""], [b"220 hei", b"500 no", b"500 no"],
        [b"220 hei"], [b"220 hei", b"421 Closing", b"421 Closing"], [b"220 hei", b"250 hei", b"\xff\xfe\x00"],
        [b"2" * 10_000], [b"220 hei", b"250 hei", b"250 ok", b"250 ok", b"250 where I should say 354"],
    ],
)  # fmt: skip
def test_whatever_a_server_says_before_the_content_it_is_unreachable(lines: list[bytes]) -> None:
    assert to_a_server_that_says(*lines).fate == "unreachable"


def test_what_a_server_says_is_told_in_one_printable_line() -> None:
    rude = "550-no\x1b[2J\x00\x85\r\n550 \u202eåpent ".encode() + b"\xff" + b"x" * 1000
    told = to_a_server_that_says(b"220 hei", b"250 hei", b"250 ok", rude, b"250 ok")
    assert told.fate == "bounced"
    assert told.said.startswith("550 no [2J åpent \ufffdxxx")
    assert (told.said.isprintable(), len(told.said)) == (True, 200)


@pytest.mark.parametrize("form", [PASSWORD.encode(), base64.b64encode(f"\0kari\0{PASSWORD}".encode())])
def test_a_password_that_a_server_repeats_is_not_told(form: bytes) -> None:
    told = to_a_server_that_says(b"220 hei", b"250-hei\r\n250 AUTH PLAIN", b"535 not " + form, user="kari@")
    assert (told.fate, told.said.partition(": ")[2]) == ("unreachable", "535 not …")


def test_an_answer_to_a_login_that_cannot_be_read_is_no_crash() -> None:
    told = to_a_server_that_says(b"220 hei", b"250-hei\r\n250 AUTH CRAM-MD5", b"334 !\xff!", b"535 no", user="kari@")
    assert told.fate == "unreachable"


def test_a_letter_that_is_too_big_is_refused_before_it_is_sent() -> None:
    with PostOffice(size=3000) as post:
        told = send(post, letter(text="lang " * 1000), letter())
    assert fates(told) == ["refused", "sent"]
    assert "bytes and the mail server takes 3,000; attach less" in told[0].said


def test_an_address_beyond_ascii_needs_a_server_that_takes_it(post: PostOffice) -> None:
    assert fates(send(post, letter("kåre@example.no"), letter("kari@trøndelag.no"))) == ["sent", "sent"]
    assert [one.recipient for one in post.letters] == ["kåre@example.no", "kari@xn--trndelag-64a.no"]
    with PostOffice(international=False) as old:
        told = send(old, letter("kåre@example.no"), letter("kari@trøndelag.no"), letter(reply_to="råd@example.no"))
        assert fates(told) == ["bounced", "sent", "unreachable"]
    assert told[0].said == "the mail server takes no addresses with letters beyond a-z, such as kåre@example.no"
    assert told[2].said.endswith("and that of the sender or for answers has some")


@pytest.mark.parametrize(
    "address", ["", "kari", "a@b\r\nRCPT TO:<all@example.no>", "kari@example.no>\r\nDATA", "a b@c.no"]
)
def test_what_is_no_address_is_bounced_and_never_reaches_the_server(post: PostOffice, address: str) -> None:
    (told,) = send(post, replace(letter(), address=address))
    assert told.fate == "bounced"
    assert "is no address" in told.said
    assert post.connections == 0


@pytest.mark.parametrize("implicit", [False, True])
def test_an_untrusted_certificate_is_refused(tls: ssl.SSLContext, *, implicit: bool) -> None:
    with PostOffice(tls=tls, implicit=implicit) as post:
        (told,) = send(post, letter())
        assert (told.fate, post.letters) == ("unreachable", ())
    assert "its certificate is not trusted: self-signed certificate" in told.said


@pytest.mark.parametrize("implicit", [False, True])
def test_a_certificate_the_system_trusts_is_enough(
    tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch, *, implicit: bool
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with PostOffice(tls=tls, implicit=implicit) as post:
        assert fates(send(post, letter(), letter())) == ["sent", "sent"]
        assert (len(post.letters), post.connections) == (2, 1)


def test_a_certificate_of_another_host_is_refused(tls: ssl.SSLContext, certificate: Path) -> None:
    trusting = ssl.create_default_context(cafile=certificate)
    with (
        PostOffice(tls=tls) as post,
        mailer(post.url.replace("127.0.0.1", "127.0.0.2"), context=trusting).sending() as s,
    ):
        assert s.send(letter()).fate == "unreachable"
    with (
        PostOffice(tls=tls) as post,
        mailer(post.url.replace("127.0.0.1", "localhost"), context=trusting).sending() as s,
    ):
        assert s.send(letter()).fate == "sent"


def test_nothing_is_sent_in_the_open_where_encryption_is_not_offered(post: PostOffice) -> None:
    (told,) = send(post.url.replace("+insecure", ""), letter())
    assert (told.fate, post.letters) == ("unreachable", ())
    assert "it offers no STARTTLS" in told.said


@pytest.mark.parametrize("implicit", [False, True])
def test_the_password_comes_from_the_environment(
    tls: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, implicit: bool
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with PostOffice(tls=tls, implicit=implicit, users={"kari": PASSWORD}) as post:
        with mailer_for(post.url, LOGIN, tmp_path).sending() as sender:
            assert sender.send(letter()).fate == "sent"
        with mailer_for(post.url, {"POLITIRAD_SMTP_PASSWORD": "wrong"}, tmp_path).sending() as sender:
            told = sender.send(letter())
        assert (told.fate, len(post.letters)) == ("unreachable", 1)
    assert told.said.partition(": ")[2].startswith("535 5.7.8 Authentication credentials invalid")


def test_without_a_login_the_servers_words_say_what_is_missing() -> None:
    with PostOffice(users={"kari": PASSWORD}) as post:
        (told,) = send(post.url.replace("kari@", ""), letter())
    assert (told.fate, told.said.partition(": ")[2]) == ("unreachable", "530 5.7.0 Authentication required")


@pytest.mark.parametrize(
    ("host", "name"),
    [("post.example.no", "post.example.no"), ("laptop", "[127.0.0.1]"), ("å.example.no", "[127.0.0.1]"),
     ("", "[127.0.0.1]")],
)  # fmt: skip
def test_we_call_ourselves_by_a_full_name_or_none(monkeypatch: pytest.MonkeyPatch, host: str, name: str) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: host)
    assert own_name() == name


def test_the_post_office_keeps_its_port_and_its_letters(post: PostOffice) -> None:
    send(post, letter())
    port = post.port
    for _ in range(3):
        post.close()
        post.open()
    assert fates(send(post, letter())) == ["sent"]
    assert (post.port, len(post.letters)) == (port, 2)
