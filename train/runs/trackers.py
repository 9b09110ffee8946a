"""Other places where a run is logged, beside its folder: TensorBoard, Weights & Biases, MLflow.

The folder is the truth; a tracker is told the same in four calls, while the run goes or afterwards (`push`). Where they
send it is theirs to be told: `WANDB_MODE=offline`, `WANDB_PROJECT`, `MLFLOW_TRACKING_URI` ...
"""

from __future__ import annotations

import difflib
import os
import re
import shutil
import warnings
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
_WANDB_SWEEP = "WANDB_SWEEP_ID"
"""Set by `wandb agent` for the trials of W&B's own sweeps."""


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
        """Begins anew: a resumed run is told again from its folder, since a kill loses what was not written yet."""
        from torch.utils.tensorboard import SummaryWriter

        folder = info.folder / "tensorboard"
        if folder.exists():
            shutil.rmtree(folder)
        self._writer = SummaryWriter(str(folder))
        self._writer.add_text("config", "\n".join(f"    {key}: {value}" for key, value in _facts(info).items()))
        if resumed is not None:
            _replay(info, self)

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
        """Begins or goes on; offline a resumed run is told again from its folder, so that the newest log is whole."""
        import wandb

        try:
            self._run = wandb.init(
                project=os.environ.get("WANDB_PROJECT", PROJECT),
                id=None if _WANDB_SWEEP in os.environ else info.id,  # a trial has the id that its agent gave it
                name=info.id,
                group=f"{info.name}-{info.repeat_hash[:8]}",
                job_type=info.kind,
                config=_facts(info),
                dir=str(info.folder),
                resume=None if resumed is None else "allow",
            )
        except wandb.Error as error:
            raise HomeError(f"wandb: {error}; run `wandb login`, or set WANDB_MODE=offline") from error
        if resumed is not None and self._run.offline:
            _replay(info, self)

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
    """MLflow: a run in the experiment `stairwell`, with the tag `stairwell.run`.

    A server that goes away while a run is logged is told no more; the run goes on.
    """

    def start(self, info: RunInfo, resumed: int | None) -> None:
        """Begins anew in place of what MLflow has of this run; a resumed run is told again from its folder."""
        from mlflow.exceptions import MlflowException
        from mlflow.tracking import MlflowClient

        self._client, self._lost = MlflowClient(), False
        try:
            self._id = self._create(info)
        except MlflowException as error:
            raise HomeError(f"mlflow: {error}; set MLFLOW_TRACKING_URI to where runs are to go") from error
        if resumed is not None:
            _replay(info, self)

    def log(self, step: int, values: Mapping[str, float], time_s: float) -> None:
        """Logs them at their step."""
        from mlflow.entities import Metric

        metrics = [Metric(_mlflow_key(name), value, int(time_s * 1000), step) for name, value in values.items()]
        self._tell(self._client.log_batch, metrics)

    def artifact(self, path: Path) -> None:
        """Copies the file to the run."""
        self._tell(self._client.log_artifact, str(path))

    def finish(self, state: State) -> None:
        """Ends with a status."""
        status = {"finished": "FINISHED", "failed": "FAILED", "running": "RUNNING"}.get(state, "KILLED")
        self._tell(self._client.set_terminated, status)

    def _create(self, info: RunInfo) -> str:
        from mlflow.entities import Param

        experiment = self._client.get_experiment_by_name(PROJECT)
        place = experiment.experiment_id if experiment else self._client.create_experiment(PROJECT)
        for old in self._client.search_runs([place], f"tags.`stairwell.run` = '{info.id}'"):
            self._client.delete_run(old.info.run_id)
        tags = {"stairwell.run": info.id, "kind": info.kind}
        made = self._client.create_run(place, int(info.started_s * 1000), tags, info.id).info.run_id
        parameters = [Param(_mlflow_key(key), str(value)[:6000]) for key, value in _facts(info).items()]
        for i in range(0, len(parameters), 100):
            self._client.log_batch(made, params=parameters[i : i + 100])
        return made

    def _tell(self, call: Callable[..., object], *arguments: object) -> None:
        """Calls unless a call failed before: each failure takes minutes of trying again."""
        from mlflow.exceptions import MlflowException

        if self._lost:
            return
        try:
            call(self._id, *arguments)
        except MlflowException as error:
            self._lost = True
            warnings.warn(f"mlflow: {error}; push the run with `sim runs push` when it is over", stacklevel=4)


_TRACKERS: dict[str, tuple[Callable[[], Tracker], str]] = {
    "tensorboard": (TensorBoard, "tensorboard"),
    "wandb": (WandB, "wandb"),
    "mlflow": (MLflow, "mlflow"),
}


def asked_for(names: Sequence[str]) -> list[str]:
    """The trackers of a new run: those that were named, and W&B if the run is a trial of W&B's own sweep."""
    return list(dict.fromkeys([*names, *(["wandb"] if _WANDB_SWEEP in os.environ else [])]))


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
        HomeError: as in `make_trackers`, or the run still goes.
    """
    (tracker,) = make_trackers([name])
    if info.state == "running":
        raise HomeError(f"{info.id} still goes; push it when it is over")
    tracker.start(info, None)
    lines = _replay(info, tracker)
    tracker.finish(info.state)
    return lines


def _replay(info: RunInfo, tracker: Tracker) -> int:
    """Tells a tracker what is in the folder; returns how many lines."""
    times = {line["step"]: line["time"] for line in read_lines(info.folder / TIMING)}
    lines = info.metrics()
    for line in lines:
        step = int(line.pop("step"))
        tracker.log(step, line, times[step])
    for artifact in info.artifacts():
        tracker.artifact(info.folder / artifact["path"])
    return len(lines)


def _facts(info: RunInfo) -> dict[str, Any]:
    """Configuration and origin of a run, flat."""
    origin = {"parent": info.parent or "", "code": info.environment["code"], "commit": info.environment["commit"] or ""}
    return (
        flatten(info.config)
        | {f"dataset.{folder}": content for folder, content in info.datasets.items()}
        | {f"run.{key}": value for key, value in {"kind": info.kind, "name": info.name, **origin}.items()}
    )


def _mlflow_key(key: str) -> str:
    """MLflow takes letters, digits and `_-. :/` in names."""
    return re.sub(r"[^\w\-. :/]", "_", key)
