"""One round of the clock over every council: what it owes, what must follow from the log, who is to be told.

The clock only wakes us up: everything that is due stands in our own tables, so a round may come late, twice or be
killed, and the next one does what is left. Sending is another matter (`engine.delivery`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.calendar import local_date
from engine.desk import Desk, has_work
from engine.dispatch import Dispatcher, Embedded
from engine.errors import ChangedMeanwhileError, PolitiradError, Refused
from engine.outbox import NewLetter
from engine.patience import patient
from engine.postage import Stationery
from engine.rehearsal import writing
from engine.reminder import Pending
from engine.role import EFFECT_DRIVES
from engine.sealer import Sealer
from engine.service import Receipt, Service
from engine.situation import Command

if TYPE_CHECKING:
    from engine.definition import Agenda, Workflow

Trouble = Callable[[str, PolitiradError], None]
"""Is told which council a round could not finish, and why; the others are not stopped by it."""


@dataclass
class Done:
    """What a round did: steps of the clock, letters made (with their council), and the councils it failed in.

    `unwritten` tells of letters that could not be written; the others were, so that is no failure of the round.
    """

    receipts: list[Receipt] = field(default_factory=list)
    letters: list[tuple[str, NewLetter]] = field(default_factory=list)
    failed: list[tuple[str, PolitiradError]] = field(default_factory=list)
    unwritten: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Round:
    """The clock's work over all councils of a store.

    `sealer` hands over who seals, None where nobody does. It is asked last and anew in each round, since it may raise
    `ConfigurationError`: a key that is not in order stops nothing but the sealing. `dispatcher` is told of letters.
    """

    service: Service
    stationery: Stationery
    sealer: Callable[[], Sealer] | None = None
    dispatcher: Dispatcher = field(default_factory=Embedded)

    def once(self, *, dry_run: bool = False) -> Done:
        """Do what is owed now. Rehearsed, steps and letters are told as if each came alone, and nothing stays."""
        done = Done()
        for council in self.service.store.councils():
            try:
                done.receipts += self.service.tick_council(council, dry_run=dry_run)
                self._desk_work(council, done, dry_run=dry_run)
                if not dry_run:
                    self._put_onto_agendas(council, done)
                    self._seal(council)
            except PolitiradError as error:
                done.failed.append((council, error))
            except Exception as error:  # noqa: BLE001  # a fault of ours in one council must not stop the others
                done.failed.append((council, _fault(error)))
        return done

    def _desk_work(self, council: str, done: Done, *, dry_run: bool = False) -> None:
        """Do what lies on a council's desk, piece by piece."""
        with self.service.store.read(council) as reader:
            if not has_work(reader, self.service.clock.now()):
                return
        more = True
        while more:
            more = self._piece(council, done, dry_run=dry_run)

    @patient
    def _piece(self, council: str, done: Done, *, dry_run: bool) -> bool:
        """One transaction's worth of work; whether there may be more. A rehearsal does all in one, undone."""
        with writing(self.service.store, council, dry_run=dry_run) as tx:
            desk = Desk(self.service.rules, tx, self.stationery, self.service.clock.now())
            more = desk.work()
            while more and dry_run:
                more = desk.work()
            if not dry_run:
                self.dispatcher.enqueue(tx, sum(letter.is_due(desk.now) for letter in desk.made))
        done.letters += ((council, letter) for letter in desk.made)
        done.unwritten += ((council, fault) for fault in desk.room.failed)
        return more

    def _seal(self, council: str) -> None:
        """Sign the head of a council's log, where this process has the key and there is something new to sign."""
        if self.sealer is None:
            return
        sealer, now = self.sealer(), self.service.clock.now()
        with self.service.store.read(council) as reader:
            if not sealer.is_due(reader, now):
                return
        with self.service.store.write(council) as tx:
            sealer.seal(tx, now)

    def _put_onto_agendas(self, council: str, done: Done) -> None:
        """What was put onto an agenda may call for letters in its turn."""
        if taken_up := tuple(self._take_up(council)):
            done.receipts += taken_up
            self._desk_work(council, done)

    def _take_up(self, council: str) -> Iterator[Receipt]:
        """Put what has been overdue for too long onto the next agenda."""
        for workflow in self.service.rules.workflows.values():
            if (agenda := workflow.agenda) is not None:
                yield from self._put_on(council, workflow, agenda)

    def _put_on(self, council: str, workflow: Workflow, agenda: Agenda) -> Iterator[Receipt]:
        with self.service.store.read(council) as reader:
            cases = reader.cases(workflow.name, agenda.states)
            waiting = tuple(reader.off_agenda()) if cases else ()
        today = local_date(self.service.clock.now())
        ordered = sorted((at, case.id) for case in cases if (at := agenda.order(case, today)) is not None)
        for pending in waiting:
            fitting = (case for _, case in ordered if case != pending.told.case)  # none takes itself up
            if (case := next(fitting, None)) is not None:
                with suppress(Refused, ChangedMeanwhileError):
                    yield self._item(council, workflow, agenda, case, pending)

    def _item(self, council: str, workflow: Workflow, agenda: Agenda, case: str, pending: Pending) -> Receipt:
        """Put a duty onto a case's agenda. The key makes it once, whatever is killed before it is marked as done."""
        told = pending.told
        command = Command(
            workflow=workflow.name, step=agenda.step, case=case, form=agenda.form(told.case, pending.title),
            via=EFFECT_DRIVES, key=f"agenda/{case}/{told.case}/{told.name}/{told.owner}/{told.due}",
        )  # fmt: skip
        receipt = self.service.advance(council, command)
        with self.service.store.write(council) as tx:
            tx.on_agenda(told, case)
        return receipt


def _fault(error: Exception) -> PolitiradError:
    """A fault of ours as something that can be told; its traceback goes with it."""
    told = PolitiradError(f"a fault of politirad itself: {type(error).__name__} {error}")
    told.__cause__ = error
    return told
