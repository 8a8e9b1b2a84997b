"""The words of pictures and reports, beside the catalogue of the command line: headings, and steps in a word or two.

In files of their own (`words/report/`), because they are read only where a picture is drawn or a report is written.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from importlib.resources import files

from workflows.words import Section, Words


class ReportWords(Words):
    """The catalogue of one language with the words of pictures and reports."""

    @cached_property
    def catalogue(self) -> Mapping[str, Section]:
        """Every section of both files of the language."""
        text = files("workflows").joinpath("words", "report", f"{self.language}.toml").read_text(encoding="utf-8")
        return {**super().catalogue, **tomllib.loads(text)}

    def short_step(self, workflow: str, step: str) -> str:
        """A step in a word or two, as it stands on an arrow: `request_amendment` → request amendment."""
        return self._of("short", workflow, step)

    def drawn(self, workflow: str, kind: str, name: str) -> str:
        """A word of a workflow's picture, as `engine.graph` asks for it."""
        match kind:
            case "state":
                return self.state(workflow, name)
            case "step":
                return self.short_step(workflow, name)
            case "workflow":
                return self.label("workflow", name)
            case _:
                return self.label("graph", name)

    def heading(self, name: str, **parameters: str | int) -> str:
        """A heading or sentence of a report."""
        return self.label("report", name).format_map(parameters)

    def day(self, day: date) -> str:
        """A local date as the language writes it in documents: 04.10.2018."""
        return day.strftime(self.label("report", "day_format"))
