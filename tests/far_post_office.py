"""A mail server in a process of its own, so that it neither waits for the test nor makes it wait."""

from __future__ import annotations

from multiprocessing import get_context
from typing import TYPE_CHECKING, Self

from tests.post_office import PostOffice

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from tests.post_office import Received


class FarPostOffice:
    """A post office that takes `delay` seconds for a letter, and tells what it has taken when asked."""

    def __init__(self, delay: float, host: str = "127.0.0.1") -> None:
        context = get_context("spawn")
        self._line, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, delay, host), daemon=True)

    def __enter__(self) -> Self:
        """Open it."""
        self._process.start()
        self.url: str = self._line.recv()
        self.port = self.url.rpartition(":")[2]
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._line.send("close")
        self._process.join()

    @property
    def letters(self) -> tuple[Received, ...]:
        """What has been taken so far, in order."""
        self._line.send("letters")
        taken: tuple[Received, ...] = self._line.recv()
        return taken

    @property
    def count(self) -> int:
        """How many have been taken so far."""
        self._line.send("count")
        return int(self._line.recv())


def _serve(line: Connection, delay: float, host: str) -> None:
    office = PostOffice(delay=delay)
    office.host = host
    with office as post:
        line.send(post.url)
        while (asked := line.recv()) != "close":
            line.send(post.letters if asked == "letters" else len(post.letters))
