"""Weights & Biases (offline) and MLflow, where they are installed: what they hold is what the folder says.

docs/runs.md has the commands that run this in environments of their own.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.example_runs import begin, finished, killed_and_resumed
from train.runs import RunInfo, RunStore
from train.runs.trackers import push

Numbers = list[tuple[int, str, str]]


def logged(run: RunInfo) -> Numbers:
    return [(line["step"], name, repr(line[name])) for line in run.metrics() for name in line if name != "step"]


def records(log: bytes) -> Iterator[bytes]:
    """The records of a `.wandb` file: LevelDB's log format with a header of 7 bytes."""
    place, record = 7, b""
    while place + 7 <= len(log):
        if 32768 - place % 32768 < 7:
            place += 32768 - place % 32768
            continue
        length, kind = int.from_bytes(log[place + 4 : place + 6], "little"), log[place + 6]
        record += log[place + 7 : place + 7 + length]
        place += 7 + length
        if kind in {1, 4}:  # whole, or the last part
            yield record
            record = b""


def in_wandb(run: RunInfo) -> Numbers:
    import wandb
    from wandb.proto.wandb_internal_pb2 import Record

    wandb.teardown()  # until then it writes beside
    found = []
    newest = max((run.folder / "wandb").glob("offline-run-*"))
    for record in records(next(newest.glob("*.wandb")).read_bytes()):
        history = Record.FromString(record).history
        for item in history.item:
            name = item.key or item.nested_key[0]
            if not name.startswith("_") and name != "time_s":
                found.append((history.step.num, name, repr(float(json.loads(item.value_json)))))
    return found


def in_mlflow(run: RunInfo) -> Numbers:
    from mlflow.tracking import MlflowClient

    client = MlflowClient()
    experiment = client.get_experiment_by_name("stairwell")
    (found,) = client.search_runs([experiment.experiment_id], f"tags.`stairwell.run` = '{run.id}'")
    assert found.info.status == "FINISHED"
    assert found.data.params["lr"] == str(run.config["lr"])
    assert [file.path for file in client.list_artifacts(found.info.run_id)] == ["report.html"] * len(run.artifacts())
    histories = [client.get_metric_history(found.info.run_id, name) for name in found.data.metrics]
    return [(metric.step, metric.key, repr(metric.value)) for history in histories for metric in history]


@pytest.fixture(autouse=True)
def _trackers_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trackers write nowhere else, and send nothing."""
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")
    monkeypatch.chdir(tmp_path)


readers = pytest.mark.parametrize(("name", "read"), [("wandb", in_wandb), ("mlflow", in_mlflow)])


@readers
def test_a_killed_and_resumed_run_is_whole(store: RunStore, name: str, read: Callable[[RunInfo], Numbers]) -> None:
    pytest.importorskip(name)
    run = killed_and_resumed(store, random.Random(2), (name,))
    assert sorted(read(run)) == sorted(logged(run))


@readers
def test_an_old_run_is_told_later(store: RunStore, name: str, read: Callable[[RunInfo], Numbers]) -> None:
    pytest.importorskip(name)
    with begin(store) as run:
        for step in range(4):
            run.log(step, {"score": step / 7, "val/loss": 1e-9 * step})
        (run.folder / "report.html").write_text("report")
        run.artifact(run.folder / "report.html")
    info = store.get(run.id)
    assert push(info, name) == 4
    assert sorted(read(info)) == sorted(logged(info))


def test_a_trial_of_a_sweep_of_wandb_reports_to_it(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """`wandb agent` names the sweep and the run in the environment; the run's own id must not stand in the way."""
    pytest.importorskip("wandb")
    monkeypatch.setenv("WANDB_SWEEP_ID", "sweepid8")
    monkeypatch.setenv("WANDB_RUN_ID", "runid123")
    with begin(store) as run:
        run.log(1, {"score": 0.5})
    info = store.get(run.id)
    assert info.trackers == ("wandb",)
    assert in_wandb(info) == logged(info)
    (folder,) = (info.folder / "wandb").glob("offline-run-*")
    assert folder.name.endswith("-runid123")
    assert "sweepid8" in (folder / "run-runid123.wandb").read_bytes().decode(errors="replace")


def test_a_server_that_goes_away_ends_no_run(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("mlflow")
    from mlflow.exceptions import MlflowException
    from mlflow.tracking import MlflowClient

    calls = []

    def refuse(*arguments: object, **_: object) -> None:
        calls.append(arguments)
        raise MlflowException("gone")

    with begin(store, trackers=["mlflow"]) as run:
        monkeypatch.setattr(MlflowClient, "log_batch", refuse)
        with pytest.warns(UserWarning, match="mlflow: gone; push the run"):
            run.log(1, {"score": 1.0})
        run.log(2, {"score": 2.0})
    assert len(calls) == 1
    assert [line["score"] for line in run.info.metrics()] == [1.0, 2.0]
    assert run.info.state == "finished" != finished(store, lr=0.5, trackers=[]).reason
