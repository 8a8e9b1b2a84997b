"""A reader over one council: the methods of every table family."""

from __future__ import annotations

from store.deadlines import DeadlineReads
from store.decisions import DecisionReads
from store.documents import DocumentReads
from store.following import FollowingReads
from store.letters import LetterReads
from store.listing import ListingReads
from store.log import LogReads
from store.people import PeopleReads
from store.plans import PlanReads
from store.seating import SeatingReads
from store.texts import TextReads
from store.told import ToldReads
from store.tree import TreeReads
from store.turned_away import TurnedAwayReads


class SqlReader(
    LogReads,
    SeatingReads,
    DecisionReads,
    TextReads,
    DeadlineReads,
    ListingReads,
    DocumentReads,
    PeopleReads,
    PlanReads,
    ToldReads,
    LetterReads,
    FollowingReads,
    TurnedAwayReads,
    TreeReads,
):
    """One council's views, log and records, as they stood when the transaction first read. An `engine.ports.Reader`."""
