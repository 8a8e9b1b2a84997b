"""Sending over SMTP, with care for what is certain after a failure.

Every letter is one transaction: MAIL, RCPT, DATA, content. Until its last byte has left, a broken connection means
that nothing was sent. Once it has, only the server knows, and the letter is `uncertain`. A refusal is the letter's
(`bounced`, `deferred`) or the server's refusal of us (`unreachable`), which no other letter would escape either.

Connections are encrypted and the server's certificate is verified; a plain one is for this machine alone. One
connection carries many letters: making one costs more than sending a letter (time.md §4).
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property, partial

from engine.header import checked_address, one_line
from engine.letter import Delivery, Mail, Sender
from engine.mail_server import Server
from engine.smtp_reply import CLOSING, Reply, fate_before_content, fate_of_content, printable, said

TIMEOUT = 30.0
"""Seconds to wait for each answer."""


class SmtpMailer:
    """Where mail goes when a server is named.

    `timeout` is in seconds for each answer; `name` is what we call ourselves, by default this machine's name;
    `context` says which certificates are trusted, by default those the system trusts.
    """

    def __init__(
        self,
        server: Server,
        *,
        timeout: float = TIMEOUT,
        name: str | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.server, self.timeout, self.name = server, timeout, name or own_name()
        self._given = context

    @contextmanager
    def sending(self) -> Iterator[Sender]:
        """A sender for one thread, which connects when it has something to send."""
        sender = SmtpSender(self)
        try:
            yield sender
        finally:
            sender.leave()

    def connect(self) -> smtplib.SMTP:
        """A connection ready for letters. Raises OSError or ValueError for whatever stands in the way."""
        to, secure = self.server, self.server.scheme == "smtps"
        begin = partial(smtplib.SMTP_SSL, context=self._context) if secure else smtplib.SMTP
        connection = begin(to.host, to.port, self.name, timeout=self.timeout)
        try:
            connection.ehlo_or_helo_if_needed()
            if to.scheme == "smtp":
                self._encrypt(connection)
            if to.user:
                connection.login(to.user, to.password)
        except BaseException:
            connection.close()
            raise
        return connection

    def _encrypt(self, connection: smtplib.SMTP) -> None:
        if not connection.has_extn("starttls"):
            raise smtplib.SMTPNotSupportedError(
                "it offers no STARTTLS, and nothing is sent unencrypted; if it takes TLS from the first byte, "
                "write smtps:// instead of smtp://"
            )
        connection.starttls(context=self._context)
        connection.ehlo_or_helo_if_needed()

    @cached_property
    def _context(self) -> ssl.SSLContext:
        """Made once: reading the certificates of the system takes longer than a letter."""
        return self._given or ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class _Parcel:
    """A letter with the addresses on its envelope, as servers know them."""

    sender: str
    recipient: str
    body: bytes

    @property
    def is_international(self) -> bool:
        """Whether it needs a server that takes addresses beyond ASCII, on the envelope and inside (RFC 6531)."""
        head = self.body.partition(b"\r\n\r\n")[0]
        return not (self.sender.isascii() and self.recipient.isascii() and head.isascii())


class SmtpSender:
    """Sends letters over one connection, opened anew after a failure."""

    def __init__(self, mailer: SmtpMailer) -> None:
        self._mailer = mailer
        self._connection: smtplib.SMTP | None = None

    def send(self, mail: Mail) -> Delivery:
        """Try to send a letter once. A connection that has gone stale since the last one is replaced first."""
        try:
            recipient = checked_address(mail.address)
        except ValueError as error:
            return Delivery("bounced", one_line(str(error)))
        try:
            return self._on_a_live_connection(_Parcel(checked_address(mail.sender), recipient, mail.body))
        except (OSError, ValueError) as error:  # smtplib's own are OSErrors; an answer not to be decoded, ValueErrors
            self._drop()
            return Delivery("unreachable", _told(error, self._mailer.server))

    def leave(self) -> None:
        """Take leave of the server."""
        if self._connection is not None:
            with suppress(OSError, ValueError):
                self._connection.quit()
            self._drop()

    def _on_a_live_connection(self, parcel: _Parcel) -> Delivery:
        reused = self._connection is not None
        try:
            return self._transaction(parcel)
        except (OSError, ValueError) as error:
            if not (reused and _is_goodbye(error)):
                raise
        self._drop()
        return self._transaction(parcel)

    def _transaction(self, parcel: _Parcel) -> Delivery:
        """Send a letter. Raises OSError or ValueError where the server cannot be used and certainly has nothing."""
        connection = self._connection = self._connection or self._mailer.connect()
        if (unfit := _unfit(connection, parcel)) is not None:
            return unfit
        steps: dict[str, Callable[[], Reply]] = {
            "MAIL": partial(connection.mail, parcel.sender, _options(connection, parcel)),
            "RCPT": partial(connection.rcpt, parcel.recipient),
            "DATA": partial(connection.docmd, "DATA"),
        }
        for command, ask in steps.items():
            code, words = ask()
            fate = fate_before_content(command, code, words)
            if fate == "unreachable":
                raise smtplib.SMTPResponseException(code, words)
            if fate is not None:
                self._reset(connection)
                return Delivery(fate, said(code, words, self._mailer.server))
        return self._content(connection, parcel.body)

    def _content(self, connection: smtplib.SMTP, body: bytes) -> Delivery:
        # Where this fails, the end of the content has not left, and without it a server takes nothing.
        connection.send(_stuffed(body))
        try:
            code, words = connection.getreply()
        except OSError as error:
            self._drop()
            return Delivery("uncertain", _told(error, self._mailer.server))
        fate = fate_of_content(code)
        if code == CLOSING or fate == "uncertain":
            self._drop()
        return Delivery(fate, said(code, words, self._mailer.server))

    def _reset(self, connection: smtplib.SMTP) -> None:
        """Make the connection ready for the next letter, or give it up."""
        try:
            code, _ = connection.rset()
        except (OSError, ValueError):
            code = 0
        if code != 250:  # noqa: PLR2004  # the one code of success (RFC 5321 §4.3.2)
            self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def own_name() -> str:
    """What we call ourselves to a server: this machine's full name where it has one, else that we have none.

    Asked of the machine alone: looking the name up would wait for a network that may be broken.
    """
    name = socket.gethostname()
    return name if re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", name) else "[127.0.0.1]"


def _unfit(connection: smtplib.SMTP, parcel: _Parcel) -> Delivery | None:
    """Why a letter cannot be offered to this server at all. Raises OSError where none of ours can."""
    limit = connection.esmtp_features.get("size", "")
    if limit.isdigit() and 0 < int(limit) < len(parcel.body):
        size = f"the letter is {len(parcel.body):,} bytes and the mail server takes {int(limit):,}; attach less"
        return Delivery("refused", size)
    if not parcel.is_international or connection.has_extn("smtputf8"):
        return None
    if not parcel.recipient.isascii():
        foreign = f"the mail server takes no addresses with letters beyond a-z, such as {parcel.recipient}"
        return Delivery("bounced", one_line(foreign))
    raise smtplib.SMTPNotSupportedError(
        "the server takes no addresses with letters beyond a-z, and that of the sender or for answers has some"
    )


def _options(connection: smtplib.SMTP, parcel: _Parcel) -> list[str]:
    size = [f"SIZE={len(parcel.body)}"] if connection.has_extn("size") else []
    return [*size, *(["SMTPUTF8", "BODY=8BITMIME"] if parcel.is_international else [])]


def _stuffed(body: bytes) -> bytes:
    """A letter as it is transmitted, up to the dot that ends it (RFC 5321 §4.5.2)."""
    return re.sub(rb"(?m)^\.", b"..", body) + (b".\r\n" if body.endswith(b"\r\n") else b"\r\n.\r\n")


def _is_goodbye(error: Exception) -> bool:
    """Whether the other side closed a connection, rather than was silent for too long."""
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return not isinstance(error.__context__, TimeoutError)
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code == CLOSING


def _told(error: Exception, server: Server) -> str:
    """A failure as one line that says which server, and what it said where it did."""
    if isinstance(error, smtplib.SMTPResponseException):
        words = said(error.smtp_code, error.smtp_error, server)
    elif isinstance(error, ssl.SSLCertVerificationError):
        words = f"its certificate is not trusted: {error.verify_message}"
    else:
        words = getattr(error, "strerror", None) or str(error)
    return printable(f"{server.host}:{server.port}: {words}", server)
