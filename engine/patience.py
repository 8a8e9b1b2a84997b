"""Running a transaction anew where another one was in its way: it wrote nothing, and a command is a value."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from random import uniform
from typing import ParamSpec, TypeVar

from engine.errors import PassingError

Given = ParamSpec("Given")
Answer = TypeVar("Answer")

PAUSES = (0.02, 0.1, 0.5)
"""Seconds before each further attempt, at most; shortened at random, so that two do not meet again."""


def patient(act: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """An act that is run anew, at most three times more, where it raises `PassingError`; then it raises that.

    What is given to it must last for several attempts, and nothing may have left the process before the error.
    """

    @wraps(act)
    def tried(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
        for pause in PAUSES:
            try:
                return act(*args, **kwargs)
            except PassingError:
                time.sleep(uniform(0, pause))  # noqa: S311  # no secret
        return act(*args, **kwargs)

    return tried
