"""The README's way from a file to a server with two workers, played as it is written, in a shell."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest

from tests.acceptance.test_readme import shell_blocks
from tests.letterbox import Letterbox
from tests.outgoing import posts
from tests.postgres_server import MAY_LOG_IN, PASSWORD, for_user, server_programs, server_url, url_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SHOWN, MADE = "postgresql://politirad@db.example.no/politirad", "template0 politirad"
"""The database as the README names it; here it is one on the server of the tests."""
OWNED = "--owner politirad"
LETTERS, WORKERS = 5, 2
INSTALLED = Path(sys.executable).with_name("politirad")
PATIENCE = 60.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a council in a file, letters that wait, and its settings."""
    box = Letterbox(tmp_path)
    posts(box, LETTERS)
    box.world.store.close()
    (tmp_path / "politirad.toml").write_text('database = "politirad.db"\nlanguage = "en"\n')
    return tmp_path


@contextmanager
def unmade() -> Iterator[str]:
    """The name of a database that is still to be made, by a user of that name who may no more than that; both dropped.

    Who owns the database may make tables in it, and nobody else.
    """
    name = f"politirad_{uuid4().hex}"
    with psycopg.connect(server_url(), autocommit=True) as server:
        server.execute(f"CREATE ROLE {name} {MAY_LOG_IN} CREATEDB")
        try:
            yield name
        finally:
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            server.execute(f"DROP ROLE {name}")


def url(name: str) -> str:
    """Such a database's URL, for its user."""
    return for_user(url_of(name), name)


def script(name: str) -> str:
    """The commands for a database of that name, workers side by side."""
    ours = {MADE: f"template0 {name}", SHOWN: f"'{url(name)}'", OWNED: f"--owner {name}"}
    lines = shell_blocks()[1]
    for shown, played in ours.items():
        lines = [line.replace(shown, played) for line in lines]
    beside = [f'{line} & pids="$pids $!"' if line.startswith("politirad worker") else line for line in lines]
    return "\n".join(["set -eu", "pids=", *beside, "trap 'kill $pids' TERM", "wait $pids || wait $pids"])


def environment(folder: Path, user: str) -> dict[str, str]:
    """Where the installed command and the server's own are found, and the server and the user for them."""
    programs = (INSTALLED.parent, server_programs())
    with psycopg.connect(server_url()) as server:
        known = {"PGHOST": server.info.host, "PGPORT": str(server.info.port), "PGUSER": user, "PGPASSWORD": PASSWORD}
    return known | {"PATH": os.pathsep.join((*map(str, programs), os.environ["PATH"])), "HOME": str(folder)}


def status(folder: Path, env: Mapping[str, str], url: str) -> tuple[int, int]:
    """How many workers live and how many letters there are, as `politirad queue status` says."""
    asked = subprocess.run(
        [INSTALLED, "queue", "status", "--json"], cwd=folder, env={**env, "POLITIRAD_DATABASE": url},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if asked.returncode:
        return 0, 0
    answer = json.loads(asked.stdout)
    return len((answer["jobs"] or {}).get("workers", ())), sum(answer["letters"].values())


def test_six_commands_lead_from_a_file_to_a_server_with_two_workers(folder: Path) -> None:
    assert len(shell_blocks()[1]) == 6
    with unmade() as name:
        env = environment(folder, name)
        play = subprocess.Popen(
            ["/bin/bash", "-c", script(name)],
            cwd=folder,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        late = time.monotonic() + PATIENCE
        while (found := status(folder, env, url(name)))[0] != WORKERS:
            assert play.poll() is None, play.stdout and play.stdout.read()
            assert time.monotonic() < late, found
            time.sleep(0.3)
        assert found[1] >= LETTERS
        play.send_signal(signal.SIGTERM)
        said, _ = play.communicate(timeout=PATIENCE)
        assert play.returncode == 0, said
        assert "every row, verified at both ends" in said
