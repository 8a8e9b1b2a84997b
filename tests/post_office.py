"""A mail server to send to in tests: a real one (aiosmtpd) in a thread, which keeps what it takes and fails on order.

    with PostOffice() as post:
        post.refuses("ola@example.no")
        ...  # send to post.url, from this process or another
        assert [letter.recipient for letter in post.letters] == ["kari@example.no"]

It listens on a free port of this machine, and on the same one again after `close` and `open`. A letter is kept once
its content has come, and answered `delay` seconds later, while others go on beside it.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self, TypeAlias

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

if TYPE_CHECKING:
    import ssl

    from aiosmtpd.smtp import Envelope, Session

Moment: TypeAlias = Literal["recipient", "content"]
"""When a connection is broken off: instead of the answer to RCPT, or to the content, which was taken."""

_PATIENCE = 10.0
"""Seconds in which a thread starts or ends, however busy the machine."""


@dataclass(frozen=True, slots=True)
class Received:
    """A letter as it was taken: the addresses on its envelope, and its bytes."""

    sender: str
    recipient: str
    body: bytes


class PostOffice:
    """A mail server, and what it has taken.

    `users` (names with passwords) makes a login necessary. `tls` offers STARTTLS and insists on it; with `implicit`,
    TLS from the first byte. `international`: whether it takes addresses beyond ASCII; `size`: the most bytes.
    """

    def __init__(  # noqa: PLR0913  # there are many kinds of servers
        self, *, delay: float = 0.0, tls: ssl.SSLContext | None = None, implicit: bool = False,
        users: dict[str, str] | None = None, international: bool = True, size: int = 2**25,
    ) -> None:  # fmt: skip
        self.delay, self.tls, self.implicit = delay, tls, implicit
        self.hesitation = 0.0
        """Seconds before the answer to RCPT."""
        self.users, self.international, self.size = users or {}, international, size
        self.host, self.port = "127.0.0.1", 0
        """Where it listens; from another host it is reached through a relay (`tests.relay`)."""
        self.connections = 0
        self._lock = threading.Lock()
        self._received: list[Received] = []
        self._answers: dict[str, str] = {}
        self._drops: list[Moment] = []
        self._hours: _Hours | None = None

    def __enter__(self) -> Self:
        """Open it."""
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    @property
    def letters(self) -> tuple[Received, ...]:
        """What has been taken so far, in order."""
        with self._lock:
            return tuple(self._received)

    @property
    def url(self) -> str:
        """What the setting `mail` says to send here."""
        scheme = "smtp+insecure" if self.tls is None else "smtps" if self.implicit else "smtp"
        user = f"{next(iter(self.users))}@" if self.users else ""
        return f"{scheme}://{user}127.0.0.1:{self.port}"

    def open(self) -> None:
        """Listen, on the same port as before where it had one."""
        assert self._hours is None, "it is open already"
        self._hours = _Hours(self)
        self.port = self._hours.port

    def close(self) -> None:
        """Cut every connection and refuse new ones; what was taken stays."""
        if self._hours is not None:
            self._hours.end()
            self._hours = None

    def refuses(self, recipient: str) -> None:
        """Refuse a recipient for good."""
        self.answers(f"RCPT {recipient}", "550 5.1.1 No such user here")

    def defers(self, recipient: str) -> None:
        """Refuse a recipient for now."""
        self.answers(f"RCPT {recipient}", "451 4.7.1 Try again later")

    def answers(self, command: str, answer: str | None) -> None:
        """Answer `MAIL`, `RCPT address` or `content` so, however often it comes; None: with yes again."""
        with self._lock:
            self._answers.pop(command, None)
            self._answers |= {} if answer is None else {command: answer}

    def drops(self, moment: Moment, times: int = 1) -> None:
        """Break off the next connections that come to this moment."""
        with self._lock:
            self._drops += [moment] * times

    def answer_to(self, command: str) -> str | None:
        """The answer that was ordered, if any. For the server's thread."""
        with self._lock:
            return self._answers.get(command)

    def breaks_off(self, moment: Moment) -> bool:
        """Whether the connection ends here, which is used up by asking. For the server's thread."""
        with self._lock:
            if moment not in self._drops:
                return False
            self._drops.remove(moment)
            return True

    def keep(self, letter: Received) -> None:
        """Take a letter. For the server's thread."""
        with self._lock:
            self._received.append(letter)


class _Clerk:
    """Answers for a post office; the methods are named as the server calls them."""

    def __init__(self, office: PostOffice) -> None:
        self.office = office

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.office.users and not session.authenticated:
            return "530 5.7.0 Authentication required"
        if answer := self.office.answer_to("MAIL"):
            return answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Sender accepted"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.office.breaks_off("recipient"):
            await _break_off(server)
        await asyncio.sleep(self.office.hesitation)
        if answer := self.office.answer_to(f"RCPT {address}"):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Recipient accepted"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if answer := self.office.answer_to("content"):
            return answer
        body = envelope.content
        assert isinstance(body, bytes)
        for recipient in envelope.rcpt_tos:
            self.office.keep(Received(str(envelope.mail_from), recipient, body))
        if self.office.breaks_off("content"):
            await _break_off(server)
        await asyncio.sleep(self.office.delay)
        return "250 2.0.0 Taken"

    def log_in(self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, given: object) -> AuthResult:
        assert isinstance(given, LoginPassword)
        known = self.office.users.get(given.login.decode()) == given.password.decode()
        return AuthResult(success=known, handled=False)


async def _break_off(server: SMTP) -> None:
    """Cut a connection, and wait for the end that this brings to whoever serves it."""
    assert server.transport is not None
    server.transport.abort()  # type: ignore[attr-defined]  # every transport of a stream has it
    await asyncio.Event().wait()


class _Line(SMTP):
    """One connection, known to the post office as long as that is open."""

    def __init__(self, hours: _Hours, office: PostOffice) -> None:
        clerk, starttls = _Clerk(office), None if office.implicit else office.tls
        super().__init__(
            clerk, loop=asyncio.get_running_loop(), hostname="post.example", data_size_limit=office.size,
            enable_SMTPUTF8=office.international, tls_context=starttls, require_starttls=True, auth_require_tls=False,
            authenticator=clerk.log_in,
        )  # fmt: skip
        office.connections += 1
        self._hours = hours

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called for a connection, and once more when it becomes encrypted."""
        self._hours.transports.append(transport)
        super().connection_made(transport)


class _Hours:
    """The time from opening to closing: a thread with the server in it."""

    def __init__(self, office: PostOffice) -> None:
        self.office = office
        self.transports: list[asyncio.BaseTransport] = []
        began: Future[int] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(began)), daemon=True)
        self._thread.start()
        self.port = began.result(_PATIENCE)

    def end(self) -> None:
        """Cut every connection and stop."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(_PATIENCE)
        assert not self._thread.is_alive(), "the post office did not close"

    async def _serve(self, began: Future[int]) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        tls = self.office.tls if self.office.implicit else None
        try:
            server = await self._loop.create_server(
                lambda: _Line(self, self.office), self.office.host, self.office.port, ssl=tls, reuse_address=True
            )
        except OSError as error:
            began.set_exception(error)
            return
        began.set_result(int(server.sockets[0].getsockname()[1]))
        await self._over.wait()
        server.close()
        for transport in self.transports:
            transport.abort()  # type: ignore[attr-defined]  # every transport of a stream has it
        await server.wait_closed()
