"""The page that compares a sweep's trials; it stands alone, without a network."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from scenes.files import plain_errors, write_whole
from train.sweeps.compare import Row, compare, reached_best
from train.sweeps.config import Sweep
from train.sweeps.importance import FEWEST_POINTS, importances
from train.sweeps.parallel import parallel_coordinates
from train.sweeps.search import Trial
from train.sweeps.space import Leaf
from train.sweeps.store import SweepStore

_STYLE = """
body{font:14px/1.45 system-ui,sans-serif;max-width:1060px;margin:2em auto;padding:0 1em;color:#222}
h2{margin-top:2em;border-bottom:1px solid #ccc}pre{overflow:auto;background:#f6f6f6;padding:8px}
table{border-collapse:collapse}td,th{padding:2px 10px 2px 0;text-align:left;vertical-align:top}
th{border-bottom:1px solid #ccc}.n{text-align:right}tr.good{background:#eef6ea}.bar{background:#48c;height:11px}
.wide{overflow-x:auto}text{font-size:11px;fill:#333}.tick{paint-order:stroke;stroke:#fff;stroke-width:3px}
p{max-width:75ch}
"""
_MOST_ROWS = 200


def write_page(store: SweepStore, path: Path) -> None:
    """Writes the page of a sweep as it stands.

    Raises:
        HomeError: Optuna is not installed, or the file cannot be written.
    """
    sweep, trials = store.sweep, store.trials()
    rows = compare(sweep, trials)
    leaves = [leaf for leaf in sweep.space.leaves if leaf.path != sweep.seed_path]
    sections = [
        ("Points", _points(sweep, rows, leaves)),
        ("Parallel coordinates", _parallel(sweep, rows, leaves)),
        ("Importance", _importance(sweep, trials)),
        ("Trials that gave no value", _without(trials)),
        ("Sweep file", f"<pre>{html.escape((store.folder / 'sweep.yaml').read_text())}</pre>"),
    ]
    body = "".join(f"<section><h2>{title}</h2>{content}</section>" for title, content in sections)
    title = html.escape(f"{sweep.file.name or 'Sweep'} ({store.id})")
    head = f"<!doctype html><meta charset=utf-8><title>{title}</title><style>{_STYLE}</style><h1>{title}</h1>"
    with plain_errors(path.parent):
        write_whole(path, f"{head}{_overview(sweep, trials)}{body}".encode())


def _overview(sweep: Sweep, trials: Sequence[Trial]) -> str:
    states = ", ".join(f"{count} {state}" for state, count in sorted(Counter(one.state for one in trials).items()))
    took_s = sum(trial.seconds or 0.0 for trial in trials)
    metric = sweep.file.metric
    goal = f", to {metric.goal} <b>{html.escape(metric.name)}</b>" if metric is not None else ""
    more = f"<p>{html.escape(sweep.file.description)}</p>" if sweep.file.description else ""
    controller = sweep.file.controller
    return (
        f"<p>{sweep.file.method}{goal}; seed {controller.seed}, {controller.repeats} trials per point; "
        f"{len(trials)} trials ({states or 'none yet'}), {took_s / 60:.1f} minutes of them.</p>{more}"
    )


def _points(sweep: Sweep, rows: Sequence[Row], leaves: Sequence[Leaf]) -> str:
    metric = sweep.file.metric
    if metric is None:
        return "<p>The sweep file names no metric.</p>"
    names = "".join(f"<th>{html.escape(leaf.name)}" for leaf in leaves)
    head = f"<tr><th class=n>{html.escape(metric.name)}<th>95 % interval<th class=n>trials<th>within noise{names}</tr>"
    shown = "".join(_row(row) for row in rows[:_MOST_ROWS])
    rest = f"<p>{len(rows) - _MOST_ROWS} more points are worse.</p>" if len(rows) > _MOST_ROWS else ""
    how = (
        "A point's value is the mean of its trials' last reports, with Student's interval over the trials. Within "
        "noise: Welch's 95 % interval of the difference from the best mean holds zero. Nothing is corrected for the "
        "best being the best of many: run it again with other seeds before quoting its value."
    )
    return (
        f"<p>{html.escape(reached_best(metric, rows))}</p><div class=wide><table>{head}{shown}</table></div>"
        f"{rest}<p>{how}</p>"
    )


def _row(row: Row) -> str:
    value = f"{row.value.value:.5g}" if row.value is not None else "none"
    interval = f"{row.value.low:.4g} to {row.value.high:.4g}" if row.value is not None and row.value.known else ""
    count = f"{len(row.values)}" + (f" (+{row.unjudged} without)" if row.unjudged else "")
    mark = {None: "one trial: unknown", True: "yes", False: "no"}[row.as_good] if row.values else ""
    cells = "".join(f"<td>{html.escape(_said(one))}" for one in row.settings.values())
    kind = " class=good" if row.as_good else ""
    return f"<tr{kind}><td class=n>{value}<td>{interval}<td class=n>{count}<td>{mark}{cells}</tr>"


def _said(value: object) -> str:
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def _parallel(sweep: Sweep, rows: Sequence[Row], leaves: Sequence[Leaf]) -> str:
    if sweep.file.metric is None:
        return "<p>The sweep file names no metric.</p>"
    chart = parallel_coordinates(leaves, rows, sweep.file.metric)
    said = (
        "A line per point, darker for better ranks. Each axis has the scale of its distribution: equal lengths are "
        "equal shares of the draws, so a log-uniform axis is logarithmic."
    )
    return f"<p>{said}</p><div class=wide>{chart}</div>"


def _importance(sweep: Sweep, trials: Sequence[Trial]) -> str:
    found = importances(sweep, trials)
    if not found:
        return f"<p>It takes {FEWEST_POINTS} points with different values.</p>"
    rows = "".join(
        f'<tr><td>{html.escape(name)}<td class=n>{share:.1%}<td><div class=bar style="width:{300 * share:.0f}px"></div>'
        for name, share in found.items()
    )
    points, together = len({trial.point for trial in trials if trial.value is not None}), 1 - sum(found.values())
    how = (
        "Functional ANOVA (Hutter et al. 2014; Optuna, forest seed 0): the share of a random forest's variance over "
        f"the whole space that a parameter explains alone; the rest, {max(0.0, together):.1%}, is interaction. The "
        f"forest was fitted to {points} points; with few points, small shares mean nothing."
    )
    return f"<table>{rows}</table><p>{how}</p>"


def _without(trials: Sequence[Trial]) -> str:
    rows = "".join(
        f"<tr><td class=n>{trial.number}<td>{trial.state}<td>{html.escape(str(dict(trial.settings)))}"
        for trial in trials
        if trial.state != "running" and trial.value is None
    )
    return f"<table><tr><th>trial<th>state<th>settings</tr>{rows}</table>" if rows else "<p>None.</p>"
