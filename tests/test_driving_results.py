"""Evaluations of policies: frozen sets, pieces that are kept, figures that add up, pictures that show the drives."""

from __future__ import annotations

import dataclasses
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import imageio.v3
import numpy as np
import pytest

from datagen.store import frozen, home_hash
from scenes.body import PERSON
from scenes.errors import HomeError
from scenes.library import find_home, load_scene
from sim.agents.bodies import shared_graph
from sim.agents.protocol import Action
from sim.envs.routes import FROZEN, START_M, crossings
from sim.episodes import draw_episodes
from tests.halls import drives, hall
from tests.waiting import wait_until
from train.driving.drive import MEASURES, Drive, Track
from train.driving.endings import Ending
from train.driving.evaluate import FILMS, MAPS, PAGE, PIECES, RESULTS, evaluate_driving
from train.driving.films import worst
from train.driving.freeze import COUNT, HOMES, MADE
from train.driving.look import Look
from train.driving.maps import FAILED, REACHED, path_map
from train.driving.pieces import BLOCK, make_pieces, pieces_of
from train.driving.policies import SCRIPTED, Driver
from train.driving.sets import DriveSet, bundled_sets, load_set, point_set_of, require_home, route_set, save_set
from train.driving.summary import summarise
from train.evaluate.statistics import wilson

LOOK = Look(size=(16, 12))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> DriveSet:
    """25 short drives: three pieces."""
    home = hall(tmp_path_factory.mktemp("home"), 8.0, 4.0)
    starts = [(1.0, -2.0, float(yaw_deg)) for yaw_deg in np.linspace(-60, 60, 25)]
    return drives(home, starts, (6.0, -2.0))


@pytest.fixture(scope="module")
def few(small: DriveSet) -> DriveSet:
    """12 of them, straight on among them."""
    return dataclasses.replace(small, episodes=small.episodes[:24:2])


def kept(folder: Path) -> dict[str, Any]:
    """All that is kept of drives, but for how long decisions took."""
    found = {}
    for path in sorted((folder / PIECES).glob("*.json")):
        said = json.loads(path.read_text())
        found[path.name] = said | {"drives": [drive | {"seconds": None} for drive in said["drives"]]}
    return found


def results(folder: Path) -> dict[str, Any]:
    return json.loads((folder / RESULTS).read_text()) | {"seconds_per_action": None}


def test_an_evaluation_says_and_shows_how_it_went(few: DriveSet, tmp_path: Path) -> None:
    offline = {"accuracy": 0.875, "where": "test part of <home>"}
    seen: list[int] = []
    said = evaluate_driving(
        SCRIPTED["random"], [few], tmp_path, look=LOOK, films=1, offline=offline, progress=seen.append
    )
    assert json.loads((tmp_path / RESULTS).read_text()) == said
    assert sum(seen) == 12
    page = (tmp_path / PAGE).read_text()
    for text in (
        "87.5%",
        "test part of &lt;home&gt;",
        "macro F1",
        *said["results"]["all"]["endings"],
        "data:image/png",
    ):
        assert text in page
    made = read(few, tmp_path)
    for drive in worst(made, 1):
        name = f"hall-{drive.episode:04d}.mp4"
        assert f"{FILMS}/{name}" in page
        assert len(imageio.v3.imread(tmp_path / FILMS / name)) == len(drive.action) + 1
    assert len(list((tmp_path / FILMS).iterdir())) == 1
    assert (tmp_path / MAPS / "hall.png").exists()


def read(drive_set: DriveSet, folder: Path, name: str = "random") -> list[Drive]:
    pieces = pieces_of(SCRIPTED[name], [drive_set], LOOK, 2.0, folder / PIECES)
    return [drive for piece in pieces for drive in piece.read() or []]


def test_figures_are_those_of_the_drives(few: DriveSet, tmp_path: Path) -> None:
    other = dataclasses.replace(few, name="twice", episodes=few.episodes[:2] + few.episodes[:2])
    said = evaluate_driving(SCRIPTED["random"], [few, other], tmp_path, look=LOOK, films=0)["results"]
    assert list(said["sets"]) == ["hall", "twice"]
    by_set = {one.name: read(one, tmp_path) for one in (few, other)}
    for figures, of in ((said["all"], by_set["hall"] + by_set["twice"]), (said["sets"]["hall"], by_set["hall"])):
        assert figures["episodes"] == len(of)
        reached = sum(drive.measures["success"] for drive in of)
        assert figures["success"] == wilson(int(reached), len(of)).to_json()
        for name in set(MEASURES) - {"success"}:
            assert figures[name]["value"] == pytest.approx(np.mean([drive.measures[name] for drive in of]))
            assert figures[name]["low"] <= figures[name]["value"] <= figures[name]["high"]
        assert sum(figures["endings"].values()) == len(of)
        assert figures["endings"].get("reached", 0) == reached
        assert figures["collisions_per_100_actions"]["value"] == pytest.approx(
            np.mean([100 * drive.measures["collisions"] / len(drive.action) for drive in of])
        )
        pairs = [pair for drive in of for pair in zip(drive.right.tolist(), drive.action.tolist(), strict=True)]
        counts = np.array(figures["driven"]["counts"])
        assert all(counts[pair] == pairs.count(pair) for pair in np.ndindex(4, 4))
        assert figures["driven"]["accuracy"] == pytest.approx(sum(r == a for r, a in pairs) / len(pairs))
        left = figures["driven"]["by_class"]["left"]
        assert left["recall"] == pytest.approx(pairs.count((2, 2)) / sum(r == 2 for r, _ in pairs))
        assert left["precision"] == pytest.approx(pairs.count((2, 2)) / sum(a == 2 for _, a in pairs))


def test_any_number_of_processes_say_the_same_and_kept_pieces_are_not_driven_again(
    small: DriveSet, tmp_path: Path
) -> None:
    evaluate_driving(SCRIPTED["random"], [small], tmp_path / "one", look=LOOK, films=0)
    evaluate_driving(SCRIPTED["random"], [small], tmp_path / "two", look=LOOK, films=0, workers=2)
    assert kept(tmp_path / "one") == kept(tmp_path / "two")
    assert results(tmp_path / "one") == results(tmp_path / "two")
    assert len(kept(tmp_path / "one")) == 3 == -(-25 // BLOCK)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "one" / PIECES).iterdir()}
    gone = next(iter(before))
    gone.unlink()
    never = Driver("random", SCRIPTED["random"].identity, SCRIPTED["random"].make)
    evaluate_driving(never, [small], tmp_path / "one", look=LOOK, films=0)
    after = {path: path.stat().st_mtime_ns for path in (tmp_path / "one" / PIECES).iterdir()}
    assert {path for path in after if after[path] != before[path]} == {gone}
    assert results(tmp_path / "one") == results(tmp_path / "two")


@pytest.mark.parametrize("kills", [1, pytest.param(10, marks=pytest.mark.full)])
def test_killed_at_any_moment_it_ends_the_same(few: DriveSet, tmp_path: Path, kills: int) -> None:
    evaluate_driving(SCRIPTED["random"], [few], tmp_path / "whole", look=LOOK, films=0)
    save_set(few, tmp_path / "set.json")
    code = (
        "from pathlib import Path; from train.driving.evaluate import *; from train.driving.sets import load_set;"
        "from train.driving.policies import SCRIPTED; from train.driving.look import Look;"
        f"sets, folder = [load_set({str(tmp_path / 'set.json')!r})], Path({str(tmp_path / 'cut')!r});"
        "evaluate_driving(SCRIPTED['random'], sets, folder, look=Look(size=(16, 12)), films=0)"
    )
    rng, pieces = np.random.default_rng(kills), tmp_path / "cut" / PIECES
    for _ in range(kills):
        for path in rng.permutation(sorted(pieces.glob("*.json")))[1:]:
            path.unlink()  # so that there is something left to do
        before = len(list(pieces.glob("*.json")))
        run = subprocess.Popen([sys.executable, "-c", code])
        wait_until(lambda: run.poll() is not None or len(list(pieces.glob("*.json"))) != before, 0.005)  # noqa: B023
        time.sleep(rng.uniform(0, 0.2))
        run.send_signal(signal.SIGKILL)
        run.wait()
    assert 1 <= len(list(pieces.glob("*.json"))) <= 2
    evaluate_driving(SCRIPTED["random"], [few], tmp_path / "cut", look=LOOK, films=0)
    assert kept(tmp_path / "cut") == kept(tmp_path / "whole")
    assert results(tmp_path / "cut") == results(tmp_path / "whole")


def test_drives_of_another_policy_set_or_look_are_refused(small: DriveSet, tmp_path: Path) -> None:
    few = dataclasses.replace(small, episodes=small.episodes[:3])
    evaluate_driving(SCRIPTED["blind"], [few], tmp_path, look=LOOK, films=0)
    moved = dataclasses.replace(few.episodes[0], yaw_deg=1.0)
    others: list[tuple[Driver, DriveSet, Look]] = [
        (SCRIPTED["spinner"], few, LOOK),
        (SCRIPTED["blind"], dataclasses.replace(few, episodes=(moved, *few.episodes[1:])), LOOK),
        (SCRIPTED["blind"], few, LOOK.model_copy(update={"seed": 1})),
    ]
    for driver, drive_set, look in others:
        with pytest.raises(HomeError, match="another policy, set or look"):
            make_pieces(pieces_of(driver, [drive_set], look, 2.0, tmp_path / PIECES), 1)
    (tmp_path / PIECES / "hall-00000.json").write_text("[1")
    with pytest.raises(HomeError, match="holds no drives"):
        make_pieces(pieces_of(SCRIPTED["blind"], [few], LOOK, 2.0, tmp_path / PIECES), 1)
    with pytest.raises(HomeError, match="give each one once"):
        evaluate_driving(SCRIPTED["blind"], [few, few], tmp_path, look=LOOK)


def test_maps_show_where_drives_went(small: DriveSet) -> None:
    graph = shared_graph(load_scene(small.home), PERSON)
    with Track(small, LOOK) as track:
        there, stuck = (track.drive(SCRIPTED[name].make(), 12) for name in ("oracle", "blind"))
        assert (there.ending, stuck.ending) == (Ending.REACHED, Ending.REACHED)
        aside = track.drive(SCRIPTED["blind"].make(), 0)
        assert aside.ending == Ending.WALL
    scale_px = 0.0
    for drive, color, other in ((there, REACHED, FAILED), (aside, FAILED, REACHED)):
        picture = path_map(graph, small, [drive])
        drawn = np.argwhere((picture == color).all(axis=2))
        assert not (picture == other).all(axis=2).any()
        scale_px = picture.shape[1] / 10.0  # 8 m and a margin on both sides
        wide_m = np.ptp(drive.position[:, 0])
        assert np.ptp(drawn[:, 1]) == pytest.approx(scale_px * wide_m, abs=0.25 * scale_px)
        high_m = np.ptp(drive.position[:, 1])
        assert np.ptp(drawn[:, 0]) == pytest.approx(scale_px * high_m, abs=0.25 * scale_px)
    both = path_map(graph, small, [there, aside])
    assert all((both == color).all(axis=2).any() for color in (REACHED, FAILED))


def test_the_worst_are_failures_that_came_to_least(few: DriveSet) -> None:
    with Track(few, LOOK) as track:
        made = [track.drive(SCRIPTED["blind"].make(), episode) for episode in range(12)]
    assert 0 < sum(drive.ending == Ending.REACHED for drive in made) < 12
    chosen = worst(made, 3)
    least = sorted((drive.measures["success"], drive.measures["path_completion"]) for drive in made)[:3]
    assert [(drive.measures["success"], drive.measures["path_completion"]) for drive in chosen] == least


def test_one_drive_has_figures_without_intervals(small: DriveSet) -> None:
    with Track(small, LOOK) as track:
        said = summarise([track.drive(SCRIPTED["oracle"].make(), 12)])
    assert said["spl"] == {"value": 1.0, "low": None, "high": None, "over": []}
    assert said["success"]["low"] == pytest.approx(wilson(1, 1).low)


@pytest.mark.parametrize("name", sorted(MADE))
def test_the_sets_that_come_along_fit_their_homes(name: str) -> None:
    one = load_set(name)
    scene = load_scene(one.home)
    require_home(one, scene)
    assert one.name == name
    assert len(one.episodes) == COUNT == len({(episode.start, episode.yaw_deg) for episode in one.episodes})
    graph = shared_graph(scene, PERSON)
    starts = np.array([episode.start for episode in one.episodes])
    goals = np.array([episode.targets[0] for episode in one.episodes])
    legs = graph.geodesics(starts, goals)
    assert np.isfinite(legs).all()
    if one.kind == "route":
        route = crossings(graph, name.removeprefix("oldenborg-") if one.home == "oldenborg" else FROZEN)
        assert all(episode.targets == tuple(map(tuple, route[1:].tolist())) for episode in one.episodes)
        assert np.abs(starts - route[0])[:, :2].max() <= START_M + 0.05
    else:
        assert [episode.shortest_m for episode in one.episodes] == pytest.approx(legs.tolist())
    hashes = {known for benchmark in frozen.frozen_sets() for known in benchmark.homes.values()}
    assert (home_hash(find_home(one.home)) in hashes) == (one.home == "blocks")


def test_sets_come_along_for_four_homes_and_are_made_by_the_rule() -> None:
    assert bundled_sets() == sorted(MADE)
    assert {load_set(name).home for name in MADE if load_set(name).kind == "route"} == set(HOMES)
    for name in ("blocks-points", "two-levels-route"):
        first = MADE[name].func(name, **MADE[name].keywords | {"count": 3})
        assert first.episodes == load_set(name).episodes[:3]


def test_a_set_that_was_changed_is_refused(tmp_path: Path) -> None:
    one = load_set("blocks-route")
    path = tmp_path / "set.json"
    assert save_set(one, path) == one.digest
    assert load_set(path) == one
    path.write_text(path.read_text().replace('"expert_actions":', '"expert_actions":1', 1))
    with pytest.raises(HomeError, match="changed since it was frozen"):
        load_set(path)
    for text, told in (("{", "no set of drives"), ('{"format": "else"}', "begin with"), ("[]", "begin with")):
        path.write_text(text)
        with pytest.raises(HomeError, match=told):
            load_set(path)
    with pytest.raises(HomeError, match="there are blocks-points"):
        load_set("nowhere")


def test_episodes_of_point_nav_become_drives_of_their_home_only() -> None:
    graph = shared_graph(load_scene("two-levels"), PERSON)
    episodes = draw_episodes(graph, 3, np.random.default_rng(1))
    made = point_set_of("three", "two-levels", episodes)
    assert [(one.start, one.targets[0]) for one in made.episodes] == [
        (one.start, one.goal) for one in episodes.episodes
    ]
    with Track(made, LOOK) as track:
        for number, episode in enumerate(made.episodes):
            drive = track.drive(SCRIPTED["oracle"].make(), number)
            assert drive.ending == Ending.REACHED
            assert len(drive.action) == episode.expert_actions
            assert drive.action[-1] == Action.STOP
    with pytest.raises(HomeError, match="were made for 'two-levels'"):
        point_set_of("three", "blocks", episodes)
    assert route_set("two", "blocks", 2, 0).digest != route_set("two", "blocks", 2, 1).digest
