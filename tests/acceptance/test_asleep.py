"""A machine that slept for weeks, in whole processes under another time. The same by injection: test_reminding.py."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.letterbox import SENDER, Letterbox
from tests.post_office import PostOffice
from tests.world import COUNCIL

COMMAND = str(Path(sys.executable).with_name("politirad"))


@pytest.mark.skipif(shutil.which("faketime") is None, reason="faketime is not installed")
def test_weeks_asleep_are_caught_up_in_one_turn(tmp_path: Path) -> None:
    box = Letterbox(tmp_path)
    box.world.in_force()
    box.measure("2019-09-03")
    box.at("2018-10-05")
    with PostOffice() as post:
        settings = f'council = "{COUNCIL}"\nmail = "{post.url}"\nmail_from = "{SENDER}"\n'
        (box.world.folder / "politirad.toml").write_text(settings)
        box.world.store.close()
        for instant in ("2019-08-02 06:30:00", "2019-09-24 06:30:00"):
            told = subprocess.run(
                ["faketime", "-f", instant, COMMAND, "tick", "--json"],  # noqa: S607  # wherever it is installed
                cwd=box.world.folder, capture_output=True, check=False,
                env={**os.environ, "TZ": "UTC", "FAKETIME_DONT_FAKE_MONOTONIC": "1"},
            )  # fmt: skip
            assert told.returncode == 0, told.stderr
        assert [letter.recipient for letter in post.letters].count(box.to("kommunedirektor_melhus")) == 2
