"""Writing what the clock plans, tells and sends: plans, evidence and letters, in the transaction of a round."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from engine.merkle import Frontier
from engine.note import Signature
from engine.outbox import NewLetter, Stage
from engine.register import Id
from engine.reminder import Plan, Telling, Told
from engine.sealing import Sealed
from store import following, letters, plans, told, tree, turned_away
from store.link import in_hand
from store.reader import SqlReader


class SqlPosting(SqlReader):
    """A reader that also writes plans, evidence and letters: `engine.reminder.Planning`, `engine.outbox.Outbox`."""

    def keep_plans(self, kept: Iterable[Plan]) -> None:
        """Keep plans of deadlines, each in place of an earlier one."""
        plans.keep(self._link, self._council, kept)

    def drop_plan(self, case: str, name: str, office: Id) -> None:
        """The deadline is no longer owed."""
        plans.drop_plan(self._link, self._council, case, name, office)

    def keep_told(self, kept: Iterable[Told]) -> None:
        """Keep rungs as evidence; nothing where a rung is already kept, but for one whose duty is owed again."""
        told.keep(self._link, self._council, kept)

    def told_in(self, tellings: Iterable[Telling]) -> None:
        """Every rung that an office is to be told of, as the owner or as somebody above, stands in a letter."""
        told.told_in(self._link, self._council, tellings)

    def supersede(self, told_: Told, reason: str) -> None:
        """A rung is not told, and why."""
        told.supersede(self._link, self._council, told_, reason)

    def supersede_done(self) -> None:
        """Rungs whose letter is to be made and whose duty is no longer owed are superseded."""
        told.supersede_done(self._link, self._council)

    def tell_anew(self, letter: int) -> None:
        """What a letter told is to be told by another one."""
        told.tell_anew(self._link, self._council, letter)

    def on_agenda(self, told_: Told, meeting: str) -> None:
        """A rung's duty stands on the agenda of a meeting."""
        told.on_agenda(self._link, self._council, told_, meeting)

    def put_off_agenda(self, meeting: str) -> None:
        """What stood on the agenda of a meeting stands on none."""
        told.put_off_agenda(self._link, self._council, meeting)

    def reopen_companions(self, number: int) -> None:
        """The letters that another one stood for as well are to be made for themselves."""
        letters.reopen_companions(self._link, self._council, number)

    def post(self, letter: NewLetter) -> int | None:
        """Keep a letter; its number, or None where one with its key was made before."""
        return letters.post(self._link, self._council, letter)

    def bring_back(self, now: datetime) -> None:
        """What waits because a clock was ahead of time may be sent from a UTC instant on."""
        letters.bring_back(self._link, self._council, now)

    def move_letter(  # noqa: PLR0913  # what an attempt can change
        self, number: int, stage: Stage, now: datetime, *, after: datetime | None = None, said: str | None = None,
        attempted: bool = False, uncertain: bool | None = None,
    ) -> None:  # fmt: skip
        """Record where a letter is now, since a UTC instant."""
        letters.move_letter(
            self._link, self._council, number, stage, now, after=after, said=said, attempted=attempted,
            uncertain=uncertain,
        )  # fmt: skip

    def is_in_hand(self, letter: int) -> bool:
        """Whether a living sender holds a letter, in whatever process; false where only one process delivers."""
        return self._link.is_held(in_hand(self._council, letter))

    def replace_letter(self, number: int, by: int | None) -> None:
        """Another letter went out in its place, or (0) none was needed; None: one is still to be made."""
        letters.replace_letter(self._link, self._council, number, by)

    def turn_away(self, letter: int) -> None:
        """A server turned a letter away; the secretariat is to be told, once."""
        turned_away.turn_away(self._link, self._council, letter)

    def report(self, letter: int, by: int) -> None:
        """The secretariat was told by another letter that one was turned away."""
        turned_away.report(self._link, self._council, letter, by)

    def keep_frontier(self, frontier: Frontier) -> None:
        """Keep the right edge of the tree."""
        tree.keep_frontier(self._link, self._council, frontier)

    def keep_blocks(self, first: int, roots: Iterable[bytes]) -> None:
        """Keep the roots of further complete blocks, from a number on."""
        tree.keep_blocks(self._link, self._council, first, roots)

    def keep_checkpoint(self, sealed: Sealed) -> None:
        """Keep a checkpoint with its signatures; nothing where it is kept already."""
        tree.keep_checkpoint(self._link, self._council, sealed)

    def add_signature(self, size: int, signature: Signature) -> None:
        """Keep a further signature of the checkpoint of a size; nothing where it is kept already."""
        tree.add_signature(self._link, self._council, size, signature)

    def follow(self, position: int) -> None:
        """The log has been followed up to a position; everything owed is planned."""
        following.follow(self._link, self._council, position)
