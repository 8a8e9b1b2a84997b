"""A loss of power at any moment: what was acknowledged is on record, and the step under way is there whole or not.

The store takes the steps of a council's life on a disk that notes what is done to it (`tests/watched.py`). From that
follow the files that a machine may come up with when the power goes (`tests/power.py`). The store opens each of them,
as the next process would, and every row of every table must be what the steps had left there.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import pytest

from engine.erasure import erase
from engine.errors import PolitiradError
from store import SqlStore
from store.sqlite import driver
from tests.archive import JOURNALS
from tests.contract.raw import raw
from tests.letterbox import Letterbox
from tests.power import FATES, HALF, NOTHING, Committed, images
from tests.watched import configured, content, watched
from tests.world import COUNCIL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tests.contract.raw import Hand
    from tests.power import Deed, Image, Odds

DATABASE = "politirad.db"
BETWEEN = 8
"""Points at which the power goes although nothing is just being synced."""
HURRIED = ("cache_size = 20", "wal_autocheckpoint = 20")
"""Much is in the file before it is committed, and WAL begins its log from the start again and again."""


class Loss(NamedTuple):
    """What the store found after a loss of power before the deed with a number.

    `kept` is how many of the commits acknowledged by then are missing (negative), or 1 where the one under way is there
    too. It is None where the record is in order for no commit at all; `said` is why.
    """

    number: int
    odds: Odds
    kept: int | None
    said: str


@dataclass
class Blackout:
    """A database that loses power while things are done to it.

    `files` is where it began, `contents` what every row of it says at first and after each commit.
    """

    folder: Path
    journal: str
    files: Mapping[str, bytes]
    deeds: Sequence[Deed]
    contents: Sequence[bytes]
    _known: dict[int, tuple[bytes | None, str]] = field(default_factory=dict)
    _sound: set[bytes] = field(default_factory=set)

    def images(self, fates: Sequence[Odds] = FATES) -> Iterator[Image]:
        """What the machine may come up with; the same in every run."""
        return images(self.files, self.deeds, Random(2018), BETWEEN, fates)  # noqa: S311  # repeatable on purpose

    def losses(self, fates: Sequence[Odds] = FATES) -> Iterator[Loss]:
        """What is found after every loss of power."""
        for image in self.images(fates):
            found, said = self.found(image)
            yield Loss(image.number, image.odds, self._kept(found, image.acknowledged), said)

    def again(self, image: Image) -> Blackout:
        """The same while the store, for the first time after a loss of power, opens what that has left."""
        with self.files_of(image) as database, watched() as deeds:
            SqlStore.open(database, journal=self.journal).close()
        found, said = self.found(image)
        assert found is not None, said
        return Blackout(self.folder, self.journal, image.files, deeds, [found])

    def found(self, image: Image) -> tuple[bytes | None, str]:
        """What an image holds, None where anything is not in order, and what that is; the same image is opened once."""
        key = hash(frozenset(image.files.items()))
        if key not in self._known:
            with self.files_of(image) as database:
                self._known[key] = self._recovered(database)
        return self._known[key]

    @contextmanager
    def files_of(self, image: Image) -> Iterator[Path]:
        """The database of an image, as files for a while."""
        folder = self.folder / "after"
        folder.mkdir()
        for name, data in image.files.items():
            (folder / name).write_bytes(data)
        yield folder / DATABASE
        shutil.rmtree(folder)

    def _kept(self, found: bytes | None, acknowledged: int) -> int | None:
        known = self.contents[: acknowledged + 2]
        return max((number - acknowledged for number, left in enumerate(known) if left == found), default=None)

    def _recovered(self, database: Path) -> tuple[bytes | None, str]:
        try:
            with SqlStore.open(database, journal=self.journal) as store, raw(database) as connection:
                found = content(connection)
                said = self._amiss(found, store, connection)
        except (PolitiradError, driver.Error) as error:
            return None, str(error)
        return None if said else found, said

    def _amiss(self, found: bytes, store: SqlStore, connection: Hand) -> str:
        """What is amiss in a file and in its rows; the same rows are verified once."""
        if (said := connection.execute("PRAGMA integrity_check").fetchone()) != ("ok",):
            return str(said)
        if found not in self._sound and (faults := store.verify(COUNCIL).faults):
            return "; ".join(map(str, faults))
        self._sound.add(found)
        return ""


def council(folder: Path, journal: str, *settings: str) -> Blackout:
    """A council that takes its steps with further settings of the store's connections."""
    with configured("synchronous = OFF"):  # nobody cuts the power yet
        box = Letterbox(folder / "before", journal=journal)
        prepare(box)
    database = box.world.folder / DATABASE
    files = {DATABASE: database.read_bytes()}
    with raw(database) as connection:
        contents = [content(connection)]
    with watched(*settings) as deeds:
        box.world.reopen(database, journal)
        live(box)
    contents += [deed.content for deed in deeds if isinstance(deed, Committed)]
    return Blackout(folder, journal, files, deeds, contents)


def prepare(box: Letterbox) -> None:
    """An agreement that waits for a signature, another, a measure due within a month, a guest; nobody is connected."""
    world = box.world
    world.propose()
    world.agree("A-1", "1")
    world.take("agreement", "sign", "A-1", version="1", decider="leder_regionrad")
    world.propose()
    box.measure("2019-09-01")
    box.at("2019-08-01")
    box.at("2019-08-02")
    box.introduce("p_guest", "guest@example.no")
    world.store.close()


def live(box: Letterbox) -> None:
    """Steps of every kind: reminders, three events at once, a document with a remark, an erasure."""
    world = box.world
    box.clockwork = box.with_mailer(box.mail)  # over the store as it is opened now
    box.at("2019-08-05")
    world.take("agreement", "sign", "A-1", version="1", decider="politimester")
    document, files = world.document_of("avtale-2.md", "Avtale\n" * 6_000)
    world.take(
        "agreement", "revise", "A-2", files=files, documents=(document,), decider="politiet", reason="Etter møte"
    )
    with world.store.read(COUNCIL) as reader:
        guest = reader.person("p_guest")
    world.register(lambda run: erase(run, guest, (), world.entry()))
    world.store.close()


@pytest.mark.parametrize("settings", [(), HURRIED], ids=["as it is", "hurried"])
@pytest.mark.parametrize("journal", JOURNALS)
def test_no_acknowledged_step_is_lost_and_none_is_there_in_part(
    tmp_path: Path, journal: str, settings: tuple[str, ...]
) -> None:
    losses = list(council(tmp_path, journal, *settings).losses())
    assert [loss for loss in losses if loss.kept not in {0, 1}] == []
    assert {loss.kept for loss in losses} == {0, 1}, (
        "no step under way was ever on the disk: nothing was put to the test"
    )


@pytest.mark.parametrize("journal", JOURNALS)
def test_power_that_goes_again_while_the_store_recovers_takes_nothing_more(tmp_path: Path, journal: str) -> None:
    first = council(tmp_path, journal)
    left = [image for image in first.images([HALF]) if len(image.files) > 1]
    second = [first.again(image) for image in Random(2018).sample(left, 6)]  # noqa: S311  # repeatable on purpose
    assert any(blackout.deeds for blackout in second), "nothing was recovered: nothing was put to the test"
    assert {loss.kept for blackout in second for loss in blackout.losses([NOTHING, HALF])} == {0}


def test_with_full_the_last_step_would_be_lost_where_its_journal_comes_back(tmp_path: Path) -> None:
    losses = council(tmp_path, "DELETE", "synchronous = FULL").losses([HALF])
    assert {loss.kept for loss in losses} == {-1, 0, 1}


def test_with_normal_acknowledged_steps_would_be_lost_from_the_log_of_wal(tmp_path: Path) -> None:
    kept = {loss.kept for loss in council(tmp_path, "WAL", "synchronous = NORMAL").losses([HALF])}
    assert None not in kept
    assert kept & {-1, -2, -3, -4, -5}


@pytest.mark.parametrize("journal", JOURNALS)
def test_where_nobody_waits_for_the_disk_steps_are_lost_and_half_there(tmp_path: Path, journal: str) -> None:
    kept = {loss.kept for loss in council(tmp_path, journal, "synchronous = OFF").losses([NOTHING, HALF])}
    assert {None, -5} <= kept
