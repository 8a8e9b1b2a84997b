"""The forms several workflows share: decisions, versions, acts on a version, notes and progress."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from engine.errors import Reason, because
from engine.evidence import VersionForm
from engine.field import Kind
from engine.form import Form, ask
from engine.register import Office, Seat

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.event import Facts, Json
    from engine.register import Id
    from engine.situation import Situation


@dataclass(frozen=True, kw_only=True)
class Decision(Form):
    """A decision somebody took elsewhere: it needs a reference, or a decision recorded here."""

    needs: ClassVar[tuple[str, ...]] = ("ref",)


@dataclass(frozen=True, kw_only=True)
class Refusal(Decision):
    """A decision that says no; a point that fell may be what it rests on."""

    says_no: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class WithReason(Decision):
    """A decision that must say why."""

    reason: str = ask(Kind.REMARK, "Why, in your own words. Erasable, so it may name people.")


@dataclass(frozen=True, kw_only=True)
class ReasonForm(Form):
    """A step that must say why."""

    reason: str = ask(Kind.REMARK, "Why, in your own words. Erasable, so it may name people.")


@dataclass(frozen=True, kw_only=True)
class Note(Form):
    """A step with a few words."""

    note: str | None = ask(Kind.TEXT, "A few words for the record; no names of persons.", required=False)


@dataclass(frozen=True, kw_only=True)
class Letter(Note):
    """A letter that went out: it needs its reference, or itself as a document."""

    needs: ClassVar[tuple[str, ...]] = ("ref", "document")


@dataclass(frozen=True, kw_only=True)
class Progress(Form):
    """What has happened since the last report, and what is planned next."""

    progress: str = ask(Kind.TEXT, "What has been done since last time; no names of persons.")
    plan: str | None = ask(Kind.TEXT, "What is planned next.", required=False)

    def facts(self) -> Facts:
        """The newest progress, and the plan where a new one is given."""
        return {"progress": self.progress, **({"plan": self.plan} if self.plan else {})}


@dataclass(frozen=True, kw_only=True)
class Postponed(Form):
    """Put off to a date that is itself a deadline."""

    until: date = ask(Kind.DAY, "The date on which it is taken up again.")
    reason: str = ask(Kind.REMARK, "Why it is put off.")

    def facts(self) -> Facts:
        """The date."""
        return {"until": self.until.isoformat()}


@dataclass(frozen=True, kw_only=True)
class Change(Form):
    """A wish to change the agreement: what, and which offices become permanent members."""

    change: str = ask(Kind.TEXT, "What is to change, in one sentence.")
    add_seat: tuple[str, ...] = ask(
        Kind.ID, "An office that becomes a permanent member; may be repeated.", required=False, many=True
    )

    def asked(self) -> Facts:
        """What the amendment remembers of it. The agreement itself keeps its own title and seats."""
        return {"title": self.change, "adds": list(self.add_seat)}


@dataclass(frozen=True, kw_only=True)
class SeatedVersion(VersionForm):
    """A version of an agreement: text, annexes, and the seats at the council's table."""

    title: str | None = ask(Kind.TEXT, "The agreement's name.", required=False)
    starts: date | None = ask(Kind.DAY, "The date it takes effect; at once if left out.", required=False)
    add_seat: tuple[str, ...] = ask(
        Kind.ID, "An office that becomes a permanent member; may be repeated.", required=False, many=True
    )
    remove_seat: tuple[str, ...] = ask(Kind.ID, "A seat that falls away; may be repeated.", required=False, many=True)

    def seats_on(self, s: Situation) -> tuple[Seat, ...]:
        """The council's seats, less those removed, and the added offices as permanent seats of their own."""
        kept = tuple(seat for seat in self.base_seats(s) if seat.id not in self.remove_seat)
        present = {office for seat in kept if seat.permanent for office in seat.filled_by}
        new = tuple(office for office in self.added(s) if office not in present)
        return (*kept, *(seat_for(office, s.council.register.offices) for office in new))

    def base_seats(self, s: Situation) -> tuple[Seat, ...]:
        """The seats the version starts from: the current version's, before there is one the council's own."""
        return s.version.seats if s.version else s.council.seats

    def added(self, s: Situation) -> tuple[Id, ...]:
        """The offices that become permanent members with this version."""
        return self.add_seat

    def facts(self) -> Facts:
        """The name and the date it takes effect, where given."""
        named: dict[str, Json] = {
            "title": self.title,
            "starts": self.starts.isoformat() if self.starts else None,
        }
        return {name: value for name, value in named.items() if value is not None}


def seat_for(office: Id, offices: Mapping[Id, Office]) -> Seat:
    """A permanent seat filled by one office, named by its title."""
    return Seat(id=office, names=offices[office].titles, filled_by=(office,))


def seats_are_known(s: Situation) -> bool | Reason:
    """Only offices of the register can be seated, and only seats there are fall away."""
    asked = s.case.facts.get("adds")
    named = (*getattr(s.form, "add_seat", ()), *(asked if isinstance(asked, list | tuple) else ()))
    unknown = [str(office) for office in named if office not in s.council.register.offices]
    if unknown:
        return because("unknown_office", office=unknown[0])
    seats = {seat.id for seat in (s.version.seats if s.version else s.council.seats)}
    gone = [seat for seat in getattr(s.form, "remove_seat", ()) if seat not in seats]
    return because("unknown_seat", seat=gone[0], known=", ".join(sorted(seats))) if gone else True


def put_off_forward(s: Situation) -> bool | Reason:
    """What is put off is put off to a later day."""
    until = getattr(s.form, "until", None) or getattr(s.form, "review", None)
    return until is None or until > s.on or because("not_later", until=until.isoformat(), on=s.on.isoformat())


def decision_on_record(s: Situation) -> bool | Reason:
    """It rests on a decision that was recorded with its vote, not on a reference alone."""
    return s.decision is not None or because("needs_decision")
