"""C2SP signed notes: a text that several keys sign, in lines that existing tools check. Pure (audit.md §7).

    text, one or more lines
                                                            a blank line
    — name base64(key id || signature)                      one line for each signature

The bytes of the text are what is signed, its last newline included, the blank line not. A log's key signs them as
they are (c2sp.org/signed-note). A witness's key signs them behind two more lines, and its signature begins with the
time, 8 bytes, big-endian (c2sp.org/tlog-cosignature, Ed25519):

    cosignature/v1
    time 1679315147

Signatures by keys that the reader does not know are kept and prove nothing. A text is to be believed only after
`signers` has named somebody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.errors import ConfigurationError, PolitiradError
from engine.key import ID_SIZE, Kind, Signer, Verifier, base64_of, bytes_of, is_name

DASH = "— "
"""What a signature line begins with: an em dash, U+2014, and a space."""

MOST_SIGNATURES = 100
"""A reader must take 16 (signed-note); nobody needs more than this."""
LARGEST = 1_000_000
"""Characters in a note; a checkpoint has some hundreds."""

_TIME_SIZE = 8
_LATEST = 2**63 - 1


class NoteError(PolitiradError):
    """A note is malformed, or not signed by whom it should be."""

    exit_code = 12


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line, `str()` of it without its newline; `value` is what follows the key id (4 bytes)."""

    name: str
    key_id: bytes
    value: bytes

    def __str__(self) -> str:
        return f"{DASH}{self.name} {base64_of(self.key_id + self.value)}"


@dataclass(frozen=True, slots=True)
class Note:
    """A text with its signatures, in the order of their lines; `str()` is the whole note.

    Raises `NoteError` for what could not be read back.
    """

    text: str
    signatures: tuple[Signature, ...]

    def __post_init__(self) -> None:
        _check_text(self.text)
        _check_signatures(self.signatures)

    def add(self, *signatures: Signature) -> Note:
        """The note with these signatures too, each once."""
        return Note(self.text, tuple(dict.fromkeys((*self.signatures, *signatures))))

    def __str__(self) -> str:
        return self.text + "\n" + "".join(f"{signature}\n" for signature in self.signatures)


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signed; for a witness also when by its own clock, in seconds since 1970 (UTC)."""

    key: Verifier
    at: int | None


def sign(text: str, signer: Signer) -> Signature:
    """The signature of a log over a text. Raises ValueError for the key of a witness."""
    if signer.kind is not Kind.LOG:
        raise ValueError("a witness cosigns, and says when")
    return Signature(signer.name, signer.verifier().key_id, signer.sign(text.encode()))


def cosign(text: str, signer: Signer, at: int) -> Signature:
    """The cosignature of a witness over a text at a time, in seconds since 1970 (UTC).

    Raises ValueError for the key of a log, or a time that the format does not have.
    """
    if signer.kind is not Kind.WITNESS or not 0 <= at <= _LATEST:
        raise ValueError("only a witness cosigns, between 1970 and the end of 63 bits")
    signature = signer.sign(_cosigned(text, at))
    return Signature(signer.name, signer.verifier().key_id, at.to_bytes(_TIME_SIZE, "big") + signature)


def note_of(raw: bytes | str) -> Note:
    """The note in a file. Raises `NoteError`, saying what is wrong with it."""
    whole = _decoded(raw)
    end = whole.rfind("\n\n")  # the text may have blank lines of its own
    if end < 0:
        raise NoteError("The note has no blank line between its text and its signatures: it was cut short.")
    if not whole.endswith("\n") or end + 2 == len(whole):
        raise NoteError("The note ends within its signatures: it was cut short. Fetch the whole file again.")
    lines = whole[end + 2 : -1].split("\n")
    return Note(whole[: end + 1], tuple(map(signature_of, lines)))


def signature_of(line: str) -> Signature:
    """The signature in a line without its newline. Raises `NoteError`."""
    name, space, encoded = line.removeprefix(DASH).partition(" ")
    if not line.startswith(DASH) or not space:
        raise _bad_line(line, "it is not '— name base64'")
    try:
        data = bytes_of(encoded)
    except ValueError as error:
        raise _bad_line(line, f"its last part is {error}") from error
    if len(data) <= ID_SIZE:
        raise _bad_line(line, "it ends after the key id")
    return Signature(name, data[:ID_SIZE], data[ID_SIZE:])


def signers(note: Note, keys: Iterable[Verifier]) -> tuple[Signed, ...]:
    """Who of the known keys signed, in the order of the lines; at least one.

    Raises `NoteError` where none did, or where a line that names a known key was not made by it (signed-note,
    "Signatures"), and `ConfigurationError` where two known keys cannot be told apart.
    """
    known = _by_name(keys)
    pairs = [(known.get((line.name, line.key_id)), line) for line in note.signatures]
    found = tuple(_checked(note.text, key, line) for key, line in pairs if key)
    if not found:
        names = ", ".join(dict.fromkeys(line.name for line in note.signatures))
        expected = ", ".join(dict.fromkeys(key.name for key in known.values())) or "nobody"
        raise NoteError(
            f"None of the known keys signed the note: it is signed by {names}, known keys are of {expected}."
        )
    return found


def _checked(text: str, key: Verifier, line: Signature) -> Signed:
    """Who signed with a line that names this key. Raises `NoteError` where the key did not."""
    at, message, signature = _signed_by(text, key, line.value)
    if not key.accepts(message, signature):
        raise NoteError(f"The signature of {key.name} does not fit the text: one of the two was changed.")
    return Signed(key, at)


def _signed_by(text: str, key: Verifier, value: bytes) -> tuple[int | None, bytes, bytes]:
    """The time (for a witness), the message and the signature that a line claims."""
    if key.kind is Kind.LOG:
        return None, text.encode(), value
    at = int.from_bytes(value[:_TIME_SIZE], "big")
    return at, _cosigned(text, at), value[_TIME_SIZE:] if at <= _LATEST else b""


def _cosigned(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def _by_name(keys: Iterable[Verifier]) -> dict[tuple[str, bytes], Verifier]:
    known: dict[tuple[str, bytes], Verifier] = {}
    for key in keys:
        if known.setdefault((key.name, key.key_id), key) != key:
            raise ConfigurationError(f"Two keys named {key.name} have the same key id: give one of them another name.")
    return known


def _decoded(raw: bytes | str) -> str:
    if len(raw) > LARGEST:
        raise NoteError(f"The note is larger than {LARGEST:,} characters: it is some other file.")
    try:
        return raw if isinstance(raw, str) else raw.decode()
    except UnicodeDecodeError as error:
        raise NoteError(
            f"The note is not UTF-8 at byte {error.start}: it was changed, or is some other file."
        ) from error


def _check_text(text: str) -> None:
    if not text.removesuffix("\n") or not text.endswith("\n"):
        raise NoteError("The text of the note is empty, or its last line was cut short.")
    if any(character < " " and character != "\n" for character in text):
        raise NoteError("The text of the note has control characters, such as the ends of lines of Windows.")


def _check_signatures(signatures: tuple[Signature, ...]) -> None:
    if not 0 < len(signatures) <= MOST_SIGNATURES:
        raise NoteError(f"The note has {len(signatures)} signatures: from 1 to {MOST_SIGNATURES} are read.")
    for place, signature in enumerate(signatures):
        if not is_name(signature.name):
            raise _bad_line(str(signature), "its name is empty, or has a character that no name has")
        if signature in signatures[:place]:
            raise _bad_line(str(signature), "it stands there twice; remove one")


def _bad_line(line: str, why: str) -> NoteError:
    return NoteError(f"The signature line {line[:60]!r} is wrong: {why}.")
