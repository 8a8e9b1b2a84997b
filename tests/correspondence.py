"""Letters to read in tests: a council's story, the occasion for each letter in it, and who gets it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from msgspec import structs

from commands import tables
from engine.letter import Collected, Line, Occasion, Recipient, Returned
from engine.ports import Owed, Recorded
from engine.reading import situate
from engine.register import name_on
from engine.situation import Command
from tests.world import COUNCIL, World
from workflows.letters.writer import LetterWriter
from workflows.profile import AGENDA

if TYPE_CHECKING:
    from pathlib import Path

    from engine.letter import Draft
    from engine.register import Language
    from engine.situation import Situation

WRITER = LetterWriter()
LANGUAGES: tuple[Language, ...] = ("nb", "nn", "en")
TODAY = date(2019, 9, 8)
COUNCIL_NAMES = {
    "nb": "Regionalt politiråd Trøndelag Sør",
    "nn": "Regionalt politiråd Trøndelag Sør",
    "en": "Regional police council of Trøndelag Sør",
}
SECRETARIATS = {"nb": "Politirådssekretær", "nn": "Politirådssekretær", "en": "Secretary to the police council"}
MAYOR = "ordforer_holtalen"
TITLES = {"nb": "Ordfører i Holtålen", "nn": "Ordførar i Holtålen", "en": "Mayor of Holtålen"}


def to(language: Language, **rest: Any) -> Recipient:  # noqa: ANN401  # a recipient's own fields
    """A mayor who is reached as usual."""
    return replace(
        Recipient(MAYOR, MAYOR, TITLES[language], "p_leader", "Jan Håvard Refsethås", "jan@example.no", language),
        **rest,
    )


class Post:
    """The letters of one council, each about something that has really happened in it."""

    def __init__(self, folder: Path, mark: str = "") -> None:
        """`mark` stands in every text that a person can fill in."""
        self.mark = mark
        self.world = World(folder)
        self.occasions: dict[str, tuple[Recorded, Situation, str]] = {}
        self.world.clock.move_to(date(2019, 1, 2))
        self._agreement()
        self._measures()
        self._meetings()
        self._year()

    def typed(self, text: str) -> str:
        """A text as a person typed it."""
        return f"{text}{self.mark}"

    def note(self, name: str, case: str, step: str, office: str = MAYOR) -> None:
        """Keep the occasion that the newest taking of a step is, for a letter to an office."""
        workflow = self.world.case(case).workflow
        type_ = tables.workflow(workflow).event_types[step]
        with self.world.store.read(COUNCIL) as reader:
            recorded = [one for one in reader.events(case) if one.event.type == type_][-1]
            command = Command(workflow=workflow, step=step, case=case)
            now = self.world.clock.now()
            found = situate(self.world.service.rules, reader, command, now, lenient=True)
        self.occasions[name] = (recorded, found, office)

    def occasion(self, name: str, language: Language, /, **recipient: Any) -> Occasion:  # noqa: ANN401  # its own fields
        """An occasion: `notice`, `decision recommended` …; its letter goes to the office it was noted for."""
        recorded, found, office = self.occasions[name]
        titles = found.council.register.offices[office].titles
        holding = found.council.holdings.of(office, found.today)
        known = {
            "office": office, "through": office, "title": name_on(titles, found.today, language),
            "person": holding.person if holding else None, **recipient,
        }  # fmt: skip
        return Occasion(
            name.partition(" ")[0], recorded, found, to(language, **known), COUNCIL_NAMES[language],
            SECRETARIATS[language],
        )  # fmt: skip

    def letter(self, name: str, language: Language, /, **recipient: Any) -> Draft:  # noqa: ANN401  # its own fields
        """A letter after a step."""
        return WRITER.about(self.occasion(name, language, **recipient))

    def _agreement(self) -> None:
        world = self.world
        case = world.propose(title=self.typed("Avtale om politiråd"))
        world.agree(case, "1")
        self.note("decision adopted", case, "adopt", "politiets_sekretar")
        world.sign(case, "1")
        self.note("decision in force", case, "enter_into_force", MAYOR)

    def _measures(self) -> None:
        world, typed = self.world, self.typed
        case = world.measure(title=typed("Natteravner"), challenge=typed("Uro ved stasjonen"), goal=typed("Ro"))
        world.take("measure", "recommend", case, decider="politiradet", ref=typed("PS 3/19"))
        self.note("decision recommended", case, "recommend", "kommunedirektor_melhus")
        world.take("measure", "anchor", case, decider="kommunedirektor_melhus")
        for _ in range(2):
            done = typed("To kvelder i uken")
            world.take("measure", "implement", case, decider="kommunedirektor_melhus", done=done)
            if "decision returned" not in self.occasions:
                world.take("measure", "return", case, decider="slt_melhus", reason="Ikke i gang")
                self.note("decision returned", case, "return", "kommunedirektor_melhus")

    def _meetings(self) -> None:
        world, typed = self.world, self.typed
        case = self._planned()
        world.take("meeting", "cancel", case, reason="Sykdom", decider="leder_regionrad")
        self.note("cancelled", case, "cancel")
        case = self._planned()
        document, files = world.document_of(f"kriminalitetsbildet{self.mark.replace('/', '')}.md", "Bildet")
        world.take("meeting", "summon", case, documents=(document,), files=files)
        self.note("notice", case, "summon")
        world.take("meeting", "reschedule", case, date="2019-06-19", reason="Ferie", decider="leder_regionrad")
        self.note("moved", case, "reschedule")
        world.take("meeting", "summon", case)
        world.clock.move_to(date(2019, 6, 19))
        world.take("meeting", "hold", case, present=("ordforer_melhus", "slt_melhus"))
        document, files = world.document_of("referat.md", typed("Referat"))
        world.take("meeting", "minute", case, documents=(document,), files=files)
        self.note("minutes", case, "minute")

    def _planned(self) -> str:
        given = {"date": "2019-06-12", "begins": "10:00", "ends": "14:30", "place": self.typed("Melhus rådhus")}
        case = self.world.take("meeting", "plan", title=self.typed("Årsmøte 2019"), **given).step.event.case
        self.world.take("meeting", "add_item", case, item=(*AGENDA, self.typed("flom i Gaula")))
        return case

    def _year(self) -> None:
        self.world.clock.move_to(date(2019, 10, 1))
        self.world.tick()
        self.note("evaluation", "Y-2019", "start_evaluation", "slt_melhus")
        self.world.clock.move_to(date(2021, 1, 1))
        self.world.tick()
        self.note("breach", "Y-2020", "record_breach", "leder_regionrad")


def owed(case: str = "M-1", late: int = 7, **rest: Any) -> Owed:  # noqa: ANN401  # its own fields
    """A duty that is so many days overdue on `TODAY`."""
    settled = {
        "case": case, "name": "implement", "office": "kommunedirektor_melhus", "on": TODAY - timedelta(days=late),
        "fires": None, "ladder": "duty", "workflow": "measure", "state": "started", "title": "Natteravner", **rest,
    }  # fmt: skip
    return Owed(**settled)


def line(late: int = 7, audience: Any = "owner", holder: str = "Rådmann i Melhus", **rest: Any) -> Line:  # noqa: ANN401  # of any kind
    """A line of a digest or an escalation."""
    return Line(owed(late=late, **rest), late, audience, late, holder)


def collected(language: Language, *lines: Line, **recipient: Any) -> Collected:  # noqa: ANN401  # its own fields
    """What somebody is told of today."""
    return Collected(lines, to(language, **recipient), TODAY, COUNCIL_NAMES[language], SECRETARIATS[language])


def came_back(language: Language, mark: str = "", **recipient: Any) -> Returned:  # noqa: ANN401  # its own fields
    """A reminder that came back."""
    text = f"Hei.\n\n- Natteravner (M-1)\n  Iverksett det.{mark}"
    return Returned(
        "L-42", f"Påminnelse: Natteravner{mark}", text, f"Rådmann i Melhus{mark}", f"550 5.1.1 User unknown{mark}",
        to(language, **recipient), COUNCIL_NAMES[language], SECRETARIATS[language],
    )  # fmt: skip


def drafts(post: Post, language: Language, **recipient: Any) -> dict[str, Draft]:  # noqa: ANN401  # its own fields
    """Every letter there is, in a language."""
    mark, several = post.mark, (line(7), line(0, case="M-2"), line(-14, case="M-3", holder="Ordfører i Melhus"))
    told = tuple(
        line(7 * at, audience) for at, audience in enumerate(("follow_up", "secretariat", "leader", "agenda"), 1)
    )
    one = line(7, title=f"Natteravner{mark}", holder=f"Rådmann i Melhus{mark}")
    return {
        **{name: post.letter(name, language, **recipient) for name in post.occasions},
        "digest": WRITER.digest(collected(language, one, **recipient)),
        "digest several": WRITER.digest(collected(language, *several, **recipient)),
        "escalation": WRITER.escalation(collected(language, structs.replace(one, audience="follow_up"), **recipient)),
        "escalation several": WRITER.escalation(collected(language, *told, **recipient)),
        "returned": WRITER.returned(came_back(language, mark, **recipient)),
    }


class Reader(HTMLParser):
    """What somebody reads of a page: its texts with the marks of its lists, and its elements with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.number: int | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins; an item of a list shows its number or a dash."""
        self.elements.append((tag, dict(attrs)))
        if tag in {"ol", "ul"}:
            self.number = 0 if tag == "ol" else None
        if tag == "li":
            self.number = None if self.number is None else self.number + 1
            self.texts.append("-" if self.number is None else f"{self.number}.")

    def handle_data(self, data: str) -> None:
        """A text; a line of a quotation is marked as one."""
        tag = self.elements[-1][0] if self.elements else "title"
        if tag == "blockquote" and data.strip():
            self.texts += [f"> {line}" for line in data.splitlines()]
        elif tag not in {"style", "title"} and data.strip():
            self.texts.append(data)


def words(text: str) -> list[str]:
    """The words of a text without its rulers; a label is one with or without its colon."""
    lines = (line for line in text.splitlines() if not re.fullmatch(r"[-=]{2,}", line))
    return " ".join(lines).replace(":", " ").split()


def squeezed(text: str) -> str:
    """A text without its line breaks and indentation."""
    return " ".join(text.split())
