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
import re
import subprocess
import sys
from datetime import date, timedelta
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
    announced = [event["data"].get("vkey") if event["type"] == "council.log_key_set" else None for event in events]
    signatures = sum(check_note(note.read_text(encoding="utf-8"), leaves, keys, announced) for note in notes)
    documents = check_documents(folder, events)
    acts = check_acts(folder, events)
    return (
        f"{len(events)} events, {len(notes)} checkpoints with {signatures} signatures, {documents} documents and "
        f"{acts} signed acts are in order."
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


def check_note(note: str, leaves: list[bytes], keys: Keys, announced: list[str | None]) -> int:
    """A checkpoint: its root is that of the events, and every signature holds; how many there are."""
    text, _, lines = note.partition("\n\n")
    origin, size, root = text.split("\n")
    check(int(size) <= len(leaves), f"the log has fewer than the {size} events that were signed")
    check(base64.b64decode(root) == root_of(leaves[: int(size)]), f"the first {size} events have another root")
    signed_by_log, due = False, key_due(origin, announced[: int(size)])
    for line in lines.splitlines():
        _, name, encoded = line.split(" ")
        data = base64.b64decode(encoded)
        kind, public = keys[name, data[:4]]
        check_signature(f"{text}\n", kind, public, data[4:])
        signed_by_log |= kind == LOG and (name, data[:4]) == due
    check(signed_by_log, f"the log's key of then did not sign the checkpoint over {size} events")
    return len(lines.splitlines())


def key_due(origin: str, announced: list[str | None]) -> tuple[str, bytes] | None:
    """Name and id of the key that signs for the log: the last that became one. One that was replaced stays so."""
    vkeys = [vkey for vkey in dict.fromkeys(announced) if vkey and vkey.split("+")[0] == origin]
    return (origin, bytes.fromhex(vkeys[-1].split("+")[1])) if vkeys else None


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


def check_acts(folder: Path, events: list[Any]) -> int:
    """Every signature of a person holds, under the name that the log had then; how many there are."""
    origin, signed = events[0]["data"].get("origin") if events else None, 0
    for position, event in enumerate(events):
        origin = event["data"].get("continues", {}).get("origin", origin)
        if "signature" in event["data"] or event["data"].get("approval", {}).get("assurance") == "sshsig":
            check_act(folder, position, event, origin)
            signed += 1
    return signed


def check_act(folder: Path, position: int, event: Any, origin: str) -> None:  # noqa: ANN401  # JSON of any shape
    """A person's signature over an act, as `ssh-keygen` sees it: by that person, in term, over what the event says."""
    where = f"the signature of {event['case']} {event['n']}"
    check("signature" in event["data"], f"{where} is missing")
    said = event["data"]["signature"]
    signed = said["statement"] | {
        "person": said["by"],
        "signer's office": said["office"],
        "namespace": said["namespace"],
    }
    for part, value in recorded(event, origin).items():
        check(signed[part] == value, f"{where} is over another {part}")
    check(said["on"] in days_of(event), f"{where} is of another day")
    check(said["key"] == fingerprint_in(said["sig"]), f"{where} is by another key")
    text = json.dumps(said["statement"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    with TemporaryDirectory() as scratch:
        Path(scratch, "sig").write_text(said["sig"], encoding="utf-8")
        Path(scratch, "signers").write_text(signers_at(folder, position, said), encoding="utf-8")
        time = f"verify-time={said['on'].replace('-', '')}1200"
        how = ("-f", "signers", "-I", said["by"], "-n", said["namespace"], "-O", time, "-s", "sig")
        holds = run("ssh-keygen", "-Y", "verify", *how, folder=Path(scratch), text=text)
    check(holds, f"{where} does not hold")


def recorded(event: Any, origin: str) -> dict[str, Any]:  # noqa: ANN401  # JSON of any shape
    """What an event records of what was signed; the signer is who decided it or, of a body, who put that on record."""
    act, actor, cited = event["data"]["approval"], event["actor"], event["decision"] or {}
    person, office = (act["person"], act["office"]) if act["person"] else (actor["person"], actor["office"])
    return {
        "origin": origin, "namespace": f"politirad@{origin}", "case": event["case"], "version": act["leaf"],
        "kind": act["kind"], "decision": act["outcome"], "party": act["party"], "person": person, "office": office,
        "signer's office": office, "capacity": act["capacity"], "mandate": act["mandate"], "rule": event["profile"],
        "vote": cited.get("leaf"), "point": cited.get("point"), "on": event["on"],
    }  # fmt: skip


def days_of(event: Any) -> list[str]:  # noqa: ANN401  # JSON of any shape
    """The day that counts: a person's act has its own, a body's that of the entry (UTC; locally maybe the next)."""
    if event["data"]["approval"]["person"]:
        return [event["on"]]
    entered = date.fromisoformat(event["at"][:10])
    return [(entered + timedelta(days=days)).isoformat() for days in (-1, 0, 1)]


def fingerprint_in(sig: str) -> str:
    """What OpenSSH calls the key that a signature is by (PROTOCOL.sshsig: six letters, a version, the key …)."""
    blob = base64.b64decode("".join(sig.split("\n")[1:-2]))[10:]
    key = blob[4 : 4 + int.from_bytes(blob[:4], "big")]
    return f"SHA256:{base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip('=')}"


def signers_at(folder: Path, position: int, said: Any) -> str:  # noqa: ANN401  # JSON of any shape
    """The lines for a person in an office that held at a position of the log, as the end of each line tells."""
    lines = (folder / "allowed_signers").read_text(encoding="utf-8").splitlines(keepends=True)
    own = [line for line in lines if line.startswith(f"{said['by']},{said['office']} ")]
    held = [re.search(r" from event (\d+)(?: to event (\d+))?$", line) for line in own]
    return "".join(
        line
        for line, when in zip(own, held, strict=True)
        if when and int(when[1]) <= position <= int(when[2] or position)
    )


def run(*command: str, folder: Path, text: str = "") -> bool:
    """Whether a program ends well."""
    return subprocess.run(command, cwd=folder, input=text.encode(), capture_output=True, check=False).returncode == 0


def check(holds: bool, otherwise: str) -> None:  # noqa: FBT001  # reads as a sentence
    """End the program with what is wrong, unless all is well."""
    if not holds:
        sys.exit(f"NOT in order: {otherwise}.")


if __name__ == "__main__":
    print(main(Path(sys.argv[1])))  # noqa: T201  # the result
