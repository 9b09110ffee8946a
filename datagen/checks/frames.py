"""Frames against each other: the same image in several places, and too many frames that show little."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from datagen.checks.episode import Seen
from datagen.checks.finding import ERROR, WARNING, Finding
from datagen.store import verify

MANY = {verify.CONSTANT: 0.05, verify.NOTHING: 0.05, verify.REPEAT: 0.5}
"""The share of a dataset's frames from which on a flag is worth a warning."""


def duplicate_findings(seen: Sequence[Seen]) -> Iterator[Finding]:
    """The same image of several things from different places."""
    same: defaultdict[bytes, list[Seen]] = defaultdict(list)
    for row in seen:
        if row.things > 1:
            same[row.digest].append(row)
    for first, *others in same.values():
        for other in others:
            if first.record["home"] != other.record["home"]:
                yield Finding(ERROR, "duplicate", f"the same image as {first.place}, in another home", other.place)
            elif verify.image_motion_px(other.record, first.record, other.depth_m) > verify.MOVED_PX:
                yield Finding(ERROR, "duplicate", f"the same image as {first.place}, from another pose", other.place)


def flag_findings(seen: Sequence[Seen]) -> Iterator[Finding]:
    """Flags that are too frequent."""
    counts = Counter(flag for row in seen for flag in row.record["checks"])
    for flag, count in counts.items():
        share = count / len(seen)
        if share > MANY[flag]:
            yield Finding(WARNING, flag, f"{count} of {len(seen)} frames ({share:.0%}) are marked {flag!r}")
