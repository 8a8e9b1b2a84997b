"""Whoever signs, in tests: a key pair made by the real `ssh-keygen`, and statements signed with it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Any

import pytest

from engine.ports import Person
from engine.registration import add_person
from engine.rule import AllOf, BodyVote, Office, Signatory
from engine.ssh_wire import public_key_of
from tests.desk import Answer, Desk
from tests.world import CHIEF, COUNCIL, LEADER, World
from workflows.profile import Approvals

if TYPE_CHECKING:
    from engine.event import Event

SSH_KEYGEN = which("ssh-keygen") or ""
NAMESPACE = "politirad@politirad.example/trondelag-sor"

BY_CHIEF = ("--version", "1", "--for", "politimester", "--ref", "brev 3")
"""How the chief of police's act on the first version is handed in."""

DEMANDING = Approvals(
    adoption=AllOf((Office("politimester", "sshsig"), BodyVote("regionrad", assurance="sshsig"))),
    signature=AllOf((Signatory("politiet", "sshsig"), Signatory("regionen", "sshsig"))),
)
"""Rules that no declared identity meets."""

needs_ssh_keygen = pytest.mark.skipif(
    not SSH_KEYGEN, reason="ssh-keygen is not installed; install OpenSSH 8.9 or newer"
)


def ssh_keygen(*arguments: object, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run the real program, as anybody would."""
    return subprocess.run(
        [SSH_KEYGEN, *map(str, arguments)], input=text, capture_output=True, text=True, check=False
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pen:
    """A person's key pair in a folder; the comment names its owner, as they do."""

    file: Path

    @classmethod
    def new(cls, folder: Path, name: str, kind: str = "ed25519") -> Pen:
        """Make a key pair."""
        file = folder / name
        assert ssh_keygen("-q", "-t", kind, "-N", "", "-C", f"{name}@laptop", "-f", file).returncode == 0
        return cls(file)

    @property
    def public(self) -> Path:
        """The file that is handed over."""
        return self.file.with_name(f"{self.file.name}.pub")

    @property
    def fingerprint(self) -> str:
        """What OpenSSH calls the key."""
        return public_key_of(self.public.read_text()).fingerprint

    def signs(self, file: str, namespace: str = NAMESPACE) -> str:
        """Sign a file; the signature's file."""
        signature = Path(f"{file}.sig")
        signature.unlink(missing_ok=True)
        assert ssh_keygen("-Y", "sign", "-f", self.file, "-n", namespace, file).returncode == 0
        return str(signature)


class SigningDesk(Desk):
    """A desk at which statements are written, signed and handed in, where the rules demand it.

    The regional council has proposed two agreements, A-1 and A-2; siri is chief of police, lars leads the council.
    """

    @classmethod
    def set_up(cls, folder: Path) -> SigningDesk:
        """Open the council, and propose."""
        world = World(folder, rules=DEMANDING)
        for person in (Person(CHIEF, "siri", "Siri Berg", None), Person(LEADER, "lars", "Lars Moen", None)):
            world.register(lambda run, person=person: add_person(run, person, world.entry()))
        for text in ("En avtale", "En annen avtale"):
            world.propose(text, decider="regionen")
        return cls(world)

    def pen_of(self, handle: str, *options: str) -> Pen:
        """A new key, registered for a person."""
        pen = Pen.new(self.world.folder, f"{handle}_{len(list(self.world.folder.glob('*.pub')))}")
        self.does("person", "key", handle, "--file", str(pen.public), *options)
        return pen

    def writes(self, name: str, *step: str) -> str:
        """Write the statement of a step (case, step, options) to a file; its path."""
        file = str(self.world.folder / name)
        self.does("statement", *step, "--output", file)
        return file

    def hands_in(self, signature: str, case: str, step: str, *options: str) -> Answer:
        """Take a step with a signature."""
        return self.types("agreement", step, case, *options, "--signature", signature)

    def signs(self, pen: Pen, case: str, step: str, *options: str) -> Answer:
        """Write, sign and hand in, with the same options."""
        return self.hands_in(pen.signs(self.writes("act.statement", case, step, *options)), case, step, *options)

    def signed_acts(self, case: str = "A-1") -> list[tuple[Event, dict[str, Any]]]:
        """The signed acts of a case: each event, and what it says of its signature."""
        with self.world.store.read(COUNCIL) as reader:
            events = [recorded.event for recorded in reader.events(case)]
        return [(one, said) for one in events if isinstance(said := one.data.get("signature"), dict)]


def checks(folder: Path, signers: str, said: Mapping[str, Any], who: str, day: str) -> bool:
    """Whether a stranger with nothing but `ssh-keygen` finds the signature of an event good on a day (YYYYMMDD).

    `said` is the event's `data.signature`; the signed text is its statement with sorted keys and no blanks.
    """
    allowed, signature = folder / "allowed_signers", folder / "stranger.sig"
    allowed.write_text(signers)
    signature.write_text(said["sig"])
    text = json.dumps(said["statement"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    asked = ("-f", allowed, "-I", who, "-n", said["namespace"], "-s", signature, "-O", f"verify-time={day}1200")
    return ssh_keygen("-Y", "verify", *asked, text=text).returncode == 0
