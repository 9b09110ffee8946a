"""The folder of all runs: begins them, resumes them, finds them."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from scenes.errors import HomeError
from scenes.files import plain_errors
from train.checkpoints import step_of
from train.config import Settings, changes
from train.runs.environment import environment
from train.runs.info import (
    ABOUT,
    ARTIFACTS,
    CHANGES,
    CONFIG,
    EVENTS,
    METRICS,
    RUN_ID,
    TIMING,
    RunInfo,
    config_hashes,
    read_run,
)
from train.runs.lineage import read_marks, spoilt_datasets, spoilt_runs
from train.runs.lines import cut_after
from train.runs.run import Run
from train.runs.state import write_state
from train.runs.trackers import asked_for, make_trackers

_SHORT = 8


@dataclass(frozen=True)
class RunStore:
    """All runs in one folder. Stores of several machines are merged by copying their folders together."""

    folder: Path = Path("runs")

    def begin(
        self,
        kind: str,
        name: str,
        config: Settings,
        *,
        datasets: Mapping[str, str],
        seeds: Mapping[str, int],
        parent: str | None = None,
        inputs: Sequence[str] = (),
        trackers: Sequence[str] = (),
    ) -> Run:
        """Begins a run: its folder is there whole before this returns.

        Args:
            kind: what it is a run of: "world-model", "agent" ...
            name: letters, digits, `_ . + -`.
            config: the whole configuration.
            datasets: folder -> content hash.
            seeds: by what they are for; settings of these names, and `seed`, tell repeats apart from other runs.
            parent: the run that this departs from; what differs is noted.
            inputs: runs whose checkpoints this uses besides.
            trackers: "tensorboard", "wandb", "mlflow".

        Raises:
            HomeError: a bad name, an unknown parent or tracker, a tracker's library that is not installed, a dataset or
                run that was marked as wrong, or a disk that refuses.
        """
        described = config.model_dump(mode="json")
        config_hash, repeat_hash = config_hashes(kind, described, datasets, seeds)
        relatives = [self.get(run) for run in ([parent] if parent else []) + list(inputs)]
        trackers = asked_for(trackers)
        sinks = make_trackers(trackers)
        self._refuse_wrong(datasets, [run.id for run in relatives])
        self._note_the_same(config_hash)
        about = {
            "kind": kind,
            "name": name,
            "config_hash": config_hash,
            "repeat_hash": repeat_hash,
            "datasets": dict(datasets),
            "seeds": dict(seeds),
            "parent": parent,
            "inputs": list(inputs),
            "trackers": trackers,
            "environment": environment(),
        }
        differs = changes(relatives[0].config, described) if parent else {}
        if parent:
            _note_changes(parent, differs)
        with plain_errors(self.folder):
            info = read_run(self._make(name, about, described, differs))
        run = Run(info)
        run.mirror(sinks, None)
        return run

    def reopen(self, run_id: str) -> Run:
        """Resumes a run from its last checkpoint: metrics of later steps are dropped, since they come again.

        Raises:
            HomeError: no such run; it is finished, or still goes.
        """
        info = self.get(run_id)
        if info.state == "finished":
            raise HomeError(f"{run_id} is finished; nothing is left to resume")
        if info.state == "running":
            raise HomeError(f"{run_id} still goes; stop it first, or wait for it")
        sinks = make_trackers(info.trackers)
        latest = info.checkpoints.latest()
        step = step_of(latest) if latest else 0
        with plain_errors(info.folder):
            write_state(info.folder, "running")
            cut_after(info.folder / METRICS, step if latest else -1)
            cut_after(info.folder / TIMING, step if latest else -1)
        run = Run(info)
        now = environment()
        differs = changes(_code_and_libraries(info.environment), _code_and_libraries(now))
        run.event("resumed", step=step, environment=now)
        if differs:
            told = ", ".join(f"{key} {old} -> {new}" for key, (old, new) in differs.items())
            warnings.warn(f"{run_id} goes on with another {told}: results may differ in the last bits", stacklevel=2)
        run.mirror(sinks, step)
        return run

    def get(self, run_id: str) -> RunInfo:
        """One run.

        Raises:
            HomeError: there is none of this id, or its files cannot be read.
        """
        if not RUN_ID.fullmatch(run_id) or not (self.folder / run_id).is_dir():
            raise HomeError(f"no run {run_id} in {self.folder}; `sim runs list` names those that are there")
        return read_run(self.folder / run_id)

    def all(self) -> list[RunInfo]:
        """All runs, the oldest first."""
        folders = self.folder.iterdir() if self.folder.is_dir() else ()
        runs = [read_run(folder) for folder in folders if RUN_ID.fullmatch(folder.name)]
        return sorted(runs, key=lambda run: (run.started_s, run.id))

    def _make(self, name: str, about: Mapping[str, Any], config: Mapping[str, Any], differs: Mapping[str, Any]) -> Path:
        """Writes a run's folder aside and renames it, which claims the id; of two at once one takes the next second."""
        self.folder.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(dir=self.folder, prefix=".new."))
        try:
            aside.chmod(0o755)
            (aside / CONFIG).write_text(yaml.dump(config, Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True))
            (aside / CHANGES).write_text(json.dumps(differs, indent=1, ensure_ascii=False))
            for file in (METRICS, TIMING, EVENTS, ARTIFACTS):
                (aside / file).touch()
            write_state(aside, "running")
            while True:
                now = datetime.now(UTC)
                run_id = f"{now:%Y%m%d-%H%M%S}-{about['config_hash'][:_SHORT]}-{name}"
                if not RUN_ID.fullmatch(run_id):
                    raise HomeError(f"a run cannot be called {name!r}; use letters, digits and _ . + -")
                said = {"id": run_id, "started_s": now.timestamp(), **about}
                (aside / ABOUT).write_text(json.dumps(said, indent=1, ensure_ascii=False))
                try:
                    return aside.rename(self.folder / run_id)
                except OSError:
                    if not (self.folder / run_id).exists():
                        raise
                    time.sleep(0.2)
        except BaseException:
            shutil.rmtree(aside)
            raise

    def wrong(self) -> dict[str, str]:
        """Runs that are marked as wrong, by themselves or by their datasets or the runs they come from, and why."""
        return spoilt_runs(self.all(), read_marks(self.folder))

    def find(self, text: str) -> RunInfo:
        """The run whose id is or contains `text`.

        Raises:
            HomeError: there is none, or several.
        """
        found = [run.id for run in self.all() if text in run.id]
        if len(found) > 1 and text not in found:
            raise HomeError(f"{text!r} means {len(found)} runs: {', '.join(found[-5:])} ...; name one by its id")
        return self.get(text if len(found) != 1 else found[0])

    def _refuse_wrong(self, datasets: Mapping[str, str], relatives: Sequence[str]) -> None:
        marks = read_marks(self.folder)
        if not marks:
            return
        spoilt, wrong = spoilt_datasets(marks), self.wrong()
        for folder, content in datasets.items():
            if content in spoilt:
                raise HomeError(
                    f"{folder} was marked as wrong: {spoilt[content]}; make it anew, or use another dataset"
                )
        for run in relatives:
            if run in wrong:
                raise HomeError(f"run {run} was marked as wrong: {wrong[run]}; depart from another one")

    def _note_the_same(self, config_hash: str) -> None:
        for folder in sorted(self.folder.glob(f"*-{config_hash[:_SHORT]}-*")):
            info = read_run(folder)
            if info.config_hash == config_hash and info.state in {"running", "finished"}:
                said = "is running" if info.state == "running" else "was run"
                warnings.warn(f"the same configuration {said} as {info.id}: this repeats it", stacklevel=3)


def _note_changes(parent: str, differs: Mapping[str, tuple[Any, Any]]) -> None:
    """Tells what differs from the parent if it is nothing, or more than one thing at a time."""
    if not differs:
        warnings.warn(f"nothing differs from its parent {parent}", stacklevel=3)
    elif len(differs) > 1:
        told = ", ".join(f"{key} {old} -> {new}" for key, (old, new) in differs.items())
        warnings.warn(f"several things differ from its parent {parent} at once: {told}", stacklevel=3)


def _code_and_libraries(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {key: facts.get(key) for key in ("code", "python", "cpu", "threads")} | dict(facts["libraries"])
