"""The one error that bad input raises, and the boundary at which a library's failure becomes it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

_LONGEST_REASON = 200


class HomeError(ValueError):
    """A home, mesh or scene cannot be read. The message says what, where, and what to do; the CLI exits with 2."""


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Turn any failure inside into one HomeError: `WHAT: reason`. Our own errors pass as they are.

    For the outermost place where a library is given a stranger's bytes: what it raises on damage is in no contract.

    >>> with reading("the model is damaged"):
    ...     int("x")
    Traceback (most recent call last):
    scenes.errors.HomeError: the model is damaged: invalid literal for int() with base 10: 'x'
    """
    try:
        yield
    except HomeError:
        raise
    except Exception as error:
        raise HomeError(f"{what}: {reason(error)}") from error


def reason(error: BaseException) -> str:
    """Return what a library's error says, in one line that is the same each time: without addresses of objects."""
    text = re.sub(r"<([\w.]+)[^<>]* at 0x[0-9a-fA-F]+>", r"\1", str(error))
    return " ".join(text.split())[:_LONGEST_REASON] or type(error).__name__
