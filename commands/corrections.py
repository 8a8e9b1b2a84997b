"""`politirad correct` and `annul`: putting right and taking back, by new events. Both stay visible."""

from __future__ import annotations

import click

from commands.entries import entry_of, entry_options
from commands.receipts import print_receipt
from commands.wiring import setup_of
from engine.errors import UsageError

_REASON = click.option("--reason", metavar="TEXT", help="Why the record is put right. Erasable. Required.")


@entry_options(without=("ref",))
@click.command()
@click.argument("case")
@click.argument("number", metavar="N", type=int)
@click.option("--on", metavar="DATE", help="The right date of the act.")
@click.option("--ref", metavar="TEXT", help="The right reference.")
@click.option(
    "--text", "texts", metavar="FIELD=VALUE", multiple=True, help="The right text of a field; may be repeated."
)
@_REASON
@click.pass_context
def correct(
    ctx: click.Context, /, *, case: str, number: int, on: str | None, ref: str | None, texts: tuple[str, ...],
    **given: object,
) -> None:  # fmt: skip
    """Put right the date, the reference or a text of event N of CASE; `politirad log CASE` numbers them."""
    setup = setup_of(ctx)
    changes = {name: value for name, value in (("on", on), ("ref", ref)) if value is not None}
    changes |= dict(_split(text) for text in texts)
    entry = entry_of(setup, given)
    receipt = setup.service.correct(setup.council, case, number, changes, entry=entry, dry_run=bool(given["dry_run"]))
    print_receipt(setup, receipt, as_json=bool(given["as_json"]))


@entry_options()
@click.command()
@click.argument("case")
@_REASON
@click.pass_context
def annul(ctx: click.Context, /, *, case: str, **given: object) -> None:
    """Take back the newest step of CASE, if a person took it, nothing builds on it and it is no signature."""
    setup = setup_of(ctx)
    receipt = setup.service.annul(setup.council, case, entry=entry_of(setup, given), dry_run=bool(given["dry_run"]))
    print_receipt(setup, receipt, as_json=bool(given["as_json"]))


def _split(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError(f'--text: write FIELD=VALUE, for instance title="Annual meeting", not {text!r}.')
    return name.replace("-", "_"), value
