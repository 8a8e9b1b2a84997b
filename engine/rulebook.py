"""What every council shares: the workflows by name and version, and how its pinned rules are read from the log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from engine.definition import Workflow
from engine.errors import NotFoundError
from engine.event import Event, Facts
from engine.ports import Reader
from engine.situation import Case, PinnedRules


@dataclass(frozen=True, slots=True)
class Rules:
    """What every council shares: the workflows by name and version, and how rules are read from the log."""

    workflows: Mapping[tuple[str, int], Workflow]
    read_profile: Callable[[Facts], PinnedRules]
    profiles: dict[str, PinnedRules] = field(default_factory=dict)
    names: dict[str, tuple[int, frozenset[str]]] = field(default_factory=dict)

    def newest(self, name: str) -> Workflow:
        """The version of a workflow new cases open under. Raises `NotFoundError`."""
        versions = [version for known, version in self.workflows if known == name]
        if not versions:
            names = ", ".join(sorted({known for known, _ in self.workflows}))
            raise NotFoundError(f"There is no workflow {name!r}. There are: {names}.")
        return self.workflows[name, max(versions)]

    def of_event(self, event: Event) -> Workflow | None:
        """The workflow version an event was taken under; None where this program knows none such."""
        name, _, version = event.workflow.partition("/")
        return self.workflows.get((name, int(version or 1)))

    def of(self, case: Case) -> Workflow:
        """The workflow version a case is pinned to. Raises `NotFoundError` where this program lost it."""
        if (found := self.workflows.get((case.workflow, case.version))) is None:
            raise NotFoundError(
                f"{case.id} runs under {case.workflow}/{case.version}, which this program does not know. "
                "Use a newer politirad, or the one that opened the case."
            )
        return found

    def names_on_record(self, reader: Reader) -> frozenset[str]:
        """The full names of a council's persons, blocked ones too, read anew when its own case has changed."""
        council = reader.council()
        if (known := self.names.get(council.origin)) is None or known[0] != council.n:
            self.names[council.origin] = known = (council.n, reader.names())
        return known[1]

    def profile(self, reader: Reader, leaf: str) -> PinnedRules:
        """The rules in a profile event, read once per process."""
        if leaf not in self.profiles:
            self.profiles[leaf] = self.read_profile(reader.profile(leaf))
        return self.profiles[leaf]
