"""What came of what: from datasets by runs to their checkpoints and files; what a wrong dataset spoils."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from datagen.store import read_about
from datagen.store.about import ABOUT as DATASET_ABOUT
from scenes.errors import HomeError
from scenes.files import plain_errors, write_whole
from train.runs.info import RunInfo

MARKS = "invalid"
Subject: TypeAlias = Literal["dataset", "run"]


@dataclass(frozen=True)
class Mark:
    """Word that a dataset (by its content hash) or a run (by its id) is wrong."""

    subject: Subject
    which: str
    reason: str
    time_s: float


def read_marks(folder: Path) -> list[Mark]:
    """The marks in a folder of runs. One file each, so that stores are merged by copying; deleting one takes it back.

    Raises:
        HomeError: a file that holds no mark.
    """
    marks = []
    for path in sorted((folder / MARKS).glob("*.json")):
        try:
            marks.append(Mark(**json.loads(path.read_bytes())))
        except (ValueError, TypeError) as error:
            raise HomeError(f"{path} holds no mark; restore it from a copy, or delete it") from error
    return marks


def write_mark(folder: Path, subject: Subject, which: str, reason: str) -> Path:
    """Marks a dataset or a run as wrong; returns the file."""
    path = folder / MARKS / f"{subject}-{which}.json"
    said = {"subject": subject, "which": which, "reason": reason, "time_s": time.time()}
    with plain_errors(folder):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(said, indent=1, ensure_ascii=False).encode())
    return path


def spoilt_datasets(marks: Sequence[Mark]) -> dict[str, str]:
    """Content hashes of wrong datasets, and why they are."""
    return {mark.which: mark.reason for mark in marks if mark.subject == "dataset"}


def spoilt_runs(runs: Sequence[RunInfo], marks: Sequence[Mark]) -> dict[str, str]:
    """Runs that are wrong, and why: marked themselves, trained on a wrong dataset, or descended from a wrong run."""
    datasets = spoilt_datasets(marks)
    by_id = {run.id: run for run in runs}
    reasons = {mark.which: mark.reason for mark in marks if mark.subject == "run"}
    why = dict(reasons)
    for run in runs:
        on_wrong = [folder for folder, content in run.datasets.items() if content in datasets]
        if on_wrong and run.id not in why:
            reasons[run.id] = datasets[run.datasets[on_wrong[0]]]
            why[run.id] = f"trained on {on_wrong[0]}: {reasons[run.id]}"
    for source, reason in reasons.items():
        for run_id in descendants(source, by_id):
            why.setdefault(run_id, f"descends from {source}: {reason}")
    return why


def relatives(run: RunInfo) -> tuple[str, ...]:
    """The runs that a run comes from."""
    return ((run.parent,) if run.parent else ()) + run.inputs


def ancestors(run_id: str, runs: Mapping[str, RunInfo]) -> list[str]:
    """The ids of the runs that a run comes from, the nearest first, those that are gone too."""
    return _reached(run_id, {name: relatives(one) for name, one in runs.items()})


def descendants(run_id: str, runs: Mapping[str, RunInfo]) -> list[str]:
    """The ids of the runs that come from a run, the nearest first."""
    children: dict[str, list[str]] = {}
    for name, one in runs.items():
        for relative in relatives(one):
            children.setdefault(relative, []).append(name)
    return _reached(run_id, children)


def _reached(start: str, edges: Mapping[str, Sequence[str]]) -> list[str]:
    found = dict.fromkeys(edges.get(start, ()))
    todo = list(found)
    while todo:
        new = [name for name in edges.get(todo.pop(0), ()) if name not in found]
        found |= dict.fromkeys(new)
        todo += new
    return list(found)


def subject_of(text: str, runs: Sequence[RunInfo]) -> tuple[Subject, str]:
    """What is meant by a run's id, a dataset's folder, or the beginning of a dataset's content hash.

    Raises:
        HomeError: none of these, or several datasets.
    """
    if any(run.id == text for run in runs):
        return "run", text
    if (Path(text) / DATASET_ABOUT).exists():
        content = read_about(Path(text)).get("content_hash")
        if content is None:
            raise HomeError(f"{text} is not finished and has no content hash; no run can have been trained on it")
        return "dataset", content
    known = {content: folder for run in runs for folder, content in run.datasets.items()}
    found = [content for content in known if re.fullmatch("[0-9a-f]{6,}", text) and content.startswith(text)]
    found = found or [content for content, folder in known.items() if folder == text]
    if len(found) == 1:
        return "dataset", found[0]
    if found:
        raise HomeError(f"{text!r} means {len(found)} datasets: {', '.join(sorted(found))}; name one by its hash")
    raise HomeError(
        f"{text!r} is neither a run, a dataset's folder, nor the hash of a dataset that a run was made with"
    )


def files(run: RunInfo) -> Iterator[tuple[str, str]]:
    """The files that a run noted, and whether they are still what they were: "", "missing" or "changed"."""
    for artifact in run.artifacts():
        path = run.folder / artifact["path"]
        if not path.exists():
            yield artifact["path"], "missing"
        else:
            same = hashlib.sha256(path.read_bytes()).hexdigest() == artifact["sha256"]
            yield artifact["path"], "" if same else "changed"
