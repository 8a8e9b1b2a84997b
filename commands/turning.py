"""The clockwork as this process has it: the round, and delivery where nobody else on this database delivers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from commands.wiring import Setup
    from engine.clockwork import Clockwork, Turned
    from engine.delivery import Deliverer
    from engine.dispatch import Dispatcher
    from engine.postage import Stationery
    from engine.round import Round
    from engine.sealer import Sealer


def stationery_of(setup: Setup) -> Stationery:
    """What this council's letters are made with."""
    from engine.postage import Stationery
    from workflows.letters.writer import LetterWriter

    return Stationery(LetterWriter(), setup.mail_from)


def sealer_of(setup: Setup) -> Callable[[], Sealer] | None:
    """Who hands over the sealer of the logs: nobody, where the settings name no key.

    Asked for it, they raise `ConfigurationError` where the key's file is not in order.
    """
    if (file := setup.settings.log_key) is None:
        return None
    from engine.keyfile import read
    from engine.sealer import Sealer

    return lambda: Sealer(setup.service.rules, (read(file),))


def round_of(setup: Setup) -> Round:
    """The round over every council of the database."""
    from engine.round import Round

    return Round(setup.service, stationery_of(setup), sealer_of(setup), dispatcher_of(setup))


def dispatcher_of(setup: Setup) -> Dispatcher:
    """Who is told of letters: workers, where the settings name them. Raises `StoreUnavailableError`, `UsageError`."""
    if setup.settings.runner == "embedded":
        from engine.dispatch import Embedded

        return Embedded()
    return setup.store.dispatcher()


def deliverer_of(setup: Setup) -> Deliverer:
    """Who delivers, by the settings for mail. Raises `ConfigurationError`."""
    from engine.delivery import Deliverer

    senders = setup.settings.senders
    return Deliverer(setup.store, setup.service.rules, stationery_of(setup), setup.mailer, setup.clock, senders)


def clockwork_of(setup: Setup, *, deliver: bool) -> Clockwork:
    """The clockwork; without delivery where another process has that."""
    from engine.clockwork import Clockwork

    deliverer = deliverer_of(setup) if deliver else None
    return Clockwork(setup.store, setup.clock, round_of(setup), deliverer)


def turn(setup: Setup) -> Turned:
    """One turn of the clockwork now; letters are left to workers, or to the process that serves this database."""
    if setup.settings.runner == "procrastinate":
        return clockwork_of(setup, deliver=False).turn()
    with setup.store.clock_lock() as alone:
        return clockwork_of(setup, deliver=alone()).turn()
