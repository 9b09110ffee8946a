"""Parallel coordinates as SVG: an axis per parameter, the metric last, a line per point."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

from train.sweeps.compare import Row
from train.sweeps.config import Metric
from train.sweeps.distributions import Choice, Value
from train.sweeps.space import Leaf, Position

_TOP, _HEIGHT, _STEP, _LEFT, _RIGHT, _BOTTOM = 34, 260, 150, 70, 90, 14
_MOST_TICKS = 12
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
_STOPS = ((253, 190, 61), (222, 95, 101), (125, 30, 141), (20, 11, 84))
"""From bad to good, light to dark: also in print, and for those who do not see red and green apart."""


def parallel_coordinates(leaves: Sequence[Leaf], rows: Sequence[Row], metric: Metric) -> str:
    """The chart. An axis has its distribution's scale: equal lengths are equal shares of the draws.

    Args:
        leaves: parameters that have an axis
        rows: points, the best first; those without a value, which come last, are left out
        metric: the last axis, the best value on top
    """
    values = [row.value.value for row in rows if row.value is not None]
    if not values:
        return "<p>No trial has reported the metric.</p>"
    worst, best = (min(values), max(values)) if metric.goal == "maximize" else (max(values), min(values))
    lines = [
        _line(
            [*(_height(leaf, row.positions[leaf.name]) for leaf in leaves), _share(row.value.value, worst, best)],
            color(1.0 - rank / max(1, len(values) - 1)),
            row,
        )
        for rank, row in enumerate(rows)
        if row.value is not None
    ]
    axes = [_axis(i, leaf.name, _ticks(leaf)) for i, leaf in enumerate(leaves)]
    middle = (worst + best) / 2
    axes.append(_axis(len(leaves), metric.name, [(0.0, f"{worst:.4g}"), (0.5, f"{middle:.4g}"), (1.0, f"{best:.4g}")]))
    width = _LEFT + _STEP * len(leaves) + _RIGHT
    drawn = "".join([*reversed(lines), *axes])  # the best on top
    return f'<svg width="{width}" height="{_TOP + _HEIGHT + _BOTTOM}">{drawn}</svg>'


def color(share: float) -> str:
    """A colour from bad, 0, to good, 1; lines have theirs by rank."""
    place = share * (len(_STOPS) - 1)
    i = min(int(place), len(_STOPS) - 2)
    return "#" + "".join(
        f"{round(a + (b - a) * (place - i)):02x}" for a, b in zip(_STOPS[i], _STOPS[i + 1], strict=True)
    )


def _share(value: float, worst: float, best: float) -> float:
    return 1.0 if worst == best else (value - worst) / (best - worst)


def _line(heights: Sequence[float], stroke: str, row: Row) -> str:
    points = " ".join(f"{_x(i):.1f},{_y(height):.1f}" for i, height in enumerate(heights))
    told = ", ".join(f"{name} {_short(value)}" for name, value in row.settings.items())
    title = f"<title>{html.escape(f'{row.value}: {told}')}</title>"
    return f'<polyline points="{points}" fill="none" stroke="{stroke}" stroke-opacity="0.75">{title}</polyline>'


def _height(leaf: Leaf, position: Position) -> float:
    """Where on its axis, 0 (bottom) to 1."""
    if not isinstance(leaf.distribution, Choice):
        return float(position)
    last = len(leaf.distribution.values) - 1
    return position / last if last else 0.5


def _ticks(leaf: Leaf) -> list[tuple[float, str]]:
    """Heights and what stands there."""
    if not isinstance(leaf.distribution, Choice):
        return [(share, _short(leaf.distribution.quantile(share))) for share in _inner_shares(leaf)]
    values = leaf.distribution.values
    every = math.ceil(len(values) / _MOST_TICKS)
    return [(_height(leaf, i), _short(value)) for i, value in enumerate(values) if i % every == 0]


def _inner_shares(leaf: Leaf) -> tuple[float, ...]:
    """Shares to be labelled; the ends only where they are finite."""
    endless = getattr(leaf.distribution, "family", "uniform") in {"normal", "log_normal"}
    return (0.01, 0.25, 0.5, 0.75, 0.99) if endless else _SHARES


def _axis(i: int, name: str, ticks: Sequence[tuple[float, str]]) -> str:
    x = _x(i)
    drawn = [f'<path d="M{x} {_TOP}V{_TOP + _HEIGHT}" stroke="#888"/>']
    drawn.append(f'<text x="{x}" y="{_TOP - 16}" text-anchor="middle" font-weight="600">{html.escape(name)}</text>')
    for height, text in ticks:
        y = _y(height)
        drawn.append(f'<path d="M{x - 3} {y:.1f}h6" stroke="#888"/>')
        drawn.append(f'<text class=tick x="{x + 6}" y="{y + 4:.1f}">{html.escape(text)}</text>')
    return "".join(drawn)


def _x(i: int) -> int:
    return _LEFT + _STEP * i


def _y(height: float) -> float:
    return _TOP + _HEIGHT * (1 - height)


def _short(value: Value) -> str:
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 16 else f"{text[:15]}…"
