"""Making the views anew from the log. Records are left as they are, so a rebuild sends and erases nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from sqlalchemy import delete

from engine.errors import BytesChangedError, PolitiradError, ViewsDifferError
from engine.ports import Recorded
from store.chain import followed
from store.link import Link, by
from store.log import SIZE
from store.projection import Views
from store.tables import VIEWS
from store.tree import regrow

Progress: TypeAlias = Callable[[int, int], None]
"""Is told how many pieces of work are done, and of how many."""


def ignored(done: int, total: int) -> None:
    """The progress nobody watches."""


UNFIT = (PolitiradError, LookupError, TypeError, ValueError, AttributeError)
"""What projecting an event may raise that is whole and makes no sense; the driver's own rejections come on top."""

_CLEAR = tuple(delete(view).where(*by(view)) for view in reversed(VIEWS))


def rebuild(link: Link, council: str, progress: Progress) -> int:
    """Throw a council's views away and project its log again, in the transaction of the link; the tree's edge too.

    Returns the number of events. Raises `BytesChangedError` where the log itself is broken, `ViewsDifferError` where
    an event of it is whole and says what no view can hold: from such a log no views are made.
    """
    for clear in _CLEAR:
        link.run(clear, council=council)
    views = Views(link, council)
    ((total,),) = link.run(SIZE, council=council)
    for met in followed(link, council):
        if met.made is None or met.faults:
            raise BytesChangedError(
                f"The log of {council} is broken at position {met.position}: {'; '.join(met.faults)}. Nothing was "
                "rebuilt; restore a backup, and keep this file for whoever looks into it."
            )
        _project(views, met.made)
        progress(met.position + 1, total)
    regrow(link, council)
    return int(total)


def _project(views: Views, made: Recorded) -> None:
    try:
        views.project(made)
    except (*UNFIT, views.link.product.rejects) as error:
        raise ViewsDifferError(
            f"Event {made.position} of {views.council} ({made.event.case} number {made.event.n}) cannot be projected: "
            f"{type(error).__name__} {error}. Nothing was rebuilt; use the politirad that wrote it."
        ) from error
