"""Workers on two hosts (network namespaces of this machine), one of which is cut off while letters go out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.postgres_process import OwnServer
from tests.workplace import CONCURRENCY, ROOT, Workplace, build

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LETTERS = 90
NAME = f"ptr{os.getpid() % 1_000_000}"
"""Of the bridge; nobody else's, should somebody run this at the same time."""
NET = f"10.213.{os.getpid() % 250}"
HERE = f"{NET}.1"
"""A network of our own, and where database and mail server are in it."""


class Lan:
    """A bridge with two hosts on it; each can be cut off."""

    hosts = (f"{NAME}a", f"{NAME}b")

    def run(self, *words: str) -> None:
        """Run `ip`."""
        subprocess.run(["ip", *words], check=True, capture_output=True)  # noqa: S607  # wherever the system has it

    def build(self, undo: ExitStack) -> None:
        """Make bridge, hosts and lines."""
        self.run("link", "add", NAME, "type", "bridge")
        undo.callback(self.run, "link", "del", NAME)
        self.run("addr", "add", f"{HERE}/24", "dev", NAME)
        self.run("link", "set", NAME, "up")
        for number, host in enumerate(self.hosts, start=2):
            self.run("netns", "add", host)
            undo.callback(self.run, "netns", "del", host)
            self.run("link", "add", host, "type", "veth", "peer", "name", "eth0", "netns", host)
            self.run("link", "set", host, "master", NAME)
            self.run("-n", host, "addr", "add", f"{NET}.{number}/24", "dev", "eth0")
            for device in ("lo", "eth0"):
                self.run("-n", host, "link", "set", device, "up")
            self.run("link", "set", host, "up")

    def cut(self, host: str) -> None:
        """Pull a host's plug."""
        self.run("link", "set", host, "down")

    def mend(self, host: str) -> None:
        """Put it back."""
        self.run("link", "set", host, "up")


@pytest.fixture
def lan() -> Iterator[Lan]:
    """Two hosts."""
    if shutil.which("ip") is None:
        pytest.skip("there is no `ip` (iproute2) to make hosts with")
    with ExitStack() as undo:
        made = Lan()
        try:
            made.build(undo)
        except subprocess.CalledProcessError as error:
            pytest.skip(f"this machine lets us make no network namespaces: {error.stderr.decode().strip()}")
        yield made


@contextmanager
def two_hosts(lan: Lan, folder: Path) -> Iterator[Workplace]:
    """A worker on each host, in the middle of sending."""
    with OwnServer(HERE) as server:
        url = server.new_database()
        build(folder / "council", url, LETTERS).world.store.close()
        with Workplace(folder, url, host=HERE) as work, ExitStack() as relays:
            for host in lan.hosts:
                inside = ("ip", "netns", "exec", host)
                relay = subprocess.Popen([*inside, sys.executable, "-m", "tests.relay", HERE, work.post.port], cwd=ROOT)
                relays.callback(relay.wait)
                relays.callback(relay.kill)
                work.worker(*inside)
            work.wait_for_letters(LETTERS // 4)
            yield work


def test_a_host_that_is_cut_off_holds_up_nobody_and_loses_nothing(lan: Lan, tmp_path: Path) -> None:
    cut_off, _ = lan.hosts

    def is_cut_off() -> bool:
        lan.cut(cut_off)
        if not work.is_writing():
            return True
        lan.mend(cut_off)
        return False

    with two_hosts(lan, tmp_path) as work:
        work.wait(is_cut_off)
        work.wait(lambda: not work.stages()["pending"])
        work.wait(lambda: work.stages()["sending"] <= CONCURRENCY)  # the other host has sent what it had in hand
        lan.mend(cut_off)
        work.wait_until_all_are_sent()
        assert work.twice() <= CONCURRENCY
        work.end()
