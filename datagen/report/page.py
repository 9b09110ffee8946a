"""The report's page."""

from __future__ import annotations

import base64
import io
import itertools
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import PIL.Image
import yaml
from markupsafe import Markup

from datagen.reader.dataset import Dataset
from datagen.report import svg
from datagen.report.measure import (
    BRIGHTNESS_EDGES,
    DEPTH_EDGES_M,
    Looked,
    counts,
    identical_frames,
    look,
    random_pairs,
    rank_correlation,
)
from datagen.splits import find_leaks
from scenes.files import plain_errors, write_whole
from sim.output import MM_PER_M, color_depth

_STYLE = Markup("""
body{font:14px/1.45 system-ui,sans-serif;max-width:1000px;margin:2em auto;padding:0 1em;color:#222}
h2{margin-top:2em;border-bottom:1px solid #ccc}pre{margin:0}
td{padding:1px 10px 1px 0;vertical-align:top}.n{text-align:right}
.bar{background:#48c;height:11px;margin-top:4px}.chart{fill:#48c}text{font-size:11px;fill:#555}
figure{display:inline-block;margin:4px}figcaption{font-size:11px;color:#555}code{word-break:break-all}
.charts>*{display:inline-block;vertical-align:top}
""")
_MOST_PATHS = 200
_THUMBNAIL_PX = 112


def write_report(dataset: Dataset, path: Path, progress: Callable[[], None] = lambda: None) -> None:
    """Writes the report of a dataset; `progress` is called for each frame that is looked at.

    Raises:
        HomeError: a dataset without frames or with damaged ones, or the file cannot be written.
    """
    looked = look(dataset, progress)
    sections = [
        ("Overview", _overview(dataset)),
        ("Samples", _samples(dataset, looked)),
        ("Commands", svg.bars(counts(dataset.column("command")))),
        ("Depth and brightness", _histograms(looked)),
        ("Homes, levels and rooms", _places(dataset)),
        ("Pan, tilt and zoom", _ptz(dataset)),
        ("Paths", _paths(dataset)),
        ("Images that are alike", _alike(dataset, looked)),
        ("Splits", _splits(dataset)),
    ]
    body = _joined(Markup("<section><h2>{}</h2>{}</section>").format(title, content) for title, content in sections)
    frame = Markup("<!doctype html><meta charset=utf-8><title>{0}</title><style>{1}</style><h1>{0}</h1>{2}")
    page = frame.format(dataset.folder.resolve().name, _STYLE, body)
    with plain_errors(path.parent):
        write_whole(path, page.encode())


def _joined(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(parts)


def _table(rows: list[tuple[str, object]]) -> Markup:
    lines = _joined(Markup("<tr><td>{}</td><td>{}</td></tr>").format(name, value) for name, value in rows)
    return Markup("<table>{}</table>").format(lines)


def _overview(dataset: Dataset) -> Markup:
    about = dataset.about
    total = sum(dataset.episodes["bytes"].to_pylist())
    runs = Markup("<br>").join(", ".join(f"{k} {v}" for k, v in run.items()) for run in about["made_with"])
    rows: list[tuple[str, object]] = [
        ("frames", f"{len(dataset):,}"),
        ("episodes", f"{len(dataset.episodes):,} of {about['episodes']:,} ({about['state']})"),
        ("size", f"{total / 1e6:,.1f} MB, {total / max(1, len(dataset)) / 1e3:.1f} kB a frame"),
        ("content hash", Markup("<code>{}</code>").format(about.get("content_hash", "not complete"))),
        ("made with", runs),
        ("outcomes", svg.bars(counts(np.array(dataset.episodes["outcome"].to_pylist(), np.str_)))),
        ("configuration", Markup("<pre>{}</pre>").format(yaml.safe_dump(about["config"], sort_keys=False))),
    ]
    return _table(rows)


def _samples(dataset: Dataset, looked: Looked) -> Markup:
    episode, step, room = (dataset.column(name) for name in ("episode", "step", "room"))
    figures = []
    for frame, rgb, depth_mm in looked.samples:
        both = np.concatenate([rgb, color_depth(depth_mm * np.float32(1 / MM_PER_M))], axis=1)
        caption = f"episode {episode[frame]}, step {step[frame]}, {room[frame]}"
        figures.append(
            Markup('<figure><img src="{}"><figcaption>{}</figcaption></figure>').format(_inline(both), caption)
        )
    return _joined(figures)


def _inline(image: npt.NDArray[np.uint8]) -> str:
    """An image (H, W, 3) as a data address, small."""
    small = PIL.Image.fromarray(image)
    small.thumbnail((2 * _THUMBNAIL_PX, _THUMBNAIL_PX * 2))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=85)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _histograms(looked: Looked) -> Markup:
    depth = svg.histogram(looked.depth, DEPTH_EDGES_M, "depth, m (the last bar: and beyond)")
    brightness = svg.histogram(looked.brightness, BRIGHTNESS_EDGES, "brightness, 0 to 255")
    said = f"{len(looked.frames):,} frames looked at; {looked.nothing:.1%} of the pixels have no depth."
    return Markup("<div class=charts>{}{}</div><p>{}</p>").format(depth, brightness, said)


def _places(dataset: Dataset) -> Markup:
    columns = [(title, dataset.column(name)) for title, name in (("home", "home"), ("camera", "camera"))]
    levels = np.char.add(np.char.add(dataset.column("home"), " / "), dataset.column("level"))
    rooms = np.char.add(np.char.add(levels, " / "), dataset.column("room"))
    tables = [*columns, ("level", levels), ("room", rooms)]
    return _joined(Markup("<h3>By {}</h3>{}").format(title, svg.bars(counts(values))) for title, values in tables)


def _ptz(dataset: Dataset) -> Markup:
    pan, tilt, zoom = (dataset.column(name) for name in ("pan_deg", "tilt_deg", "zoom"))
    known = ~(np.isnan(pan) | np.isnan(tilt) | np.isnan(zoom))
    if not known.any():
        return Markup("<p>No camera of this dataset pans, tilts and zooms.</p>")
    pan, tilt, log_zoom = pan[known], tilt[known], np.log2(zoom[known])
    axes = {"pan, degrees": pan, "tilt, degrees": tilt, "log2 zoom": log_zoom}
    charts = [_coverage(axes[x], axes[y], x, y) for x, y in itertools.combinations(axes, 2)]
    return Markup("<div class=charts>{}</div>").format(_joined(charts))


def _coverage(x: npt.NDArray[Any], y: npt.NDArray[Any], x_label: str, y_label: str) -> Markup:
    cells, x_edges, y_edges = np.histogram2d(x, y, bins=(36, 18))
    covered = f"{(cells > 0).mean():.0%} of the cells between the extremes"
    spans = (float(x_edges[0]), float(x_edges[-1])), (float(y_edges[0]), float(y_edges[-1]))
    return _figure(svg.heat_map(cells.T, *spans, x_label, y_label), covered)


def _figure(chart: Markup, caption: str) -> Markup:
    return Markup("<figure>{}<figcaption>{}</figcaption></figure>").format(chart, caption)


def _paths(dataset: Dataset) -> Markup:
    episode, home, level = (dataset.column(name) for name in ("episode", "home", "level"))
    position = dataset.column("T_world_camera")[:, :2, 3]
    drawn = []
    for place in np.unique(np.stack([home, level], axis=1), axis=0).tolist():
        here = (home == place[0]) & (level == place[1])
        ways = [position[here & (episode == value)] for value in np.unique(episode[here])[:_MOST_PATHS].tolist()]
        drawn.append(Markup("<h3>{}</h3>{}").format(" / ".join(place), svg.paths(ways)))
    return _joined(drawn)


def _alike(dataset: Dataset, looked: Looked) -> Markup:
    groups = identical_frames(dataset)
    twice = sum(len(group) - 1 for group in groups)
    flags = counts(np.array([flag for found in dataset.frames["checks"].to_pylist() for flag in found], np.str_))
    said = f"{twice:,} of {len(dataset):,} frames show what another shows, to the bit."
    marked = svg.bars(flags) if flags else Markup("<p>No frame is marked as constant, empty or a repetition.</p>")
    pairs = random_pairs(dataset, looked, np.random.default_rng(0))
    charts = []
    for x, label in (
        (pairs.distance_m, "distance of the cameras, m"),
        (pairs.angle_deg, "angle between views, degrees"),
    ):
        rank = rank_correlation(x, pairs.image)
        chart = svg.scatter(x, pairs.image, label, "difference of the images, 0 to 255")
        charts.append(_figure(chart, f"rank correlation {rank:.2f}"))
    page = Markup("<p>{}</p>{}<h3>Random pairs of one home</h3><div class=charts>{}</div>")
    return page.format(said, marked, _joined(charts))


def _splits(dataset: Dataset) -> Markup:
    names = dataset.about.get("splits", {})
    if not names:
        return Markup("<p>None yet: <code>sim data split</code> stores one.</p>")
    shown = []
    for name, how in names.items():
        parts = dataset.split(name)
        leaks = find_leaks(parts, dataset.column("episode"), dataset.column("step"), dataset.column("home"))
        told = _joined(Markup("<li>{}</li>").format(leak) for leak in leaks or ["no leak"])
        part = Markup("<h3>{}, by {}</h3>{}<ul>{}</ul>")
        shown.append(part.format(name, how["by"], svg.bars(counts(parts)), told))
    return _joined(shown)
