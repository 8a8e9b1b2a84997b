"""The words of the certificate, beside the catalogue of the command line; read only where one is written."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from importlib.resources import files

from workflows.words import Section, Words


class CertificateWords(Words):
    """The catalogue of one language with the words of the certificate."""

    @cached_property
    def catalogue(self) -> Mapping[str, Section]:
        """Every section of both files of the language."""
        text = files("workflows").joinpath("words", "certificate", f"{self.language}.toml").read_text(encoding="utf-8")
        return {**super().catalogue, **tomllib.loads(text)}

    def said(self, name: str, /, **parameters: str | int) -> str:
        """A heading or sentence of the certificate."""
        return self.label("certificate", name).format_map(parameters)

    def day(self, day: date) -> str:
        """A local date as the language writes it in documents: 04.10.2018."""
        return day.strftime(self.said("day_format"))
