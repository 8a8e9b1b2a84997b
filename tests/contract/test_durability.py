"""What was acknowledged is on the disk: every connection waits for it (audit.md §5, §8 row 19).

Under NORMAL a power cut takes acknowledged commits in WAL mode, under FULL the last one with a rollback journal, and
what is left looks like a log that was cut (`tests/test_power_loss.py`). Here it is seen that no connection is without
the setting.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from store import SqlStore
from store.sqlite import Sqlite
from tests.contract.products import on_a_file, on_a_server
from tests.contract.raw import another, raw
from tests.contract.scribe import COUNCIL, Scribe

if TYPE_CHECKING:
    from pathlib import Path

    from store.link import Link

EXTRA = 3


def synchronous(link: Link) -> int:
    """How far a connection waits for the disk: 0 OFF, 1 NORMAL, 2 FULL, 3 EXTRA."""
    return int(link.connection.execute("PRAGMA synchronous").fetchone()[0])


def journal(link: Link) -> str:
    """The journal mode a connection works in."""
    return str(link.connection.execute("PRAGMA journal_mode").fetchone()[0]).upper()


@on_a_file
def test_every_transaction_that_writes_waits_for_the_disk(scribe: Scribe) -> None:
    with scribe.store.write(COUNCIL) as tx:
        assert synchronous(tx._link) == EXTRA  # noqa: SLF001  # only the driver knows
        scribe.append(tx, "C", "decided", {})
    with scribe.store.read(COUNCIL) as reader:  # the same connection may write next
        assert synchronous(reader._link) == EXTRA  # noqa: SLF001  # only the driver knows


@on_a_file
def test_so_does_each_connection_that_a_thread_or_another_process_opens(scribe: Scribe, tmp_path: Path) -> None:
    def seen(_: int) -> tuple[int, str]:
        with SqlStore.open(tmp_path / "politirad.db", journal=mode) as other, other.write(COUNCIL) as tx:
            return synchronous(tx._link), journal(tx._link)  # noqa: SLF001  # only the driver knows

    mode = scribe.store.describe().journal
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(seen, range(8))) == {(EXTRA, mode)}


@on_a_file
def test_so_does_whatever_creates_upgrades_or_purges_a_database(scribe: Scribe, tmp_path: Path) -> None:
    file = Sqlite(tmp_path / "politirad.db", journal=scribe.store.describe().journal)
    with file.idle() as link:
        assert synchronous(link) == EXTRA
        with file.engine_over(link).begin() as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == EXTRA
    with Sqlite(tmp_path / "new.db").idle(create=True) as link:
        assert synchronous(link) == EXTRA


@on_a_file
def test_only_a_copy_that_is_thrown_away_or_synced_as_a_whole_does_not_wait(scribe: Scribe, tmp_path: Path) -> None:
    with scribe.store.copy_to(tmp_path / "play.db") as copy, copy.write(COUNCIL) as tx:
        assert synchronous(tx._link) == 0  # noqa: SLF001  # only the driver knows
    with SqlStore.open(tmp_path / "play.db") as kept, kept.write(COUNCIL) as tx:
        assert synchronous(tx._link) == EXTRA  # noqa: SLF001  # only the driver knows


@on_a_server
def test_every_transaction_that_writes_on_a_server_waits_for_its_disk_whatever_the_default(scribe: Scribe) -> None:
    with raw(scribe.store) as hand:
        ((database,),) = hand.execute("SELECT current_database()")
        hand.execute(f"ALTER DATABASE {database} SET synchronous_commit = off")
    with another(scribe.store) as other, other.write(COUNCIL) as tx:
        connection = tx._link.connection  # noqa: SLF001  # only the driver knows
        ((waits, default),) = connection.execute(
            "SELECT setting, reset_val FROM pg_settings WHERE name = 'synchronous_commit'"
        )
    assert (waits, default) == ("on", "off")
