"""Settings: `politirad.toml`, overridden by the environment, overridden by options.

    database = "politirad.db"   # relative to the file it stands in
    council = "trondelag_sor"   # needed only where the database holds several
    person = "kari"             # who you are: the handle from `politirad person list`
    language = "nb"             # of labels and reasons: nb, nn or en
    mail = "file:mail"          # where letters go: a folder relative to the file, or smtp://USER@HOST, smtps://…
    mail_from = "x@example.no"  # the address they come from; needed with a server
    senders = 4                 # how many are sent at the same time, 1 to 32
    runner = "embedded"         # who ticks and sends: `politirad serve`; "procrastinate": `politirad worker`, many
    log_key = "log.key"         # the file of the key that signs checkpoints, relative to the file; see `politirad keys`

The password of a mail server has no place here: it comes from the environment (engine/mail_server.py). There is no
setting for the time. Time is injected inside programs alone (the demo does), so that no environment can backdate an
entry.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, cast

from engine.database_url import EXAMPLE, DatabaseUrl, is_server
from engine.errors import ConfigurationError
from engine.register import Language

FILE = "politirad.toml"
VARIABLE = "POLITIRAD_CONFIG"
KEYS = ("database", "council", "person", "language", "mail", "mail_from", "senders", "runner", "log_key")
LANGUAGES = ("nb", "nn", "en")
DATABASE = "politirad.db"
MAIL = "file:mail"
Runner: TypeAlias = Literal["embedded", "procrastinate"]
RUNNERS: tuple[Runner, ...] = ("embedded", "procrastinate")
SENDERS = 4
MOST_SENDERS = 32


@dataclass(frozen=True, slots=True)
class Settings:
    """What a command works with. `file` is the configuration that was read, or the one `init` would write."""

    database: Path | DatabaseUrl
    file: Path
    council: str | None = None
    person: str | None = None
    language: Language | None = None
    mail: str = MAIL
    mail_from: str | None = None
    senders: int = SENDERS
    runner: Runner = "embedded"
    log_key: Path | None = None


def load_settings(environment: Mapping[str, str], folder: Path, overrides: Mapping[str, str | None]) -> Settings:
    """The settings in force in a folder. Raises `ConfigurationError` naming the file and key that is wrong."""
    named = environment.get(VARIABLE)
    file = folder / (named or FILE)
    if named and not file.is_file():
        raise ConfigurationError(f"${VARIABLE} names {named}, which is no file. Correct it or unset it.")
    stated = _read(file) if file.is_file() else {}
    if (place := stated.get("database")) and "://" not in place and not is_server(place):
        stated["database"] = str(file.parent / place)
    if "log_key" in stated:
        stated["log_key"] = str(file.parent / stated["log_key"])
    stated["mail"] = _placed(stated.get("mail", MAIL), file.parent)
    stated |= {key: value for key in KEYS if (value := environment.get(f"POLITIRAD_{key.upper()}"))}
    stated |= {key: value for key, value in overrides.items() if value}
    database, runner = _database(stated.get("database", DATABASE), folder), stated.get("runner", RUNNERS[0])
    return Settings(
        database=database, file=file, council=stated.get("council"),
        person=stated.get("person"), language=_language(stated.get("language")), mail=_placed(stated["mail"], folder),
        mail_from=_address(stated.get("mail_from")), senders=_count(stated.get("senders", str(SENDERS))),
        runner=_runner(runner, database),
        log_key=folder / stated["log_key"] if "log_key" in stated else None,
    )  # fmt: skip


def written(database: str, council: str, person: str, language: Language) -> str:
    """The text of a configuration file, as `init` writes it."""
    return (
        "# Settings of politirad in this folder. POLITIRAD_* in the environment and options override them.\n"
        f'database = "{database}"\n'
        f'council = "{council}"\n'
        f'person = "{person}"  # who you are; see `politirad person list`\n'
        f'language = "{language}"  # of labels and reasons: nb, nn or en\n'
        "# Letters are kept in this folder, and nothing leaves the machine until `mail` names a server, such as\n"
        '# "smtp://USER@HOST" with the password in $POLITIRAD_SMTP_PASSWORD and an address of ours in mail_from.\n'
        f'mail = "{MAIL}"\n'
    )


def _read(file: Path) -> dict[str, str]:
    import tomllib

    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{file}: not TOML: {error}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file} cannot be read: {error}") from None
    if faults := [fault for key, value in document.items() if (fault := _fault(key, value))]:
        raise ConfigurationError(*(f"{file}: {fault}" for fault in faults))
    return {key: str(value) for key, value in document.items()}


def _database(stated: str, folder: Path) -> Path | DatabaseUrl:
    if is_server(stated):
        return DatabaseUrl(stated)
    scheme, separator, rest = stated.partition("://")
    if separator and (scheme != "sqlite" or not rest.startswith("/")):  # the rest may hold a password
        raise ConfigurationError(f"database: politirad opens no {scheme}:// address. Write a path, or {EXAMPLE}.")
    return folder / (rest[1:] if separator else stated)


def _fault(key: str, value: object) -> str | None:
    if key not in KEYS:
        from commands.naming import nearest

        near = nearest(key, KEYS)
        return f"the key {key!r} is unknown; " + (f"did you mean {near[0]}?" if near else f"known: {', '.join(KEYS)}")
    if key == "senders":
        return None if type(value) is int else f"{key}: write a number without quotes, not {value!r}"
    if key == "database" and isinstance(value, str) and is_server(value) and DatabaseUrl(value).has_password:
        return f"{key}: a password has no place in a file; keep it in ~/.pgpass, $PGPASSWORD or $POLITIRAD_DATABASE"
    return None if isinstance(value, str) and value else f"{key}: write text in quotes, not {value!r}"


def _language(stated: str | None) -> Language | None:
    if stated is not None and stated not in LANGUAGES:
        raise ConfigurationError(f"The language {stated!r} is unknown; write nb, nn or en.")
    return cast("Language | None", stated)


def _placed(mail: str, folder: Path) -> str:
    """Where mail goes, a relative folder taken from another one."""
    scheme, _, path = mail.partition(":")
    return f"file:{folder / path}" if scheme == "file" and path and not path.startswith("//") else mail


def _address(stated: str | None) -> str | None:
    if stated is None:
        return None
    from engine.header import checked_address

    try:
        address = checked_address(stated)
    except ValueError as error:
        raise ConfigurationError(f"mail_from: {error}.") from None
    if not address.isascii():
        raise ConfigurationError(f"mail_from: not every server takes {address}. Write one with a-z before the @.")
    return address


def _runner(stated: str, database: Path | DatabaseUrl) -> Runner:
    if stated not in RUNNERS:
        raise ConfigurationError(f"runner: {stated} is none; write one of {', '.join(RUNNERS)}.")
    if stated == "procrastinate" and not isinstance(database, DatabaseUrl):
        raise ConfigurationError(
            f"runner: procrastinate needs a PostgreSQL server, and {database} is a file. Move the data there with "
            '`politirad db copy` and name the server in `database`, or write runner = "embedded".'
        )
    return stated


def _count(stated: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]?", stated) or int(stated) > MOST_SENDERS:
        raise ConfigurationError(f"senders: {stated} is none; write a whole number from 1 to {MOST_SENDERS}.")
    return int(stated)
