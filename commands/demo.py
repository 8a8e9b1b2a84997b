"""`politirad demo`: the real case played from wish to in force, and through the council's first year.

The play is the shipped one, through the same command line and service as any other. Only the time, the
randomness and the user's name are brought along, so that the transcript is the same every time, byte for byte.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.resources import files
from os.path import relpath
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import click

from commands.configuration import DATABASE, FILE, LANGUAGES, MAIL, Settings
from commands.keys import KEY_FILE
from commands.minutes import MinuteKeeper
from commands.output import say, say_wrapped
from commands.pens import Pens, can_sign
from commands.stage import Stage
from commands.story import read_play
from commands.wiring import Setup, setup_of
from engine.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from commands.story import Line
    from engine.register import Language

PLAYS = {"amend-first": "story.play", "adopt-first": "story-adopt-first.play"}
MARK = "DEMO.txt"
PROOF = "proof.play"
"""The last scene, played in the demo's own folder, where its keys and its export lie."""
OURS = (
    MARK, FILE, PROOF, KEY_FILE, f"{KEY_FILE}.vkey", "witness.key", "witness.key.vkey", "witness.memory",
    "witness.memory.lock", "cosigned.note", DATABASE,
    *(f"{DATABASE}{ending}" for ending in ("-journal", "-wal", "-shm", ".lock")),
)  # fmt: skip
"""What the demo writes, and replaces when it is played again, beside the folder of letters."""
PENS = "pens"
"""The folder of the keys that the persons of the story sign with."""
FOLDERS = (MAIL.removeprefix("file:"), "for-the-police", "export", PENS)

ABOUT = """\
This folder was made by `politirad demo`, which replaces the files it wrote when it is played again here.
What it holds up to 10 December 2018 comes from a real case presentation; everything after that, and every person
called Eksempel, is invented for demonstration (oppdiktet for demonstrasjonen).
"""

LOGIN = "demo"
"""The user behind everything in the demo, whoever plays it."""

TRY_NEXT = (
    "agreement diff A-1 1 2", "explain M-3 implement", "letters show --to slt_roros", "log E-1", "verify export"
)  # fmt: skip


@dataclass(slots=True)
class StoryClock:
    """A clock that stands where the play sets it."""

    instant: datetime = datetime(2018, 10, 1, tzinfo=UTC)

    def now(self) -> datetime:
        """Where it stands, UTC."""
        return self.instant

    def move_to(self, instant: datetime) -> None:
        """Set it."""
        self.instant = instant


@dataclass(slots=True)
class SeededEntropy:
    """Random bytes that are the same in every run. For the demo alone: a salt must not be guessed."""

    random: Random = field(default_factory=lambda: Random(2018))  # noqa: S311  # repeatable on purpose

    def token(self, size: int) -> bytes:
        """The next bytes."""
        return self.random.randbytes(size)


@click.command()
@click.option(
    "--order", type=click.Choice(list(PLAYS)), default="amend-first", show_default=True,
    help="Change the agreement before it is adopted, or adopt it as it stands and pursue the change.",
)  # fmt: skip
@click.option("--folder", type=click.Path(path_type=Path), default="politirad-demo", show_default=True, metavar="PATH")
@click.option("--language", type=click.Choice(LANGUAGES), help="Told in nb or en; nn has its labels, and nb's story.")
@click.pass_context
def demo(ctx: click.Context, *, order: str, folder: Path, language: Language | None) -> None:
    """Play the real case from wish to in force, and through the council's first year, in a folder of its own.

    Up to 10 December 2018 it follows the case presentation; everything after is invented for demonstration.
    """
    root = ctx.find_root().command
    if not isinstance(root, click.Group):
        raise TypeError("demo runs under the group of all commands")
    spoken = language or setup_of(ctx).language
    prepare(folder)
    setup = Setup(settings_in(folder.resolve(), spoken), StoryClock(), SeededEntropy(), LOGIN)
    stage, keeper = Stage(root, setup, pens_in(folder)), MinuteKeeper(setup)
    lines = read_play(Path(str(files("workflows"))) / "examples" / "trondelag_sor" / PLAYS[order])
    stage.check(lines)
    stage.play(lines, keeper)
    setup.settings = replace(setup.settings, log_key=folder.resolve() / KEY_FILE)
    stage.play(last_scene(folder), keeper)
    keeper.tell()
    setup.store.close()
    say_what_next(folder)


def pens_in(folder: Path) -> Pens | None:
    """The pens of the story; none, which is said, where this machine cannot sign."""
    if not can_sign():
        say_wrapped(
            "No `ssh-keygen` of OpenSSH 8.9 or newer works here, so the approval that is signed in the story is not."
        )
        return None
    (folder / PENS).mkdir()
    return Pens(folder.resolve() / PENS)


def last_scene(folder: Path) -> Sequence[Line]:
    """How the log is sealed and cosigned, as lines to be played in the demo's folder; its key is in the settings."""
    shipped = files("workflows") / "examples" / "trondelag_sor" / PROOF
    (folder / PROOF).write_text(shipped.read_text(encoding="utf-8"), encoding="utf-8")
    with (folder / FILE).open("a", encoding="utf-8") as settings:
        settings.write(f'log_key = "{KEY_FILE}"\n')
    return read_play(folder.resolve() / PROOF)


def prepare(folder: Path) -> None:
    """Make the folder ready for a new demo. Raises `UsageError` for one that the demo did not make."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file. Name a folder for the demo with --folder.")
    made_by_us = (folder / MARK).is_file()
    if folder.exists() and not made_by_us and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty, and no demo of ours. Name another folder with --folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in OURS:
            (folder / name).unlink(missing_ok=True)
        if made_by_us:
            for name in FOLDERS:
                shutil.rmtree(folder / name, ignore_errors=True)
        (folder / MARK).write_text(ABOUT, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{folder} cannot be written ({error.strerror}). Name another with --folder.") from None
    say(f"{'Playing anew' if made_by_us else 'Playing'} in {folder}.")


def settings_in(folder: Path, language: Language) -> Settings:
    """The settings of a demo in a folder: a database and a configuration of its own."""
    return Settings(database=folder / DATABASE, file=folder / FILE, language=language)


def say_what_next(folder: Path) -> None:
    """Some commands to try, as they can be typed."""
    say(f"  cd {folder}")
    for command in TRY_NEXT:
        say(f"  {called_from(folder)} {command}")


def called_from(folder: Path) -> str:
    """How the program is called in a folder: by its name where the shell finds it, else by its path."""
    if shutil.which("politirad"):
        return "politirad"
    return relpath(Path(sys.argv[0]).resolve(), folder.resolve())
