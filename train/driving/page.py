"""The page of a policy's drives: figures, confusion, maps, and the worst of them as videos."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping, Sequence
from pathlib import Path

from datagen.store.schema import Json
from scenes.files import write_whole

_STYLE = """
body{font:14px/1.45 system-ui,sans-serif;max-width:1100px;margin:2em auto;padding:0 1em;color:#222}
h2{margin-top:2em;border-bottom:1px solid #ccc}td,th{padding:1px 12px 1px 0;text-align:right;vertical-align:top}
td:first-child,th:first-child{text-align:left}img{max-width:100%}figure{display:inline-block;margin:4px}
figcaption,small{font-size:11px;color:#555}code{word-break:break-all}
"""
ROWS: tuple[tuple[str, str], ...] = (
    ("success", "success, share"),
    ("spl", "SPL"),
    ("soft_spl", "soft SPL"),
    ("path_completion", "share of the way done"),
    ("collisions_per_100_actions", "collisions per 100 actions"),
    ("oscillation", "reversals per 100 pairs of actions"),
    ("floor_changes", "level changes"),
    ("actions", "actions"),
    ("path_m", "way taken, m"),
)


def write_page(
    path: Path, results: Json, maps: Mapping[str, bytes], films: Mapping[str, Sequence[tuple[str, str]]]
) -> None:
    """Writes the page. `maps`: PNG files by set; `films`: by set, (path relative to the page, caption)."""
    title = f"{results['policy']['name']}, driving"
    parts = [f"<h1>{html.escape(title)}</h1>", _offline(results), "<h2>Measures</h2>", _measures(results)]
    for name in results["sets"]:
        parts.append(f"<h2>{html.escape(name)}</h2>")
        parts.append(f'<img src="data:image/png;base64,{base64.b64encode(maps[name]).decode()}" alt="ways taken">')
        parts.append(_confusion(results["results"]["sets"][name]["driven"]))
        for film, caption in films.get(name, ()):
            parts.append(
                f'<figure><video src="{html.escape(film)}" controls loop muted></video>'
                f"<figcaption>{html.escape(caption)}</figcaption></figure>"
            )
    page = f"<!doctype html><meta charset=utf-8><title>{html.escape(title)}</title><style>{_STYLE}</style>"
    write_whole(path, (page + "".join(parts)).encode())


def _offline(results: Json) -> str:
    driven = results["results"]["all"]["driven"]["accuracy"]
    told = f"While driving it did what was right in {driven:.1%} of its steps"
    offline = results["offline"]
    if offline is not None:
        told += (
            f"; of frames that others drove it gets {offline['accuracy']:.1%} right ({html.escape(offline['where'])})"
        )
    seconds = results["seconds_per_action"]
    return (
        f"<p>{told}. It takes {1000 * seconds['median']:.2f} ms to decide (median; quartiles "
        f"{1000 * seconds['low_quartile']:.2f} and {1000 * seconds['high_quartile']:.2f}).</p>"
    )


def _measures(results: Json) -> str:
    columns = {"all": results["results"]["all"], **results["results"]["sets"]}
    rows = [["", *columns], ["drives", *(str(of["episodes"]) for of in columns.values())]]
    rows += [[label, *(_said(of[name]) for of in columns.values())] for name, label in ROWS]
    reasons = list(dict.fromkeys(reason for of in columns.values() for reason in of["endings"]))
    rows += [[reason, *(str(of["endings"].get(reason, 0)) for of in columns.values())] for reason in reasons]
    note = (
        "In brackets: 95 % intervals, of success by Wilson, of means by bootstrap over episodes. Below: how drives end."
    )
    return f"{_table(rows)}<p><small>{note}</small></p>"


def _confusion(driven: Json) -> str:
    names = driven["classes"]
    rows = [["right \\ done", *names, "precision", "recall", "support"]]
    for name, counts in zip(names, driven["counts"], strict=True):
        of = driven["by_class"][name]
        figures = [f"{of[key]:.3f}" for key in ("precision", "recall")]
        rows.append([name, *map(str, counts), *figures, str(of["support"])])
    macro = driven["macro"]
    note = f"macro F1 {macro['f1']:.3f}, micro F1 {driven['micro']['f1']:.3f}"
    return f"{_table(rows)}<p><small>{note}</small></p>"


def _said(interval: Json) -> str:
    if interval["low"] is None:
        return f"{interval['value']:.3g}"
    return f"{interval['value']:.3g} <small>[{interval['low']:.3g}, {interval['high']:.3g}]</small>"


def _table(rows: Sequence[Sequence[str]]) -> str:
    """A table; the first row is its head. Cells are HTML."""
    head = "".join(f"<th>{cell}</th>" for cell in rows[0])
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows[1:])
    return f"<table><tr>{head}</tr>{body}</table>"
