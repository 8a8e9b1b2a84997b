"""A desk to type commands at, in tests: the command line over a world, in one process, with the world's clock."""

from __future__ import annotations

import json
import shlex
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from io import StringIO
from typing import TYPE_CHECKING, Any

import cli
from commands.configuration import Settings
from commands.wiring import Setup
from tests.world import COUNCIL

if TYPE_CHECKING:
    from engine.situation import Case
    from tests.world import World


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401  # whatever the command says
        """The answer of a command with `--json`."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        """The lines of the answer."""
        return self.out.splitlines()


class Desk:
    """The secretary's desk: kari, in English."""

    def __init__(self, world: World) -> None:
        self.world = world
        file = world.folder / "politirad.toml"
        self.settings = Settings(world.folder / "politirad.db", file, COUNCIL, "kari", "en")

    def types(self, *words: str, **settings: Any) -> Answer:  # noqa: ANN401  # settings of any type
        """Type a command: one line as in a shell, or its words."""
        arguments = shlex.split(words[0]) if len(words) == 1 else list(words)
        return typed(
            Setup(replace(self.settings, **settings), self.world.clock, self.world.service.entropy), *arguments
        )

    def does(self, *words: str) -> str:
        """Type a command that is meant to succeed; what it answers."""
        answer = self.types(*words)
        assert answer.code == 0, answer.err
        return answer.out

    def case(self, case: str) -> Case:
        """A case as it stands."""
        return self.world.case(case)

    def file(self, name: str, content: str | bytes) -> str:
        """A file beside the database; its path."""
        path = self.world.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)


def typed(setup: Setup, *words: str) -> Answer:
    """The answer to a command, in this process."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = cli.run(list(words), setup)
    return Answer(code, out.getvalue(), err.getvalue())
