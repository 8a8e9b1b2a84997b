"""The shipped story played over any database, in tests, and the command line at the end of it."""

from __future__ import annotations

import shlex
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import cli
from commands.demo import LOGIN, PLAYS, SeededEntropy, StoryClock, last_scene, prepare, settings_in
from commands.keys import KEY_FILE
from commands.stage import Stage
from commands.story import read_play
from commands.wiring import Setup
from tests.desk import Answer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from commands.story import Act
    from engine.database_url import DatabaseUrl


class Nobody:
    """An audience that looks away."""

    def narrated(self, text: str) -> None:
        """Say nothing."""

    def done(self, act: Act, output: str) -> None:
        """Say nothing."""

    def refused(self, act: Act, reasons: Sequence[str]) -> None:
        """Say nothing."""


@dataclass
class Theatre:
    """A folder in which the story was played, with its clock and its randomness, which are the same every time."""

    folder: Path
    setup: Setup

    @classmethod
    def played(cls, folder: Path, database: Path | DatabaseUrl) -> Theatre:
        """Play the story in a new folder, over an empty database."""
        with redirect_stdout(StringIO()):
            prepare(folder)
            settings = replace(settings_in(folder, "en"), database=database)
            theatre = cls(folder, Setup(settings, StoryClock(), SeededEntropy(), LOGIN))
            stage = Stage(cli.politirad, theatre.setup)
            stage.play(
                read_play(Path(str(files("workflows"))) / "examples/trondelag_sor" / PLAYS["amend-first"]), Nobody()
            )
            theatre.setup.settings = replace(theatre.setup.settings, log_key=folder / KEY_FILE)
            stage.play(last_scene(folder), Nobody())
        theatre.setup.store.close()
        return theatre

    def types(self, line: str, at: datetime) -> Answer:
        """Type a command in the folder at a UTC instant, in a setup of its own."""
        old = self.setup
        setup = Setup(replace(old.settings, person="siri"), StoryClock(at), old.entropy, LOGIN)
        out, err = StringIO(), StringIO()
        with chdir(self.folder), redirect_stdout(out), redirect_stderr(err):
            code = cli.run(shlex.split(line), setup)
        if "store" in vars(setup):
            setup.store.close()
        return Answer(code, self._anywhere(out), self._anywhere(err))

    def _anywhere(self, text: StringIO) -> str:
        """What was said, whatever the folder and its database are called."""
        said = text.getvalue().replace(str(self.setup.settings.database), "DATABASE")
        return said.replace(str(self.folder), "FOLDER").replace("politirad.db", "DATABASE")
