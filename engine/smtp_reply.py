"""What a mail server's answers mean for a letter, and how they are told: pure, so that each case is plain."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import TypeAlias

from engine.header import one_line
from engine.letter import Fate
from engine.mail_server import Server

Reply: TypeAlias = tuple[int, bytes]
"""A server's answer: its code and its words."""

CLOSING = 421
"""The server takes nothing more over this connection (RFC 5321 §3.8)."""
_TOO_BIG = 552
_OF_US = frozenset({500, 502, 503, 530, 534, 535, 538})
"""Refusals that concern no letter: commands not known or out of order, and a login that is missing or refused."""
_OF_THE_ADDRESS = frozenset({501, 550, 551, 553, 556})
"""Refusals of a recipient because there is no such address (RFC 5321 §4.2.2, RFC 7504); others are of the letter."""
_GOES_ON = {"MAIL": 2, "RCPT": 2, "DATA": 3}
"""The first digit of the answer after which the next command may follow."""
_TRANSIENT, _PERMANENT = 4, 5


def fate_before_content(command: str, code: int, words: bytes = b"") -> Fate | None:
    """What the answer to MAIL, RCPT or DATA means; None where the server lets us go on.

    A permanent refusal of the sender is one of us, but for a letter that is too big (RFC 1870 §6.1). One of a recipient
    for reasons of policy (5.7.x, RFC 3463) says nothing of the address: it may be us who are blocked, and for a while.
    """
    first = code // 100
    if first == _GOES_ON[command]:
        return None
    if first == _TRANSIENT and code != CLOSING:
        return "deferred"
    if command == "RCPT" and words.lstrip().startswith(b"5.7."):
        return "turned_away"
    if first != _PERMANENT or code in _OF_US or (command == "MAIL" and code != _TOO_BIG):
        return "unreachable"
    return "bounced" if command == "RCPT" and code in _OF_THE_ADDRESS else "refused"


def fate_of_content(code: int) -> Fate:
    """What the answer to a whole letter means; one that is no answer leaves it open whether it was taken."""
    fates: Mapping[int, Fate] = {2: "sent", _TRANSIENT: "deferred", _PERMANENT: "refused"}
    return "unreachable" if code == CLOSING else fates.get(code // 100, "uncertain")


def said(code: int, words: bytes | str, server: Server) -> str:
    """An answer as one printable line."""
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return printable(f"{code} {text}", server)


def printable(text: str, server: Server) -> str:
    """Words from outside as one printable line, without our password, which a careless server may repeat."""
    for secret in _secrets(server):
        text = text.replace(secret, "…")
    return one_line(text)


def _secrets(server: Server) -> tuple[str, ...]:
    """The password in every form in which it goes over the line."""
    if not server.password:
        return ()
    both = f"\0{server.user}\0{server.password}"
    return (*(b64encode(text.encode()).decode() for text in (both, server.password)), server.password)
