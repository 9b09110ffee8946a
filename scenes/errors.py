"""The one error that bad input raises."""

from __future__ import annotations

import re

_LONGEST_REASON = 200


class HomeError(ValueError):
    """A home, mesh or scene cannot be read. The message says what, where, and what to do; the CLI exits with 2."""


def reason(error: BaseException) -> str:
    """Return what a library's error says, in one line that is the same each time: without addresses of objects."""
    text = re.sub(r"<([\w.]+)[^<>]* at 0x[0-9a-fA-F]+>", r"\1", str(error))
    return " ".join(text.split())[:_LONGEST_REASON] or type(error).__name__
