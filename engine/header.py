"""What stands in the head of a letter: texts and addresses that can never become a header of their own.

Subjects and names were written by many hands. A line break in one of them would begin another header (`Bcc:`), and so
would one hidden in an encoded word such as `=?UTF-8?Q?=0A?=`, where the library that writes the header decodes what
it is given (CVE-2024-6923, audit.md row 13). So heads are written here, to the byte, and nothing here decodes: what
looks like an encoded word is encoded once more, and is read as it was typed. Texts are cleaned, since a letter must
not fail for a title; addresses are refused, since a cleaned address is somebody else's.
"""

from __future__ import annotations

import re
import unicodedata
from base64 import b64encode
from collections.abc import Sequence

from engine.field import shown

LONGEST = 200
"""Characters of a subject or a name; no mail program shows more."""

_NEWLINE = "\r\n"
_SHORT = 60
"""Characters that fit into one line beside the name of any header here."""
_WORD = 39
"""Bytes in one encoded word, so that its line has at most 76 characters (RFC 2047 §2)."""
_LOCAL = re.compile(r"[^\s@<>()\[\]\\,;:\"]{1,64}")
_DOMAIN = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*", re.IGNORECASE
)
_SPACE, _NOTHING = {"Cc", "Zl", "Zp"}, {"Cf", "Cs"}


def one_line(text: str, longest: int = LONGEST) -> str:
    """A text as one printable line of at most so many characters, cut with `…`.

    Control characters and every kind of line break become spaces; marks that are invisible or change the direction
    of writing, and lone surrogates, are left out.
    """
    line = " ".join(_printed(text).split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def checked_address(address: str) -> str:
    """An address as servers know it, a domain such as `trøndelag.no` in its ASCII form.

    Raises ValueError where it is none, or could be read as anything more than one address.
    """
    local, _, domain = address.rpartition("@")
    if one_line(address, len(address)) == address and "=?" not in address and _LOCAL.fullmatch(local):
        try:
            return f"{local}@{ascii_domain(domain)}"
        except ValueError:
            pass
    raise ValueError(f"{shown(address)} is no address that a letter can go to; write name@example.no")


def ascii_domain(domain: str) -> str:
    """The domain of an address in ASCII: `xn--…` where it has other letters. Raises ValueError where it is none."""
    try:
        plain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        plain = ""
    if not _DOMAIN.fullmatch(plain):
        raise ValueError(f"{shown(domain)} is no domain; write one such as example.no")
    return plain


def text_value(text: str) -> str:
    """A text as the value of a header: as it is where that is safe and fits, else in encoded words."""
    line = one_line(text)
    return line if _is_plain(line) and len(line) <= _SHORT else _encoded(line)


def mailbox_value(name: str | None, address: str) -> str:
    """A name and its address as the value of a header. Raises ValueError where the address is none."""
    line, place = one_line(name or ""), checked_address(address)
    if not line:
        return place
    quoted = '"' + re.sub(r'(["\\])', r"\\\1", line) + '"'
    phrase = quoted if _is_plain(line) else _encoded(line)
    return f"{phrase} <{place}>" if len(phrase) + len(place) <= _SHORT else f"{phrase}{_NEWLINE} <{place}>"


def head(fields: Sequence[tuple[str, str]]) -> bytes:
    """The lines of a head, each name with its value, as bytes.

    Raises ValueError where a reader of any kind would see other headers than these: whatever made a value, it is
    looked at once more on its way out, and not only for the line breaks that mail knows.
    """
    text = "".join(f"{name}: {value}{_NEWLINE}" for name, value in fields)
    seen = [line.partition(":")[0] for line in text.splitlines() if not line.startswith(" ")]
    if seen != [name for name, _ in fields] or _printed(bare := text.replace(_NEWLINE, "")) != bare:
        raise ValueError(f"a value would break the head of the letter: {shown(text)}")
    return text.encode()


def _printed(text: str) -> str:
    """A text without what cannot be seen; nearly always as it was."""
    return text if text.isprintable() else "".join(map(_printable, text))


def _printable(character: str) -> str:
    category = unicodedata.category(character)
    return " " if category in _SPACE else "" if category in _NOTHING else character


def _is_plain(line: str) -> bool:
    return line.isascii() and "=?" not in line


def _encoded(line: str) -> str:
    """A text in encoded words (RFC 2047), one a line, no character divided between two."""
    words = [b""]
    for letter in map(str.encode, line):
        if len(words[-1]) + len(letter) > _WORD:
            words.append(b"")
        words[-1] += letter
    return f"{_NEWLINE} ".join(f"=?utf-8?b?{b64encode(word).decode()}?=" for word in words)
