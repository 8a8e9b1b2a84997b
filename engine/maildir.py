"""Letters kept in a folder instead of sent: a Maildir, which mail programs open as it is.

A letter's file is named after its Message-ID, so a letter written twice is one file. It is written aside, brought to
the disk and then moved, so that nobody ever sees half of one.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.disk import sync_folder, write
from engine.header import one_line
from engine.letter import Delivery, Mail, Sender

_FOLDERS = ("", "tmp", "new", "cur")  # its own first, so that it too is made for its owner alone


class MaildirMailer:
    """Where mail goes when no server is named. Makes the folder, which none but its owner may read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def sending(self) -> Iterator[Sender]:
        """A sender into the folder; there is no connection to keep."""
        yield MaildirSender(self.folder)


def takes_letters(folder: Path) -> bool:
    """Whether letters could be written into a folder; one that is not there yet must be possible to make."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    kept = (path for name in _FOLDERS if (path := folder / name).exists())
    return all(path.is_dir() and os.access(path, os.W_OK | os.X_OK) for path in (there, *kept))


class MaildirSender:
    """Writes letters into a Maildir."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, mail: Mail) -> Delivery:
        """Write a letter; `unreachable` with the reason where the disk will not take it."""
        try:
            for name in _FOLDERS:
                (self.folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
            name = _name_of(mail)
            # Whoever has read a letter has had it: mail programs move it to `cur` and add their flags to its name.
            if not any((self.folder / "cur").glob(f"{name}*")):
                self._write(name, mail.body)
        except OSError as error:
            return Delivery("unreachable", one_line(f"{self.folder} cannot be written: {error.strerror or error}"))
        return Delivery("sent", one_line(f"kept in {self.folder}"))

    def _write(self, name: str, body: bytes) -> None:
        aside = self.folder / "tmp" / f"{name}.{os.getpid()}.{threading.get_ident()}"
        try:
            with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                write(file, [body])
            aside.replace(self.folder / "new" / name)
        finally:
            aside.unlink(missing_ok=True)
        sync_folder(self.folder / "new")


def _name_of(mail: Mail) -> str:
    """The left part of the Message-ID, with which a person finds the letter again."""
    return re.sub(r"[^A-Za-z0-9-]", "_", mail.message_id.strip("<>").partition("@")[0])
