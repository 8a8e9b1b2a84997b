"""The office of the witness, at the other party, in tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.key import verifier_of
from engine.memory import recall
from tests.desk import Answer, Desk
from tests.notary import LOG, ORIGIN, WITNESS

if TYPE_CHECKING:
    from pathlib import Path

    from engine.key import Verifier
    from tests.world import World


class Office:
    """The witness's office: a desk with no database, a key, and a memory."""

    def __init__(self, folder: Path, world: World) -> None:
        self.folder = folder
        self.desk = Desk(world)
        self.key, self.memory = folder / "vitne.key", folder / "minne.json"
        said = self.types("witness", "new", "--name", WITNESS.name, "--key", str(self.key))
        assert said.code == 0, said.err
        self.public: Verifier = verifier_of(said.out.splitlines()[-1])

    def types(self, *words: str) -> Answer:
        """Type a command where there is no database, no council and no person."""
        return self.desk.types(*words, database=self.folder / "none.db", council=None, person=None)

    def cosigns(self, export: Path, *more: str) -> Answer:
        """Look at an export and cosign it."""
        return self.types("witness", "cosign", str(export), "--key", str(self.key), "--memory", str(self.memory), *more)

    def knows(self, export: Path) -> None:
        """Cosign for the first time, with the key from the annex."""
        answer = self.cosigns(export, "--log-key", str(LOG.verifier()))
        assert answer.code == 0, answer.err

    @property
    def seen(self) -> tuple[int, bytes]:
        """The size and root it remembers."""
        checkpoint = recall(self.memory)[ORIGIN].checkpoint
        return checkpoint.size, checkpoint.root
