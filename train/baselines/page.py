"""The report of a baseline's run: one self-contained HTML file about what it says of frames that others drove."""

from __future__ import annotations

import html
from pathlib import Path

import numpy as np
import yaml

from datagen.store.schema import Json
from scenes.files import write_whole
from train.evaluate.charts import Curve, curves
from train.evaluate.report import table
from train.runs.info import RunInfo

REPORT = "report.html"
_STYLE = """
body{font:14px/1.45 system-ui,sans-serif;max-width:1060px;margin:2em auto;padding:0 1em;color:#222}
h2{margin-top:2em;border-bottom:1px solid #ccc}table{border-collapse:collapse}td,th{padding:1px 12px 1px 0}
td,th{text-align:left;font-weight:normal}th{color:#777}.n{text-align:right}text{font-size:11px;fill:#555}
figure{display:inline-block;margin:4px;vertical-align:top}figcaption{font-size:11px;color:#555}
"""
_CURVES = ("loss", "accuracy", "macro_f1", "accuracy_without_history", "bearing_error_deg")
_CAVEAT = (
    "These frames were driven by experts. How well a policy drives is another question, which such figures can mislead "
    "about, most of all for one that knows its previous command."
)


def write_report(run: RunInfo, offline: Json) -> Path:
    """Writes `report.html` into the run's folder; `offline`: what `offline.json` says. Returns its path."""
    sections = [
        ("Frames that were held out", _scores(offline)),
        ("Training", _training(run)),
        ("Configuration", f"<pre>{html.escape(yaml.safe_dump(dict(run.config), sort_keys=False))}</pre>"),
    ]
    body = "".join(f"<h2>{title}</h2>{content}" for title, content in sections)
    title = html.escape(run.id)
    page = f"<!doctype html><meta charset=utf-8><title>{title}</title><style>{_STYLE}</style><h1>{title}</h1>{body}"
    path = run.folder / REPORT
    write_whole(path, page.encode())
    return path


def _scores(offline: Json) -> str:
    scores, bare = offline["scores"], offline["scores_without_history"]
    figures = f"accuracy (micro F1) {scores['accuracy']:.3f}, macro F1 {scores['macro']['f1']:.3f}"
    said = [f"Best checkpoint, after {offline['step']} steps: {figures}."]
    if bare is not None:
        said.append(f"Never told the previous command: accuracy {bare['accuracy']:.3f}.")
    if offline["bearing_error_deg"] is not None:
        said.append(f"Headings are off by {offline['bearing_error_deg']:.1f}° in the median.")
    said += [f"The split leaks: {html.escape(leak)}." for leak in offline["leaks"]]
    rows = [
        [
            name,
            *map(str, counts),
            *(f"{scores['by_class'][name][what]:.3f}" for what in ("precision", "recall", "f1")),
            str(scores["by_class"][name]["support"]),
            str(offline["learned_from"][name]),
        ]
        for name, counts in zip(scores["classes"], scores["counts"], strict=True)
    ]
    head = ["true \\ said", *scores["classes"], "precision", "recall", "F1", "support", "learned from"]
    return f"<p>{' '.join(said)}</p>{table(head, rows)}<p>{_CAVEAT}</p>"


def _training(run: RunInfo) -> str:
    logged: dict[str, list[tuple[float, float]]] = {}
    for line in run.metrics():
        for name in line.keys() & set(_CURVES):
            logged.setdefault(name, []).append((line["step"], line[name]))
    drawn = [
        curves({name: Curve(*np.array(logged[name], np.float64).T)}, "steps", name)
        for name in _CURVES
        if name in logged
    ]
    return "".join(drawn)
