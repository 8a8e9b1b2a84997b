"""Councils that ship with politirad, as data: one folder each."""
