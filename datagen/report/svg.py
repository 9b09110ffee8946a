"""Charts as SVG, small enough to stand in a page by the dozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

WIDTH, HEIGHT, MARGIN = 420, 200, 44
_JUMP_M = 0.8
"""Farther from one frame to the next is no step of a way but another viewpoint."""
_HUES = 137.508
"""The golden angle, degrees: neighbours in a list get colours far apart."""

Floats = npt.NDArray[np.float64]


def color(index: int) -> str:
    """A colour for the index-th thing."""
    return f"hsl({index * _HUES % 360:.0f} 60% 45%)"


def bars(counts: Mapping[str, int], most: int = 30) -> Markup:
    """Horizontal bars, one per name; those beyond `most` as one."""
    shown = list(counts.items())[:most]
    rest = sum(counts.values()) - sum(count for _, count in shown)
    shown += [(f"{len(counts) - most} more", rest)] if rest else []
    total, largest = max(1, sum(counts.values())), max([1, *(count for _, count in shown)])
    row = Markup(
        "<tr><td>{}</td><td class=n>{:,}</td><td class=n>{:.1%}</td>"
        '<td><div class=bar style="width:{:.0f}px"></div></td></tr>'
    )
    rows = [row.format(name or "(none)", count, count / total, 220 * count / largest) for name, count in shown]
    return Markup("<table>{}</table>").format(Markup("").join(rows))


def histogram(counts: Floats, edges: Floats, label: str) -> Markup:
    """Vertical bars over an axis."""
    high = max(1.0, float(counts.max(initial=0)))
    step = (WIDTH - 2 * MARGIN) / len(counts)
    heights = counts / high * (HEIGHT - 2 * MARGIN)
    bar = Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>')
    drawn = Markup("").join(
        bar.format(MARGIN + i * step, HEIGHT - MARGIN - high_px, step * 0.9, high_px)
        for i, high_px in enumerate(heights)
    )
    return _chart(drawn, (float(edges[0]), float(edges[-1])), None, label, "")


def scatter(x: Floats, y: Floats, x_label: str, y_label: str) -> Markup:
    """A dot per pair."""
    if not len(x):
        return Markup("<p>nothing to show</p>")
    x_range, y_range = ((float(v.min()), float(v.max())) for v in (x, y))
    dot = Markup('<circle cx="{:.1f}" cy="{:.1f}" r="1.3"/>')
    dots = Markup("").join(
        dot.format(_place(a, x_range, WIDTH), HEIGHT - _place(b, y_range, HEIGHT))
        for a, b in zip(x.tolist(), y.tolist(), strict=True)
    )
    return _chart(Markup('<g fill-opacity="0.35">{}</g>').format(dots), x_range, y_range, x_label, y_label)


def heat_map(
    counts: Floats, x_range: tuple[float, float], y_range: tuple[float, float], x_label: str, y_label: str
) -> Markup:
    """Cells (rows, columns), the first row at the bottom; darker is more, empty is white."""
    rows, columns = counts.shape
    wide, high = (WIDTH - 2 * MARGIN) / columns, (HEIGHT - 2 * MARGIN) / rows
    largest = max(1.0, float(counts.max(initial=0)))
    cell = Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill-opacity="{:.2f}"/>')
    cells = Markup("").join(
        cell.format(
            MARGIN + j * wide, HEIGHT - MARGIN - (i + 1) * high, wide, high, 0.15 + 0.85 * counts[i, j] / largest
        )
        for i in range(rows)
        for j in range(columns)
        if counts[i, j]
    )
    return _chart(cells, x_range, y_range, x_label, y_label)


def paths(lines: Sequence[Floats]) -> Markup:
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
    caption = f"{size[0]:.1f} m x {size[1]:.1f} m, from above"
    frame = Markup('<figure><svg width="{:.0f}" height="{:.0f}">{}</svg><figcaption>{}</figcaption></figure>')
    return frame.format(wide, high, Markup("").join(drawn), caption)


def _way(points: Floats, stroke: str) -> Markup:
    """A line through pixels (k, 2), with a dot at its first."""
    dot = Markup('<circle cx="{:.1f}" cy="{:.1f}" r="2.5" fill="{}"/>').format(points[0, 0], points[0, 1], stroke)
    text = " ".join(f"{x:.1f},{y:.1f}" for x, y in points.tolist())
    line = Markup('<polyline points="{}" fill="none" stroke="{}" stroke-opacity="0.7"/>').format(text, stroke)
    return dot + line


def _place(value: float, span: tuple[float, float], length: int) -> float:
    low, high = span
    return MARGIN + (value - low) / ((high - low) or 1.0) * (length - 2 * MARGIN)


def _chart(
    drawn: Markup, x_range: tuple[float, float], y_range: tuple[float, float] | None, x_label: str, y_label: str
) -> Markup:
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
    label = Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>')
    written = Markup("").join(label.format(*text) for text in texts)
    axes = Markup('<path d="M{0} {0}V{1}H{2}" fill="none" stroke="#888"/>').format(MARGIN, bottom, WIDTH - MARGIN)
    frame = Markup('<svg class=chart width="{}" height="{}">{}{}{}</svg>')
    return frame.format(WIDTH, HEIGHT, drawn, axes, written)
