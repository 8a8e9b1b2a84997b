"""Every table, as one of two kinds: records, which are never rebuilt, and views, which say what the log says."""

from __future__ import annotations

from store import (
    cases,
    councils,
    deadlines,
    decisions,
    delegations,
    documents,
    following,
    heartbeats,
    letters,
    log,
    people,
    plans,
    seating,
    snoozes,
    texts,
    told,
    tree,
    turned_away,
)  # fmt: skip

RECORDS = (
    log.event, documents.document, documents.chunk, people.person, people.remark, people.login, plans.plan, told.told,
    letters.letter, following.followed, turned_away.turned_away, heartbeats.beat, tree.tree, tree.block,
    tree.checkpoint, tree.checkpoint_sig,
)  # fmt: skip
VIEWS = (
    councils.council, councils.profile, cases.cases, cases.case_office, texts.version, texts.approval,
    decisions.decision, councils.holding, deadlines.deadline, delegations.delegation, seating.seating, snoozes.snooze,
)  # fmt: skip
"""The tables that are rebuilt, each after those it refers to."""
