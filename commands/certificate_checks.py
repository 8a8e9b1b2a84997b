"""How to check what stands on a certificate: sentences, and lines to type in the folder of an export.

Only programs that are not ours do the checking. A test types every line of a page and looks at what is printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from shlex import quote
from typing import TYPE_CHECKING

from commands.output import safe
from engine.folder import BLOBS, CHECKPOINTS, EVENTS, SIGNERS, note_name
from engine.key import base64_of
from engine.note import DASH

if TYPE_CHECKING:
    from commands.certificate import Certificate, Seal
    from engine.note import Signed
    from engine.ports import Recorded
    from workflows.certificate_words import CertificateWords

TEXT_LINES = 3
"""Lines of a checkpoint's text."""
ENOUGH = 16
"""Characters that tell a signature from all others: its key id, and the time of a cosignature."""
SIGNATURE = 64
"""Bytes of an Ed25519 signature, the last of what a signature line holds."""


def checks(made: Certificate, words: CertificateWords) -> Iterator[tuple[str, str]]:
    """What each check shows, and what to type for it; nothing to type is an empty text."""
    yield words.said("check_intro"), ""
    if hashes := dict.fromkeys(d.sha256 for one in made.versions for d in one.version.documents):
        yield words.said("check_document"), "\n".join(f"sha256sum {BLOBS}/{sha256}" for sha256 in hashes)
    if made.events:
        yield words.said("check_event"), "\n".join(_leaf(recorded) for recorded in made.events)
    yield from _signatures(made, words)
    if made.seal is not None:
        yield from _checkpoint(made.seal, words)
        yield words.said("check_root"), "politirad verify ."


def _leaf(recorded: Recorded) -> str:
    """The leaf hash of an event: SHA-256 over a zero byte and its line (RFC 6962)."""
    return f"(printf '\\000'; {_line(recorded)} | tr -d '\\n') | sha256sum"


def _line(recorded: Recorded) -> str:
    return f"sed -n {recorded.position + 1}p {EVENTS}"


def _checkpoint(seal: Seal, words: CertificateWords) -> Iterator[tuple[str, str]]:
    file = f"{CHECKPOINTS}/{note_name(seal.sealed.size)}"
    log = seal.by.log[-1]
    yield words.said("check_signature"), log.key.pem().strip()
    yield "", "\n".join((f"head -n {TEXT_LINES} {file} > checkpoint.txt", *_verified(seal, log, file, "log")))
    for one in seal.by.witnesses[-1:]:
        yield words.said("check_witness"), one.key.pem().strip()
        timed = f"printf 'cosignature/v1\\ntime {one.at}\\n' | cat - checkpoint.txt > cosigned.txt"
        yield "", "\n".join((timed, *_verified(seal, one, file, "witness")))


def _verified(seal: Seal, one: Signed, file: str, name: str) -> Iterable[str]:
    """Take the signature of a key out of the note, and have `openssl` check it."""
    text = {"log": "checkpoint.txt", "witness": "cosigned.txt"}[name]
    line = [line for line in seal.sealed.note.signatures if (line.name, line.key_id) == (one.key.name, one.key.key_id)][
        -1
    ]
    # By its beginning and not by its number, because witnesses may sign after the page is printed.
    begins = quote(safe(f"{DASH}{line.name} {base64_of(line.key_id + line.value)[:ENOUGH]}"))
    yield f"grep -F {begins} {file} | cut -d' ' -f3 | base64 -d | tail -c {SIGNATURE} > {name}.sig"
    yield f"openssl pkeyutl -verify -pubin -inkey {name}.pem -rawin -in {text} -sigfile {name}.sig"


def _signatures(made: Certificate, words: CertificateWords) -> Iterator[tuple[str, str]]:
    """How to check the signatures of persons."""
    signed = [one for one in made.events if isinstance(one.event.data.get("signature"), Mapping)]
    if not signed:
        yield words.said("check_ssh_none"), ""
    for at, one in enumerate(signed):
        yield words.said("check_ssh") if at == 0 else "", "\n".join(_signed(one))


def _signed(recorded: Recorded) -> Iterator[str]:
    said = recorded.event.data["signature"]
    if not isinstance(said, Mapping):
        return
    who, namespace, on = (quote(safe(str(said[name]))) for name in ("by", "namespace", "on"))
    yield f"{_line(recorded)} | jq -cjS .data.signature.statement > statement"
    yield f"{_line(recorded)} | jq -r .data.signature.sig > statement.sig"
    time = f"verify-time={on.replace('-', '')}1200"
    yield f"ssh-keygen -Y verify -f {SIGNERS} -I {who} -n {namespace} -O {time} -s statement.sig < statement"
