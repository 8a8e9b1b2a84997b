"""PgBouncer in front of a server in tests, where it is installed: it hands out servers by transaction."""

from __future__ import annotations

import shutil
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.postgres_process import free_port, system_user

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SETTINGS = """\
[databases]
pooled = {target}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 30
server_round_robin = 1
"""
"""Each transaction goes to the server process that has been idle the longest, so hardly ever to the one before."""


@contextmanager
def pool_by_transactions(folder: Path, url: str) -> Iterator[str]:
    """The URL of a database through it, which does not tell of the pool."""
    if (program := shutil.which("pgbouncer")) is None:
        pytest.skip("PgBouncer is not installed")
    known, port, user = psycopg.conninfo.conninfo_to_dict(url), free_port(), system_user()
    target = " ".join(f"{name}={known[name]}" for name in ("host", "port", "user", "dbname") if name in known)
    (folder / "pool.ini").write_text(SETTINGS.format(target=target, port=port))
    readable = ["/bin/sh", "-c", f"exec {program} /dev/stdin"]
    with (folder / "pool.ini").open() as settings, subprocess.Popen(
        readable, stdin=settings, user=user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/"
    ) as process:  # fmt: skip
        pooled = f"postgresql://postgres@127.0.0.1:{port}/pooled"
        try:
            _wait_for(pooled)
            yield pooled
        finally:
            process.kill()


def _wait_for(url: str) -> None:
    until = time.monotonic() + 10
    while True:
        try:
            psycopg.connect(url, prepare_threshold=None).close()
        except psycopg.OperationalError:
            assert time.monotonic() < until, "PgBouncer does not answer"
            time.sleep(0.05)
        else:
            return
