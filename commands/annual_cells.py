"""The annual report in words: sections of sentences and of rows, for a terminal and a page alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from commands.follow_up_cells import breach_line, identities, override_line, registered_line

if TYPE_CHECKING:
    from workflows.annual_rows import Agreement, AnnualReport, Decision, Measure, Meeting, Owing
    from workflows.report_words import ReportWords

Cell: TypeAlias = "tuple[str, ...]"
"""A cell's lines; none where there is nothing to say."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report: sentences, then rows under the names of their columns.

    `alarming` is what nobody may overlook.
    """

    name: str
    lines: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    alarming: bool = False


COLUMNS = {
    "agreements": ("agreement", "version", "in_force", "parties", "reserved"),
    "meetings": ("meeting", "standing", "attendance", "minutes"),
    "recommended": ("measure", "recommendation", "responsible", "deadline"),
    "implemented": ("measure", "done", "responsible", "effect"),
    "evaluated": ("measure", "challenge", "effect", "method"),
    "not_implemented": ("measure", "standing", "progress", "plan", "deadline", "responsible"),
    "decisions": ("decided", "points", "led_to"),
}
"""The columns of each section that has rows; the first names the row."""


def said(words: ReportWords, name: str, **parameters: str | int) -> str:
    """A heading or sentence of the annual report."""
    return words.label("annual", name).format_map(parameters)


def heading_of(report: AnnualReport, words: ReportWords) -> str:
    """The report's title."""
    return said(words, "title", year=report.year)


def about(report: AnnualReport, words: ReportWords) -> tuple[tuple[str, str], ...]:
    """What stands at the head of the report: for whom, where the year stands, as of when, on what it rests."""
    sent = words.day(report.report_sent_on) if report.report_sent_on else said(words, "not_sent")
    return (
        (words.heading("of_council"), report.name),
        (said(words, "year"), f"{report.year}, {words.state('year', report.state)}"),
        (said(words, "sent"), sent),
        (words.heading("as_of"), words.day(report.on)),
        (words.heading("rests_on"), words.heading("events", events=report.events)),
        identities(words),
    )


def counted(report: AnnualReport, words: ReportWords) -> tuple[str, ...]:
    """The year in a sentence of numbers; before that, that it is not over, where it is not."""
    numbers = said(
        words, "counts", held=report.meetings_held, agreed=report.meetings_agreed,
        recommended=len(report.recommended), implemented=len(report.implemented), evaluated=len(report.evaluated),
        left=len(report.not_implemented),
    )  # fmt: skip
    return (numbers,) if report.on.year > report.year else (said(words, "so_far"), numbers)


def sections_of(report: AnnualReport, words: ReportWords) -> tuple[Section, ...]:
    """The whole report, what nobody may overlook first; a section with nothing in it says so, those left out."""
    breaches = tuple(breach_line(breach, words) for breach in report.breaches)
    overrides = tuple(override_line(one, words) for one in report.overrides)
    urgent = (Section("breaches", breaches, alarming=True), Section("overrides", overrides, alarming=True))
    told = (
        _rows("agreements", (_agreement(one, words) for one in report.agreements)),
        _rows("meetings", (_meeting(one, words) for one in report.meetings)),
        Section("season", tuple(_season(report, words))),
        _measures("recommended", report, words, _recommended),
        _measures("implemented", report, words, _implemented),
        _measures("evaluated", report, words, _evaluated),
        _measures("not_implemented", report, words, _not_implemented),
        _rows("decisions", (_decision(one, words) for one in report.decisions)),
        Section("self_evaluation", _self_evaluation(report, words)),
        Section("owed", tuple(_owing(one, words) for one in report.owed)),
    )
    return (*(one for one in urgent if one.lines), *(_filled(one, words) for one in told))


def _filled(section: Section, words: ReportWords) -> Section:
    """A section with nothing in it says so."""
    if section.lines or section.rows:
        return section
    return Section(section.name, (said(words, f"no_{section.name}"),))


def _rows(name: str, rows: Iterable[tuple[Cell, ...]]) -> Section:
    return Section(name, columns=COLUMNS[name], rows=tuple(rows))


def _measures(
    name: str, report: AnnualReport, words: ReportWords, told: Callable[[Measure, ReportWords], tuple[Cell, ...]]
) -> Section:  # fmt: skip
    """The measures a list of the report names, each told for that list."""
    cases = getattr(report, name)
    return _rows(name, (told(one, words) for one in report.measures if one.case in cases))


def _day(day: date | None, words: ReportWords) -> str:
    return words.day(day) if day else words.heading("day_unknown")


def _agreement(one: Agreement, words: ReportWords) -> tuple[Cell, ...]:
    dates = (("since", one.since), ("until", one.until), ("term_ends", one.term_ends), ("ends_on", one.ends_on))
    told = (said(words, name, on=words.day(day)) for name, day in dates if day)
    version = said(words, "version_of", version=one.version or 0, on=_day(one.version_on, words))
    return (
        (f"{one.case} {one.title}".strip(),), (version,) if one.version else (),
        (words.state("agreement", one.state), *told), tuple(party.name for party in one.parties),
        tuple(party.name for party in one.reserved),
    )  # fmt: skip


def _meeting(one: Meeting, words: ReportWords) -> tuple[Cell, ...]:
    day = words.day(one.on) if one.on else said(words, "no_date")
    came = said(words, "came", present=one.present or 0, absent=one.absent or 0)
    minutes = said(words, "approved", on=words.day(one.minutes_approved_on)) if one.minutes_approved_on else ""
    return (
        (f"{day}: {one.case} {one.title}".strip(),), (words.state("meeting", one.state),),
        (came,) if one.present is not None else (), (minutes,) if minutes else (),
    )  # fmt: skip


def _season(report: AnnualReport, words: ReportWords) -> Iterator[str]:
    """The season's days, what it began with, and what it has not come to."""
    season = report.season
    yield said(words, "season_days", opens=words.day(season.opens), due=words.day(season.due))
    for name in ("to_evaluate", "not_implemented", "missing", "put_off"):
        if cases := getattr(season, name):
            yield said(words, f"season_{name}", cases=", ".join(cases))


def _named(one: Measure, words: ReportWords) -> Cell:
    return (f"{one.case} {one.title}".strip(), *([words.label("value", one.theme)] if one.theme else []))


def _responsible(one: Measure, words: ReportWords) -> Cell:
    return tuple(
        said(words, "role_of", role=words.role(who.role), title=who.title)
        for who in one.responsible if who.role in {"implementer", "follow_up"}
    )  # fmt: skip


def _deadline(one: Measure, words: ReportWords) -> Cell:
    due = (words.day(one.deadline),) if one.deadline else ()
    late = (said(words, "overdue", on=words.day(one.overdue_since)),) if one.overdue_since else ()
    return (*due, *late)


def _recommended(one: Measure, words: ReportWords) -> tuple[Cell, ...]:
    ref = f" ({one.recommended_ref})" if one.recommended_ref else ""
    return (
        _named(one, words), (f"{_day(one.recommended_on, words)}{ref}",), _responsible(one, words),
        _deadline(one, words),
    )  # fmt: skip


def _implemented(one: Measure, words: ReportWords) -> tuple[Cell, ...]:
    done = words.heading("progress", on=_day(one.implemented_on, words), text=one.done)
    return _named(one, words), (done,), _responsible(one, words), _effect(one, words)


def _evaluated(one: Measure, words: ReportWords) -> tuple[Cell, ...]:
    goal = (said(words, "goal", text=one.goal),) if one.goal else ()
    return _named(one, words), (one.challenge, *goal), _effect(one, words), _method(one, words)


def _method(one: Measure, words: ReportWords) -> Cell:
    if (found := one.evaluation) is None:
        return ()
    return (found.method, words.heading("evaluated_by", on=_day(found.on, words), evaluator=found.evaluator_title))


def _effect(one: Measure, words: ReportWords) -> Cell:
    if one.evaluation is None:
        waits = (said(words, "waits", on=words.day(one.put_off_until)),) if one.put_off_until else ()
        return (words.heading("not_evaluated"), *waits)
    after = (words.heading("result", text=words.label("value", one.result)),) if one.result else ()
    return (words.label("value", one.evaluation.effect), one.evaluation.assessment, *after)


def _not_implemented(one: Measure, words: ReportWords) -> tuple[Cell, ...]:
    progress = words.heading("progress", on=_day(one.progress_on, words), text=one.progress) if one.progress else ""
    since = (said(words, "since", on=words.day(one.implemented_on)),) if one.implemented_on else ()
    return (
        _named(one, words), (words.state("measure", one.state), *since),
        (progress or words.heading("nothing_done"),), (one.plan or words.heading("no_plan"),),
        _deadline(one, words), _responsible(one, words),
    )  # fmt: skip


def _decision(one: Decision, words: ReportWords) -> tuple[Cell, ...]:
    body = one.body or words.heading("unknown_body")
    grounds = ", ".join(part for part in (one.ref, one.decision) if part)
    points = (f"{point.text}: {words.label('outcome', point.outcome)}" for point in one.points)
    return (f"{words.day(one.on)}, {body}", *([grounds] if grounds else [])), tuple(points), tuple(_led_to(one, words))


def _led_to(one: Decision, words: ReportWords) -> Iterator[str]:
    """The steps a decision carries, then everybody who put one of them on record, once."""
    for step in one.led_to:
        yield f"{step.case} {step.title}".strip() + f": {words.event(step.type)}"
    yield from dict.fromkeys(registered_line(step.registered, words) for step in one.led_to if step.registered)


def _self_evaluation(report: AnnualReport, words: ReportWords) -> Cell:
    if not report.self_evaluation:
        return ()
    return (words.heading("progress", on=_day(report.self_evaluated_on, words), text=report.self_evaluation),)


def _owing(one: Owing, words: ReportWords) -> str:
    what, case = words.deadline(one.workflow, one.name), f"{one.case} {one.title}".strip()
    if one.overdue_since:
        late = words.heading("overdue", on=words.day(one.overdue_since), what=what, title=one.office_title)
        return f"{case}: {late}"
    return f"{case}: {words.heading('owes', what=what, on=words.day(one.on), title=one.office_title)}"
