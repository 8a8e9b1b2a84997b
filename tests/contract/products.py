"""Over what the contract suite runs, and marks for the few tests of what one product alone has."""

from __future__ import annotations

import pytest

FILES = ("WAL", "DELETE")
"""A SQLite file with either journal."""
SERVER = "PostgreSQL"
PRODUCTS = (*FILES, SERVER)

on_a_file = pytest.mark.parametrize("store", FILES, indirect=True)
on_a_server = pytest.mark.parametrize("store", [SERVER], indirect=True)
