"""The store: a log of events per council and views of it, in a SQLite file. The only importer of SQLAlchemy."""

from __future__ import annotations

from store.database import SqlStore

__all__ = ["SqlStore"]
