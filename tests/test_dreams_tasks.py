"""Goal views: tasks that stay the same, an oracle that reaches them, games that are not played twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from datagen.benchmark_set import load_set
from scenes.errors import HomeError
from sim.ptz import PROFILES, Position
from train.config import resolve
from train.dreams import planning
from train.dreams.planning import PlanSettings, run_planning
from train.dreams.play import Played, PlaySettings, play
from train.dreams.players import OraclePlayer, RandomPlayer
from train.dreams.tables import markdown, returns, to_json
from train.dreams.tasks import BANDS, Stage, Task, TaskSettings, draw_tasks, off_deg, off_doublings
from train.dreams.world import World
from train.models.config import ConvConfig, ModelConfig, PredictorConfig, build
from train.models.latent import LatentWorldModel
from train.motion import PTZ
from train.preprocess import Preprocessing

HOME, COUNT = "blocks", 6
SEEN = Preprocessing(channels=("depth",), size=(12, 12))

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def tasks() -> list[Task]:
    """Those of the first home of the set: one in six."""
    benchmark = load_set("stairwell-1")
    only = replace(benchmark, homes={HOME: benchmark.homes[HOME]})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("train.dreams.tasks.load_set", lambda _: only)
        drawn = draw_tasks(TaskSettings(count=COUNT))
        assert drawn[:2] == draw_tasks(TaskSettings(count=2))
        assert drawn[0] != draw_tasks(TaskSettings(count=1, seed=1))[0]
    return drawn


@pytest.fixture(scope="module")
def world() -> World:
    config = ModelConfig(latent=4, conv=ConvConfig(width=8, hidden=8), predictor=PredictorConfig(width=8, depth=1))
    model = build(config, SEEN.planes, SEEN.size, PTZ.state_dim, PTZ.action_dim, seed=0)
    assert isinstance(model, LatentWorldModel)
    return World(model.eval(), 2, SEEN, "digest")


@pytest.fixture(scope="module")
def oracles(tasks: list[Task], world: World) -> list[Played]:
    return games(tasks, world, OraclePlayer())


def games(tasks: list[Task], world: World, player: OraclePlayer | RandomPlayer) -> list[Played]:
    settings = PlaySettings(moves=16, px=24)
    benchmark = load_set("stairwell-1")
    mounts = benchmark.mounts(HOME)[: TaskSettings().cameras]
    with Stage(str(benchmark.homes[HOME]), "raycast") as stage:
        return [play(world, stage, mounts[task.mount], task, player, settings, [0]) for task in tasks]


def test_tasks_are_within_their_limits(tasks: list[Task]) -> None:
    asked = TaskSettings()
    assert [task.band for task in tasks] == [0, 1, 2, 0, 1, 2]
    assert {task.profile for task in tasks} == set(PROFILES)
    for task in tasks:
        low, high = BANDS[task.band]
        assert low <= task.views <= high
        for position in (task.start, task.goal):
            assert asked.tilt_deg[0] <= position.tilt_deg <= asked.tilt_deg[1]
            assert asked.zoom[0] <= position.zoom <= asked.zoom[1]
        assert off_doublings(task.start, task.goal) <= asked.zoom_doublings
        turn_deg = task.views * PROFILES[task.profile].fov_deg(task.start.zoom)
        assert off_deg(task.start, task.goal) <= turn_deg + 1e-6
        assert off_deg(task.start, task.goal) >= 0.6 * turn_deg


def test_angles() -> None:
    assert off_deg(Position(170, 0), Position(-170, 0)) == pytest.approx(20)
    assert off_deg(Position(0, -40), Position(0, 5)) == pytest.approx(45)
    assert off_deg(Position(0, 90), Position(123, 90)) == pytest.approx(0, abs=1e-5)
    assert off_doublings(Position(zoom=1), Position(zoom=4)) == off_doublings(Position(zoom=2), Position(zoom=0.5)) == 2


def test_the_oracle_reaches_every_goal(tasks: list[Task], oracles: list[Played]) -> None:
    for task, played in zip(tasks, oracles, strict=True):
        assert played.off_deg[0] == pytest.approx(off_deg(task.start, task.goal))
        assert played.off_deg[-1] < 0.4
        assert played.off_doublings[-1] < 0.2
        left = np.array(played.off_deg) + 20 * np.array(played.off_doublings)
        assert (np.diff(left) < 1e-9).all()


def test_at_the_goal_the_image_is_the_goals(tasks: list[Task], world: World) -> None:
    there = [replace(task, start=task.goal) for task in tasks[:2]]
    for played in games(there, world, OraclePlayer()):
        assert played.distance == (0.0,) * 17
        assert max(played.off_deg) < 1e-5


def test_games_repeat(tasks: list[Task], world: World) -> None:
    one, same = (games(tasks[:1], world, RandomPlayer())[0] for _ in range(2))
    assert replace(one, seconds_per_move=0.0) == replace(same, seconds_per_move=0.0)
    assert Played.from_json(one.to_json()) == one


def test_no_game_is_played_twice(tasks: list[Task], world: World, tmp_path: Path) -> None:
    settings = resolve(
        PlanSettings,
        None,
        ["play.moves=2", "play.px=24", "cem.samples=8", "cem.elites=2", "cem.iterations=1", "renderer=raycast"],
    )
    played = []

    def counted(*arguments: object) -> Played:
        played.append(arguments)
        if len(played) == 4:
            raise KeyboardInterrupt
        return play(*arguments)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "draw_tasks", lambda _: tasks[:2])
        patch.setattr(planning, "play", counted)
        with pytest.raises(KeyboardInterrupt):
            run_planning(world, None, settings, tmp_path)
        kept = {path: path.read_bytes() for path in tmp_path.rglob("*.json")}
        assert len(kept) == 3
        result = run_planning(world, None, settings, tmp_path)
        assert len(played) == 4 + 7
        assert all(path.read_bytes() == data for path, data in kept.items())
        assert len(list(tmp_path.rglob("*.json"))) == 10
        with pytest.raises(HomeError, match="another model"):
            run_planning(replace(world, digest="other"), None, settings, tmp_path)
    assert list(result.played) == ["random", "greedy", "cem", "cem, any move", "oracle"]
    said = to_json(result)["players"]["oracle"]
    assert said["off_deg"][2]["value"] == pytest.approx(np.mean([one.off_deg[2] for one in result.played["oracle"]]))
    assert "| oracle |" in markdown(result)


def test_returns_are_discounted() -> None:
    played = Played("home", 0.5, (1.0,) * 3, (0.0,) * 3, (9.0, 2.0, 4.0), 0.0)
    assert returns([played], 0.5).tolist() == [-2.0 - 0.5 * 4.0]


def test_a_world_that_knows_a_home_is_refused(world: World, tmp_path: Path) -> None:
    import yaml

    from datagen.store import home_hash
    from train.dreams.planning import refuse_known_homes

    benchmark = load_set("stairwell-1")
    refuse_known_homes(world, benchmark)
    about = {"homes": {"mine": home_hash(benchmark.homes[HOME])}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "open_dataset", lambda _: type("Dataset", (), {"about": about}))
        (tmp_path / "dataset.yaml").write_text(yaml.safe_dump(about))
        with pytest.raises(HomeError, match="mine"):
            refuse_known_homes(replace(world, dataset=str(tmp_path)), benchmark)
