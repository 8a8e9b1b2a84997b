"""A restore that is killed: at every instant the database is the old one or the new one, whole."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from store import SqlStore
from tests.archive import Archive, gone_on
from tests.world import COUNCIL

STEPS = 5
"""How often a restore changes a name on the disk or waits for the disk; the renaming is the last but one."""


@pytest.mark.parametrize("call", range(STEPS + 1))
def test_killed_before_any_change_on_the_disk_the_database_is_the_old_or_the_new_one_whole(
    archive: Archive, call: int
) -> None:
    gone_on(archive)
    old = [r.body for r in archive.events()]
    archive.world.store.close()
    killed = killed_at(call, archive)
    assert killed.returncode == (0 if call == STEPS else -9), killed.stderr
    found = archive.events()
    new = found[-1].event.type == "council.continued"
    assert new == (call >= STEPS - 1)
    assert new or [r.body for r in found] == old
    with SqlStore.open(archive.database) as store:
        assert store.verify(COUNCIL).faults == []
    assert archive.types("restore", str(archive.folder / "backup.db"), "--replace", "--dry-run").code in {0, 11}
    assert not (archive.folder / "politirad.db.restoring").exists(), "what a killed restore left is thrown away"


def killed_at(call: int, archive: Archive) -> subprocess.CompletedProcess[str]:
    """Restore in a process of its own that kills itself before its n-th change of a name on the disk, or fsync."""
    code = (
        "import os, signal, sys\n"
        "import cli\nleft = int(sys.argv[1])\n"
        "def deadly(name):\n"
        "    true = getattr(os, name)\n"
        "    def call(*a, **k):\n"
        "        global left\n"
        "        if left == 0:\n"
        "            os.kill(os.getpid(), signal.SIGKILL)\n"
        "        left -= 1\n"
        "        return true(*a, **k)\n"
        "    setattr(os, name, call)\n"
        "for name in ('fsync', 'link', 'replace', 'rename', 'chmod'):\n"
        "    deadly(name)\n"
        "sys.exit(cli.run(sys.argv[2:]))\n"
    )
    words = ["--database", str(archive.database), "restore", str(archive.folder / "backup.db"), "--replace",
             "--reason", "Drept"]  # fmt: skip
    return subprocess.run(
        [sys.executable, "-c", code, str(call), *words], capture_output=True, text=True, check=False,
        cwd=os.fspath(archive.folder), env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )  # fmt: skip
