"""The report of a run: one self-contained HTML file."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from scenes.files import plain_errors, write_whole
from train.evaluate.charts import Curve, curves, map_of, sheet
from train.evaluate.clusters import COMPONENTS, NOISE, Cluster
from train.evaluate.collapse import LEAST_DEVIATION, LEAST_RANK, MOST_COSINE, MOST_DEAD, MOST_DOMINANT
from train.evaluate.decoding import Decoded
from train.evaluate.evaluation import Evaluation, Mapped, Prediction, Source
from train.evaluate.probes import MEAN
from train.evaluate.rollout import MOVED_PX, SELF_ERROR, SELF_SHARE, Score
from train.evaluate.statistics import AT_MOST_1, Interval, Labels, bootstrap, weighted_skill
from train.evaluate.targets import UNITS
from train.runs.info import ABOUT, RunInfo, read_run

_STYLE = """
body{font:14px/1.45 system-ui,sans-serif;max-width:1060px;margin:2em auto;padding:0 1em;color:#222}
h2{margin-top:2em;border-bottom:1px solid #ccc}pre{margin:0}table{border-collapse:collapse}
td,th{padding:1px 12px 1px 0;vertical-align:top;text-align:left;font-weight:normal}th{color:#777}.n{text-align:right}
td:first-child{white-space:nowrap}
.bar{background:#48c;height:11px;margin-top:4px}.chart{fill:#48c}text{font-size:11px;fill:#555}
figure{display:inline-block;margin:4px;vertical-align:top;max-width:440px}figcaption{font-size:11px;color:#555}
code{word-break:break-all}.charts>*{display:inline-block;vertical-align:top}
td.n,th.n{white-space:nowrap}small{color:#777}.good{color:#17692b}.bad{color:#a4161a;font-weight:600}
"""
_MAPPED_FACTORS = 6
_SHEETS = 12
_IN_NONE = f"{NOISE:03d}"
_MOST_CURVES = 8
_NOT_SHOWN = (
    "One run of one seed: intervals are over homes (over episodes for rooms), and say nothing about other seeds.",
    "Pan itself is not asked for: a new home has no compass. Rooms are asked for in homes that were trained on.",
    "Latent errors of this model cannot be compared with those of another. Skills and decoded quantities can.",
    "Where depth is an input, reading depth from the embedding is circular: it shows that depth is kept, no more.",
    "A t-SNE map keeps neighbours; sizes of its clusters and distances between them mean nothing.",
    "A factor that explains clusters need not cause them: factors that go together in the dataset share the credit.",
)


def write_report(judged: Evaluation, folder: Path) -> None:
    """Writes `report.html` into a run's folder; what the run logged there stands in it, too.

    Raises:
        HomeError: the folder cannot be written, or holds a damaged run.
    """
    run = read_run(folder) if (folder / ABOUT).is_file() else None
    sections = [
        ("Overview", _overview(judged, run)),
        ("Training", _training(run)),
        ("What can be read from embeddings", _probes(judged)),
        ("Prediction", _prediction(judged.prediction)),
        ("Collapse", _collapse(judged)),
        ("Maps", _maps(judged.mapped)),
        ("Clusters", _clusters(judged.mapped)),
        ("What this does not show", "".join(f"<li>{html.escape(said)}</li>" for said in _NOT_SHOWN)),
        ("Configuration", _configuration(run)),
    ]
    body = "".join(f"<section><h2>{title}</h2>{content}</section>" for title, content in sections if content)
    title = html.escape(folder.resolve().name)
    page = f"<!doctype html><meta charset=utf-8><title>{title}</title><style>{_STYLE}</style><h1>{title}</h1>{body}"
    with plain_errors(folder):
        write_whole(folder / "report.html", page.encode())


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are HTML, all but the first column to the right."""
    lines = [_line("th", [html.escape(name) for name in head]), *(_line("td", row) for row in rows)]
    return f"<table>{''.join(lines)}</table>"


def _line(kind: str, cells: Sequence[str]) -> str:
    first, *rest = cells
    return f"<tr><{kind}>{first}</{kind}>{''.join(f'<{kind} class=n>{cell}</{kind}>' for cell in rest)}</tr>"


def number(value: float) -> str:
    """Three digits; a dash where it is not known."""
    return f"{value:.3g}" if math.isfinite(value) else "–"


def figure(interval: Interval, *more: str) -> str:
    """A figure, and below it where it may lie and whatever else is said of it."""
    reach = [f"[{interval.low:.2f}, {interval.high:.2f}]"] if interval.known else []
    below = "<br>".join([*reach, *more])
    return f"{interval.value:.2f}<br><small>{below}</small>" if math.isfinite(interval.value) else "–"


def verdict(holds: bool, yes: str, no: str) -> str:
    """A sentence in the colour of what it says."""
    return f"<span class={'good' if holds else 'bad'}>{yes if holds else no}</span>"


def _pairs(rows: list[tuple[str, Any]]) -> str:
    return f"<table>{''.join(f'<tr><td>{html.escape(name)}</td><td>{value}</td></tr>' for name, value in rows)}</table>"


def _overview(judged: Evaluation, run: RunInfo | None) -> str:
    rows: list[tuple[str, Any]] = [
        ("model", f"{html.escape(judged.model)}, {judged.parameters:,} numbers learned"),
        ("trained on", _source(judged.trained_on)),
        ("tested on", _source(judged.tested_on)),
        ("collapse", _alarm_verdict(judged)),
    ]
    if set(judged.trained_on.homes) & set(judged.tested_on.homes):
        said = "none: test frames are of homes that were trained on, so nothing is said about new homes"
        rows.insert(3, ("new homes", verdict(False, "", said)))
    if judged.prediction is not None:
        rows.append(("prediction", _prediction_verdict(judged.prediction.headline)))
        holds = judged.prediction.self_prediction.holds
        rows.append(("null action", verdict(holds, "predicts the same view", "does not predict the same view")))
    if run is not None:
        environment = ", ".join(f"{name} {value}" for name, value in run.environment.items() if isinstance(value, str))
        rows += [
            ("run", f"<code>{html.escape(run.id)}</code>, parent {html.escape(run.parent or 'none')}"),
            ("seeds", html.escape(", ".join(f"{name} {seed}" for name, seed in run.seeds.items()))),
            ("made with", html.escape(environment)),
        ]
    return _pairs(rows)


def _prediction_verdict(scores: list[Score]) -> str:
    noisy = [str(score.step) for score in scores if score.skill.holds(0.0)]
    good = f"beats copying 1 to {len(scores)} steps ahead, by the actions"
    bad = "does not beat copying the last latent at every horizon, or beats it with other actions, too"
    doubt = f" (within noise at {', '.join(noisy)})" if noisy else ""
    return verdict(all(score.predicts for score in scores), good, bad) + doubt


def _source(source: Source) -> str:
    homes = ", ".join(source.homes[:8]) + (f" and {len(source.homes) - 8} more" if len(source.homes) > 8 else "")
    part = f", part {source.part}" if source.part else ""
    said = f"{source.folder}{part}: {source.frames:,} frames of {len(source.homes)} homes ({homes})"
    return f"{html.escape(said)}, <code>{html.escape(source.dataset_hash[:12])}</code>"


def _alarm_verdict(judged: Evaluation) -> str:
    alarms = judged.collapse.alarms
    return verdict(not alarms, "no alarm", html.escape("; ".join(f"{name}: {said}" for name, said in alarms.items())))


def _training(run: RunInfo | None) -> str:
    """What was logged, as curves: each name that was logged more than once."""
    if run is None:
        return ""
    logged: dict[str, list[tuple[float, float]]] = {}
    for line in run.metrics():
        for name, value in line.items():
            if name != "step":
                logged.setdefault(name, []).append((line["step"], value))
    drawn = [
        curves({name: Curve(*np.array(points, np.float64).T)}, "steps", name)
        for name, points in logged.items()
        if len(points) > 1
    ]
    more = f"<p>{len(drawn) - _MOST_CURVES} more in metrics.jsonl.</p>" if len(drawn) > _MOST_CURVES else ""
    return f"<div class=charts>{''.join(drawn[:_MOST_CURVES])}</div>{more}"


_UNIT = {**UNITS, "room": "accuracy; ± share told wrong", "object_in_view": "R2; ± share told wrong"}
"""What the rows of probes are labelled with."""


def _probes(judged: Evaluation) -> str:
    probes = judged.probes
    said = (
        "<p>Frozen probes on held-out homes: R2 (1 is perfect, 0 no better than the mean) with its interval over "
        "homes; for rooms the share told right, in other episodes of homes that were trained on. After ± the mean "
        "absolute error.</p>"
    )
    readers = list(dict.fromkeys((probe.features, probe.probe) for probe in probes))
    readers.sort(key=lambda reader: (reader[0] == MEAN, reader[0] != "model"))
    cells = {(probe.target, probe.features, probe.probe): probe for probe in probes}
    rows = []
    for target in dict.fromkeys(probe.target for probe in probes):
        found = [cells.get((target, *reader)) for reader in readers]
        scores = (figure(probe.score, f"±{number(probe.error)}") if probe else "" for probe in found)
        count = next(probe.count for probe in found if probe)
        about = [f"{count:,} judged", *_spread_of(target, judged)]
        rows.append((f"{target.replace('_', ' ')}, {_UNIT[target]}<br><small>{'<br>'.join(about)}</small>", *scores))
    return said + table(("target", *(f"{name}, {probe}" if probe else name for name, probe in readers)), rows)


def _spread_of(target: str, judged: Evaluation) -> list[str]:
    """Mean and deviation of a target in training and in test: where they differ, R2 can be far below 0."""
    if target not in judged.spreads:
        return []
    train, test = judged.spreads[target]
    return [f"{name} {number(mean)} ± {number(sd)}" for name, (mean, sd) in (("train", train), ("test", test))]


def _prediction(prediction: Prediction | None) -> str:
    if prediction is None:
        return "<p>This model does not say what actions do, so it cannot be rolled out.</p>"
    said = (
        "<p>Skill is 1 - error / error of a reference. Windows whose view moved by less than "
        f"{MOVED_PX:g} pixel at the training size are left out here.</p>"
    )
    null = prediction.self_prediction
    told = (
        f"<p>The null action changes latents by {number(null.error)} of what moving does (limit {SELF_ERROR}), and "
        f"less than the action taken in {number(100 * null.share)} % of the windows (at least {100 * SELF_SHARE:g} %): "
        f"{verdict(null.holds, 'it predicts the same view', 'it does not predict the same view')}.</p>"
    )
    parts = [said, _skill_curves(prediction.headline), _score_table(prediction.headline), told]
    parts += ["<h3>By how much the view changes</h3>", _change_table(prediction.by_change)]
    parts += ["<h3>Decoded quantities</h3>", _decoded(prediction.decoded)]
    return "".join(parts)


def _skill_curves(scores: list[Score]) -> str:
    steps = np.array([score.step for score in scores], np.float64)
    named = {
        "with the actions": [score.skill for score in scores],
        "with other actions": [score.shuffled for score in scores],
    }
    series = {
        name: Curve(steps, *(np.array([getattr(at, what) for at in found]) for what in ("value", "low", "high")))
        for name, found in named.items()
    }
    return curves(series, "steps ahead", "skill over copying", zero=True)


def _score_table(scores: list[Score]) -> str:
    rows = [
        (
            str(score.step),
            f"{score.windows:,}",
            figure(score.skill),
            figure(score.over_mean),
            figure(score.shuffled),
            number(score.error),
            number(score.error_copy),
        )
        for score in scores
    ]
    head = (
        "steps ahead",
        "windows",
        "over copying",
        "over the mean",
        "with other actions",
        "error",
        "error of copying",
    )
    return table(head, rows)


def _change_table(scores: list[Score]) -> str:
    """Skill over copying: a row per class of change, a column per horizon."""
    classes = sorted({(score.low_px, score.high_px) for score in scores})
    steps = sorted({score.step for score in scores})
    cells = {(score.low_px, score.step): figure(score.skill, f"{score.windows:,}") for score in scores if score.windows}
    rows = [
        (
            f"{low:g} px and more" if math.isinf(high) else f"{low:g} to {high:g} px",
            *(cells.get((low, step), "–") for step in steps),
        )
        for low, high in classes
    ]
    return table(("pixels move by", *(f"{step} ahead" for step in steps)), rows)


def _decoded(records: list[Decoded]) -> str:
    """The share of copying's squared error that prediction saves, by target and horizon, with intervals over homes."""
    targets = list(dict.fromkeys(record.target for record in records))
    steps = sorted({record.horizon for record in records})
    rows = []
    for target in targets:
        cells = []
        for step in steps:
            here = [record for record in records if (record.target, record.horizon) == (target, step)]
            windows = np.array([record.windows for record in here], np.float64)
            error, copied = (
                windows * np.array([getattr(record, name) for record in here]) for name in ("error", "error_copy")
            )
            homes = np.array([record.home for record in here])
            skill = (
                bootstrap(weighted_skill(error, copied), {"home": homes}, np.random.default_rng(0), within=AT_MOST_1)
                if here
                else None
            )
            cells.append(figure(skill) if skill else "–")
        rows.append((target.replace("_", " "), *cells))
    said = (
        "<p>Read by ridge probes from the latent predicted: 1 - squared error / squared error of what is read from the "
        "last latent seen.</p>"
    )
    return said + table(("quantity", *(f"{step} ahead" for step in steps)), rows)


def _collapse(judged: Evaluation) -> str:
    found = judged.collapse
    rows: list[tuple[str, str, str]] = [
        ("RankMe", f"{found.rankme:.1f} of {found.dimension}", f"at least {LEAST_RANK * found.dimension:.1f}"),
        ("RankMe on test frames", f"{judged.new_rankme:.1f} of {found.dimension}", ""),
        ("deviation, of the size", f"{found.relative_deviation:.1%}", f"at least {LEAST_DEVIATION:.0%}"),
        ("variance of the first direction", f"{found.dominant:.1%}", f"at most {MOST_DOMINANT:.0%}"),
        ("dead dimensions", f"{found.dead:.1%}", f"at most {MOST_DEAD:.0%}"),
        ("mean cosine", f"{found.cosine:.3f}", f"at most {MOST_COSINE}"),
    ]
    deviations = np.sort(found.deviations)[::-1]
    curve = Curve(np.arange(1.0, len(deviations) + 1), deviations)
    chart = curves({"deviation": curve}, "dimension, sorted", "deviation", zero=True)
    return f"<p>{_alarm_verdict(judged)}</p>{table(('on training frames', 'found', 'limit'), rows)}{chart}"


def _maps(mapped: Mapped) -> str:
    """The planes, coloured by the factors that explain the clusters best, and by cluster."""
    by_name = {factor.name: factor for factor in mapped.factors}
    labels = np.char.mod("%03d", mapped.clusters.best.labels)
    rows = [_map_row(mapped, "cluster", labels, sorted(set(labels.tolist()) - {_IN_NONE}), ramp=False)]
    for name, _ in mapped.clusters.explained[:_MAPPED_FACTORS]:
        factor = by_name[name]
        rows.append(_map_row(mapped, name, factor.labels, factor.order(), ramp=factor.ordered))
    said = (
        f"<p>{len(mapped.frames):,} test frames. Left: principal components; right: t-SNE (seeded). Clusters: grey is "
        "in none.</p>"
    )
    return said + "".join(rows)


def _map_row(mapped: Mapped, name: str, labels: Labels, order: list[str], *, ramp: bool) -> str:
    planes = (mapped.components, mapped.neighbours)
    maps = "".join(f"<figure>{map_of(points, labels, order, ramp=ramp)}</figure>" for points in planes)
    return f"<h3>By {html.escape(name)}</h3>{maps}"


def _clusters(mapped: Mapped) -> str:
    found = mapped.clusters
    said = (
        f"<p>DBSCAN in the first {COMPONENTS} principal components, from the knee of the distances to the 10th "
        "neighbour on, with growing reach. How well recorded factors explain the clusters: mutual information, "
        "adjusted for chance, 0 to 1, each at the scale that it explains best.</p>"
    )
    scales = table(
        ("reach", "clusters", "in none", "explained best by"),
        (
            (
                f"{number(scale.reach)}{' (shown)' if scale is found.best else ''}",
                str(scale.count),
                f"{scale.outside:.0%}",
                html.escape(", ".join(f"{name} {score:.2f}" for name, score in scale.explained[:3])),
            )
            for scale in found.scales
        ),
    )
    bar = '<tr><td>{}</td><td class=n>{:.3f}</td><td><div class=bar style="width:{:.0f}px"></div></td></tr>'
    bars = "".join(bar.format(html.escape(name), score, 220 * max(0.0, score)) for name, score in found.explained)
    sheets = [_cluster(number, cluster, mapped) for number, cluster in enumerate(found.clusters[:_SHEETS])]
    rest = len(found.clusters) - len(sheets)
    more = f"<p>{rest} smaller ones.</p>" if rest > 0 else ""
    return f"{said}<table>{bars}</table><h3>Scales</h3>{scales}{''.join(sheets)}{more}"


def _cluster(number_: int, cluster: Cluster, mapped: Mapped) -> str:
    traits = "; ".join(
        f"{trait.factor} {trait.label}: {trait.share:.0%}, elsewhere {trait.elsewhere:.0%}" for trait in cluster.traits
    )
    head = f"Cluster {number_:03d}, {len(cluster.members):,} frames"
    return f"<h3>{head}</h3><p>{html.escape(traits)}</p>{sheet(mapped.rgb[cluster.samples])}"


def _configuration(run: RunInfo | None) -> str:
    if run is None:
        return ""
    import yaml

    return f"<pre>{html.escape(yaml.safe_dump(dict(run.config), sort_keys=False))}</pre>"
