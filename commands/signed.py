"""Signatures on the command line: read from the files that `ssh-keygen` wrote, and told wherever an act is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar

from engine.disk import at_once
from engine.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from commands.acts import Names
    from engine.event import Event, Facts
    from engine.ports import Recorded
    from engine.statement import Signature

ENDING = ".sig"
"""What `ssh-keygen -Y sign` adds to the name of the file it signs."""

LARGEST = 100_000
"""Bytes; a statement, a signature and a key have about 1,000 each."""

Parsed = TypeVar("Parsed")


def signature_in(path: str) -> Signature:
    """The signature in FILE.sig, and the statement it is over, in FILE. Raises `NotFoundError`, `UsageError`."""
    from engine.ssh_wire import signature_blob_of
    from engine.statement import Signature, statement_in

    if not path.endswith(ENDING):
        raise UsageError(f"--signature: name the file that `ssh-keygen -Y sign` wrote; it ends in {ENDING}.")
    blob = content_of("--signature", path, signature_blob_of)
    statement = content_of("--signature", path.removesuffix(ENDING), statement_in, "It lies beside its signature.")
    return Signature(statement, blob)


def content_of(option: str, path: str, parse: Callable[[str], Parsed], mind: str = "Name the right file.") -> Parsed:
    """What a small file of text holds, as `parse` reads it. Raises `NotFoundError`, `UsageError` naming the option."""
    try:
        return parse(_text(path))
    except FileNotFoundError as error:
        raise NotFoundError(f"{option}: there is no file {path}. {mind}") from error
    except OSError as error:
        raise UsageError(f"{option}: {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{option}: {path} holds no text; name the right file.") from error
    except ValueError as error:
        raise UsageError(f"{option}: {path} {error}.") from error


def _text(path: str) -> str:
    """A small file's text. Raises `OSError`, and ValueError where it is too long or no text."""
    with open(path, "rb", opener=at_once) as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ValueError("is far too long to be that; name the right file")
    return content.decode()


def signed_by(names: Names, recorded: Recorded) -> str:
    """By whom and with which key an act was signed; empty where it was not."""
    if not isinstance(said := recorded.event.data.get("signature"), Mapping):
        return ""
    words = names.setup.words
    who = names.person(str(said["by"])) or words.phrase("erased")
    return words.phrase("signed_by", assurance=words.label("assurance", "sshsig"), who=who, key=str(said["key"]))


def registered_how(event: Event) -> str:
    """How surely it is known who put an event on record: by a signature of theirs, else as it was established."""
    said = event.data.get("signature")
    return "sshsig" if isinstance(said, Mapping) and said["by"] == event.actor.person else event.actor.via


def key_lines(names: Names, data: Facts) -> Iterable[str]:
    """What an entry about a person's key says: whose it is, which, and from when to when."""
    words = names.setup.words
    if isinstance(said := data.get("signing_key"), Mapping):
        from engine.ssh_wire import public_key_of

        until = said.get("until") or words.phrase("until_further_notice")
        period = words.phrase("period", since=str(said["since"]), until=str(until))
        yield f"{_owner(names, said)}: {public_key_of(str(said['key'])).fingerprint}, {period}"
    if isinstance(gone := data.get("revokes_key"), Mapping):
        yield f"{_owner(names, gone)}: {gone['fingerprint']}, {words.phrase('not_trusted', since=str(gone['on']))}"


def _owner(names: Names, said: Facts) -> str:
    return names.person(str(said["person"])) or names.setup.words.phrase("erased")
