"""Run by Alembic: connects the migrations with the connection they are given and with the metadata."""

from __future__ import annotations

from alembic import context

import store.creation  # noqa: F401  # fills the metadata
from store.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
