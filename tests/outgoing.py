"""Letters to send in tests: an outbox filled by hand, and the clockwork that sends from it to a real server."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.mail_server import server_of
from engine.outbox import NewLetter
from engine.smtp import SmtpMailer
from tests.letterbox import SENDER
from tests.world import COUNCIL, example

if TYPE_CHECKING:
    from engine.clockwork import Turned
    from engine.outbox import Posted
    from tests.letterbox import Letterbox
    from tests.post_office import PostOffice

DAY = "2019-08-02"
"""A Friday in office hours."""
OFFICES = tuple(sorted(example().register.offices))
LINE = f"\r\n{'.' * 98}"


def sending_to(box: Letterbox, post: PostOffice, senders: int = 4, timeout: float = 10.0) -> None:
    """Let a council send to a server."""
    box.clockwork = box.with_mailer(SmtpMailer(server_of(post.url, {}), timeout=timeout), senders)


def posts(box: Letterbox, count: int, size: int = 100) -> list[Posted]:
    """Put letters to as many offices in turn into the outbox; they wait."""
    with box.world.store.write(COUNCIL) as tx:
        council, known = tx.council(), len(list(tx.letters()))
        for at in range(known, known + count):
            office = OFFICES[at % len(OFFICES)]
            holding = council.holdings.of(office, box.world.today)
            assert holding is not None
            body = (
                f"From: {SENDER}\r\nMessage-ID: <{at}@example.no>\r\n\r\n{at}{LINE * (size // len(LINE))}\r\n".encode()
            )
            tx.post(
                NewLetter(
                    key=f"test/{at}", kind="notice", office=office, person=holding.person,
                    address=tx.person(holding.person).email, subject=f"Nr. {at}", message_id=f"<{at}@example.no>",
                    made=box.world.clock.now(), after=box.world.clock.now(), body=body,
                )
            )  # fmt: skip
    return box.letters()[known:]


def turn(box: Letterbox, later: timedelta = timedelta()) -> Turned:
    """Turn the clockwork some time later."""
    box.world.clock.instant += later
    return box.clockwork.turn()


def stages(box: Letterbox) -> Counter[str]:
    """How many letters are where."""
    return Counter(letter.stage for letter in box.letters())


def bodies(box: Letterbox, letters: list[Posted]) -> list[bytes]:
    """The bytes of letters as they are kept."""
    with box.world.store.read(COUNCIL) as reader:
        return [reader.letter_body(letter.number) for letter in letters]
