"""A letter as mail: what it is made of, that it is always the same bytes, and that no text breaks out of its place."""

from __future__ import annotations

import re
from base64 import b64decode
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP, compat32, default
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.header import LONGEST, checked_address, head, one_line
from engine.letter import Draft
from engine.mail import compose, file_name, message_id

MADE = datetime(2018, 10, 4, 10, 0, tzinfo=UTC)
ID = message_id("M-14 deadline", "example.no")
HEADERS = ["From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]
BREAKS = ("\r\n", "\n", "\r", "\0", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029")
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
WORDS = ("=?UTF-8?Q?=0A?=", "=?UTF-8?Q?=0D=0A?=", "=?utf-8?B?DQpCY2M6IHhAeQ==?=", "=?UTF-8?Q?a?= =?UTF-8?Q?=0A?=")
INJECTIONS = [f"x{mark}Bcc: all@example.no{mark}{mark}x" for mark in (*BREAKS, *WORDS)]


def calendar(method: str = "REQUEST") -> str:
    """The shortest invitation there is."""
    return f"BEGIN:VCALENDAR\r\nMETHOD:{method}\r\nSUMMARY:Årsmøte\r\nEND:VCALENDAR\r\n"


def written(subject: str = "Frist", text: str = "Hei\n", html: str = "<p>Hei</p>\n", **changes: Any) -> bytes:  # noqa: ANN401  # arguments of any type
    """A letter as mail, by default a plain one."""
    usual: dict[str, Any] = {
        "to": "kari@example.no", "to_name": "Kari Nordli", "sender": "politirad@example.no",
        "sender_name": "Politirådet", "reply_to": "post@example.no", "message_id": ID, "made": MADE, "calendar": None,
        "attachments": (),
    }  # fmt: skip
    return compose(Draft(subject, text, html), **{**usual, **changes})


def read(mail: bytes) -> EmailMessage:
    """A letter as a mail program reads it."""
    message = message_from_bytes(mail, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def shape(part: Any) -> Any:  # noqa: ANN401  # of nested lists
    """The content types of a letter, its multiparts as pairs."""
    kind = part.get_content_type()
    return (kind, [shape(inner) for inner in part.iter_parts()]) if part.is_multipart() else kind


def texts(message: EmailMessage) -> list[str]:
    """What a letter says, in each of its forms."""
    return [part.get_content().replace("\r\n", "\n") for part in message.walk() if not part.is_multipart()]


def leaves(message: EmailMessage) -> list[Any]:
    """The headers and the content of each part that has none inside."""
    parts = (part for part in message.walk() if not part.is_multipart())
    return [(dict(part.items()), part.get_payload(decode=True)) for part in parts]


def name_in(mail: bytes) -> str:
    """The recipient's name; by the older parser, since the newer one parts encoded words in names with blanks."""
    unfolded = message_from_bytes(mail, policy=compat32)["To"].replace("\r\n ", " ")
    decoded = str(make_header(decode_header(unfolded))).rpartition(" <")[0]
    return re.sub(r"\\(.)", r"\1", decoded.removeprefix('"').removesuffix('"')) if '"' in unfolded else decoded


def names_naively(mail: bytes) -> list[str]:
    """The headers as the most careless of readers sees them, who ends a line at anything like a line break."""
    lines = mail.partition(b"\r\n\r\n")[0].decode().splitlines()
    return [line.partition(":")[0] for line in lines if not line.startswith((" ", "\t"))]


def test_a_plain_letter_is_text_and_html() -> None:
    message = read(written())
    assert shape(message) == ("multipart/mixed", [("multipart/alternative", ["text/plain", "text/html"])])
    assert texts(message) == ["Hei\n", "<p>Hei</p>\n"]


def test_a_letter_has_these_headers_and_no_others() -> None:
    mail = written()
    message = read(mail)
    assert names_naively(mail) == message.keys() == HEADERS
    assert [str(message[name]) for name in HEADERS[:7]] == [
        "Politirådet <politirad@example.no>", "Kari Nordli <kari@example.no>", "post@example.no", "Frist",
        "Thu, 04 Oct 2018 10:00:00 +0000", ID, "auto-generated",
    ]  # fmt: skip


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_an_invitation_is_offered_and_attached(method: str) -> None:
    message = read(written(calendar=calendar(method), attachments=[("sak.pdf", b"%PDF")]))
    alternative = ("multipart/alternative", ["text/plain", "text/html", "text/calendar"])
    assert shape(message) == ("multipart/mixed", [alternative, "application/ics", "application/pdf"])
    offered = [part for part in message.walk() if part.get_content_type() == "text/calendar"][0]  # noqa: RUF015
    assert (offered.get_param("method"), offered.get_content_charset()) == (method, "utf-8")
    assert offered["Content-Transfer-Encoding"] == "base64"
    invite, agenda = message.iter_attachments()
    assert (invite.get_filename(), agenda.get_filename()) == ("invite.ics", "sak.pdf")
    assert invite.get_content() == offered.get_payload(decode=True) == calendar(method).encode()
    assert agenda.get_content() == b"%PDF"


@pytest.mark.parametrize("text", [calendar("PUBLISH"), "BEGIN:VCALENDAR\r\nSUMMARY:METHOD:REQUEST\r\n"])
def test_a_calendar_that_asks_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="METHOD:REQUEST nor METHOD:CANCEL"):
        written(calendar=text)


def test_the_same_letter_is_the_same_bytes() -> None:
    parts: dict[str, Any] = {"calendar": calendar(), "attachments": [("æ.pdf", bytes(range(256)))]}
    local = MADE.astimezone(timezone(timedelta(hours=2))).replace(microsecond=5)
    assert written(**parts) == written(**parts) == written(**parts, made=local)
    assert written(**parts) != written(**parts, message_id=message_id("another", "example.no"))


def test_an_instant_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        written(made=datetime(2018, 10, 4))  # noqa: DTZ001  # what is refused


def test_a_message_id_is_short_stable_and_on_one_line() -> None:
    assert message_id("key", "example.no") == "<2c70e12b7a0646f92279f427c7b38e73@example.no>"
    long = message_id("measure.1000" * 50, f"{'a' * 60}.{'b' * 60}.no")
    found = re.findall(rb"(?m)^Message-ID: (<[^\s<>@]+@[^\s<>@]+>)\r$", written(message_id=long))
    assert found == [long.encode()]


@pytest.mark.parametrize("id_", ["", "a@b", "<a b@c>", "<a@b>\r\nBcc: x@y", "<a@b\n>", "<=?UTF-8?Q?=0A?=@b>"])
def test_a_wrong_message_id_is_refused(id_: str) -> None:
    with pytest.raises(ValueError, match="Message-ID"):
        written(message_id=id_)


def test_norwegian_letters_arrive_in_every_place() -> None:
    message = read(written("Årsmøte på Røros", "Blåbærsyltetøy\n", "<p>Blåbær</p>\n", to_name="Øyvind Ås"))
    assert (message["Subject"], message["To"].addresses[0].display_name) == ("Årsmøte på Røros", "Øyvind Ås")
    assert texts(message) == ["Blåbærsyltetøy\n", "<p>Blåbær</p>\n"]
    assert written("Årsmøte").isascii()


@pytest.mark.parametrize(
    "subject", ["word " * 39 + "end", "ærlig " * 33, "x" * LONGEST, "🙂" * LONGEST, "a" * 70 + "å"]
)
def test_a_long_subject_is_folded_and_arrives_whole(subject: str) -> None:
    mail = written(subject, sender_name=None)
    assert read(mail)["Subject"] == subject.strip()
    words = re.findall(rb"=\?utf-8\?b\?([^?]*)\?=", mail)
    assert "".join(b64decode(word).decode() for word in words) == subject.strip()
    assert max(len(line) for line in mail.split(b"\r\n")) <= 78


def test_a_subject_that_nobody_could_read_is_cut() -> None:
    assert read(written("ord " * 1000))["Subject"] == ("ord " * 1000)[: LONGEST - 1] + "…"


@pytest.mark.parametrize("name", ['Kari "K" Nordli', "Nordli, Kari", "a\\", "x" * 90, "Ås" * 60, "<x@y.no>", "=?x?"])
def test_any_name_keeps_its_address_apart(name: str) -> None:
    mail = written(to_name=name)
    assert [a.addr_spec for a in read(mail)["To"].addresses] == ["kari@example.no"]
    assert name_in(mail) == name
    assert names_naively(mail) == HEADERS


@pytest.mark.parametrize("name", [None, "", "\r\n", BIDI])
def test_without_a_name_an_address_stands_alone(name: str | None) -> None:
    assert b"\r\nTo: kari@example.no\r\n" in written(to_name=name)


@pytest.mark.parametrize("field", ["subject", "to_name", "sender_name"])
@pytest.mark.parametrize("text", INJECTIONS)
def test_no_text_becomes_a_header(field: str, text: str) -> None:
    mail = written(**{field: text})
    assert names_naively(mail) == read(mail).keys() == HEADERS
    seen = read(mail)["Subject"] if field == "subject" else read(mail)[field[:-5].replace("sender", "From")]
    assert not set(str(seen)) & {*BREAKS, "\n", "\r"}
    assert read(mail)["Bcc"] is None


@pytest.mark.parametrize("word", WORDS)
def test_what_looks_like_an_encoded_word_is_read_as_it_was_typed(word: str) -> None:
    assert b"=0A" not in written(f"Om {word}").partition(b"\r\n\r\n")[0]
    assert b"Subject: =?utf-8?b?" in written(f"Om {word}")
    assert one_line(f"Om {word}") == f"Om {word}"


@pytest.mark.parametrize("field", ["to", "sender", "reply_to"])
@pytest.mark.parametrize("text", [*INJECTIONS, *(f"a{w}@example.no" for w in WORDS), *(f"a@b{b}.no" for b in BREAKS)])
def test_an_address_that_is_more_than_one_is_refused(field: str, text: str) -> None:
    with pytest.raises(ValueError, match="no address that a letter can go to"):
        written(**{field: text})


@pytest.mark.parametrize(
    "address",
    ["", "kari", "@example.no", "kari@", "a b@c.no", "a@b@c.no", "a@b, c@d", "<a@b.no>", "a@-b.no", "a@b..no",
     "a\u202e@b.no", f"{'a' * 65}@b.no", f"a@{'b' * 64}.no", "a(x)@b.no", '"a b"@c.no', "a@[127.0.0.1]",
     "a@b_c.no", "a;b@c.no"],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"write name@example\.no"):
        checked_address(address)


@pytest.mark.parametrize(
    ("address", "known"),
    [("kari@example.no", "kari@example.no"), ("o'brien+x_y@a-b.example.no", "o'brien+x_y@a-b.example.no"),
     ("kari@trøndelag.no", "kari@xn--trndelag-64a.no"), ("kåre@example.no", "kåre@example.no"), ("a@localhost",) * 2],
)  # fmt: skip
def test_an_address_is_written_as_servers_know_it(address: str, known: str) -> None:
    assert checked_address(address) == known
    assert f"\r\nTo: {known}\r\n".encode() in written(to=address, to_name=None)


@pytest.mark.parametrize(
    ("name", "plain"),
    [("sak.pdf", "sak.pdf"), ("../../etc/passwd", "passwd"), ("C:\\Temp\\sak.pdf", "sak.pdf"),
     ("a\r\nBcc: x", "a Bcc_ x"), ("=?UTF-8?Q?=0A?=", "__UTF-8_Q__0A__"), ('a"; x="b.pdf', "a__ x__b.pdf"),
     ("..", "document"), ("", "document"),
     ("fdp.\u202eexe", "fdp.exe"), ("a\0.pdf", "a .pdf"), (".profile", "profile"),
     ("x" * 300 + ".pdf", "x" * 96 + ".pdf")],
)  # fmt: skip
def test_an_attachment_is_named_as_no_program_can_misread(name: str, plain: str) -> None:
    assert file_name(name) == plain
    (attached,) = read(written(attachments=[(name, b"x")])).iter_attachments()
    assert attached.get_filename() == plain


@pytest.mark.parametrize("name", [*INJECTIONS, "årsmøte " * 20 + ".docx", "🙂.pdf"])
def test_no_name_of_an_attachment_breaks_out_of_its_header(name: str) -> None:
    mail = written(attachments=[(name, b"x")])
    (attached,) = read(mail).iter_attachments()
    assert attached.keys() == ["Content-Type", "Content-Transfer-Encoding", "Content-Disposition"]
    assert attached.get_filename() == file_name(name)
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n|(?i:^bcc:)", mail, re.MULTILINE)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a.PDF", "application/pdf"), ("a.txt", "text/plain"), ("a.html", "application/octet-stream"),
     ("svg", "application/octet-stream"), ("a.exe", "application/octet-stream")],
)  # fmt: skip
def test_an_attachment_has_a_type_that_nothing_runs(name: str, kind: str) -> None:
    (attached,) = read(written(attachments=[(name, b"<script>")])).iter_attachments()
    assert (attached.get_content_type(), attached.get_payload(decode=True)) == (kind, b"<script>")


@pytest.mark.parametrize("text", ["a\rb\n.\r\n\0\n", "--=_x\nFrom x\n.\n", "\ud800", "lang " * 500, "a\x85b\u2028c"])
def test_any_text_travels_in_short_ascii_lines(text: str) -> None:
    mail = written(text=text, html=text)
    assert mail.isascii()
    assert max(len(line) for line in mail.split(b"\r\n")) <= 78
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n|\0", mail)
    assert shape(read(mail)) == ("multipart/mixed", [("multipart/alternative", ["text/plain", "text/html"])])


@pytest.mark.parametrize(
    "value", ["x\r\nBcc: y", "x\ny", "x\ry", "x\x85Bcc: y", "x\u2028y", "x\0y", "x\u202ey", "x\r\n\r\ny"]
)
def test_the_head_is_looked_at_once_more_whatever_made_it(value: str) -> None:
    assert head([("A", "x\r\n y"), ("B", "z")]) == b"A: x\r\n y\r\nB: z\r\n"
    with pytest.raises(ValueError, match="would break the head"):
        head([("A", value), ("B", "z")])


@pytest.mark.parametrize("made", [b"Subject: x\nBcc: y\r\n", b"Subject: x\rBcc: y\r\n", b"Subject: x\0\r\n"])
def test_the_whole_letter_is_looked_at_once_more_too(monkeypatch: pytest.MonkeyPatch, made: bytes) -> None:
    monkeypatch.setattr("engine.mail.head", lambda _: made)
    with pytest.raises(ValueError, match="not every server ends at the same place"):
        written()


@given(subject=st.text(), name=st.text(), file=st.text(), text=st.text())
def test_whatever_is_typed_the_letter_keeps_its_form(subject: str, name: str, file: str, text: str) -> None:
    mail = written(subject, text, to_name=name, sender_name=name, attachments=[(file, b"x")])
    message = read(mail)
    assert names_naively(mail) == message.keys() == HEADERS
    assert [address.addr_spec for address in message["To"].addresses] == ["kari@example.no"]
    assert message["Subject"] == one_line(subject)
    assert name_in(mail) == one_line(name)
    assert [part.get_filename() for part in message.iter_attachments()] == [file_name(file)]


@given(text=st.text(), html=st.text("a =.\t\r\n_-æ\x85", max_size=300), file=st.text(), data=st.binary())
def test_the_parts_are_those_the_standard_library_would_write(text: str, html: str, file: str, data: bytes) -> None:
    other = MIMEPart(policy=SMTP)
    other.set_content(text, cte="quoted-printable")
    other.add_alternative(html, subtype="html", cte="quoted-printable")
    other.add_alternative(calendar(), subtype="calendar", cte="base64", params={"method": "REQUEST"})
    other.add_attachment(calendar().encode(), maintype="application", subtype="ics", filename="invite.ics")
    other.add_attachment(data, maintype="application", subtype="pdf", filename=file_name(f"{file}a.pdf"))
    mail = written(text=text, html=html, calendar=calendar(), attachments=[(f"{file}a.pdf", data)])
    assert leaves(read(mail)) == leaves(read(other.as_bytes()))
    assert max(len(line) for line in mail.split(b"\r\n")) <= 78
