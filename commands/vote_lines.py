"""Rules and votes in a line: how a body's votes are counted, who was there, and whose acts a version needs.

`politirad rules` tells the same rules in full.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from engine.rule import AllOf, AtLeast, ByOrganisation, Requires

if TYPE_CHECKING:
    from collections.abc import Iterator

    from commands.acts import Names
    from engine.acts import Decision
    from engine.ballot import Ballot
    from engine.register import Id, VoteRule
    from engine.rule import Rule

KINDS = ("approval", "signature", "ratification")
"""The kinds of acts, in the order in which a version needs them."""


def vote_rule(names: Names, rule: VoteRule) -> str:
    """How votes are counted, in full: decision rule, quorum, ties, vetoes, and whether persons or seats count."""
    phrase = names.setup.words.phrase
    quorum = phrase("quorum_half") if rule.quorum is None else phrase("quorum_of", number=rule.quorum)
    tie = [phrase(f"tie_{rule.tie}")] if rule.rule == "majority" else []
    veto = [phrase("veto_of", offices=_listed(names, rule.veto))] if rule.veto else []
    parts = (names.setup.words.label("rule", rule.rule), quorum, *tie, *veto, phrase(f"counts_{rule.counts}"))
    return ", ".join(parts)


def attendance(names: Names, vote: Ballot) -> str:
    """Who was there at a vote, as that day's roster has it: how many, and everybody of whom something is to be said."""
    phrase = names.setup.words.phrase
    here = phrase("present_unknown")
    if vote.present is not None:
        here = phrase("present_of", present=len(vote.present), members=len(vote.roster))
    said = {"recused_in": vote.recused, "opted_out": vote.reserved, "vetoed_by": vote.vetoed_by}
    told = (phrase(name, offices=_listed(names, offices)) for name, offices in said.items() if offices)
    deputies = phrase("deputies_in", offices=", ".join(seated(names, vote.deputies))) if vote.deputies else ""
    return f"{here}{''.join(told)}{deputies}"


def seated(names: Names, persons: Mapping[Id, str]) -> Iterator[str]:
    """Seats with the persons on them: `Ordfører i Melhus (ordforer_melhus): Ola Nordmann`."""
    erased = names.setup.words.phrase("erased")
    yield from (f"{names.somebody(seat)}: {names.person(person) or erased}" for seat, person in persons.items())


def members(names: Names, decision: Decision) -> list[str]:
    """The members of a body that day, each with who held the seat, where it is known who did."""
    if decision.persons is None:
        return [names.somebody(seat) for seat in decision.roster]
    vacant = names.setup.words.phrase("vacant")
    held = {seat: next(seated(names, {seat: who})) for seat, who in decision.persons.items()}
    return [held.get(seat) or f"{names.somebody(seat)}: {vacant}" for seat in decision.roster]


def needs(names: Names, rules: Mapping[str, Rule]) -> Iterator[str]:
    """Whose acts a version needs, a line to each kind, by the rules it was proposed under."""
    for kind in (kind for kind in KINDS if kind in rules):
        rule = rules[kind]
        if not isinstance(rule, ByOrganisation) or rule.asked:
            yield names.setup.words.phrase(f"needs_{kind}", rule=needed(names, rule))


def needed(names: Names, rule: Rule) -> str:
    """A resolved rule in one line."""
    phrase = names.setup.words.phrase
    match rule:
        case Requires():
            who, by = names.somebody(rule.who), names.somebody(rule.by)
            return who if rule.by == rule.who else phrase("rule_through", who=who, by=by)
        case AllOf():
            return phrase("rule_all", parts=_joined(names, rule.parts))
        case AtLeast():
            return phrase(f"rule_at_least_{rule.counts}", parts=_joined(names, rule.parts), number=rule.needed)
        case ByOrganisation():
            return phrase("rule_each", number=rule.at_least, organisations=_listed(names, rule.asked))
        case _:
            raise TypeError(f"{type(rule).__name__} was never resolved")


def _joined(names: Names, parts: Iterable[Rule]) -> str:
    return "; ".join(needed(names, part) for part in parts)


def _listed(names: Names, offices: Iterable[Id]) -> str:
    return ", ".join(map(names.somebody, offices))
