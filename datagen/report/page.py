"""The report's page."""

from __future__ import annotations

import base64
import html
import io
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import PIL.Image
import yaml

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

_STYLE = """
body{font:14px/1.45 system-ui,sans-serif;max-width:1000px;margin:2em auto;padding:0 1em;color:#222}
h2{margin-top:2em;border-bottom:1px solid #ccc}pre{margin:0}
td{padding:1px 10px 1px 0;vertical-align:top}.n{text-align:right}
.bar{background:#48c;height:11px;margin-top:4px}.chart{fill:#48c}text{font-size:11px;fill:#555}
figure{display:inline-block;margin:4px}figcaption{font-size:11px;color:#555}code{word-break:break-all}
.charts>*{display:inline-block;vertical-align:top}
"""
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
    body = "".join(f"<section><h2>{title}</h2>{content}</section>" for title, content in sections)
    title = html.escape(dataset.folder.resolve().name)
    page = f"<!doctype html><meta charset=utf-8><title>{title}</title><style>{_STYLE}</style><h1>{title}</h1>{body}"
    with plain_errors(path.parent):
        write_whole(path, page.encode())


def _table(rows: list[tuple[str, Any]]) -> str:
    return f"<table>{''.join(f'<tr><td>{html.escape(k)}</td><td>{v}</td></tr>' for k, v in rows)}</table>"


def _overview(dataset: Dataset) -> str:
    about = dataset.about
    total = sum(dataset.episodes["bytes"].to_pylist())
    runs = "<br>".join(html.escape(", ".join(f"{k} {v}" for k, v in run.items())) for run in about["made_with"])
    rows: list[tuple[str, Any]] = [
        ("frames", f"{len(dataset):,}"),
        ("episodes", f"{len(dataset.episodes):,} of {about['episodes']:,} ({about['state']})"),
        ("size", f"{total / 1e6:,.1f} MB, {total / max(1, len(dataset)) / 1e3:.1f} kB a frame"),
        ("content hash", f"<code>{about.get('content_hash', 'not complete')}</code>"),
        ("made with", runs),
        ("outcomes", svg.bars(counts(np.array(dataset.episodes["outcome"].to_pylist(), np.str_)))),
        ("configuration", f"<pre>{html.escape(yaml.safe_dump(about['config'], sort_keys=False))}</pre>"),
    ]
    return _table(rows)


def _samples(dataset: Dataset, looked: Looked) -> str:
    episode, step, room = (dataset.column(name) for name in ("episode", "step", "room"))
    figures = []
    for frame, rgb, depth_mm in looked.samples:
        both = np.concatenate([rgb, color_depth(depth_mm * np.float32(1 / MM_PER_M))], axis=1)
        caption = f"episode {episode[frame]}, step {step[frame]}, {html.escape(str(room[frame]))}"
        figures.append(f'<figure><img src="{_inline(both)}"><figcaption>{caption}</figcaption></figure>')
    return "".join(figures)


def _inline(image: npt.NDArray[np.uint8]) -> str:
    """An image (H, W, 3) as a data address, small."""
    small = PIL.Image.fromarray(image)
    small.thumbnail((2 * _THUMBNAIL_PX, _THUMBNAIL_PX * 2))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=85)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _histograms(looked: Looked) -> str:
    depth = svg.histogram(looked.depth, DEPTH_EDGES_M, "depth, m (the last bar: and beyond)")
    brightness = svg.histogram(looked.brightness, BRIGHTNESS_EDGES, "brightness, 0 to 255")
    said = f"<p>{len(looked.frames):,} frames looked at; {looked.nothing:.1%} of the pixels have no depth.</p>"
    return f"<div class=charts>{depth}{brightness}</div>{said}"


def _places(dataset: Dataset) -> str:
    columns = [(title, dataset.column(name)) for title, name in (("home", "home"), ("camera", "camera"))]
    levels = np.char.add(np.char.add(dataset.column("home"), " / "), dataset.column("level"))
    rooms = np.char.add(np.char.add(levels, " / "), dataset.column("room"))
    tables = [*columns, ("level", levels), ("room", rooms)]
    return "".join(f"<h3>By {title}</h3>{svg.bars(counts(values))}" for title, values in tables)


def _ptz(dataset: Dataset) -> str:
    pan, tilt, zoom = (dataset.column(name) for name in ("pan_deg", "tilt_deg", "zoom"))
    known = ~(np.isnan(pan) | np.isnan(tilt) | np.isnan(zoom))
    if not known.any():
        return "<p>No camera of this dataset pans, tilts and zooms.</p>"
    pan, tilt, log_zoom = pan[known], tilt[known], np.log2(zoom[known])
    axes = {"pan, degrees": pan, "tilt, degrees": tilt, "log2 zoom": log_zoom}
    charts = [_coverage(axes[x], axes[y], x, y) for x, y in itertools.combinations(axes, 2)]
    return f"<div class=charts>{''.join(charts)}</div>"


def _coverage(x: npt.NDArray[Any], y: npt.NDArray[Any], x_label: str, y_label: str) -> str:
    cells, x_edges, y_edges = np.histogram2d(x, y, bins=(36, 18))
    covered = f"{(cells > 0).mean():.0%} of the cells between the extremes"
    spans = (float(x_edges[0]), float(x_edges[-1])), (float(y_edges[0]), float(y_edges[-1]))
    return f"<figure>{svg.heat_map(cells.T, *spans, x_label, y_label)}<figcaption>{covered}</figcaption></figure>"


def _paths(dataset: Dataset) -> str:
    episode, home, level = (dataset.column(name) for name in ("episode", "home", "level"))
    position = dataset.column("T_world_camera")[:, :2, 3]
    drawn = []
    for place in np.unique(np.stack([home, level], axis=1), axis=0).tolist():
        here = (home == place[0]) & (level == place[1])
        ways = [position[here & (episode == value)] for value in np.unique(episode[here])[:_MOST_PATHS].tolist()]
        drawn.append(f"<h3>{html.escape(' / '.join(place))}</h3>{svg.paths(ways)}")
    return "".join(drawn)


def _alike(dataset: Dataset, looked: Looked) -> str:
    groups = identical_frames(dataset)
    twice = sum(len(group) - 1 for group in groups)
    flags = counts(np.array([flag for found in dataset.frames["checks"].to_pylist() for flag in found], np.str_))
    said = f"<p>{twice:,} of {len(dataset):,} frames show what another shows, to the bit.</p>"
    marked = svg.bars(flags) if flags else "<p>No frame is marked as constant, empty or a repetition.</p>"
    pairs = random_pairs(dataset, looked, np.random.default_rng(0))
    charts = []
    for x, label in (
        (pairs.distance_m, "distance of the cameras, m"),
        (pairs.angle_deg, "angle between views, degrees"),
    ):
        rank = rank_correlation(x, pairs.image)
        chart = svg.scatter(x, pairs.image, label, "difference of the images, 0 to 255")
        charts.append(f"<figure>{chart}<figcaption>rank correlation {rank:.2f}</figcaption></figure>")
    return f"{said}{marked}<h3>Random pairs of one home</h3><div class=charts>{''.join(charts)}</div>"


def _splits(dataset: Dataset) -> str:
    names = dataset.about.get("splits", {})
    if not names:
        return "<p>None yet: <code>sim data split</code> stores one.</p>"
    shown = []
    for name, how in names.items():
        parts = dataset.split(name)
        leaks = find_leaks(parts, dataset.column("episode"), dataset.column("step"), dataset.column("home"))
        told = "".join(f"<li>{html.escape(leak)}</li>" for leak in leaks) or "<li>no leak</li>"
        shown.append(f"<h3>{name}, by {html.escape(str(how['by']))}</h3>{svg.bars(counts(parts))}<ul>{told}</ul>")
    return "".join(shown)
