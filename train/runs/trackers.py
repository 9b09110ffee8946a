"""Other places where a run is logged, beside its folder: TensorBoard, Weights & Biases, MLflow.

The folder is the truth; a tracker is told the same in four calls, while the run goes or afterwards (`push`). Where they
send it is theirs to be told: `WANDB_MODE=offline`, `WANDB_PROJECT`, `MLFLOW_TRACKING_URI` ...
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from scenes.errors import HomeError
from train.config import flatten
from train.runs.info import TIMING, RunInfo
from train.runs.lines import read_lines
from train.runs.state import State

PROJECT = "stairwell"


class Tracker(Protocol):
    """Somewhere a run is logged."""

    def start(self, info: RunInfo, resumed: int | None) -> None:
        """Begins; `resumed`: the step that a resumed run goes on after."""

    def log(self, step: int, values: Mapping[str, float], time_s: float) -> None:
        """Takes what was logged after `step` steps, at `time_s` (seconds since 1970)."""

    def artifact(self, path: Path) -> None:
        """Takes a file."""

    def finish(self, state: State) -> None:
        """Ends."""


class TensorBoard:
    """Event files in the run's `tensorboard/`; numbers in double precision."""

    def start(self, info: RunInfo, resumed: int | None) -> None:
        """Begins; what it has of later steps than `resumed` is marked as void."""
        from torch.utils.tensorboard import SummaryWriter

        self._writer = SummaryWriter(
            str(info.folder / "tensorboard"), purge_step=None if resumed is None else resumed + 1
        )
        if resumed is None:
            self._writer.add_text("config", "\n".join(f"    {key}: {value}" for key, value in _facts(info).items()))

    def log(self, step: int, values: Mapping[str, float], time_s: float) -> None:
        """Writes scalars."""
        for name, value in values.items():
            self._writer.add_scalar(name, value, step, walltime=time_s, new_style=True, double_precision=True)

    def artifact(self, path: Path) -> None:
        """Has no place for files: their names."""
        self._writer.add_text("artifacts", path.name)

    def finish(self, state: State) -> None:
        """Closes the file."""
        self._writer.add_text("state", state)
        self._writer.close()


class WandB:
    """Weights & Biases: a run of the same id. Offline it lies in the run's `wandb/`, for `wandb sync`."""

    def start(self, info: RunInfo, resumed: int | None) -> None:
        """Begins or goes on."""
        import wandb

        self._run = wandb.init(
            project=os.environ.get("WANDB_PROJECT", PROJECT),
            id=info.id,
            name=info.id,
            group=f"{info.name}-{info.repeat_hash[:8]}",
            job_type=info.kind,
            config=_facts(info),
            dir=str(info.folder),
            resume=None if resumed is None else "allow",
        )

    def log(self, step: int, values: Mapping[str, float], time_s: float) -> None:
        """Logs them at their step."""
        self._run.log(dict(values) | {"time_s": time_s}, step=step)

    def artifact(self, path: Path) -> None:
        """Saves the file with the run."""
        self._run.save(str(path), base_path=str(path.parent), policy="now")

    def finish(self, state: State) -> None:
        """Ends with an exit code."""
        self._run.finish(exit_code=0 if state == "finished" else 1)


class MLflow:
    """MLflow: a run in the experiment `stairwell`, found again by its tag `stairwell.run`."""

    def start(self, info: RunInfo, resumed: int | None) -> None:
        """Begins or goes on."""
        from mlflow.entities import Param, RunTag
        from mlflow.tracking import MlflowClient

        self._client = MlflowClient()
        experiment = self._client.get_experiment_by_name(PROJECT)
        place = experiment.experiment_id if experiment else self._client.create_experiment(PROJECT)
        found = self._client.search_runs([place], f"tags.`stairwell.run` = '{info.id}'") if resumed is not None else []
        if found:
            self._id = found[0].info.run_id
            self._client.update_run(self._id, status="RUNNING")
            return
        tags = {"stairwell.run": info.id, "kind": info.kind}
        self._id = self._client.create_run(place, int(info.started_s * 1000), tags, info.id).info.run_id
        parameters = [Param(key, str(value)[:6000]) for key, value in _facts(info).items()]
        for i in range(0, len(parameters), 100):
            self._client.log_batch(self._id, params=parameters[i : i + 100])
        self._client.log_batch(self._id, tags=[RunTag("state", "running")])

    def log(self, step: int, values: Mapping[str, float], time_s: float) -> None:
        """Logs them at their step."""
        from mlflow.entities import Metric

        metrics = [Metric(name, value, int(time_s * 1000), step) for name, value in values.items()]
        self._client.log_batch(self._id, metrics=metrics)

    def artifact(self, path: Path) -> None:
        """Copies the file to the run."""
        self._client.log_artifact(self._id, str(path))

    def finish(self, state: State) -> None:
        """Ends with a status."""
        status = {"finished": "FINISHED", "failed": "FAILED", "abandoned": "KILLED", "running": "RUNNING"}[state]
        self._client.set_terminated(self._id, status)


_TRACKERS: dict[str, tuple[Callable[[], Tracker], str]] = {
    "tensorboard": (TensorBoard, "tensorboard"),
    "wandb": (WandB, "wandb"),
    "mlflow": (MLflow, "mlflow"),
}


def make_trackers(names: Sequence[str]) -> list[Tracker]:
    """The trackers of these names.

    Raises:
        HomeError: an unknown name, or a library that is not installed.
    """
    made = []
    for name in names:
        if name not in _TRACKERS:
            near = difflib.get_close_matches(name, _TRACKERS, n=1)
            asked = f"; did you mean {near[0]}?" if near else ""
            raise HomeError(f"no tracker {name!r}{asked}; there are {', '.join(_TRACKERS)}")
        make, library = _TRACKERS[name]
        if find_spec(library) is None:
            raise HomeError(f"tracker {name} needs {library}, which is not installed; `pip install {library}`")
        made.append(make())
    return made


def push(info: RunInfo, name: str) -> int:
    """Tells a tracker of a run that is over, with the times at which it was logged; returns how many lines.

    Raises:
        HomeError: as in `make_trackers`; the run goes; or TensorBoard has it already.
    """
    (tracker,) = make_trackers([name])
    if info.state == "running":
        raise HomeError(f"{info.id} still goes; push it when it is over")
    if name == "tensorboard" and (info.folder / "tensorboard").exists():
        raise HomeError(f"{info.folder / 'tensorboard'} is there already; delete it to write it anew")
    lines = info.metrics()
    times = [line["time"] for line in read_lines(info.folder / TIMING)]
    tracker.start(info, None)
    for line, time_s in zip(lines, times, strict=True):
        tracker.log(int(line.pop("step")), line, time_s)
    for artifact in info.artifacts():
        tracker.artifact(info.folder / artifact["path"])
    tracker.finish(info.state)
    return len(lines)


def _facts(info: RunInfo) -> dict[str, Any]:
    """Configuration and origin of a run, flat."""
    origin = {"parent": info.parent or "", "code": info.environment["code"], "commit": info.environment["commit"] or ""}
    return (
        flatten(info.config)
        | {f"dataset.{folder}": content for folder, content in info.datasets.items()}
        | {f"run.{key}": value for key, value in {"kind": info.kind, "name": info.name, **origin}.items()}
    )
