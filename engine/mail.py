"""From a letter's words to mail: the bytes that every attempt sends, and the mailer that the settings name.

The bytes are made once and kept, so that a letter sent twice is the same letter twice: programs that weed out
duplicates look at the Message-ID, and some at the date as well (time.md §4). Nothing here is random or reads a clock.
"""

from __future__ import annotations

import hashlib
import re
from binascii import b2a_qp
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import MIMEPart
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from engine.errors import ConfigurationError
from engine.field import shown
from engine.header import ascii_domain, head, mailbox_value, one_line, text_value
from engine.letter import Draft, Mailer
from engine.mail_server import PORTS, server_of

_POLICY = SMTP.clone(max_line_length=76)  # of quoted-printable and base64 (RFC 2045 §6.7 and §6.8)
_TOLD = ("UID", "SEQUENCE", "STATUS", "DTSTART", "DTEND", "SUMMARY", "LOCATION")
"""The properties of an invitation that somebody who reads the letter may want to know."""
_LONGEST_NAME = 100
_KEPT_END = 20
_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "txt": "text/plain",
    "md": "text/markdown",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
}
"""What councils attach, by the end of its name. Anything else is bytes: above all no HTML, which might be run."""


def message_id(key: str, domain: str) -> str:
    """The Message-ID of a letter, the same for ever: short, so that no library breaks it in two (gh-124452).

    Raises ValueError where the domain is none.
    """
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{ascii_domain(domain)}>"


def compose(  # noqa: PLR0913  # a letter has this many parts
    draft: Draft, *, to: str, to_name: str | None, sender: str, sender_name: str | None, reply_to: str | None,
    message_id: str, made: datetime, calendar: str | None, attachments: Sequence[tuple[str, bytes]],
) -> bytes:  # fmt: skip
    """A letter as mail, the same bytes for the same letter.

    `made` is the aware instant of its Date, `calendar` an invitation's text, `attachments` are names with contents.
    Raises ValueError where an address or the Message-ID is none, `made` has no time zone, or the calendar has another
    METHOD than REQUEST or CANCEL.
    """
    fields = [
        ("From", mailbox_value(sender_name, sender)),
        ("To", mailbox_value(to_name, to)),
        *([("Reply-To", mailbox_value(None, reply_to))] if reply_to else []),
        ("Subject", text_value(draft.subject)),
        ("Date", _date(made)),
        ("Message-ID", _checked_id(message_id)),
        ("Auto-Submitted", "auto-generated"),
        ("MIME-Version", "1.0"),
    ]
    content = _content(draft, calendar, attachments, boundary=hashlib.sha256(message_id.encode()).hexdigest()[:24])
    return _scanned(head(fields) + content)


def mailer_for(url: str, environment: Mapping[str, str], folder: Path) -> Mailer:
    """The mailer that the setting `mail` names; a relative folder is taken from `folder`.

    The password of a server comes from the environment alone. Raises `ConfigurationError`.
    """
    scheme, _, rest = url.partition(":")
    if scheme == "file":
        from engine.maildir import MaildirMailer

        return MaildirMailer(folder / _path(rest))
    if scheme in PORTS:
        from engine.smtp import SmtpMailer

        return SmtpMailer(server_of(url, environment))
    raise ConfigurationError(
        "mail: this names no way to send that is known. Write file:FOLDER to keep letters in a folder, or "
        "smtp://USER@HOST, or smtps://USER@HOST for a server."
    )


def plain_text(body: bytes) -> str:
    """The plain text of a letter from its bytes; empty where it has none."""
    part = message_from_bytes(body, policy=_POLICY).get_body(("plain",))
    return str(part.get_content()) if part is not None else ""


def attached_names(body: bytes) -> tuple[str, ...]:
    """The names of what is attached to a letter, from its bytes."""
    parts = message_from_bytes(body, policy=_POLICY).iter_attachments()
    return tuple(name for part in parts if (name := part.get_filename()))


def invitation_lines(body: bytes) -> tuple[str, ...]:
    """What a letter's invitation tells calendars of its meeting, a property a line; none where it brings none."""
    walked = message_from_bytes(body, policy=_POLICY).walk()
    calendar = next((part for part in walked if part.get_content_type() == "text/calendar"), None)
    if calendar is None:
        return ()
    _, _, meeting = re.sub(r"\r?\n[ \t]", "", str(calendar.get_content())).partition("BEGIN:VEVENT")
    return tuple(line for line in meeting.splitlines() if line.startswith(_TOLD))


def file_name(name: str) -> str:
    """The name of an attachment as no program can take for a path, an encoded word or a parameter of the header."""
    base = re.split(r"[/\\]", one_line(name, len(name)))[-1]
    plain = re.sub(r"[<>:\"|?*%;=']", "_", base).strip(". ") or "document"
    return plain if len(plain) <= _LONGEST_NAME else plain[: _LONGEST_NAME - _KEPT_END] + plain[-_KEPT_END:]


def _content(draft: Draft, calendar: str | None, attachments: Sequence[tuple[str, bytes]], *, boundary: str) -> bytes:
    """What is said, in every form of it, and what is attached. No boundary can occur in what is encoded."""
    said, attached = [_text("plain", draft.text), _text("html", draft.html)], list[bytes]()
    if calendar is not None:
        said.append(_invitation(_encodable(calendar)))
        # Not text/calendar again, which some programs would show as a second invitation.
        attached.append(_attached("invite.ics", _encodable(calendar).encode(), "application/ics"))
    for name, data in attachments:
        plain = file_name(name)
        kind = _TYPES.get(plain.rpartition(".")[2].lower(), "application/octet-stream")
        attached.append(_attached(plain, data, kind))
    return _parts("mixed", f"=_{boundary}_m", _parts("alternative", f"=_{boundary}_a", *said), *attached)


def _parts(kind: str, boundary: str, *parts: bytes) -> bytes:
    """Several parts as one (RFC 2046 §5.1). By hand, like texts: the library parses a header at each change to it."""
    mark = f"--{boundary}".encode()
    inside = b"".join(b"%b\r\n%b\r\n" % (mark, part) for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode() + inside + mark + b"--\r\n"


def _text(subtype: str, text: str) -> bytes:
    """A text as a part, in lines that end by CR LF, whatever ended them before."""
    lines = b"".join(line + b"\r\n" for line in text.encode(errors="replace").splitlines()) or b"\r\n"
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    return head.encode() + b2a_qp(lines)


def _invitation(calendar: str) -> bytes:
    part = MIMEPart(policy=_POLICY)
    part.set_content(calendar, subtype="calendar", cte="base64", params={"method": _method(calendar)})
    return part.as_bytes()


def _attached(name: str, data: bytes, kind: str) -> bytes:
    maintype, _, subtype = kind.partition("/")
    charset = {"charset": "utf-8"} if maintype == "text" and _is_utf8(data) else {}
    part = MIMEPart(policy=_POLICY)
    part.set_content(
        data, maintype=maintype, subtype=subtype, disposition="attachment", filename=name, params=charset
    )  # fmt: skip
    return part.as_bytes()


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _encodable(text: str) -> str:
    """A text without lone surrogates, which UTF-8 cannot write."""
    return text.encode(errors="replace").decode()


def _date(made: datetime) -> str:
    if made.tzinfo is None:
        raise ValueError(f"{made.isoformat()} has no time zone; instants are UTC")
    return format_datetime(made.astimezone(UTC))


def _checked_id(id_: str) -> str:
    if not re.fullmatch(r"<[A-Za-z0-9._-]+@[A-Za-z0-9.-]+>", id_):
        raise ValueError(f"{shown(id_)} is no Message-ID; `message_id` makes one")
    return id_


def _method(calendar: str) -> str:
    found = re.search(r"^METHOD:(REQUEST|CANCEL)\r?$", calendar, re.MULTILINE)
    if found is None:
        raise ValueError("the calendar says neither METHOD:REQUEST nor METHOD:CANCEL")
    return found[1]


def _scanned(mail: bytes) -> bytes:
    """The bytes, unless a line ends otherwise than by CR LF: servers do not agree on what such a line is."""
    if not mail.count(b"\r") == mail.count(b"\n") == mail.count(b"\r\n") or b"\0" in mail:
        raise ValueError("the letter would hold a line that not every server ends at the same place")
    return mail


def _path(rest: str) -> str:
    """The folder in `file:FOLDER`, also where it was written `file:///FOLDER`. Raises `ConfigurationError`."""
    path = rest[2:] if rest.startswith("///") else rest
    if not path or path.startswith("//") or "\0" in path:
        raise ConfigurationError(f"mail: file:{rest} names no folder. Write file:mail, or file:/var/mail/politirad.")
    return path
