"""A council to play with in tests: the shipped example, people in its offices, an injected clock, a real file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec

from engine.entry import Entry
from engine.field import Document
from engine.ports import Person
from engine.register import Holding
from engine.registration import assign
from engine.service import Receipt, Service, rules_of
from engine.sitting import PointVote, Sitting, decide
from engine.situation import Case, Command
from store import SqlStore
from workflows.agreement import AGREEMENT
from workflows.amendment import AMENDMENT
from workflows.council import load_council
from workflows.measure import MEASURE
from workflows.meeting import MEETING
from workflows.profile import Profile
from workflows.year import YEAR

if TYPE_CHECKING:
    from engine.event import Json
    from engine.run import Run
    from workflows.council import Council

EXAMPLE = Path(__file__).parents[1] / "workflows" / "examples" / "trondelag_sor" / "council.toml"
COUNCIL = "trondelag_sor"
WORKFLOWS = (AGREEMENT, AMENDMENT, MEASURE, MEETING, YEAR)
SECRETARY = "p_secretary"
CHIEF = "p_chief"
LEADER = "p_leader"
MAYORS = ("melhus", "midtre_gauldal", "holtalen", "roros", "rennebu", "oppdal")


@dataclass(slots=True)
class FakeClock:
    """A clock that stands still until it is moved."""

    instant: datetime = datetime(2018, 10, 4, 10, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """Where it stands."""
        return self.instant

    def move_to(self, day: date) -> None:
        """Noon UTC of a day."""
        self.instant = datetime(day.year, day.month, day.day, 12, 0, tzinfo=UTC)

    def pass_days(self, days: int) -> None:
        """Let days go by."""
        self.instant += timedelta(days=days)


@dataclass(slots=True)
class SeededEntropy:
    """Random bytes that are the same in every run."""

    random: Random = field(default_factory=lambda: Random(2018))  # noqa: S311  # repeatable on purpose

    def token(self, size: int) -> bytes:
        """The next bytes."""
        return self.random.randbytes(size)


@cache
def example() -> Council:
    """The shipped council, which nobody changes: its parts are frozen."""
    return load_council(EXAMPLE.read_text(), "council.toml")


def as_document(council: Council, **rules: Any) -> dict[str, Json]:  # noqa: ANN401  # rules of any type
    """A council as the log keeps it, with some rules changed."""
    profile = msgspec.structs.replace(council.profile, **rules)
    document: dict[str, Json] = msgspec.to_builtins(msgspec.structs.replace(council, profile=profile))
    return document


class World:
    """A council in a database, by default a file in the folder, and short words for doing things in it."""

    def __init__(self, folder: Path, journal: str | None = None, url: str | None = None, **rules: Any) -> None:  # noqa: ANN401  # rules of any type
        self.folder = folder
        self.store = SqlStore.open(url or folder / "politirad.db", create=True, journal=journal)
        self.clock = FakeClock()
        self.service = Service(self.store, rules_of(WORKFLOWS, Profile.from_json), self.clock, SeededEntropy())
        self.document = as_document(example(), **rules)
        start = date(2017, 1, 1)
        secretary = Person(SECRETARY, "kari", "Kari Nordli", None)
        self.service.open(COUNCIL, self.document, secretary, "politiradssekretar", start)
        people = {"politimester": CHIEF, "leder_regionrad": LEADER, "ordforer_holtalen": LEADER}
        people |= {f"ordforer_{m}": f"p_{m}" for m in MAYORS if m != "holtalen"}
        for office in example().register.offices:
            if office != "politiradssekretar":
                self.fill(office, people.get(office, f"p_{office}"), start)

    def reopen(self, where: str | Path, journal: str | None = None) -> None:
        """Go on with another database, for instance a copy."""
        self.store = SqlStore.open(where, journal=journal)
        self.service = Service(self.store, self.service.rules, self.clock, self.service.entropy)

    def fill(self, office: str, person: str, since: date, until: date | None = None, **rest: Any) -> None:  # noqa: ANN401  # answers of any kind
        """Put a person into an office."""
        holding = Holding(office, person, since, until, **rest)
        self.register(lambda run: assign(run, holding, Entry(person=SECRETARY)))

    def register(self, act: Any) -> Receipt:  # noqa: ANN401  # a callable over a run
        """Make an entry on the council's own case."""
        return self.service.register(COUNCIL, act)

    def take(self, workflow: str, step: str, case: str | None = None, **options: Any) -> Receipt:  # noqa: ANN401  # answers of any kind
        """Take a step, by default through the secretary who registers it with a reference.

        Options are the command's; anything else goes into the form.
        """
        files = options.pop("files", None)
        return self.service.advance(COUNCIL, self.command(workflow, step, case, **options), files=files)

    def tick(self) -> tuple[Receipt, ...]:
        """Do what the clock owes in every council."""
        return tuple(done for council in self.store.councils() for done in self.service.tick_council(council))

    def command(self, workflow: str, step: str, case: str | None = None, **options: Any) -> Command:  # noqa: ANN401  # answers of any kind
        """The command for a step."""
        known = set(Command.__dataclass_fields__) - {"form"}
        own = {name: value for name, value in options.items() if name in known}
        form = {name: value for name, value in options.items() if name not in known}
        settled = {"person": SECRETARY, "ref": "sak 1/19", **own}
        return Command(workflow=workflow, step=step, case=case, form=form, **settled)

    def document_of(self, name: str, text: str) -> tuple[Document, dict[str, Path]]:
        """A document on disk, as a form and as files."""
        path = self.folder / name
        path.write_text(text)
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        return Document(sha256, name, "text", path.stat().st_size), {sha256: path}

    def propose(self, text: str = "Avtale", **options: Any) -> str:  # noqa: ANN401  # answers of any kind
        """Propose an agreement on behalf of the police; its case id."""
        document, files = self.document_of("avtale.md", text)
        options = {"decider": "politiet", "title": "Avtale om politiråd", **options}
        receipt = self.take("agreement", "propose", documents=(document,), files=files, **options)
        return receipt.step.event.case

    def decide(
        self, *points: str, body: str = "regionrad", votes: tuple[int, int, int] = (6, 0, 0), on: date | None = None
    ) -> str:
        """Let a body decide with everybody present; the decision's id."""

        def act(run: Run) -> Any:  # noqa: ANN401  # answers of any kind
            members = run.tx.council().register.bodies[body].members
            sitting = Sitting(body, members, (), tuple(PointVote(p, votes if members else None) for p in points))
            return decide(run, sitting, Entry(person=SECRETARY, on=on or self.today, ref="PS 80/19"))

        decision = self.register(act).step.event.data["decision"]
        assert isinstance(decision, dict)
        return str(decision["id"])

    def entry(self, **rest: Any) -> Entry:  # noqa: ANN401  # an entry's own fields
        """An entry on the council's case, by the secretary."""
        return Entry(**{"person": SECRETARY, **rest})

    def agree(self, case: str, version: str) -> None:
        """Both parties approve a version."""
        self.take(
            "agreement", "approve", case, version=version, decider="regionen", decision=self.decide("Avtalen vedtas.")
        )
        self.take("agreement", "approve", case, version=version, decider="politiet")

    def sign(self, case: str, version: str, workflow: str = "agreement") -> None:
        """Both signatories sign a version."""
        for office in ("leder_regionrad", "politimester"):
            self.take(workflow, "sign", case, version=version, decider=office)

    def in_force(self) -> str:
        """An agreement in force; its case id."""
        case = self.propose()
        self.agree(case, "1")
        self.sign(case, "1")
        return case

    def measure(self, **options: Any) -> str:  # noqa: ANN401  # answers of any kind
        """A proposed, complete measure; its case id."""
        details = {
            "title": "Natteravner", "theme": "crime_prevention", "challenge": "Uro ved stasjonen",
            "goal": "Færre hendelser", "implementer": "kommunedirektor_melhus", "follow_up": "slt_melhus",
            "deadline": "2019-09-01", "plan": "To kvelder i uken", "decider": "politiradssekretar",
        }  # fmt: skip
        return self.take("measure", "propose", **{**details, **options}).step.event.case

    def case(self, case: str) -> Case:
        """The case as the views have it."""
        with self.store.read(COUNCIL) as reader:
            return reader.case(case)

    def state(self, case: str) -> str:
        """The state of a case."""
        return self.case(case).state

    @property
    def today(self) -> date:
        """The local date."""
        return self.clock.now().date()
