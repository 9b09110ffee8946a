"""Pictures of a report: curves with intervals as SVG, maps and sheets of images as small bitmaps."""

from __future__ import annotations

import base64
import colorsys
import html
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import PIL.Image
import PIL.ImageDraw

from datagen.report.svg import HEIGHT, MARGIN, WIDTH
from train.evaluate.statistics import Floats, Labels

MOST_COLORS = 12
_OTHER = (190, 190, 190)
_GOLDEN_ANGLE = 0.381966
_MAP_PX, _DOT_PX = 300, 2.2
_FINE = 3
"""Maps are drawn so many times larger, and averaged."""
_SHEET_COLUMNS = 12


@dataclass(frozen=True)
class Curve:
    """A line: x and y (n,), and where y may lie, (n,) each; what is not finite is left out."""

    x: Floats
    y: Floats
    low: Floats | None = None
    high: Floats | None = None


def curves(series: Mapping[str, Curve], x_label: str, y_label: str, *, zero: bool = False) -> str:
    """Lines with their intervals, and what each is; `zero`: a line at 0, which is in view then."""
    ends = [
        values[np.isfinite(values)] for c in series.values() for values in (c.y, c.low, c.high) if values is not None
    ]
    reached = np.concatenate([*ends, [0.0]] if zero else ends) if ends else np.empty(0)
    if not len(reached):
        return "<p>nothing to show</p>"
    x_all = np.concatenate([curve.x for curve in series.values()])
    spans = (float(x_all.min()), float(x_all.max())), (float(reached.min()), float(reached.max()))
    drawn = [_frame(*spans, x_label, y_label)]
    if zero:
        level = _y(0.0, spans[1])
        drawn.append(f'<path d="M{MARGIN} {level:.1f}H{WIDTH - MARGIN}" stroke="#bbb" stroke-dasharray="4 3"/>')
    named = {name: color(index) for index, name in enumerate(series)}
    drawn += [_curve(curve, _hexed(named[name]), *spans) for name, curve in series.items()]
    drawing = f'<svg width="{WIDTH}" height="{HEIGHT}">{"".join(drawn)}</svg>'
    return f"<figure>{drawing}<figcaption>{_spots(named) if len(named) > 1 else ''}</figcaption></figure>"


def map_of(points: Floats, labels: Labels, order: Sequence[str], *, ramp: bool = False) -> str:
    """Points (M, 2) on a plane, coloured by label (M,): the first 12 of `order`, the others grey.

    `ramp`: colours in the order of the rainbow, for labels that are numbers.
    """
    shown = list(order[:MOST_COLORS])
    colors = [_rainbow(index / max(1, len(shown) - 1)) if ramp else color(index) for index in range(len(shown))]
    of_label = dict(zip(shown, colors, strict=True))
    image = PIL.Image.new("RGB", (_MAP_PX * _FINE, _MAP_PX * _FINE), "white")
    draw = PIL.ImageDraw.Draw(image)
    span = np.maximum(np.ptp(points, axis=0), 1e-12)
    placed = ((points - points.min(axis=0)) / span * (_MAP_PX - 12) + 6) * _FINE
    radius = _DOT_PX * _FINE
    for (x, y_up), label in zip(placed.tolist(), labels.tolist(), strict=True):
        y = _MAP_PX * _FINE - y_up
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=of_label.get(label, _OTHER))
    grey = len(set(labels.tolist()) - set(shown))
    rest = f" and {grey} more (grey)" if grey else ""
    small = np.asarray(image.resize((_MAP_PX, _MAP_PX), PIL.Image.Resampling.BOX))
    return f"{picture(small, 'PNG')}<figcaption>{_spots(of_label)}{rest}</figcaption>"


def sheet(rgb: npt.NDArray[np.uint8]) -> str:
    """Images (n, 3, H, W) in rows of 12."""
    images = np.moveaxis(rgb, 1, -1)
    height, width = images.shape[1:3]
    rows = -(-len(images) // _SHEET_COLUMNS)
    page = np.full((rows * (height + 2), _SHEET_COLUMNS * (width + 2), 3), 255, np.uint8)
    for number, image in enumerate(images):
        row, column = divmod(number, _SHEET_COLUMNS)
        top, left = row * (height + 2), column * (width + 2)
        page[top : top + height, left : left + width] = image
    return picture(page, "JPEG")


def picture(image: npt.NDArray[np.uint8], kind: str) -> str:
    """An image (H, W, 3) inside the page, as "PNG" or "JPEG"."""
    buffer = io.BytesIO()
    PIL.Image.fromarray(image).save(buffer, kind, quality=88)
    data = base64.b64encode(buffer.getvalue()).decode()
    return f'<img src="data:image/{kind.lower()};base64,{data}">'


def color(index: int) -> tuple[int, int, int]:
    """A colour for the index-th thing; those of neighbours in a list are far apart."""
    red, green, blue = colorsys.hls_to_rgb((0.58 + index * _GOLDEN_ANGLE) % 1.0, 0.45, 0.65)
    return round(255 * red), round(255 * green), round(255 * blue)


def _rainbow(share: float) -> tuple[int, int, int]:
    """From blue (0) over green to red (1)."""
    red, green, blue = colorsys.hls_to_rgb((1.0 - share) * 0.68, 0.45, 0.75)
    return round(255 * red), round(255 * green), round(255 * blue)


def _hexed(rgb: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)


def _spots(colors: Mapping[str, tuple[int, int, int]]) -> str:
    """Names beside their colours."""
    spot = '<span style="background:{};width:9px;height:9px;display:inline-block;margin:0 3px 0 8px"></span>{}'
    return "".join(spot.format(_hexed(rgb), html.escape(name)) for name, rgb in colors.items())


def _curve(curve: Curve, stroke: str, x_span: tuple[float, float], y_span: tuple[float, float]) -> str:
    use = np.isfinite(curve.y)
    points = [(_x(x, x_span), _y(y, y_span)) for x, y in zip(curve.x[use].tolist(), curve.y[use].tolist(), strict=True)]
    text = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    drawn = f'<polyline points="{text}" fill="none" stroke="{stroke}" stroke-width="1.6"/>'
    if curve.low is None or curve.high is None:
        return drawn
    for (x, y), low, high in zip(points, curve.low[use].tolist(), curve.high[use].tolist(), strict=True):
        drawn += f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{stroke}"/>'
        if math.isfinite(low) and math.isfinite(high):
            drawn += f'<path d="M{x:.1f} {_y(low, y_span):.1f}V{_y(high, y_span):.1f}" stroke="{stroke}"/>'
    return drawn


def _x(value: float, span: tuple[float, float]) -> float:
    return MARGIN + (value - span[0]) / ((span[1] - span[0]) or 1.0) * (WIDTH - 2 * MARGIN)


def _y(value: float, span: tuple[float, float]) -> float:
    return HEIGHT - MARGIN - (value - span[0]) / ((span[1] - span[0]) or 1.0) * (HEIGHT - 2 * MARGIN)


def _frame(x_span: tuple[float, float], y_span: tuple[float, float], x_label: str, y_label: str) -> str:
    bottom = HEIGHT - MARGIN
    texts = [
        (MARGIN, bottom + 14, "start", f"{x_span[0]:.4g}"),
        (WIDTH - MARGIN, bottom + 14, "end", f"{x_span[1]:.4g}"),
        (WIDTH / 2, bottom + 28, "middle", x_label),
        (MARGIN, MARGIN - 8, "start", y_label),
        (MARGIN - 4, bottom, "end", f"{y_span[0]:.2g}"),
        (MARGIN - 4, MARGIN + 8, "end", f"{y_span[1]:.2g}"),
    ]
    written = "".join(
        f'<text x="{x}" y="{y}" text-anchor="{at}">{html.escape(text)}</text>' for x, y, at, text in texts
    )
    return f'<path d="M{MARGIN} {MARGIN}V{bottom}H{WIDTH - MARGIN}" fill="none" stroke="#888"/>{written}'
