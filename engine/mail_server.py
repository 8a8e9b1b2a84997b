"""The mail server as the settings name it: `smtp://USER@HOST:PORT`, its password elsewhere.

A URL is copied into mails and shown on screens, so it never holds the password, and no message here repeats a URL in
which somebody may have written one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from engine.errors import ConfigurationError
from engine.header import ascii_domain

PORTS = {"smtp": 587, "smtps": 465, "smtp+insecure": 25}
"""The ways to reach a server (STARTTLS, TLS from the first byte, neither) with the ports they have by default."""
PASSWORD = "POLITIRAD_SMTP_PASSWORD"  # noqa: S105  # what it is called, not what it is
PASSWORD_FILE = f"{PASSWORD}_FILE"


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server, how to reach it, and as whom. `scheme` is one of `PORTS`; the password is never shown."""

    scheme: str
    host: str
    port: int
    user: str | None = None
    password: str = field(default="", repr=False)


def server_of(url: str, environment: Mapping[str, str]) -> Server:
    """The server a URL names, with the password from the environment. Raises `ConfigurationError`."""
    parts, port = _parsed(url)
    _refuse_more(url, parts)
    host, user = _host(parts), _user(parts)
    return Server(parts.scheme, host, port or PORTS[parts.scheme], user, _password(user, environment))


def _parsed(url: str) -> tuple[SplitResult, int | None]:
    """The parts of a URL and its port. Raises `ConfigurationError`."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ConfigurationError(
            "mail: the [ ] in it hold no host. Write an address such as smtp://[2001:db8::1]."
        ) from None
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise ConfigurationError(
            "mail: the port after the host is none. Write a number from 1 to 65535, or leave it out."
        )
    return parts, port


def _refuse_more(url: str, parts: SplitResult) -> None:
    """Refuse a password in the URL, and whatever may be the rest of one: after a `/`, a `#` or a blank."""
    if parts.password is not None:
        raise ConfigurationError(
            f"mail: the password does not belong here, where others see it. Take it out, and put it into ${PASSWORD}, "
            f"or into a file named by ${PASSWORD_FILE}."
        )
    if parts.path.strip("/") or parts.query or parts.fragment or re.search(r"[\s\0]", url):
        raise ConfigurationError("mail: write smtp://USER@HOST:PORT and nothing more; in USER, write %2F for a /.")


def _host(parts: SplitResult) -> str:
    """The host; its name in ASCII. Raises `ConfigurationError` where it is none, or too far away for a plain line."""
    host = parts.hostname
    if not host:
        raise ConfigurationError(f"mail: the host is missing. Write {parts.scheme}://USER@HOST.")
    try:
        host = host if ":" in host and ip_address(host) else ascii_domain(host)
    except ValueError:
        raise ConfigurationError(
            f"mail: what stands after {parts.scheme}:// names no host. Write HOST or USER@HOST."
        ) from None
    if parts.scheme == "smtp+insecure" and not _is_this_machine(host):
        raise ConfigurationError(
            f"mail: smtp+insecure:// is for a server on this machine alone; everybody between here and {host} could "
            "read the letters. Write smtp:// or smtps:// instead."
        )
    return host


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _user(parts: SplitResult) -> str | None:
    """The user to log in as, if any. Raises `ConfigurationError`."""
    return _fit("the user in mail", unquote(parts.username)) if parts.username else None


def _password(user: str | None, environment: Mapping[str, str]) -> str:
    """The password from the environment; empty where there is no user. Raises `ConfigurationError`."""
    plain, file = environment.get(PASSWORD), environment.get(PASSWORD_FILE)
    if plain and file:
        raise ConfigurationError(f"${PASSWORD} and ${PASSWORD_FILE} are both set. Keep one.")
    password = plain or (_read(file) if file else "")
    if user and not password:
        raise ConfigurationError(f"mail names a user but no password is there. Set ${PASSWORD} or ${PASSWORD_FILE}.")
    if password and not user:
        raise ConfigurationError("There is a password for mail, but mail names no user. Write smtp://USER@HOST.")
    return _fit("the password for mail", password)


def _read(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not text in UTF-8"
        raise ConfigurationError(f"${PASSWORD_FILE} names {file}, which cannot be read: {reason}.") from None


def _fit(what: str, text: str) -> str:
    """A user or password that the protocol can carry. Raises `ConfigurationError` without repeating it."""
    if not (text.isascii() and text.isprintable()):
        raise ConfigurationError(f"{what} holds a letter that mail servers do not agree on. Use plain ASCII.")
    return text
