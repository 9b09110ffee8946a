"""Charts as SVG, small enough to stand in a page by the dozen."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

WIDTH, HEIGHT, MARGIN = 420, 200, 44
_JUMP_M = 0.8
"""Farther from one frame to the next is no step of a way but another viewpoint."""
_HUES = 137.508
"""The golden angle, degrees: neighbours in a list get colours far apart."""

Floats = npt.NDArray[np.float64]


def color(index: int) -> str:
    """A colour for the index-th thing."""
    return f"hsl({index * _HUES % 360:.0f} 60% 45%)"


def bars(counts: Mapping[str, int], most: int = 30) -> str:
    """Horizontal bars, one per name; those beyond `most` as one."""
    shown = list(counts.items())[:most]
    rest = sum(counts.values()) - sum(count for _, count in shown)
    shown += [(f"{len(counts) - most} more", rest)] if rest else []
    total, largest = max(1, sum(counts.values())), max([1, *(count for _, count in shown)])
    rows = [
        f"<tr><td>{html.escape(name) or '(none)'}</td><td class=n>{count:,}</td><td class=n>{count / total:.1%}</td>"
        f'<td><div class=bar style="width:{220 * count / largest:.0f}px"></div></td></tr>'
        for name, count in shown
    ]
    return f"<table>{''.join(rows)}</table>"


def histogram(counts: Floats, edges: Floats, label: str) -> str:
    """Vertical bars over an axis."""
    high = max(1.0, float(counts.max(initial=0)))
    step = (WIDTH - 2 * MARGIN) / len(counts)
    heights = counts / high * (HEIGHT - 2 * MARGIN)
    drawn = "".join(
        f'<rect x="{MARGIN + i * step:.1f}" y="{HEIGHT - MARGIN - h:.1f}" width="{step * 0.9:.1f}" height="{h:.1f}"/>'
        for i, h in enumerate(heights)
    )
    return _chart(drawn, (float(edges[0]), float(edges[-1])), None, label, "")


def scatter(x: Floats, y: Floats, x_label: str, y_label: str) -> str:
    """A dot per pair."""
    if not len(x):
        return "<p>nothing to show</p>"
    x_range, y_range = ((float(v.min()), float(v.max())) for v in (x, y))
    dots = "".join(
        f'<circle cx="{_place(a, x_range, WIDTH):.1f}" cy="{HEIGHT - _place(b, y_range, HEIGHT):.1f}" r="1.3"/>'
        for a, b in zip(x.tolist(), y.tolist(), strict=True)
    )
    return _chart(f'<g fill-opacity="0.35">{dots}</g>', x_range, y_range, x_label, y_label)


def heat_map(
    counts: Floats, x_range: tuple[float, float], y_range: tuple[float, float], x_label: str, y_label: str
) -> str:
    """Cells (rows, columns), the first row at the bottom; darker is more, empty is white."""
    rows, columns = counts.shape
    wide, high = (WIDTH - 2 * MARGIN) / columns, (HEIGHT - 2 * MARGIN) / rows
    largest = max(1.0, float(counts.max(initial=0)))
    cells = "".join(
        f'<rect x="{MARGIN + j * wide:.1f}" y="{HEIGHT - MARGIN - (i + 1) * high:.1f}" width="{wide:.1f}" '
        f'height="{high:.1f}" fill-opacity="{0.15 + 0.85 * counts[i, j] / largest:.2f}"/>'
        for i in range(rows)
        for j in range(columns)
        if counts[i, j]
    )
    return _chart(cells, x_range, y_range, x_label, y_label)


def paths(lines: Sequence[Floats]) -> str:
    """Ways seen from above, (k, 2) m each, at one scale; a dot where one begins, and after each jump."""
    low = np.min([line.min(axis=0) for line in lines], axis=0)
    size = np.maximum(np.max([line.max(axis=0) for line in lines], axis=0) - low, 1.0)
    scale = min((2 * WIDTH - 20) / size[0], 400 / size[1])
    drawn = []
    for index, line in enumerate(lines):
        jumps = np.flatnonzero(np.linalg.norm(np.diff(line, axis=0), axis=1) > _JUMP_M) + 1
        points = np.stack([line[:, 0] - low[0], low[1] + size[1] - line[:, 1]], axis=1) * scale + 10
        drawn += [_way(piece, color(index)) for piece in np.split(points, jumps)]
    wide, high = size * scale + 20
    caption = f"<figcaption>{size[0]:.1f} m x {size[1]:.1f} m, from above</figcaption>"
    return f'<figure><svg width="{wide:.0f}" height="{high:.0f}">{"".join(drawn)}</svg>{caption}</figure>'


def _way(points: Floats, stroke: str) -> str:
    """A line through pixels (k, 2), with a dot at its first."""
    dot = f'<circle cx="{points[0, 0]:.1f}" cy="{points[0, 1]:.1f}" r="2.5" fill="{stroke}"/>'
    text = " ".join(f"{x:.1f},{y:.1f}" for x, y in points.tolist())
    return f'{dot}<polyline points="{text}" fill="none" stroke="{stroke}" stroke-opacity="0.7"/>'


def _place(value: float, span: tuple[float, float], length: int) -> float:
    low, high = span
    return MARGIN + (value - low) / ((high - low) or 1.0) * (length - 2 * MARGIN)


def _chart(
    drawn: str, x_range: tuple[float, float], y_range: tuple[float, float] | None, x_label: str, y_label: str
) -> str:
    """A frame, ends of the axes and labels around what is drawn."""
    bottom = HEIGHT - MARGIN
    texts = [
        (MARGIN, bottom + 14, "start", f"{x_range[0]:.4g}"),
        (WIDTH - MARGIN, bottom + 14, "end", f"{x_range[1]:.4g}"),
        (WIDTH / 2, bottom + 28, "middle", x_label),
        (MARGIN, MARGIN - 8, "start", y_label),
    ]
    if y_range is not None:
        texts += [
            (MARGIN - 4, bottom, "end", f"{y_range[0]:.3g}"),
            (MARGIN - 4, MARGIN + 8, "end", f"{y_range[1]:.3g}"),
        ]
    written = "".join(
        f'<text x="{x}" y="{y}" text-anchor="{anchor}">{html.escape(text)}</text>' for x, y, anchor, text in texts
    )
    axes = f'<path d="M{MARGIN} {MARGIN}V{bottom}H{WIDTH - MARGIN}" fill="none" stroke="#888"/>'
    return f'<svg class=chart width="{WIDTH}" height="{HEIGHT}">{drawn}{axes}{written}</svg>'
