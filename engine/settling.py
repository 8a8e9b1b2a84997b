"""What becomes of a letter after an attempt, by what the attempt came to; and of one whose sender is gone."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.calendar import next_office_hours
from engine.letter import Delivery
from engine.outbox import Posted, Stage
from engine.ports import Transaction
from engine.postage import RETURNED

MOST_ATTEMPTS = 12
"""Attempts after which a letter is given up; with the pauses between them more than two days."""

LONGEST_PAUSE = timedelta(hours=8)

ORPHANED = Delivery("uncertain", "politirad ended while it was sending this letter")
"""What is known of a letter whose sender is gone. It counts as an attempt, so that no letter can kill us for ever."""


def settle_orphans(tx: Transaction, now: datetime) -> None:
    """Settle what was claimed by somebody who is gone: every letter being sent that lies in nobody's hand."""
    for letter in list(tx.letters("sending")):
        if not tx.is_in_hand(letter.number):
            settle(tx, letter, ORPHANED, now)


def settle_claimed(tx: Transaction, claimed: Posted, fate: Delivery, now: datetime) -> None:
    """Settle a letter for whoever claimed it, unless it was taken for left behind meanwhile.

    Then it counts as attempted, so another claim of it is told by that. If it still waits, what is known now is known.
    """
    letter = tx.letter(claimed.number)
    if letter.stage == "sending" and letter.attempts == claimed.attempts:
        settle(tx, claimed, fate, now)
    elif letter.stage == "pending" and fate.fate in {"sent", "bounced"}:
        settle(tx, letter, fate, now)


def settle(tx: Transaction, letter: Posted, fate: Delivery, now: datetime) -> None:
    """Keep where a letter is after an attempt, and when it may be tried again."""
    match fate.fate:
        case "sent" | "bounced":
            tx.move_letter(letter.number, fate.fate, now, said=fate.said, attempted=True)
        case "refused":
            tx.move_letter(letter.number, "dead", now, said=fate.said, attempted=True)
        case "unreachable":
            tx.move_letter(letter.number, "pending", now, said=fate.said)
        case "deferred" | "turned_away" | "uncertain":
            stage: Stage = "dead" if letter.attempts + 1 >= MOST_ATTEMPTS else "pending"
            after = next_office_hours(now + pause(letter.attempts), tx.council().register.closed_days)
            broken_off = True if fate.fate == "uncertain" else None
            tx.move_letter(
                letter.number, stage, now, after=after, said=fate.said, attempted=True, uncertain=broken_off
            )  # fmt: skip
            if fate.fate == "turned_away" and letter.kind != RETURNED:  # of what tells of others, nobody is told
                tx.turn_away(letter.number)


def pause(attempts: int) -> timedelta:
    """How long a letter waits after so many attempts before this one: one minute, two, four … up to eight hours."""
    return min(timedelta(minutes=2**attempts), LONGEST_PAUSE)
