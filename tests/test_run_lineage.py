"""Lineage of runs, and their comparison: what a fault spoils, which runs are chosen, and what is noise."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from scenes.errors import HomeError
from tests.example_runs import Model, begin, finished
from train.checkpoints import read_meta
from train.runs import RunInfo, RunStore
from train.runs.compare import compare
from train.runs.lineage import Mark, ancestors, descendants, files, spoilt_runs, subject_of, write_mark
from train.runs.query import select

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


@settings(max_examples=30)
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
