"""Where a pipe stands in a file's place, nobody waits for it: one line and an exit code, as for any wrong file."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from engine.keyfile import create
from tests.desk import Desk
from tests.notary import WITNESS, Notary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE = 20
"""Seconds; far more than any of these commands takes."""

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")


@pytest.fixture
def notary(tmp_path: Path) -> Iterator[Notary]:
    """A sealed log with an export; whoever waits for a pipe is interrupted."""
    notary = Notary(tmp_path)
    notary.seal()
    notary.export("export")
    for name in ("pipe", "pipe.vkey", "pipe.sig"):
        os.mkfifo(tmp_path / name, 0o600)
    create(tmp_path / "w.key", WITNESS.seed)
    (tmp_path / "w.key.vkey").write_text(f"{WITNESS.verifier()}\n")

    def ring(*_: object) -> None:
        raise TimeoutError("it waits for the pipe")

    earlier = signal.signal(signal.SIGALRM, ring)
    signal.alarm(PATIENCE)
    yield notary
    signal.alarm(0)
    signal.signal(signal.SIGALRM, earlier)


KEY, MEMORY = "--key {here}/w.key", "--memory {here}/memory"


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        (f"witness cosign {{here}}/export {MEMORY} --key {{here}}/pipe", 2, "holds no private key"),
        (f"witness cosign {{here}}/export {KEY} --memory {{here}}/pipe", 2, "not the memory of a witness"),
        (f"witness cosign {{here}}/export {KEY} {MEMORY} --log-key {{here}}/pipe.vkey", 2, "no public key"),
        ("import-cosignature {here}/pipe", 12, "/pipe: The note has no blank line"),
        ("verify --against {here}/pipe", 12, "cut short"),
        ("verify {here}/export --against {here}/pipe", 12, "cut short"),
        ("restore {here}/none --replace --against {here}/pipe", 12, "cut short"),
        ("check-proof {here}/pipe --event {here}/pipe --key {here}/w.key.vkey", 10, "no proof"),
        ("keys trust {here}/pipe.vkey", 2, "no public key"),
        ("keys new --file {here}/pipe", 2, "has a key already"),
        ("person key kari --file {here}/pipe", 2, "no public key"),
        ("agreement approve A-1 --version 1 --signature {here}/pipe.sig", 2, "no SSH signature"),
        ("play {here}/pipe", 0, ""),
        ("init {here}/pipe --name Kari", 2, "missing"),
    ],
)
def test_a_pipe_that_nobody_writes_into_is_told_of(notary: Notary, command: str, code: int, said: str) -> None:
    answer = Desk(notary.world).types(command.format(here=notary.world.folder))
    assert (answer.code, said in answer.err) == (code, True), answer.err
    assert len(answer.err.splitlines()) <= 1 or command.startswith("init"), answer.err


def test_a_pipe_is_no_backup(notary: Notary) -> None:
    here = notary.world.folder
    answer = Desk(notary.world).types(f"restore {here}/pipe", database=here / "new.db")
    assert (answer.code, answer.err) == (2, f"{here}/pipe is no file. Name one that `politirad backup` made.\n")


def test_what_a_shell_hands_over_in_a_pipe_is_read(notary: Notary) -> None:
    (note,) = (notary.world.folder / "export" / "checkpoints").iterdir()
    reading, writing = os.pipe()
    os.write(writing, note.read_bytes())
    os.close(writing)
    answer = Desk(notary.world).types(f"verify {notary.world.folder}/export --against /dev/fd/{reading}")
    os.close(reading)
    assert (answer.code, answer.err) == (0, "")
