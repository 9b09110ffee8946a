"""`sim runs`: lists, shows, compares, marks and pushes; TensorBoard reads what was logged."""

from __future__ import annotations

import importlib.util
import json
import math
import time
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from scenes.errors import HomeError
from sim.cli.runs import app
from tests.example_runs import begin, check_event_files, event_numbers, finished
from train.runs import RunStore
from train.runs.lineage import relatives

# --- the command line ---


def sim_runs(store: RunStore, *arguments: str) -> str:
    result = CliRunner().invoke(app, [*arguments, "--runs", str(store.folder)])
    if result.exception:
        raise result.exception
    return result.stdout


def test_the_command_line_lists_shows_compares_and_marks(store: RunStore) -> None:
    first = finished(store, {"score": 1.0, "bad": math.nan})
    second = finished(store, {"score": 2.0}, lr=0.5, parent=first.id)
    with begin(store, lr=0.7, datasets={"data/other": "cd" * 32}) as third:
        third.checkpoints.save(4, {"a": torch.zeros(1)}, {}, score=0.25)
        (third.folder / "report.html").write_text("x")
        third.artifact(third.folder / "report.html")

    listed = sim_runs(store, "list", "--where", "score>=1", "--sort", "-score")
    assert [line.split()[0] for line in listed.splitlines()] == ["id", second.id, first.id, "2"]
    everything = json.loads(sim_runs(store, "list", "--json"))["runs"]
    assert [row["id"] for row in everything] == [first.id, second.id, third.id]
    assert everything[0]["metrics.bad"] is None

    shown = sim_runs(store, "show", third.id)
    assert "000000004.safetensors: step 4, score 0.25, best" in shown
    assert "report.html" in shown
    about = json.loads(sim_runs(store, "show", first.config_hash[:8], "--json"))
    assert about["descendants"] == [second.id]
    assert json.loads(sim_runs(store, "show", second.id, "--json"))["differs from its parent in"] == {
        "lr": "0.001 -> 0.5"
    }
    differs = json.loads(sim_runs(store, "diff", first.id, third.id, "--json"))["changes"]
    assert differs == {
        "lr": [0.001, 0.7],
        "datasets.data/oldy": ["ab" * 32, None],
        "datasets.data/other": [None, "cd" * 32],
    }
    assert "1 differences" in sim_runs(store, "diff", first.id, second.id)

    compared = json.loads(sim_runs(store, "compare", second.id, first.id, "--json"))
    assert [row["means"]["score"]["value"] for row in compared["rows"]] == [2.0, 1.0]
    assert compared["rows"][1]["from_first"]["score"]["within_noise"]
    assert "latent lr=0.5" in sim_runs(store, "compare", "--where", "datasets~oldy")

    marked = sim_runs(store, "invalidate", "data/oldy", "--why", "tilt was wrong")
    assert "2 runs are wrong by it" in marked
    assert "tilt was wrong" in sim_runs(store, "list")
    assert f"{second.id} (wrong)" in sim_runs(store, "show", first.id)
    with pytest.raises(HomeError, match="no finished run to compare"):
        sim_runs(store, "compare", first.id, second.id)


def test_the_command_line_refuses(store: RunStore, tmp_path: Path) -> None:
    with pytest.raises(HomeError, match=r"no folder .*runs; name the folder"):
        sim_runs(store, "list")
    runs = [finished(store), finished(store, seed=1)]
    with pytest.raises(HomeError, match=f"'latent' means 2 runs: {runs[0].id}"):
        sim_runs(store, "show", "latent")
    with pytest.raises(HomeError, match="no run nothing"):
        sim_runs(store, "show", "nothing")
    with pytest.raises(HomeError, match="'nothing' is neither a run"):
        sim_runs(store, "invalidate", "nothing", "--why", "x")


# --- trackers ---


def test_tensorboard_reads_what_was_logged(store: RunStore) -> None:
    with begin(store, trackers=["tensorboard"]) as run:
        for step in range(5):
            run.log(step, {"score": math.exp(step) / 3, "loss/1 step": -0.1 * step})
            run.log(step, {"bad": math.inf if step % 2 else math.nan})
    check_event_files(store.get(run.id))


def test_an_old_run_is_told_to_tensorboard_with_its_times(store: RunStore) -> None:
    with begin(store) as run:
        for step in range(3):
            run.log(step, {"score": step / 3})
    info = store.get(run.id)
    times = [json.loads(line)["time"] for line in (run.folder / "timing.jsonl").open()]
    time.sleep(0.1)
    for _ in range(2):  # the second time in place of the first
        assert "3 lines" in sim_runs(store, "push", run.id, "--to", "tensorboard")
        check_event_files(info)
        assert [wall for *_, wall in event_numbers(run.folder / "tensorboard")] == pytest.approx(times, abs=1e-3)


def test_missing_libraries_and_unknown_trackers(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        "train.runs.trackers.find_spec", lambda name: None if name in {"wandb", "mlflow"} else find(name)
    )
    for name in ("wandb", "mlflow"):
        with pytest.raises(
            HomeError, match=f"tracker {name} needs {name}, which is not installed; `pip install {name}`"
        ):
            begin(store, trackers=[name])
    with pytest.raises(HomeError, match=r"no tracker 'tensorbord'; did you mean tensorboard\?"):
        begin(store, trackers=["tensorbord"])
    assert store.all() == []


def test_a_tracker_that_cannot_start_fails_the_run(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise HomeError("no key")

    monkeypatch.setattr("train.runs.trackers.TensorBoard.start", refuse)
    with pytest.raises(HomeError, match="no key"):
        begin(store, trackers=["tensorboard"])
    assert [(run.state, run.reason) for run in store.all()] == [("failed", "HomeError: no key")]


def test_a_run_that_goes_is_not_pushed(store: RunStore) -> None:
    run = begin(store)
    with pytest.raises(HomeError, match="still goes; push it when it is over"):
        sim_runs(store, "push", run.id, "--to", "tensorboard")
    assert relatives(run.info) == ()
