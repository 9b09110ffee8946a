"""What came out of a sweep: the table, what may be said of it, importance, the page."""

from __future__ import annotations

import math
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from scipy import stats

from tests.sweeps import sweep, text, trial
from train.sweeps.compare import compare, reached_best
from train.sweeps.config import Metric, Sweep
from train.sweeps.importance import FEWEST_POINTS, importances
from train.sweeps.page import write_page
from train.sweeps.parallel import color, parallel_coordinates
from train.sweeps.reports import Reports
from train.sweeps.search import State, Trial
from train.sweeps.store import create_sweep

SPACE = {"lr": {"distribution": "log_uniform_values", "min": 1.0e-4, "max": 1.0}, "n": {"values": [1, 2, 3, 4]}}
GRID = {"a": {"values": ["w", "x", "y", "z"]}}
LOSS = Metric(name="loss")


def grid(repeats: int, goal: str = "minimize", **parameters: Any) -> Sweep:
    controller = {"type": "cloud", "repeats": repeats}
    metric = {"name": "loss", "goal": goal}
    return sweep(method="grid", metric=metric, controller=controller, parameters=parameters or GRID)


def told(of: Sweep, values: list[float | None], state: State = "failed") -> list[Trial]:
    """Trials of these values, those with None in a state without one."""
    return [
        trial(of, number, (), [], state) if value is None else trial(of, number, (9.0, value), [])
        for number, value in enumerate(values)
    ]


def test_rows_are_points_with_students_interval_the_best_first() -> None:
    of = grid(3)
    trials = told(of, [2.0, 2.5, 3.0, 1.0, 1.1, 1.2, 0.9, 1.3, None, None, None, None])
    rows = compare(of, trials)
    assert [row.settings for row in rows] == [{"a": "x"}, {"a": "y"}, {"a": "w"}, {"a": "z"}]
    assert [row.trials for row in rows] == [(3, 4, 5), (6, 7, 8), (0, 1, 2), (9, 10, 11)]
    assert [row.unjudged for row in rows] == [0, 1, 0, 3]
    assert [row.as_good for row in rows] == [True, True, False, None]
    worst = rows[2].value
    assert worst is not None
    low, high = stats.t(2, 2.5, 0.5 / math.sqrt(3)).interval(0.95)
    assert (worst.value, worst.low, worst.high) == pytest.approx((2.5, low, high))
    assert rows[3].value is None
    assert stats.ttest_ind([2.0, 2.5, 3.0], [1.0, 1.1, 1.2], equal_var=False).pvalue < 0.05
    assert stats.ttest_ind([0.9, 1.3], [1.0, 1.1, 1.2], equal_var=False).pvalue > 0.05
    assert reached_best(LOSS, rows) == "1 of the other 2 points could be as good as the best; their order is noise."


def test_the_greatest_is_best_if_the_goal_says_so() -> None:
    of = grid(2, "maximize")
    rows = compare(of, told(of, [1.0, 1.1, 5.0, 5.1, 3.0, 3.1]))
    assert [row.settings["a"] for row in rows] == ["x", "y", "w"]
    said = "The best point's loss differs from all 2 others by more than their noise."
    assert reached_best(LOSS, rows) == said


def test_one_trial_a_point_says_nothing_of_noise() -> None:
    of = grid(1)
    rows = compare(of, told(of, [1.0, 2.0, 3.0, 4.0]))
    assert [row.as_good for row in rows] == [None] * 4
    assert "set `controller.repeats`" in reached_best(LOSS, rows)
    assert reached_best(LOSS, compare(of, told(of, [None]))) == "No trial has reported the metric."
    assert compare(of, told(of, [None], "running")) == []


def test_seeds_that_are_searched_are_repeats() -> None:
    of = grid(1, a={"values": [1, 2]}, seed={"values": [0, 1, 2]})
    rows = compare(of, told(of, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]))
    assert [(row.settings, row.values) for row in rows] == [({"a": 1}, (1.0, 2.0, 3.0)), ({"a": 2}, (4.0, 5.0, 6.0))]


def test_importance_is_of_what_matters() -> None:
    of = sweep(metric={"name": "loss"}, parameters=SPACE | {"idle": {"min": 0.0, "max": 1.0}})
    trials = [trial(of, number, (), [], "failed") for number in range(80)]
    trials += [trial(of, 80 + i, (), [], "finished") for i in range(5)]  # ended, and said nothing
    judged = [trial(of, number, (math.log10(one.settings["lr"]) ** 2,), []) for number, one in enumerate(trials)]  # type: ignore[arg-type]
    found = importances(of, judged)
    assert next(iter(found)) == "lr"
    assert found["lr"] > 0.9
    assert sum(found.values()) <= 1 + 1e-9
    assert importances(of, judged) == found
    assert importances(of, trials) == {}
    assert importances(of, judged[: FEWEST_POINTS - 1]) == {}


class Drawn(HTMLParser):
    """Counts tags, and sees that they close."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.counts: dict[str, int] = {}
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.counts[tag] = self.counts.get(tag, 0) + 1
        if tag in {"svg", "table", "section", "polyline", "title"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"svg", "table", "section", "polyline", "title"}:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())


def test_lines_run_through_their_values() -> None:
    of = sweep(metric={"name": "loss"}, parameters=SPACE)
    judged = [trial(of, number, (float(number),), []) for number in range(3)]
    chart = parallel_coordinates(of.space.leaves, compare(of, judged), LOSS)
    lines = re.findall(r'points="([^"]+)" fill="none" stroke="(#\w{6})"', chart)
    assert [stroke for _, stroke in lines] == [color(0.0), color(0.5), color(1.0)]  # the best last, on top
    heights = [[float(point.split(",")[1]) for point in points.split()] for points, _ in lines]
    top, bottom = 34.0, 294.0
    assert [line[2] for line in heights] == [bottom, (top + bottom) / 2, top]
    for one, line in zip(reversed(judged), heights, strict=True):
        assert line[0] == pytest.approx(bottom - (math.log10(one.settings["lr"]) + 4) / 4 * 260, abs=0.06)  # type: ignore[arg-type]
        assert line[1] == pytest.approx(bottom - (one.settings["n"] - 1) / 3 * 260, abs=0.06)  # type: ignore[operator]
    assert {"0.0001", "0.001", "0.01", "0.1", "1", "2", "3", "4"} <= set(Drawn(chart).texts)
    assert parallel_coordinates(of.space.leaves, [], LOSS) == "<p>No trial has reported the metric.</p>"


def test_the_page(tmp_path: Path) -> None:
    name = "<lr> & co"
    keys = {"metric": {"name": "loss"}, "controller": {"type": "cloud", "repeats": 2}, "parameters": SPACE}
    store = create_sweep(tmp_path, text(name=name, **keys), "x")
    write_page(store, tmp_path / "empty.html")
    assert "No trial has reported the metric." in Drawn((tmp_path / "empty.html").read_text()).texts
    of = store.sweep
    for number in range(16):
        one = trial(of, number, (), [])
        claim = store.claim(number, one.point, one.settings)
        assert claim is not None
        lost = number in {3, 14, 15}
        claim.end("failed" if lost else "finished", Reports(() if lost else (float(number),), {}, ()), 1.0, 0)
    write_page(store, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    drawn = Drawn(page)
    assert not drawn.open
    assert drawn.counts["polyline"] == 7
    assert f"{name} ({store.id})" in drawn.texts
    assert "<lr>" not in page
    assert "http" not in page
    assert {"none", "0 (+2 without)", "1 (+1 without)", "one trial: unknown"} <= set(drawn.texts)
    assert any("The forest was fitted to" in said and "to 7 points" in said for said in drawn.texts)


def test_a_sweep_without_a_metric_has_a_page(tmp_path: Path) -> None:
    store = create_sweep(tmp_path, text(parameters=SPACE), "x")
    claim = store.claim(0, (0.5, 1), {"lr": 0.01, "n": 2})
    assert claim is not None
    claim.end("finished", Reports(), 1.0, 0)
    write_page(store, tmp_path / "page.html")
    assert "The sweep file names no metric." in (tmp_path / "page.html").read_text()
