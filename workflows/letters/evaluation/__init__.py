"""The request to evaluate what has been implemented, to whoever follows it up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.letters.content import Asked, Content, Item, Section, sentence
from workflows.letters.naming import called, case_name, own_offices
from workflows.measure import Effect
from workflows.year import evaluation_due, unevaluated

if TYPE_CHECKING:
    from engine.letter import Occasion
    from engine.situation import Case
    from workflows.letters.sentences import Sentences


def content(letter: Occasion, say: Sentences) -> Content:
    """What it says: the measures its reader follows up, and what is asked about each."""
    own = followed_up(letter)
    last = evaluation_due(letter.situation)
    return Content(
        subject=say.counted("subject", len(own), day=say.day(last)),
        paragraphs=(say("opening"),),
        asked=Asked(say("asked"), sentence(say.weekday(last)), say("answer"), say("why")),
        sections=(Section(say("measures"), tuple(_item(measure, say) for measure in own)), questions(say)),
        offices=in_offices(own, letter, say),
    )


def followed_up(letter: Occasion) -> tuple[Case, ...]:
    """The measures still to be evaluated that the reader follows up, in whatever office."""
    pending, own = unevaluated(letter.situation), own_offices(letter)
    return tuple(measure for measure in pending if measure.offices.get("follow_up") in own)


def in_offices(measures: tuple[Case, ...], letter: Occasion, say: Sentences) -> tuple[str, ...]:
    """The titles of the offices that follow measures up."""
    register, today = letter.situation.council.register, letter.situation.today
    offices = dict.fromkeys(measure.offices["follow_up"] for measure in measures)
    return tuple(called(register, office, today, say.language) for office in offices)


def questions(say: Sentences) -> Section:
    """What an evaluation answers, the words for the effect among it."""
    effects = (say.words.label("value", effect) for effect in Effect if effect != Effect.CANNOT_BE_MEASURED)
    asked = (say("effect", effects=", ".join(effects)), say("method"), say("not_measurable"))
    return Section(say("questions"), tuple(map(Item, asked)), numbered=True)


def _item(measure: Case, say: Sentences) -> Item:
    """A measure with the challenge it answers, its goal, and what was done when."""
    facts = tuple(f"{say.fact(name)}: {text}" for name in ("challenge", "goal", "done") if (text := measure.text(name)))
    done = measure.day("implemented_on")
    dated = (f"{say.fact('implemented_on')}: {say.day(done)}",) if done else ()
    return Item(case_name(measure.id, "measure", measure.text("title"), say), (*facts, *dated))
