"""The address of a database on a server, which never shows its password."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import SplitResult, quote, unquote, urlsplit

from engine.errors import UsageError

SCHEMES = ("postgresql", "postgres")
EXAMPLE = "postgresql://USER@HOST/DATABASE"
_SECRET = frozenset({"password", "sslpassword"})
_PREPARE = "prepare"
_ALERT = {"keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3", "tcp_user_timeout": "60000"}
"""A server whose machine or line is gone is noticed within a minute, where the system would wait for hours."""
_UNREADABLE = f"""\
The address of the database is no URL. Write {EXAMPLE}: the port is a number up to 65535, and in a password / ? # @ \
[ ] are written %2F %3F %23 %40 %5B %5D."""


def is_server(text: str) -> bool:
    """Whether a text is meant to be the URL of a server's database, and not a path."""
    return text.startswith(tuple(f"{scheme}:" for scheme in SCHEMES))


@dataclass(frozen=True)
class DatabaseUrl:
    """A URL such as `postgresql://USER:PASSWORD@HOST/DATABASE`. As text it shows no password.

    `prepare=off` in it is ours: no prepared statements, for a pool in front that hands out servers by transaction.
    Raises `UsageError` where it is none.
    """

    url: str

    def __post_init__(self) -> None:
        """Read it once, so that whoever wrote it is told at once."""
        if self._stated.get(_PREPARE, "on") not in {"on", "off"}:
            raise UsageError(f"{self} says neither prepare=on nor prepare=off. Leave it out, or write prepare=off.")

    @cached_property
    def conninfo(self) -> str:
        """What the driver takes."""
        stated = {key: value for key, value in self._stated.items() if key != _PREPARE}
        return self._with({**_ALERT, **stated}, self._parts.netloc)

    def unprepared(self) -> DatabaseUrl:
        """The same database without prepared statements."""
        return DatabaseUrl(self._with({**self._stated, _PREPARE: "off"}, self._parts.netloc))

    @property
    def prepares(self) -> bool:
        """Whether statements may be prepared on a connection."""
        return self._stated.get(_PREPARE) != "off"

    @property
    def has_password(self) -> bool:
        """Whether a password stands in it."""
        return bool(self._parts.password) or not _SECRET.isdisjoint(self._stated)

    def __str__(self) -> str:
        """The URL without a password, wherever it stands."""
        user, at, host = self._parts.netloc.rpartition("@")
        open_ = {key: value for key, value in self._stated.items() if key not in _SECRET}
        return self._with(open_, f"{user.partition(':')[0]}{at}{host}")

    __repr__ = __str__

    def _with(self, stated: Mapping[str, str], netloc: str) -> str:
        query = "&".join(f"{quote(key)}={quote(value, '/:')}" for key, value in stated.items())
        return f"{self._parts.scheme}://{netloc}{self._parts.path}{f'?{query}' if query else ''}"

    @cached_property
    def _stated(self) -> dict[str, str]:
        pairs = (pair.partition("=") for pair in self._parts.query.split("&") if pair)
        return {unquote(key): unquote(value) for key, _, value in pairs}  # here + is a plus, as the driver has it

    @cached_property
    def _parts(self) -> SplitResult:
        try:
            parts = urlsplit(self.url)
            _ = parts.port
        except ValueError:  # what it says may quote a part of the password
            raise UsageError(_UNREADABLE) from None
        unnamed = any("=" not in pair for pair in parts.query.split("&") if pair)
        is_cut = parts.fragment or "@" in parts.path or unnamed  # a password, by a character that ends it in a URL
        if is_cut or "://" not in self.url:
            raise UsageError(_UNREADABLE)
        return parts
