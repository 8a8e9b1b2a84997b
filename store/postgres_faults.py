"""What a person is told when PostgreSQL fails: one line that says what is wrong and what to do next."""

from __future__ import annotations

from psycopg import DataError, Error, InterfaceError, OperationalError, errors

from engine.database_url import DatabaseUrl
from engine.errors import DamagedError, PassingError, PolitiradError, StoreUnavailableError, UsageError

NOTHING = "Nothing was written"

_BY_STATE: dict[str, str] = {
    "28P01": "{where} refuses the password. Correct it in $POLITIRAD_DATABASE, in $PGPASSWORD or in ~/.pgpass.",
    "28000": "{where} does not let this user in ({said}). Correct the user, or ask whoever keeps the server.",
    "3D000": "{where}: there is no such database. Have one made: createdb --encoding UTF8 --template template0 NAME",
    "42501": "{where}: this user has no right to do that ({said}). " + NOTHING + "; {remedy}.",
    "42P01": "{where} has no tables of politirad. `politirad init` makes them, `politirad db upgrade` renews them.",
    "53300": "{where} takes no more connections. " + NOTHING + "; try again, or have max_connections raised.",
    "53100": "The disk of {where} is full. " + NOTHING + "; make room and try again.",
    "25006": "{where} is read-only: a copy that follows another server, or set so (default_transaction_read_only). "
    + NOTHING
    + "; name the server it follows, or have the setting changed.",
    "57014": "{where} broke it off ({said}). " + NOTHING + "; have statement_timeout raised for this user.",
    "57P01": "{where} was shut down meanwhile. " + NOTHING + "; try again when it is back.",
    "57P02": "{where} has crashed and is recovering. " + NOTHING + "; try again when it is back.",
    "57P03": "{where} is starting up or shutting down. " + NOTHING + "; try again in a moment.",
    **dict.fromkeys(
        ("26000", "42P05", "08P01"),  # the server process is not the one on which a statement was prepared
        "{where}: a pool in front (PgBouncer) mixes up prepared statements. " + NOTHING + "; write ?prepare=off at the "
        "end of the URL.",
    ),
    "40P01": "{where}: two transactions waited for each other. " + NOTHING + "; try again.",
    "40001": "{where}: another transaction came first. " + NOTHING + "; try again.",
}
"""What is said by the state PostgreSQL gives an error."""
_REMEDIES = {
    "for schema": "have the database made this user's own: createdb --owner USER, or ALTER DATABASE NAME OWNER TO USER",
    **dict.fromkeys(("must ", "set role"), "do it as who owns the tables, or as a superuser"),
    "create role": "do it as a superuser, or as who owns the database and may create roles",
    "": "`politirad db roles` gives rights",
}
"""What to do about a right that is missing, by what the server says of it."""
_LOCKED = "55P03"
_LATER = {"53300", "57P03"}
_PASSING = (errors.DeadlockDetected, errors.SerializationFailure)
_UNCERTAIN = """\
{where} was lost just as it was writing: the step may stand or not. Look (`politirad log`) before you try again; with \
the same --key nothing is done twice."""
_NOT_ENCODABLE = {"22021", "22P05"}
_CORRUPT = ("XX001", "XX002")


class UncertainError(OperationalError):
    """The connection was lost while a transaction was being committed."""


def explained(error: Exception, url: DatabaseUrl, timeout: float) -> PolitiradError:
    """The driver's error in words, for a server and the seconds of waiting."""
    if isinstance(error, UncertainError):
        return StoreUnavailableError(_UNCERTAIN.format(where=url))
    state = getattr(error, "sqlstate", None) or _state_of(str(error))
    if state == _LOCKED:
        return busy(url, timeout, "another transaction, perhaps `politirad` in another window")
    return _of_text(error, state, url) or _of_server(error, state, url)


def _of_text(error: Exception, state: str | None, url: DatabaseUrl) -> PolitiradError | None:
    """What is wrong with a text, on its way in or as it is kept; None where that is not it."""
    if state in _NOT_ENCODABLE or (isinstance(error, DataError) and "NUL" in str(error)):
        return UsageError(f"A text holds a character that {url} cannot keep: {_first_line(error)}. Write it again.")
    if state in _CORRUPT or isinstance(error, UnicodeDecodeError):
        return DamagedError(f"{url} is damaged: {in_words(error)}. `politirad verify` shows where; restore a backup.")
    return None


def _of_server(error: Exception, state: str | None, url: DatabaseUrl) -> StoreUnavailableError:
    kind = PassingError if isinstance(error, _PASSING) else StoreUnavailableError
    if words := _BY_STATE.get(state or ""):
        said = _first_line(error)
        remedy = next(remedy for about, remedy in _REMEDIES.items() if about in said)
        return kind(words.format(where=url, said=said, remedy=remedy))
    if isinstance(error, OperationalError | InterfaceError):
        return kind(
            f"{url} cannot be reached: {_first_line(error)}. Look whether the server runs and the URL is right."
        )
    return kind(f"{url} refuses: {_first_line(error)}. {NOTHING}.")


def busy(url: DatabaseUrl, timeout: float, whom: str) -> StoreUnavailableError:
    """Somebody else has had what we need for as long as we waited (seconds)."""
    return StoreUnavailableError(
        f"{url} is busy: waited {timeout:g} s for {whom}. {NOTHING}; try again when it is done."
    )


def may_connect_later(error: Exception) -> bool:
    """Whether a server that did not let us in is starting up, or full of others who may leave."""
    return _state_of(str(error)) in _LATER


def is_of_bytes(error: Exception) -> bool:
    """Whether an error of the driver comes from the stored bytes, and not from the server, a lock and the like."""
    if not isinstance(error, Error):
        return True
    return isinstance(error, DataError) or error.sqlstate in _CORRUPT


def in_words(error: Exception) -> str:
    """What an error says of the stored bytes, without quoting them."""
    if isinstance(error, UnicodeDecodeError):
        return "a text in it is not UTF-8"
    return _first_line(error)


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].rstrip(".") if lines else type(error).__name__


def _state_of(said: str) -> str | None:
    """The state of a refusal to connect, which the driver passes on in words alone."""
    known = {
        "password authentication failed": "28P01", "no password supplied": "28P01", "no pg_hba.conf entry": "28000",
        "authentication failed": "28000", "is not permitted to log in": "28000",
        "permission denied for database": "28000",
        "too many clients": "53300", "remaining connection slots": "53300", "too many connections for": "53300",
        "the database system is starting up": "57P03",
        "the database system is shutting down": "57P03", "the database system is in recovery mode": "57P02",
    }  # fmt: skip
    if "does not exist" in said and (' database "' in said or ' role "' in said):
        return "3D000" if ' database "' in said else "28000"
    return next((state for words, state in known.items() if words in said), None)
