"""The sentences of one letter in one language, with those that all letters share, and how the language writes dates.

A sentence is a template with named gaps; what anybody typed only ever fills a gap, so braces in it stay as they are.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING

from workflows.letters.content import capital
from workflows.words import Words

if TYPE_CHECKING:
    from datetime import date, time

    from engine.register import Language

SHARED = "shared"
"""The folder of the sentences that every letter may use."""


class Sentences:
    """What a letter can say. Its own sentences go before shared ones of the same name."""

    def __init__(self, folder: str, language: Language) -> None:
        self.language = language
        self.known = {**read(SHARED, language), **read(folder, language)}

    @cached_property
    def words(self) -> Words:
        """The words for states, deadlines, agenda items and facts."""
        return words_of(self.language)

    def __call__(self, name: str, /, **given: str | int) -> str:
        """A sentence with its gaps filled. Raises KeyError for one that no file has."""
        return self.known[name].format_map(given)

    def day(self, day: date) -> str:
        """A local date: 12. juni 2019."""
        return self("day", day=day.day, month=self(f"month.{day.month}"), year=day.year)

    def weekday(self, day: date) -> str:
        """A local date with its weekday: onsdag 12. juni 2019."""
        return self("weekday_and_day", weekday=self(f"weekday.{day.isoweekday()}"), day=self.day(day))

    def clock(self, at: time) -> str:
        """A local time: kl. 10.00."""
        return at.strftime(self("clock"))

    def days(self, count: int) -> str:
        """A number of days: 1 dag, 7 dager."""
        return self("days_one" if count == 1 else "days_many", count=count)

    def due(self, day: date, late: int) -> str:
        """When something is or was due: `late` is by how many days, negative before the date."""
        names = {0: "due_today", -1: "due_tomorrow"}
        name = names.get(late, "due_past" if late > 0 else "due_ahead")
        return self(name, day=self.day(day), days=self.days(abs(late)))

    def counted(self, name: str, count: int, /, **given: str | int) -> str:
        """The sentence for one or for several: `name` ends in `_one` or `_many` in the files."""
        return self(f"{name}_one" if count == 1 else f"{name}_many", count=count, **given)

    def fact(self, name: str) -> str:
        """What a fact of a case is called, as a label."""
        return capital(self.words.label("fact", name))


@cache
def sentences(folder: str, language: Language) -> Sentences:
    """The sentences of a letter, read once."""
    return Sentences(folder, language)


@cache
def words_of(language: Language) -> Words:
    """The catalogue of a language, read once."""
    return Words(language)


@cache
def read(folder: str, language: str) -> Mapping[str, str]:
    """Every sentence in a folder's file of a language, under its dotted name."""
    text = files("workflows").joinpath("letters", folder, f"{language}.toml").read_text(encoding="utf-8")
    return dict(_flat(tomllib.loads(text)))


def _flat(table: Mapping[str, object], before: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", str(value)
