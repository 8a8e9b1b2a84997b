"""`politirad profile`: the council's rules, which open cases keep as they were when opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.entries import entry_of, entry_options, register
from commands.opening import document_of, read_council
from commands.output import dump, pairs, say, title
from commands.reading import json_flag
from commands.receipts import LEAF, print_receipt
from commands.wiring import setup_of
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.event import Facts, Json


@click.group()
def profile() -> None:
    """Show, change or apply the council's rules."""


@profile.command()
@click.option("--case", metavar="CASE", help="The rules this case runs under; the newest if left out.")
@json_flag
@click.pass_context
def show(ctx: click.Context, *, case: str | None, as_json: bool) -> None:
    """Show the council's rules, every one with its value."""
    setup = setup_of(ctx)
    with setup.reading() as reader:
        newest = reader.council().profile
        leaf = (reader.case(case).profile or newest) if case else newest
        rules = reader.profile(leaf)
    if as_json:
        dump({"leaf": leaf, "newest": leaf == newest, "rules": rules})
        return
    title(setup.words.phrase("rules_heading", leaf=leaf[:LEAF]))
    pairs(list(flat(rules)), indent=2)
    if leaf != newest:
        say(setup.words.phrase("older_rules", case=case))


@entry_options()
@profile.command(name="set")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_context
def set_(ctx: click.Context, /, *, file: Path, **given: object) -> None:
    """Make a council's TOML FILE its register and rules from now on; open cases keep their rules."""
    from engine.registration import set_profile

    setup = setup_of(ctx)
    council = read_council(file)
    with setup.reading() as reader:
        now = reader.council()
        rules = reader.profile(now.profile)
    if council.origin != now.origin:
        raise UsageError(f"{file} is of {council.origin}, and this council's log is {now.origin}. Keep its origin.")
    document, entry = document_of(council), entry_of(setup, given)
    changes = list(changed(rules, document["profile"]))
    register(setup, lambda run: set_profile(run, document, entry), given, setup.words.phrase("rules_set"))
    if not given["as_json"]:
        pairs(changes or [(setup.words.phrase("no_rule_changed"), "")], indent=2)


@entry_options()
@profile.command()
@click.argument("case")
@click.option("--reason", metavar="TEXT", help="Why the case is to run under other rules. Erasable. Required.")
@click.pass_context
def apply(ctx: click.Context, /, *, case: str, **given: object) -> None:
    """Let an open CASE run under the council's newest rules instead of its own."""
    setup = setup_of(ctx)
    receipt = setup.service.apply_profile(
        setup.council, case, entry=entry_of(setup, given), dry_run=bool(given["dry_run"])
    )  # fmt: skip
    print_receipt(setup, receipt, as_json=bool(given["as_json"]))


def flat(rules: Json, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every rule under its dotted name, with its value as text; items that are tables are counted from 1."""
    if isinstance(rules, Mapping) and rules:
        for name, value in rules.items():
            yield from flat(value, f"{prefix}.{name}" if prefix else name)
    elif isinstance(rules, list | tuple) and any(isinstance(item, Mapping) for item in rules):
        for number, item in enumerate(rules, 1):
            yield from flat(item, f"{prefix}[{number}]")
    else:
        yield prefix, ", ".join(map(str, rules)) if isinstance(rules, list | tuple) else _shown(rules)


def changed(old: Facts, new: Json) -> Iterator[tuple[str, str]]:
    """The rules that differ, each as old → new."""
    before, after = dict(flat(old)), dict(flat(new))
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            yield name, f"{before.get(name, '-')} → {after.get(name, '-')}"


def _shown(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else "-" if value in ({}, None) else str(value)
