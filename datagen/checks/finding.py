"""What a check finds."""

from __future__ import annotations

from dataclasses import dataclass

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True)
class Finding:
    """Something wrong. `code`: what kind, `place`: the file, episode and step; `message`: what, and what to do."""

    severity: str
    code: str
    message: str
    place: str = ""
