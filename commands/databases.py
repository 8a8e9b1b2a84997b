"""`politirad db`: the database itself, beside what stands in it."""

from __future__ import annotations

import click

from commands.copying import copy
from commands.schemas import roles, upgrade


@click.group(no_args_is_help=True)
def db() -> None:
    """The database itself: move it, upgrade it, give rights."""


db.add_command(copy)
db.add_command(roles)
db.add_command(upgrade)
