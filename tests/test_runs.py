"""Runs: written whole before step one, seen for what they are when killed, resumed to the byte; lineage; trackers."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.util
import itertools
import json
import math
import os
import random
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from typer.testing import CliRunner

from scenes.errors import HomeError
from sim.cli.runs import app
from tests.toy_training import STEPS, go_on
from train.checkpoints import load_tensors, read_meta
from train.config import Settings, load_settings
from train.runs import Run, RunInfo, RunStore
from train.runs.compare import compare
from train.runs.info import RUN_ID
from train.runs.lineage import Mark, ancestors, descendants, files, relatives, spoilt_runs, subject_of, write_mark
from train.runs.query import select

ROOT = Path(__file__).parents[1]


class Model(Settings):
    latent: int = 64


class Example(Settings):
    model: Model = Model()
    lr: float = 1e-3
    primary: str = "score"
    seed: int = 0


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


def begin(store: RunStore, *, seed: int = 0, **changed: Any) -> Run:
    """A run of the example on one dataset."""
    config = Example(seed=seed, **{key: changed.pop(key) for key in ("lr", "model") if key in changed})
    given = {"datasets": {"data/oldy": "ab" * 32}, "seeds": {"seed": seed}} | changed
    return store.begin("world-model", "latent", config, **given)


def finished(store: RunStore, values: dict[str, float] | None = None, **changed: Any) -> RunInfo:
    with begin(store, **changed) as run:
        run.log(1, {"score": 1.0} if values is None else values)
    return store.get(run.id)


def test_the_folder_is_whole_before_step_one(store: RunStore) -> None:
    before = time.time()
    run = begin(store, seed=3, lr=0.1)
    assert RUN_ID.fullmatch(run.id)
    assert abs(time.mktime(time.strptime(run.id[:15], "%Y%m%d-%H%M%S")) - time.timezone - before) < 5
    assert run.folder == store.folder / run.id
    written = yaml.safe_load((run.folder / "config.yaml").read_text())
    assert load_settings(Example, written, "stored") == Example(seed=3, lr=0.1)
    info = store.get(run.id)
    assert (info.state, info.kind, info.name, info.primary) == ("running", "world-model", "latent", "score")
    assert (info.datasets, info.seeds) == ({"data/oldy": "ab" * 32}, {"seed": 3})
    assert info.config_hash.startswith(run.id.split("-")[2])
    assert info.environment["libraries"]["torch"] == torch.__version__
    assert info.environment["threads"] == torch.get_num_threads()
    assert Path(sys.argv[0]).name in info.environment["command"]
    assert not list(store.folder.glob(".*"))


def test_a_run_ends_as_its_block_is_left(store: RunStore) -> None:
    def left_by(error: BaseException | None) -> RunInfo:
        run = begin(store, seed=len(store.all()))
        with pytest.raises(type(error)) if error else contextlib.nullcontext(), run:
            if error:
                raise error
        return store.get(run.id)

    assert left_by(None).state == "finished"
    stopped = left_by(KeyboardInterrupt())
    assert (stopped.state, stopped.reason) == ("abandoned", "stopped by Ctrl-C")
    failed = left_by(ZeroDivisionError("no steps"))
    assert (failed.state, failed.reason) == ("failed", "ZeroDivisionError: no steps")
    assert "raise error" in failed.events()[-1]["trace"]


def rewrite_process(run: RunInfo, **changed: Any) -> None:
    path = run.folder / "state.json"
    said = json.loads(path.read_text())
    path.write_text(json.dumps(said | {"process": said["process"] | changed}))


def test_a_process_is_more_than_its_number(store: RunStore) -> None:
    run = begin(store)
    assert store.get(run.id).state == "running"
    rewrite_process(store.get(run.id), began=1)  # its number has been given to another process
    assert store.get(run.id).state == "abandoned"
    assert f"process {os.getpid()} " in store.get(run.id).reason


def test_a_run_of_another_host_lives_by_its_heartbeat(store: RunStore) -> None:
    run = begin(store)
    rewrite_process(store.get(run.id), host="elsewhere", pid=1, began=1)
    assert store.get(run.id).state == "running"
    long_ago = time.time() - 3600
    os.utime(run.folder / "heartbeat", (long_ago, long_ago))
    assert store.get(run.id).state == "abandoned"


def test_the_heart_beats_until_the_run_ends(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    from train.runs import state

    monkeypatch.setattr(state, "HEARTBEAT_S", 0.01)

    def beats() -> bool:
        os.utime(run.folder / "heartbeat", (0, 0))
        deadline = time.monotonic() + 0.5
        while time.monotonic() < deadline:
            if (run.folder / "heartbeat").stat().st_mtime > 0:
                return True
            time.sleep(0.01)
        return False

    with begin(store) as run:
        assert beats()
    time.sleep(0.05)
    assert not beats()


# --- killed and resumed ---


def stop(run: Run) -> None:
    """As Ctrl-C does."""
    with pytest.raises(KeyboardInterrupt), run:
        raise KeyboardInterrupt


def killed_and_resumed(store: RunStore, rng: random.Random, trackers: tuple[str, ...] = ()) -> RunInfo:
    """A run that was killed twice, at any step, and then goes to its end."""
    run = begin(store, seed=rng.randrange(1000), trackers=trackers)
    stop(run)
    for kills in range(2):
        command = [sys.executable, "-m", "tests.toy_training", store.folder, run.id]
        own = {key: value for key, value in os.environ.items() if key != "WANDB_SERVICE"}  # W&B's helper is its own too
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=own)
        assert process.stdout is not None
        for _ in range(rng.randint(1, 9)):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it is gone, but keeps its number
        assert store.get(run.id).state == "abandoned"
        process.wait()
        assert store.get(run.id).state == "abandoned"
        if kills:
            with (run.folder / "metrics.jsonl").open("a") as file:
                file.write('{"step": 29, "wei')
    go_on(store.reopen(run.id))
    return store.get(run.id)


def check_as_undisturbed(store: RunStore, run: RunInfo) -> None:
    undisturbed = begin(store, seed=10_000 + run.seeds["seed"])
    go_on(undisturbed)
    assert (run.folder / "metrics.jsonl").read_bytes() == (undisturbed.folder / "metrics.jsonl").read_bytes()
    for path in (undisturbed.folder / "checkpoints").iterdir():
        tensors, _ = load_tensors(path)
        assert torch.equal(load_tensors(run.folder / "checkpoints" / path.name)[0]["weight"], tensors["weight"])
    assert len(run.checkpoints.all()) == len(undisturbed.checkpoints.all())
    assert [line["step"] for line in map(json.loads, (run.folder / "timing.jsonl").open())] == [
        line["step"] for line in run.metrics()
    ]


def test_killed_and_resumed_is_as_undisturbed(store: RunStore) -> None:
    run = killed_and_resumed(store, random.Random(1), ("tensorboard",))
    assert run.state == "finished"
    assert [event["kind"] for event in run.events()] == ["resumed", "resumed", "resumed"]
    assert (run.folder / "metrics.jsonl").read_text().count('"bad": "nan"') == STEPS // 3
    check_as_undisturbed(store, run)
    check_event_files(run)


@pytest.mark.full
def test_many_kills_are_as_undisturbed(store: RunStore) -> None:
    for seed in range(10):
        check_as_undisturbed(store, killed_and_resumed(store, random.Random(seed)))


def test_a_truncated_checkpoint_is_no_restart_from_zero(store: RunStore) -> None:
    run = begin(store)
    for step in (1, 2):
        run.log(step, {"weight": 0.5 * step})
        run.checkpoints.save(step, {"weight": torch.tensor(0.5 * step)}, {})
    stop(run)
    last = run.folder / "checkpoints" / "000000002.safetensors"
    last.write_bytes(last.read_bytes()[:-1])
    resumed = store.reopen(run.id)
    with pytest.raises(HomeError, match=rf"{last} is damaged"):
        go_on(resumed)
    assert [line["step"] for line in resumed.info.metrics()] == [1, 2]


def test_what_cannot_be_resumed(store: RunStore) -> None:
    run = begin(store)
    with pytest.raises(HomeError, match="still goes"):
        store.reopen(run.id)
    with run:
        pass
    with pytest.raises(HomeError, match="is finished"):
        store.reopen(run.id)
    with pytest.raises(HomeError, match="no run 20260101-000000-00000000-x in"):
        store.reopen("20260101-000000-00000000-x")
    with pytest.raises(HomeError, match=r"no run \.\./x in"):
        store.get("../x")


def test_resuming_with_other_libraries_is_noted(store: RunStore) -> None:
    run = begin(store)
    run.log(1, {"score": 1.0})
    stop(run)
    about = json.loads((run.folder / "run.json").read_text())
    about["environment"]["libraries"]["torch"] = "1.0"
    (run.folder / "run.json").write_text(json.dumps(about))
    with pytest.warns(UserWarning, match=rf"another torch 1\.0 -> {torch.__version__.replace('+', '.')}"):
        resumed = store.reopen(run.id)
    assert resumed.info.metrics() == []  # it had no checkpoint, and begins again


# --- what is the same, what differs ---


def noted(make: Callable[[], object]) -> list[str]:
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        make()
    return [str(one.message) for one in found]


def test_a_repeated_configuration_is_noted(store: RunStore) -> None:
    first = finished(store)
    assert noted(lambda: begin(store)) == [f"the same configuration was run as {first.id}: this repeats it"]
    assert len(noted(lambda: begin(store))) == 2  # one was run, one is running
    assert noted(lambda: begin(store, seed=1)) == []
    assert noted(lambda: begin(store, lr=0.5)) == []
    assert noted(lambda: begin(store, datasets={"data/oldy": "cd" * 32})) == []
    assert len(noted(lambda: begin(store, datasets={"elsewhere": "ab" * 32}))) == 3  # the content counts
    with pytest.raises(ArithmeticError), begin(store, lr=0.7):
        raise ArithmeticError
    assert noted(lambda: begin(store, lr=0.7)) == []  # the other one failed


def test_repeats_share_a_hash_whatever_their_seeds(store: RunStore) -> None:
    runs = [begin(store, seed=seed).info for seed in (1, 2)] + [begin(store, seed=1, lr=0.5).info]
    assert runs[0].repeat_hash == runs[1].repeat_hash != runs[2].repeat_hash
    assert len({run.config_hash for run in runs}) == 3


def test_the_difference_from_the_parent_is_kept_and_told(store: RunStore) -> None:
    first = finished(store)
    assert noted(lambda: begin(store, seed=9, parent=first.id)) == []
    assert "nothing differs from its parent" in noted(lambda: begin(store, parent=first.id))[-1]
    told = noted(lambda: begin(store, lr=0.5, model=Model(latent=128), parent=first.id))
    assert told == [
        f"several things differ from its parent {first.id} at once: model.latent 64 -> 128, lr 0.001 -> 0.5"
    ]
    last = next(run for run in store.all() if run.config["lr"] == 0.5)
    assert json.loads((last.folder / "changes.json").read_text()) == {"model.latent": [64, 128], "lr": [0.001, 0.5]}


def test_runs_begun_at_once_have_folders_of_their_own(store: RunStore) -> None:
    made: list[Run] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        threads = [threading.Thread(target=lambda: made.append(begin(store))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len({run.id for run in made}) == 3
    assert [run.id for run in store.all()] == sorted(run.id for run in made)


def test_bad_names_parents_and_damaged_folders(store: RunStore) -> None:
    for name in ("a/b", "", "..", "a b"):
        with pytest.raises(HomeError, match="cannot be called"):
            store.begin("agent", name, Example(), datasets={}, seeds={})
    with pytest.raises(HomeError, match="no run nobody"):
        begin(store, parent="nobody")
    assert store.all() == []
    run = finished(store)
    (run.folder / "run.json").write_text("{")
    with pytest.raises(HomeError, match=rf"{run.id}: run\.json or config\.yaml cannot be read"):
        store.all()
    (run.folder / "run.json").unlink()
    with pytest.raises(HomeError, match=rf"{run.id} holds no run: run\.json is missing"):
        store.get(run.id)


def test_a_damaged_line_is_an_error_with_its_number(store: RunStore) -> None:
    run = finished(store)
    path = run.folder / "metrics.jsonl"
    path.write_text(path.read_text() + "{broken\n" + '{"step": 3}\n')
    with pytest.raises(HomeError, match=r"metrics\.jsonl, line 2 is no JSON"):
        run.metrics()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.dictionaries(st.text(), st.floats(), max_size=3), max_size=5))
def test_metrics_are_read_as_they_were_logged(
    tmp_path_factory: pytest.TempPathFactory, lines: list[dict[str, float]]
) -> None:
    run = begin(RunStore(tmp_path_factory.mktemp("runs")))
    for step, values in enumerate(lines):
        run.log(step, {name: value for name, value in values.items() if name != "step"})
    for line in (run.folder / "metrics.jsonl").read_text("utf-8").splitlines():
        json.loads(line, parse_constant=pytest.fail)
    read = run.info.metrics()
    run.__exit__(None, None, None)
    for step, (line, values) in enumerate(itertools.zip_longest(read, lines)):
        expected = {**values, "step": step}
        assert line.keys() == expected.keys()
        assert all(repr(float(line[name])) == repr(float(value)) for name, value in expected.items())


# --- lineage ---


@pytest.fixture(scope="module")
def example_info(tmp_path_factory: pytest.TempPathFactory) -> RunInfo:
    return finished(RunStore(tmp_path_factory.mktemp("runs")))


@st.composite
def families(draw: st.DrawFn) -> tuple[list[tuple[list[int], int]], set[int], set[int]]:
    """Runs with the runs that they come from and their dataset; wrong datasets, wrong runs."""
    count = draw(st.integers(1, 8))
    runs = [(draw(st.lists(st.integers(0, i - 1), max_size=2, unique=True)) if i else [], draw(st.integers(0, 3)))
            for i in range(count)]  # fmt: skip
    return runs, draw(st.sets(st.integers(0, 3), max_size=2)), draw(st.sets(st.integers(0, count - 1), max_size=1))


@given(families())
def test_what_a_wrong_dataset_spoils(
    example_info: RunInfo, family: tuple[list[tuple[list[int], int]], set[int], set[int]]
) -> None:
    described, wrong_datasets, wrong_runs = family
    infos = [
        dataclasses.replace(
            example_info,
            id=str(i),
            parent=str(sources[0]) if sources else None,
            inputs=tuple(map(str, sources[1:])),
            datasets={"data": f"hash{dataset}"},
        )
        for i, (sources, dataset) in enumerate(described)
    ]
    marks = [Mark("dataset", f"hash{dataset}", "tilt was wrong", 0.0) for dataset in wrong_datasets]
    marks += [Mark("run", str(run), "stopped early", 0.0) for run in wrong_runs]
    reach = np.eye(len(infos), dtype=int)  # the judge: powers of the matrix of who comes from whom
    for i, (sources, _) in enumerate(described):
        reach[i, sources] = 1
    reach = np.linalg.matrix_power(reach, len(infos)) > 0
    wrong = np.array([dataset in wrong_datasets or i in wrong_runs for i, (_, dataset) in enumerate(described)])
    expected = {str(i) for i in np.flatnonzero(reach @ wrong)}
    shuffled = [infos[i] for i in np.random.default_rng(len(infos)).permutation(len(infos))]
    assert set(spoilt_runs(shuffled, marks)) == expected
    by_id = {info.id: info for info in infos}
    for i in range(len(infos)):
        assert set(ancestors(str(i), by_id)) == {str(j) for j in np.flatnonzero(reach[i]) if j != i}
        assert set(descendants(str(i), by_id)) == {str(j) for j in np.flatnonzero(reach[:, i]) if j != i}


def test_nothing_is_trained_on_what_is_wrong(store: RunStore) -> None:
    first = finished(store)
    second = finished(store, datasets={"data/other": "cd" * 32}, inputs=[first.id], lr=0.5)
    write_mark(store.folder, *subject_of("ababab", store.all()), "tilt was wrong")
    assert store.wrong() == {
        first.id: "trained on data/oldy: tilt was wrong",
        second.id: f"descends from {first.id}: tilt was wrong",
    }
    with pytest.raises(HomeError, match="data/oldy was marked as wrong: tilt was wrong"):
        begin(store, seed=5)
    with pytest.raises(HomeError, match=f"run {second.id} was marked as wrong"):
        begin(store, parent=second.id, datasets={})
    begin(store, datasets={"data/new": "ef" * 32}, seed=6)


def test_checkpoints_know_where_they_come_from(store: RunStore) -> None:
    with begin(store) as run:
        path = run.checkpoints.save(1, {"a": torch.zeros(1)}, {})
    assert read_meta(path)["run"] == run.id
    assert read_meta(path)["datasets"] == {"data/oldy": "ab" * 32}


def test_files_are_noted_and_watched(store: RunStore, tmp_path: Path) -> None:
    (tmp_path / "map.html").write_text("map")
    with begin(store) as run:
        (run.folder / "report.html").write_text("first")
        run.artifact(run.folder / "report.html")
        (run.folder / "report.html").write_text("second")
        run.artifact(run.folder / "report.html")
        run.artifact(tmp_path / "map.html")
        with pytest.raises(HomeError, match=r"gone\.html is no file"):
            run.artifact(tmp_path / "gone.html")
    info = store.get(run.id)
    assert list(files(info)) == [("report.html", ""), ("artifacts/map.html", "")]
    (run.folder / "report.html").write_text("changed")
    (run.folder / "artifacts" / "map.html").unlink()
    assert list(files(info)) == [("report.html", "changed"), ("artifacts/map.html", "missing")]


# --- choosing and comparing ---

rows = st.lists(
    st.fixed_dictionaries(
        {"id": st.text()},
        optional={"model.latent": st.integers(0, 3), "metrics.loss": st.floats(), "name": st.sampled_from("ab")},
    ),
    min_size=1,
)


@given(rows, st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), st.integers(0, 3))
def test_conditions_choose_what_meets_them(rows: list[dict[str, Any]], sign: str, value: int) -> None:
    rows.append({"id": "one", "model.latent": 2, "metrics.loss": 0.0, "name": "a"})
    compare_python = {"=": "==", "!=": "!="}.get(sign, sign)
    expected = [row for row in rows if eval(f"x {compare_python} {value}", {"x": row.get("model.latent", math.nan)})]
    assert select(rows, [f"latent{sign}{value}"], None) == expected
    assert select(rows, [f"latent{sign}{value}", "name=a"], None) == [row for row in expected if row.get("name") == "a"]
    for sort, way in (("loss", 1), ("-metrics.loss", -1)):
        found = [row.get("metrics.loss", math.nan) for row in select(rows, [], sort)]
        numbers = [number for number in found if not math.isnan(number)]
        assert numbers == sorted(numbers, key=lambda number: number * way)
        assert all(math.isnan(number) for number in found[len(numbers) :])
        assert len(found) == len(rows)


def test_unknown_keys_and_conditions_are_refused() -> None:
    known = [{"id": "a", "metrics.loss": 1.0, "metrics.val.loss": 2.0, "lr": 0.1}]
    with pytest.raises(HomeError, match=r"no run has 'lrr'; did you mean lr\?"):
        select(known, ["lrr=1"], None)
    with pytest.raises(HomeError, match=r"no run has 'loss'; did you mean metrics\.loss, metrics\.val\.loss\?"):
        select(known, [], "loss")
    with pytest.raises(HomeError, match="condition 'lr'; write KEY=VALUE"):
        select(known, ["lr"], None)
    assert select([], ["state=finished"], "lr") == []
    assert select(known, ["id~A"], None) == []
    assert select(known, ["lr<text"], None) == []


seeds_values = st.lists(st.floats(-10, 10), min_size=2, max_size=4)


@settings(max_examples=30, deadline=None)
@given(seeds_values, seeds_values)
def test_intervals_and_noise_are_those_of_scipy(example_info: RunInfo, one: list[float], other: list[float]) -> None:
    runs, last = [], {}
    for group, values in enumerate((one, other)):
        for seed, value in enumerate(values):
            run_id = f"{group}-{seed}"
            last[run_id] = {"step": 9, "score": value, "loss": -value}
            runs.append(Stored.of(example_info, last[run_id], id=run_id, repeat_hash=str(group), config_hash=run_id))
    found = compare(runs, {}, [])
    assert found.metrics == ("score",)
    first, second = found.rows
    assert first.means["score"].value == pytest.approx(np.mean(one))
    if np.ptp(one) > 1e-6 and np.ptp(other) > 1e-6:
        interval = stats.t.interval(0.95, len(one) - 1, np.mean(one), stats.sem(one))
        assert (first.means["score"].low, first.means["score"].high) == pytest.approx(interval, abs=1e-9)
        welch = stats.ttest_ind(other, one, equal_var=False).confidence_interval(0.95)
        off = second.from_first["score"]
        assert (off.low, off.high) == pytest.approx((welch.low, welch.high), abs=1e-9)
        assert second.told("score")[""] == ("within noise" if welch.low <= 0 <= welch.high else "")
    assert compare(runs, {}, ["loss"]).rows[0].means["loss"].value == pytest.approx(-np.mean(one))


class Stored(RunInfo):
    """A run with its last metrics at hand."""

    @classmethod
    def of(cls, info: RunInfo, last: dict[str, float], **changed: Any) -> RunInfo:
        made = cls(**(vars(info) | changed))
        made.__dict__["last"] = lambda: last
        return made


def test_what_does_not_count_is_left_out_and_told(store: RunStore) -> None:
    repeated = finished(store, {"score": 1.0})
    with pytest.warns(UserWarning, match="this repeats it"):
        good = finished(store, {"score": 2.0})
    other = finished(store, {"score": 2.5}, seed=1)
    wider = finished(store, {"score": 3.0}, model=Model(latent=128))
    bad = finished(store, {"score": 9.0}, lr=0.5)
    running = begin(store, lr=0.7).info
    found = compare(store.all(), {bad.id: "wrong labels"}, [])
    assert [row.runs for row in found.rows] == [(good.id, other.id), (wider.id,)]
    assert [row.label for row in found.rows] == ["latent", "latent model.latent=128"]
    assert found.rows[0].means["score"].value == 2.25
    assert found.rows[1].told("score")[""] == "within noise"  # one seed says nothing
    assert found.left_out == {
        repeated.id: f"the same as {good.id}, seeds included",
        bad.id: "marked as wrong: wrong labels",
        running.id: "running",
    }
    with pytest.raises(HomeError, match="no finished run to compare"):
        compare([running], {}, [])
    with pytest.raises(HomeError, match=r"no run has 'scre'; did you mean score\?"):
        compare([good], {}, ["scre"])


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


def event_numbers(folder: Path) -> Iterator[tuple[int, str, float, float]]:
    """Step, name, value and time of all scalars, as TensorBoard itself reads them."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util.tensor_util import make_ndarray

    events = EventAccumulator(str(folder), size_guidance={"tensors": 0}).Reload()
    for name in events.Tags()["tensors"]:
        if "text_summary" not in name:
            for event in events.Tensors(name):
                yield event.step, name, make_ndarray(event.tensor_proto).item(), event.wall_time


def check_event_files(run: RunInfo) -> None:
    """What TensorBoard reads is what the folder says, to the bit."""
    logged = [(line["step"], name, line[name]) for line in run.metrics() for name in line if name != "step"]
    read = [(step, name, value) for step, name, value, _ in event_numbers(run.folder / "tensorboard")]
    assert sorted(map(repr, read)) == sorted(map(repr, logged))
    assert logged


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
