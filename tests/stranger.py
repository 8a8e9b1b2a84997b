"""A stranger's check of an export. It knows the formats (audit of the log, RFC 6962, C2SP) and nothing of ours.

    python3 stranger.py FOLDER

Only Python's standard library, `openssl` 3, `sha256sum` and `ssh-keygen` are used. Whoever doubts the program that
keeps the record can read this one in ten minutes, or write another. Ends with 0 and what was checked, or with 1 and
the first thing that is wrong.
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ED25519 = bytes.fromhex("302a300506032b6570032100")
"""What stands before the 32 bytes of a public key in DER (RFC 8410)."""
LOG, WITNESS = 1, 4
NOBODY = "0" * 64

Keys = dict[tuple[str, bytes], tuple[int, bytes]]
"""By name and key id: the kind, and the public key."""


def main(folder: Path) -> str:
    """Check everything in an export; what was checked. Ends the program where something is wrong."""
    bodies = (folder / "events.jsonl").read_bytes().split(b"\n")
    check(bodies.pop() == b"", "events.jsonl ends within an event")
    events = [json.loads(body) for body in bodies]
    leaves = [hashlib.sha256(b"\x00" + body).digest() for body in bodies]
    check_chains(events, leaves)
    notes = sorted((folder / "checkpoints").iterdir())
    check(bool(notes), "there is no checkpoint")
    keys = keys_in(folder)
    signatures = sum(check_note(note.read_text(encoding="utf-8"), leaves, keys) for note in notes)
    documents = check_documents(folder, events)
    signed = [event for event in events if "signature" in event["data"]]
    for event in signed:
        check_act(folder, event)
    return (
        f"{len(events)} events, {len(notes)} checkpoints with {signatures} signatures, {documents} documents and "
        f"{len(signed)} signed acts are in order."
    )


def check_chains(events: list[Any], leaves: list[bytes]) -> None:
    """Every event of a case names the one before it."""
    heads: dict[str, tuple[int, str]] = {}
    for position, (event, leaf) in enumerate(zip(events, leaves, strict=True)):
        n, head = heads.get(event["case"], (0, NOBODY))
        check((event["n"], event["prev"]) == (n + 1, head), f"event {position} does not follow the one before it")
        heads[event["case"]] = (event["n"], leaf.hex())


def root_of(leaves: list[bytes]) -> bytes:
    """The root of the tree, exactly as RFC 6962, section 2.1, defines it."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + root_of(leaves[:half]) + root_of(leaves[half:])).digest()


def keys_in(folder: Path) -> Keys:
    """The public keys of an export. That they are those of the agreement's annex, a person must see."""
    keys: Keys = {}
    for path in folder.glob("*.vkey"):
        name, key_id, material = path.read_text(encoding="utf-8").strip().split("+", 2)
        typed = base64.b64decode(material, validate=True)
        expected = hashlib.sha256(name.encode() + b"\n" + typed).digest()[:4]
        check(expected.hex() == key_id, f"{path.name} is not its own key id")
        keys[name, expected] = typed[0], typed[1:]
    return keys


def check_note(note: str, leaves: list[bytes], keys: Keys) -> int:
    """A checkpoint: its root is that of the events, and every signature holds; how many there are."""
    text, _, lines = note.partition("\n\n")
    origin, size, root = text.split("\n")
    check(int(size) <= len(leaves), f"the log has fewer than the {size} events that were signed")
    check(base64.b64decode(root) == root_of(leaves[: int(size)]), f"the first {size} events have another root")
    signed_by_log = False
    for line in lines.splitlines():
        _, name, encoded = line.split(" ")
        data = base64.b64decode(encoded)
        kind, public = keys[name, data[:4]]
        check_signature(f"{text}\n", kind, public, data[4:])
        signed_by_log |= kind == LOG and name == origin
    check(signed_by_log, f"the log itself did not sign the checkpoint over {size} events")
    return len(lines.splitlines())


def check_signature(text: str, kind: int, public: bytes, value: bytes) -> None:
    """An Ed25519 signature, as `openssl` sees it; a witness signs its time too."""
    if kind == WITNESS:
        text = f"cosignature/v1\ntime {int.from_bytes(value[:8], 'big')}\n{text}"
        value = value[8:]
    with TemporaryDirectory() as scratch:
        files = {"key": ED25519 + public, "text": text.encode(), "sig": value}
        for name, content in files.items():
            Path(scratch, name).write_bytes(content)
        how = ("-pubin", "-keyform", "DER", "-inkey", "key", "-rawin", "-in", "text", "-sigfile", "sig")
        ran = run("openssl", "pkeyutl", "-verify", *how, folder=Path(scratch))
    check(ran, "a signature does not hold")


def check_documents(folder: Path, events: list[Any]) -> int:
    """Every document that an event names is here, and `sha256sum` gives its name; how many there are."""
    names = sorted({sha256 for event in events for sha256 in named_in(event["data"])})
    sums = "".join(f"{name}  {name}\n" for name in names)
    check(
        not names or run("sha256sum", "--check", "--status", folder=folder / "blobs", text=sums), "a document differs"
    )
    return len(names)


def named_in(value: Any) -> list[str]:  # noqa: ANN401  # JSON of any shape
    """The hashes of documents that some JSON names."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    own = [value["sha256"]] if isinstance(value, dict) and isinstance(value.get("sha256"), str) else []
    return own + [name for part in inner for name in named_in(part)]


def check_act(folder: Path, event: Any) -> None:  # noqa: ANN401  # JSON of any shape
    """A person's signature over an act, as `ssh-keygen` sees it: by that person, in term, over what the event says."""
    said, act = event["data"]["signature"], event["data"]["approval"]
    statement, where = said["statement"], f"the signature of {event['case']} {event['n']}"
    same = (statement["case"], statement["version"], statement["decision"], statement["party"])
    check(same == (event["case"], act["leaf"], act["outcome"], act["party"]), f"{where} is over something else")
    text = json.dumps(statement, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    with TemporaryDirectory() as scratch:
        Path(scratch, "sig").write_text(said["sig"], encoding="utf-8")
        signers = str((folder / "allowed_signers").resolve())
        time = f"verify-time={said['on'].replace('-', '')}1200"
        how = ("-f", signers, "-I", said["by"], "-n", said["namespace"], "-O", time, "-s", "sig")
        holds = run("ssh-keygen", "-Y", "verify", *how, folder=Path(scratch), text=text)
    check(holds, f"{where} does not hold")


def run(*command: str, folder: Path, text: str = "") -> bool:
    """Whether a program ends well."""
    return subprocess.run(command, cwd=folder, input=text.encode(), capture_output=True, check=False).returncode == 0


def check(holds: bool, otherwise: str) -> None:  # noqa: FBT001  # reads as a sentence
    """End the program with what is wrong, unless all is well."""
    if not holds:
        sys.exit(f"NOT in order: {otherwise}.")


if __name__ == "__main__":
    print(main(Path(sys.argv[1])))  # noqa: T201  # the result
