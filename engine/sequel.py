"""What a case does by itself from where it stands, once its own rules are met: judged beside a step, and not taken.

So whoever asks about an approval, or is refused one, sees in the same answer who else is missing, and by when.
"""

from __future__ import annotations

from msgspec.structs import replace

from engine.definition import Workflow
from engine.judge import Verdict, judge
from engine.role import AUTO_DRIVES
from engine.situation import Command, Situation


def with_sequel(verdict: Verdict, workflow: Workflow, s: Situation) -> Verdict:
    """A verdict, with those on what is taken by itself from the same state."""
    automatic = (step for step in workflow.automatic[s.case.state] if step != verdict.step) if s.case.n else ()
    follows = tuple(judge(workflow, _by_itself(s, workflow, step)) for step in automatic)
    return replace(verdict, follows=follows)


def _by_itself(s: Situation, workflow: Workflow, step: str) -> Situation:
    """The same situation with a step that is taken by itself."""
    command = Command(workflow=workflow.name, step=step, case=s.case.id, via=AUTO_DRIVES)
    return replace(s, command=command, form=workflow.form(step).lenient({})[0], decision=None)
