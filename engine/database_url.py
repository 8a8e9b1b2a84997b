"""The address of a database on a server, which never shows its password."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from engine.errors import UsageError

SCHEMES = ("postgresql", "postgres")
EXAMPLE = "postgresql://USER@HOST/DATABASE"
_SECRET = frozenset({"password", "sslpassword"})
_PREPARE = "prepare"
_ALERT = {"keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3", "tcp_user_timeout": "60000"}
"""A server whose machine or line is gone is noticed within a minute, where the system would wait for hours."""


def is_server(text: str) -> bool:
    """Whether a text is the URL of a server's database, and not a path."""
    return text.partition("://")[0] in SCHEMES


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
        query = urlencode(stated, safe="/:")
        return urlunsplit((self._parts.scheme, netloc, self._parts.path, query, ""))

    @cached_property
    def _stated(self) -> dict[str, str]:
        return dict(parse_qsl(self._parts.query))

    @cached_property
    def _parts(self) -> SplitResult:
        try:
            parts = urlsplit(self.url)
            _ = parts.port
        except ValueError as error:
            raise UsageError(f"The address of the database is no URL: {error}. Write {EXAMPLE}.") from None
        return parts
