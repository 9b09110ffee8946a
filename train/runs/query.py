"""Choosing among runs: conditions and sorting by any fact, setting or metric."""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from scenes.errors import HomeError
from train.config import flatten, parse_value
from train.runs.info import RunInfo

Facts = dict[str, Any]

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "~": lambda value, text: str(text) in str(value),
}
_CONDITION = re.compile(r"([^=!<>~]+)(<=|>=|!=|=|<|>|~)(.*)")


def facts_of(run: RunInfo, wrong: str | None) -> Facts:
    """All that runs can be chosen by: facts, settings by their dotted keys, `metrics.NAME` (the last value).

    `score` is the last value of the primary metric. `wrong`: why the run is, if it is marked as wrong.
    """
    last = run.last()
    metrics = {f"metrics.{name}": value for name, value in last.items() if name != "step"}
    seeds = {f"seeds.{name}": seed for name, seed in run.seeds.items()}
    return (
        flatten(run.config)
        | seeds
        | metrics
        | {
            "id": run.id,
            "kind": run.kind,
            "name": run.name,
            "state": run.state,
            "reason": run.reason,
            "started": datetime.fromtimestamp(run.started_s, UTC).isoformat(sep=" ", timespec="seconds"),
            "step": last.get("step"),
            "score": last.get(run.primary) if run.primary else None,
            "parent": run.parent,
            "datasets": " ".join(f"{folder} {content}" for folder, content in run.datasets.items()),
            "repeat_hash": run.repeat_hash,
            "code": run.environment["code"],
            "host": run.environment["host"],
            "wrong": wrong,
        }
    )


def select(rows: Sequence[Facts], where: Sequence[str], sort: str | None) -> list[Facts]:
    """The rows that meet all conditions, sorted.

    Args:
        rows: of `facts_of`.
        where: "state=finished", "model.latent>=64", "datasets~oldy"; a key may be shortened to its last parts if that
            is one key. What a run does not have meets no condition but `!=`.
        sort: a key; "-metrics.loss" sorts downwards. What a run does not have comes last.

    Raises:
        HomeError: a key that no run has, or a condition that cannot be read.
    """
    conditions = [_condition(condition, rows) for condition in where]
    chosen = [row for row in rows if all(_meets(row.get(key), compare, wanted) for key, compare, wanted in conditions)]
    if sort is None:
        return chosen
    key = find_key(sort.removeprefix("-"), rows)
    having = [row for row in chosen if _sortable(row.get(key)) is not None]
    ordered = sorted(having, key=lambda row: _sortable(row[key]) or (), reverse=sort.startswith("-"))
    return ordered + [row for row in chosen if _sortable(row.get(key)) is None]


def keys_of(where: Sequence[str], sort: str | None, rows: Sequence[Facts]) -> list[str]:
    """The whole keys that conditions and sorting name, to be shown beside the rest."""
    named = [_condition(condition, rows)[0] for condition in where]
    return list(dict.fromkeys(named + ([find_key(sort.removeprefix("-"), rows)] if sort else [])))


def find_key(text: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """The key that is meant: itself, or the only one that ends so.

    Raises:
        HomeError: there is none, or several.
    """
    keys = list(dict.fromkeys(key for row in rows for key in row))
    if text in keys or not keys:
        return text
    ending = [key for key in keys if key.endswith(f".{text}")]
    if len(ending) == 1:
        return ending[0]
    near = ending or difflib.get_close_matches(text, keys, n=3)
    asked = f"; did you mean {', '.join(near)}?" if near else "; `sim runs show RUN --json` has the names"
    raise HomeError(f"no run has {text!r}{asked}")


def _condition(text: str, rows: Sequence[Facts]) -> tuple[str, Callable[[Any, Any], bool], Any]:
    match = _CONDITION.fullmatch(text)
    if not match:
        raise HomeError(f"condition {text!r}; write KEY=VALUE with one of {' '.join(_OPERATORS)}")
    key, sign, value = match.groups()
    return find_key(key.strip(), rows), _OPERATORS[sign], parse_value(value)


def _meets(value: Any, compare: Callable[[Any, Any], bool], wanted: Any) -> bool:
    if compare in {operator.eq, operator.ne}:
        return (value == wanted or str(value) == str(wanted)) is (compare is operator.eq)
    if value is None:
        return False
    try:
        return compare(value, wanted)
    except TypeError:
        return False


def _sortable(value: Any) -> tuple[int, Any] | None:
    """Numbers by value before text by letters; None for nothing and NaN."""
    if value is None or value != value:  # noqa: PLR0124 - NaN
        return None
    return (0, float(value)) if isinstance(value, (bool, int, float)) else (1, str(value))
