"""A server that cannot be reached: the round stops at once, however many send side by side."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock, get_ident
from time import sleep
from typing import TYPE_CHECKING

from engine.letter import Delivery
from tests.letterbox import Letterbox
from tests.outgoing import DAY, posts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

    from engine.letter import Mail, Sender
    from engine.ports import Transaction


@dataclass
class FailingOnce:
    """A mailer that loses its server with the first letter, and has it again at once. `failed` is whose letter."""

    tried: Counter[str] = field(default_factory=Counter)
    failed: int | None = None
    lock: Lock = field(default_factory=Lock)

    @contextmanager
    def sending(self) -> Iterator[Sender]:
        """Itself."""
        yield self

    def send(self, mail: Mail) -> Delivery:
        """Count a letter."""
        with self.lock:
            self.tried[mail.key] += 1
            if self.failed is None:
                self.failed = get_ident()
                return Delivery("unreachable", "no server")
        return Delivery("sent", "250 taken")


def test_nobody_takes_up_a_letter_that_another_has_just_found_no_server_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box, mailer = Letterbox(tmp_path), FailingOnce()
    box.at(DAY, "07:00")
    box.clockwork = box.with_mailer(mailer, senders=2)
    write = box.world.store.write

    @contextmanager
    def lingering(council: str) -> Iterator[Transaction]:
        """The store, where whoever failed is slow to go on once it is written."""
        with write(council) as tx:
            yield tx
        if mailer.failed == get_ident():
            sleep(0.5)

    posts(box, 40)
    monkeypatch.setattr(box.world.store, "write", lingering)
    turned = box.clockwork.turn()
    assert turned.delivered.fates["unreachable"] == 1
    assert max(mailer.tried.values()) == 1
