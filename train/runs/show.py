"""A run in words: where it comes from, what it was told, what became of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from datagen.store.schema import Json
from train.checkpoints import read_meta, step_of
from train.config import changes, flatten
from train.runs.info import CHANGES, RunInfo
from train.runs.lineage import ancestors, descendants, files
from train.runs.store import RunStore


def described(run: RunInfo, store: RunStore) -> dict[str, Json]:
    """All about a run, by title, as JSON: text, lists of lines, or values by name."""
    runs = {one.id: one for one in store.all()}
    wrong = store.wrong()
    state = f"{run.state}{f' ({run.reason})' if run.reason else ''}"
    marked = {"wrong": wrong[run.id]} if run.id in wrong else {}
    return {
        "run": run.id,
        **marked,
        "state": state,
        "began": _date(run.started_s),
        "datasets": dict(run.datasets),
        "seeds": dict(run.seeds),
        "comes from": ancestors(run.id, runs),
        "differs from its parent in": _differences_from_parent(run),
        "settings": flatten(run.config),
        "last metrics": run.last(),
        "checkpoints": _checkpoints(run),
        "files": [f"{path}{f' ({fault})' if fault else ''}" for path, fault in files(run)],
        "descendants": [f"{name}{' (wrong)' if name in wrong else ''}" for name in descendants(run.id, runs)],
        "events": [f"{_date(event['time'])} {event['kind']}" for event in run.events()],
        "environment": flatten(run.environment),
    }


def differences(old: RunInfo, new: RunInfo) -> dict[str, tuple[Any, Any]]:
    """What differs between two runs, by dotted key: settings; `datasets`, `seeds` and `environment` under their names.

    Where and when they ran does not count.
    """
    return changes(_depends_on(old), _depends_on(new))


def _depends_on(run: RunInfo) -> dict[str, Any]:
    where = {"host", "command", "cwd"}
    facts = {name: value for name, value in run.environment.items() if name not in where}
    return {**run.config, "kind": run.kind, "datasets": run.datasets, "seeds": run.seeds, "environment": facts}


def _differences_from_parent(run: RunInfo) -> dict[str, str]:
    stored: Mapping[str, tuple[Any, Any]] = json.loads((run.folder / CHANGES).read_bytes())
    return {key: f"{old} -> {new}" for key, (old, new) in stored.items()}


def _checkpoints(run: RunInfo) -> list[str]:
    best = run.checkpoints.best()
    lines = []
    for path in run.checkpoints.all():
        score = read_meta(path)["score"]
        told = "" if score is None else f", score {score:.5g}"
        lines.append(f"{path.name}: step {step_of(path)}{told}{', best' if path == best else ''}")
    return lines


def _date(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, UTC).isoformat(sep=" ", timespec="seconds")
