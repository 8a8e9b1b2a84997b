"""Letters kept in a folder: one file for each, whole or not at all, for a mail program to open."""

from __future__ import annotations

import mailbox
import os
import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from engine.letter import Delivery, Mail
from engine.mail import message_id
from engine.maildir import MaildirMailer, takes_letters

if TYPE_CHECKING:
    from pathlib import Path

ID = message_id("M-14 deadline", "example.no")
LETTER = Mail(
    "M-14 deadline", ID, datetime(2018, 10, 4, tzinfo=UTC), "a@example.no", "b@example.no",
    b"Subject: Frist\r\nMessage-ID: " + ID.encode() + b"\r\n\r\nBl\xc3\xa5b\xc3\xa6r\r\n",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for letters that is not there yet, nor the one it is in."""
    return tmp_path / "politirad" / "mail"


def send(folder: Path, *letters: Mail) -> list[Delivery]:
    """Keep letters in a folder."""
    with MaildirMailer(folder).sending() as sender:
        return [sender.send(letter) for letter in letters]


def kept(folder: Path) -> list[str]:
    """Every file under a folder, relative to it."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_letter_is_kept_as_it_would_have_been_sent(folder: Path) -> None:
    assert send(folder, LETTER) == [Delivery("sent", f"kept in {folder}")]
    assert kept(folder) == [f"new/{ID[1:33]}"]
    assert (folder / "new" / ID[1:33]).read_bytes() == LETTER.body


def test_the_same_letter_twice_is_one_file(folder: Path) -> None:
    send(folder, LETTER, LETTER)
    first = (folder / "new" / ID[1:33]).read_bytes()
    send(folder, LETTER)
    assert kept(folder) == [f"new/{ID[1:33]}"]
    assert (folder / "new" / ID[1:33]).read_bytes() == first == LETTER.body


def test_a_letter_that_was_read_does_not_come_back(folder: Path) -> None:
    send(folder, LETTER)
    (folder / "new" / ID[1:33]).rename(folder / "cur" / f"{ID[1:33]}:2,S")
    assert send(folder, LETTER)[0].fate == "sent"
    assert kept(folder) == [f"cur/{ID[1:33]}:2,S"]


def test_a_mail_program_finds_every_letter(folder: Path) -> None:
    send(folder, LETTER, replace(LETTER, message_id=message_id("another", "example.no")))
    found = mailbox.Maildir(folder, create=False)
    assert [letter["Subject"] for letter in found] == ["Frist", "Frist"]


def test_what_is_left_of_a_broken_attempt_stands_in_nobodys_way(folder: Path) -> None:
    (folder / "tmp").mkdir(parents=True)
    left = folder / "tmp" / f"{ID[1:33]}.{os.getpid()}.{threading.get_ident()}"
    left.write_bytes(LETTER.body * 2)
    send(folder, LETTER)
    assert kept(folder) == [f"new/{ID[1:33]}"]
    assert (folder / "new" / ID[1:33]).read_bytes() == LETTER.body


def test_many_may_keep_the_same_letter_at_once(folder: Path) -> None:
    fates: list[str] = []
    threads = [threading.Thread(target=lambda: fates.append(send(folder, LETTER)[0].fate)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fates == ["sent"] * 8
    assert kept(folder) == [f"new/{ID[1:33]}"]


@pytest.mark.skipif(os.name != "posix", reason="Windows has other rights")
def test_letters_are_for_their_owner_alone(folder: Path) -> None:
    send(folder, LETTER)
    assert [path.stat().st_mode & 0o077 for path in (folder, *folder.rglob("*"))] == [0] * 5


def test_a_message_id_names_no_other_place(folder: Path) -> None:
    send(folder, replace(LETTER, message_id="<../../../away*@example.no>"))
    assert kept(folder) == ["new/_________away_"]


@pytest.mark.parametrize("file", ["mail", "mail/new"])
def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, file: str) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text("a file where a folder should be")
    (told,) = send(tmp_path / "mail", LETTER)
    assert told.fate == "unreachable"
    assert told.said.startswith(f"{tmp_path / 'mail'} cannot be written: ")
    assert "\n" not in told.said
    assert not takes_letters(tmp_path / "mail")


def test_a_folder_that_can_be_written_or_made_takes_letters(folder: Path) -> None:
    assert takes_letters(folder)
    send(folder, LETTER)
    assert takes_letters(folder)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a disk that is always full")  # noqa: PTH110
def test_a_full_disk_is_told_and_leaves_nothing_behind(folder: Path) -> None:
    (folder / "tmp").mkdir(parents=True)
    aside = folder / "tmp" / f"{ID[1:33]}.{os.getpid()}.{threading.get_ident()}"
    aside.symlink_to("/dev/full")
    assert send(folder, LETTER) == [Delivery("unreachable", f"{folder} cannot be written: No space left on device")]
    assert kept(folder) == []
    assert send(folder, LETTER)[0].fate == "sent"
