"""Which of the furniture groups that follow each other are one piece: the file does not say.

A piece is a run of groups with different names that hang together. The runs chosen are the cheapest: each cut costs
less than a run that falls apart, so groups are cut where they are apart, unless a later group joins them (the legs of a
table, then its top), and two pieces that touch are one, unless a name comes again. The program's own models list their
movable parts (`sweethome3d_hinge_1` ...) last: a cut behind those is cheaper, one before them dearer. How well this
does is in `docs/obj.md`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from scenes.mesh import Floats

TOUCHING_M = 0.01
CUT_COST = 0.5
APART_COST = 1.0
"""For each further part of a run that touches none of the others."""
MOVABLE_DISCOUNT = 0.25
LONGEST_PIECE = 256
"""Groups. Sets of groups no further apart than this are kept as bits, by their places modulo this."""

_MOVABLE = re.compile(r"sweethome3d_(?!window_pane|window_mirror|mannequin)")


def split_pieces(names: Sequence[str], boxes: Floats) -> list[slice]:
    """The runs of groups that are one piece each.

    Args:
        names: the groups' names in their model, without running numbers; may be empty.
        boxes: (N, 2, 3), their least and greatest coordinates, m.
    """
    return _split_by_models(names, _cheapest_runs(names, _neighbours(boxes)))


def _neighbours(boxes: Floats) -> list[int]:
    """For each group the later ones nearby in the file that it touches, as bits."""
    found = []
    for index in range(len(boxes)):
        later = boxes[index + 1 : index + LONGEST_PIECE]
        gaps = np.maximum(boxes[index, 0] - later[:, 1], later[:, 0] - boxes[index, 1])
        touching = np.flatnonzero((gaps <= TOUCHING_M).all(axis=1)) + index + 1
        found.append(sum(1 << int(other) % LONGEST_PIECE for other in touching))
    return found


def _cheapest_runs(names: Sequence[str], neighbours: Sequence[int]) -> list[slice]:
    """The cheapest way to cut the row of groups into runs, by dynamic programming over the ends of runs."""
    count = len(names)
    cut_costs = [0.0] + [_cut_cost(names[i - 1], names[i]) for i in range(1, count)]
    cheapest = [0.0] + [float("inf")] * count
    starts = [0] * (count + 1)
    for end in range(1, count + 1):
        seen: set[str] = set()
        parts: list[int] = []
        for start in range(end - 1, max(-1, end - 1 - LONGEST_PIECE), -1):
            name = names[start]
            if name in seen:
                break
            if name:
                seen.add(name)
            parts = _joined(parts, start, neighbours[start])
            cost = cheapest[start] + cut_costs[start] + APART_COST * (len(parts) - 1)
            if cost < cheapest[end] - 1e-9:
                cheapest[end], starts[end] = cost, start
    runs = []
    end = count
    while end > 0:
        runs.append(slice(starts[end], end))
        end = starts[end]
    return runs[::-1]


def _cut_cost(before: str, after: str) -> float:
    if _MOVABLE.match(after):
        return CUT_COST + MOVABLE_DISCOUNT
    return CUT_COST - MOVABLE_DISCOUNT if _MOVABLE.match(before) else CUT_COST


def _joined(parts: list[int], group: int, neighbours: int) -> list[int]:
    """The connected parts of a run (groups as bits) after one more group has come to it."""
    whole = 1 << group % LONGEST_PIECE
    apart = []
    for part in parts:
        if part & neighbours:
            whole |= part
        else:
            apart.append(part)
    return [*apart, whole]


def _split_by_models(names: Sequence[str], runs: Sequence[slice]) -> list[slice]:
    """The runs, those cut in two whose names are those of two other pieces, one after the other."""
    models = {tuple(names[run]) for run in runs if run.stop - run.start > 1 and any(names[run])}
    found = []
    for run in runs:
        cuts = range(run.start + 2, run.stop - 1)
        cut = next((c for c in cuts if {tuple(names[run.start : c]), tuple(names[c : run.stop])} <= models), None)
        found += [run] if cut is None else [slice(run.start, cut), slice(cut, run.stop)]
    return found
