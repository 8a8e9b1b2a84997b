"""Labels and sentences in the reader's language: bokmål, nynorsk or English.

The engine speaks in codes (`Reason`, states, event types); a catalogue puts them into words. There is one file per
language, beside this module, read when the first word is needed. The three have the same keys, which a test holds
them to, so nothing falls back from one language to another; what no catalogue knows (an event of a newer version)
is shown as its bare code, never silently in the wrong language.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, TypeAlias, cast

if TYPE_CHECKING:
    from engine.errors import Parameter, Reason
    from engine.event import Json
    from engine.register import Language

Section: TypeAlias = "Mapping[str, str | Mapping[str, str]]"
Value: TypeAlias = "Parameter | date"
Called: TypeAlias = "Callable[[str], str]"
"""What somebody is called whose id a reason names: `politimester` → Chief of police (politimester)."""

WORDED = {
    "agenda": "agenda", "answer": "value", "effect": "value", "item": "agenda", "result": "value", "scope": "value",
    "theme": "value",
}  # fmt: skip
"""Facts and fields of forms whose answers are words of a list, and the section that has them."""

NAMING = frozenset({"who", "office", "body", "decider", "needed", "holder"})
"""Parameters of a reason that name somebody. Between backticks, in a command to be typed, ids stay as they are."""

LISTED = {"outcome": "outcome", "rule": "rule", "given": "assurance", "needed": "assurance", "differing": "statement"}
"""Parameters whose values are words of a list, where that has them, and the section it is."""

NOT_KNOWN = {"until": "until_further_notice", "on": "date_unknown"}
"""Parameters that say something by being left open, and the phrase for it; any other is then “none”."""


class _Known(dict[str, "Parameter"]):
    """Parameters of a reason; one that an older record lacks is shown as left out."""

    def __missing__(self, name: str) -> str:
        return "…"


class Words:
    """The catalogue of one language."""

    def __init__(self, language: Language) -> None:
        self.language = language

    @cached_property
    def catalogue(self) -> Mapping[str, Section]:
        """Every section of the language's file."""
        text = files("workflows").joinpath("words", f"{self.language}.toml").read_text(encoding="utf-8")
        return tomllib.loads(text)

    def state(self, workflow: str, state: str) -> str:
        """A state: `in_force` → in force."""
        return self._of("state", workflow, state)

    def step(self, workflow: str, step: str) -> str:
        """What a step does, as an imperative sentence."""
        return self._of("step", workflow, step)

    def event(self, type_: str) -> str:
        """What has happened: `agreement.proposed` → proposed."""
        workflow, _, done = type_.partition(".")
        known = cast("Mapping[str, str]", self.catalogue["event"].get(workflow, {}))
        return known[done] if done in known else self._of("event", "any", done)

    def deadline(self, workflow: str, name: str) -> str:
        """What is owed, as an imperative phrase."""
        return self._of("deadline", workflow, name)

    def check(self, name: str) -> str:
        """A requirement, as a statement that holds."""
        return self.label("check", name)

    def reason(self, reason: Reason, workflow: str = "", called: Called = str) -> str:
        """Why not, and what to do next. `workflow` names its states; a guard without words is not met."""
        sentences, given = cast("Mapping[str, str]", self.catalogue["reason"]), reason.parameters
        if reason.code not in sentences:
            return self.phrase("not_met", what=self.check(reason.code))
        typed = _Known({n: self._shown(n, v, workflow) for n, v in given.items()}, how=_to_compare(given))
        named = {n: called(v) for n, v in given.items() if n in NAMING and isinstance(v, str)}
        read = _Known({**typed, **{n: name for n, name in named.items() if typed[n] == given[n]}})
        parts = enumerate(sentences[reason.code].split("`"))
        return "`".join(part.format_map(typed if at % 2 else read) for at, part in parts)

    def role(self, name: str) -> str:
        """A role of a table: `secretariat | clock` → secretariat / the clock."""
        return " / ".join(self.label("role", part) for part in name.split(" | "))

    def label(self, section: str, name: str) -> str:
        """A word of a plain section: workflow, outcome, capacity, rule, flag, value, agenda, fact."""
        found = self.catalogue[section].get(name)
        return found if isinstance(found, str) else name

    def answer(self, name: str, value: Json) -> str:
        """A fact, or an answer of a form, as people read it; `name` tells which list its word is from."""
        if isinstance(value, Mapping):
            known = ((key, inner) for key, inner in value.items() if inner is not None)
            return ", ".join(f"{self.label('fact', key)} {self.answer(key, inner)}" for key, inner in known)
        if isinstance(value, list | tuple):
            return "; ".join(self.answer(name, item) for item in value)
        if isinstance(value, bool):
            return self.phrase("yes" if value else "no")
        return self.label(WORDED[name], str(value)) if name in WORDED else str(value)

    def phrase(self, name: str, /, **parameters: Value) -> str:
        """A heading or sentence of the command line."""
        return self.label("phrase", name).format_map(parameters)

    def counted(self, name: str, number: int, /, **parameters: Value) -> str:
        """A sentence of the command line for one or for several: `…_one` and `…_many` in the files."""
        return self.phrase(f"{name}_one" if number == 1 else f"{name}_many", number=number, **parameters)

    def _of(self, section: str, workflow: str, name: str) -> str:
        labels = self.catalogue[section].get(workflow, {})
        return labels.get(name, name) if isinstance(labels, Mapping) else name

    def _shown(self, name: str, value: Parameter, workflow: str) -> Parameter:
        """A parameter as people read it."""
        if value is None:
            return self.phrase(NOT_KNOWN.get(name, "none"))
        if name == "state" and workflow:
            return self.state(workflow, str(value))
        worded = {"role": self.role, "step": _typed, "missing": self._missing, "changed": self._changed}.get(name)
        if worded is not None:
            return worded(str(value))
        return self.label(LISTED[name], value) if name in LISTED and isinstance(value, str) else value

    def _changed(self, what: str) -> str:
        """What differs between two versions; `=` says that nothing does."""
        return self.phrase("proposed_anew") if what == "=" else what

    def _missing(self, names: str) -> str:
        return ", ".join(map(self._lacking, names.split(", ")))

    def _lacking(self, name: str) -> str:
        """What is missing, and how it is typed: an item of the agenda by its id, a field by its option."""
        if name in self.catalogue["agenda"]:
            return f"{name} ({self.label('agenda', name)})"
        return f"{self.label('fact', name)} (--{name.replace('_', '-')})"


def _typed(step: str) -> str:
    """A step as it is typed."""
    return step.replace("_", "-")


def _to_compare(given: Mapping[str, Parameter]) -> str:
    """How to see what changed since an outdated version: the command as it is typed."""
    case = str(given.get("case"))
    if case.startswith("A-"):
        return f"politirad agreement diff {case} {given.get('given')} {given.get('current')}"
    return f"politirad show {case}"
