"""A life: killed at any moment it ends the same; what agents do, what models learn from, what is told of it."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from datagen.checks import check_dataset
from datagen.reader import open_dataset
from scenes.errors import HomeError
from sim.cli import app
from sim.ptz import ACTIONS
from tests.lives import SETTINGS, draw_homes, live
from train.config import resolve
from train.data import Frames, load_frames
from train.dreams.agent import load_agent
from train.dreams.world import load_world
from train.lifelong.curve import transfer
from train.lifelong.frames import Rehearsal, joined
from train.lifelong.life import AGENT, WORLD, Life, digest_of, open_life
from train.lifelong.settings import LifeSettings
from train.loop import generator_at
from train.runs import RunInfo
from train.world_model import load_world_model

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return draw_homes(tmp_path_factory.mktemp("homes"), 3)


@pytest.fixture(scope="module")
def life(homes: list[str], tmp_path_factory: pytest.TempPathFactory) -> Life:
    """Two generations in two homes, undisturbed."""
    return live(tmp_path_factory.mktemp("life") / "whole", homes[:2], 2)


def made(life: Life) -> list[Frames]:
    """What both generations collected."""
    return [load_frames(life.folder / f"generations/00{number}/data", SETTINGS.preprocessing) for number in (1, 2)]


def run_of(life: Life, kind: str, number: int) -> RunInfo:
    (info,) = [info for info in life.store.all() if info.name == f"{kind}-00{number}"]
    return info


def cut_off(folder: Path, homes: list[str], generations: int, stage: int, delay_s: float, how: signal.Signals) -> str:
    """Begins or goes on with a life in another process and ends that in a stage, by number; returns which it was in.

    It is ended in a later stage if the life is beyond that already.
    """
    command = [sys.executable, "-m", "tests.lives", str(folder), ",".join(homes), str(generations)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    )
    assert process.stdout is not None
    begun = ""
    for line in process.stdout:
        begun = line.strip()
        if len(done(folder)) >= stage:
            break
    with pytest.raises(HomeError, match="another process lives there"), open_life(folder, homes, SETTINGS):
        pass
    time.sleep(delay_s)
    assert process.poll() is None, "it was done before it was cut off"
    os.killpg(process.pid, how)
    *_, begun = [begun, *(line.strip() for line in process.stdout)]
    process.wait()
    process.stdout.close()
    assert process.returncode != 0
    return begun


def done(folder: Path) -> dict[str, str]:
    path = folder / "life.json"
    return json.loads(path.read_bytes())["results"] if path.exists() else {}


def same(one: Life, other: Life) -> None:
    """Asserts that two lives came to the same."""
    assert list(one.results.items()) == list(other.results.items())
    for stage, found in other.results.items():
        assert digest_of(other.folder / stage) == found
    for name in ("curve.json", "curve.md", "curve.html", "life.json"):
        assert (one.folder / name).read_bytes() == (other.folder / name).read_bytes()
    for kind in (WORLD, AGENT):
        lines = [[i.folder / "metrics.jsonl" for i in life.store.all() if i.kind == kind] for life in (one, other)]
        assert [path.read_text() for path in lines[0]] == [path.read_text() for path in lines[1]]


def test_killed_and_stopped_it_ends_the_same(life: Life, homes: list[str], tmp_path: Path) -> None:
    learning, collecting = (list(life.results).index(f"generations/00{n}") for n in ("1/model.safetensors", "2/data"))
    folder = tmp_path / "cut"
    cut_off(folder, homes[:2], 2, learning, 0.1, signal.SIGINT)
    assert learning <= len(done(folder))
    cut_off(folder, homes[:2], 2, collecting, 0.1, signal.SIGKILL)
    assert collecting <= len(done(folder)) < len(life.results)
    same(life, live(folder, homes[:2], 2))


@pytest.mark.full
def test_three_generations_killed_ten_times_end_the_same(homes: list[str], tmp_path: Path) -> None:
    began_s = time.monotonic()
    whole = live(tmp_path / "whole", homes, 3)
    stages = len(whole.results)
    longest_s = 2 * (time.monotonic() - began_s) / stages
    rng = np.random.default_rng(10)
    places = rng.uniform(0, stages - 3, 10)
    places.sort()
    kills = [cut_off(tmp_path / "cut", homes, 3, int(p), rng.uniform(0, longest_s), signal.SIGKILL) for p in places]
    assert len({stage.rpartition("/")[2] for stage in kills}) >= 3
    same(whole, live(tmp_path / "cut", homes, 3))


def test_agents_do_in_the_simulator_what_they_hold_best(life: Life) -> None:
    """Without chance (epsilon 0) the stored frames and the stored goal tell all that the agent did."""
    folder = life.folder / "generations/001"
    world = load_world(folder / "model.safetensors")
    agent = load_agent(folder / "agent.safetensors", world=world.digest)
    old, new = made(life)
    facts = open_dataset(new.folder).episodes.to_pylist()
    chosen = []
    for window in new.windows(SETTINGS.collect.frames):
        goal = json.loads(facts[int(new.columns["episode"][window[0]])]["drawn"])["goal"]
        aim = world.model.encode(old.images([goal]))
        latents, states = world.model.encode(new.images(window)), new.batch(window[None]).state[0]
        memory = world.begin(latents[:1], states[:1])
        for step, frame in enumerate(window.tolist()):
            best = ACTIONS[int(agent.values(memory, aim).argmax())]
            assert new.columns["command"][frame] == best.name
            chosen.append(best.name)
            move = world.move(memory, new.raw_action[[frame]], new.lens[[frame]])
            following = slice(step + 1, step + 2)
            if step + 1 < len(window):
                memory = world.after(move, latents[following], states[following])
    assert len(set(chosen)) > 1
    assert len(chosen) == SETTINGS.collect.episodes * SETTINGS.collect.frames
    assert {json.loads(fact["drawn"])["policy"] for fact in facts} == {"agent"}


def test_what_was_collected_is_an_ordinary_dataset(life: Life) -> None:
    for stage in (stage for stage in life.results if "." not in stage):
        assert not [finding for finding in check_dataset(life.folder / stage) if finding.severity == "error"]
    first = made(life)[0]
    assert len(set(first.columns["command"].tolist())) > 8, "the first generation acts at random"


def test_a_model_begins_with_its_parents_weights_on_old_and_new_frames(life: Life) -> None:
    parent = load_world_model(life.folder / "generations/001/model.safetensors")
    seed, batch = SETTINGS.world(2).seed, SETTINGS.loop.batch
    rehearsal = Rehearsal.of(made(life), parent.window, batch, SETTINGS.rehearsal, seed)
    losses = parent.train().backward(rehearsal.batch(0), generator_at(seed, 0))
    info = run_of(life, WORLD, 2)
    first = json.loads((info.folder / "metrics.jsonl").read_text().splitlines()[0])
    assert first["step"] == 1
    assert {name: first[name] for name in losses} == losses


def test_lineage_is_recorded(life: Life) -> None:
    worlds, agents = ([run_of(life, kind, number) for number in (1, 2)] for kind in (WORLD, AGENT))
    assert (worlds[0].parent, worlds[0].inputs) == (None, ())
    assert (worlds[1].parent, worlds[1].inputs) == (worlds[0].id, (agents[0].id,))
    assert (agents[1].parent, agents[1].inputs) == (agents[0].id, (worlds[1].id,))
    data = ["generations/001/data", "generations/002/data"]
    assert worlds[1].datasets == {str(life.folder / name): life.results[name] for name in data}


def test_frames_of_generations_are_joined(life: Life) -> None:
    parts = made(life)
    both = joined(parts)
    count = len(parts[0])
    assert len(both) == count + len(parts[1])
    np.testing.assert_array_equal(both.images([3, count + 3]), torch.cat([part.images([3]) for part in parts]))
    windows = both.windows(4)
    assert len(windows) == sum(len(part.windows(4)) for part in parts)
    assert not ((windows < count).any(axis=1) & (windows >= count).any(axis=1)).any()


@pytest.mark.parametrize(("share", "old"), [(0.0, 0), (0.5, 4), (0.75, 6)])
def test_a_share_of_each_batch_is_old(life: Life, share: float, old: int) -> None:
    parts = made(life)
    rehearsal = Rehearsal.of(parts, 4, 8, share, 5)
    for step in (0, 7, 100):
        index = rehearsal.batch(step).index[:, 0]
        assert int((index < len(parts[0])).sum()) == old
        assert len(index) == 8
    assert (Rehearsal.of(parts[:1], 4, 8, share, 5).batch(0).index < len(parts[0])).all()


def test_what_a_life_comes_to() -> None:
    skills = np.array([[0.5, 0.1, -0.2], [0.6, 0.4, 0.0], [0.3, 0.45, 0.5]])
    said = transfer(skills, [0, 1, 2])
    assert said["final"] == pytest.approx((0.3 + 0.45 + 0.5) / 3)
    assert said["forgetting"] == pytest.approx(((0.6 - 0.3) + (0.45 - 0.45)) / 2)
    assert said["forward"] == pytest.approx((0.1 + 0.0) / 2)
    assert transfer(skills[:1], [0]) == {"final": pytest.approx(0.4 / 3), "forgetting": None, "forward": None}


def test_the_curve_tells_of_old_and_new_homes(life: Life) -> None:
    said = json.loads((life.folder / "curve.json").read_text())
    assert said["lived"] == said["homes"] == ["home0", "home1"]
    skills = [[of["homes"][home]["skill"]["value"] for home in said["homes"]] for of in said["judged"]]
    assert said["old"] == pytest.approx([skills[0][0], np.mean(skills[1])])
    assert said["new"] == [skills[0][1], None]
    assert said["transfer"] == pytest.approx(transfer(np.array(skills), [0, 1]))
    assert said["judged"][1]["novelty"] > 0
    table = (life.folder / "curve.md").read_text()
    assert f"| 1 | home0 | **{skills[0][0]:.3f}** | {skills[0][1]:.3f} |" in table
    page = (life.folder / "curve.html").read_text()
    assert page.count("<svg") == 2
    assert f"<td class=old>{skills[1][1]:.3f}" in page


def test_another_life_and_changed_results_are_refused(life: Life, homes: list[str], tmp_path: Path) -> None:
    other = SETTINGS.model_copy(update={"rehearsal": 0.25})
    told = r"another life \(settings.rehearsal 0.5 there, 0.25 asked for\)"
    with pytest.raises(HomeError, match=told), open_life(life.folder, homes[:2], other):
        pass
    with pytest.raises(HomeError, match="another life"), open_life(life.folder, homes, SETTINGS):
        pass
    with pytest.raises(HomeError, match="benchmark set"), open_life(tmp_path / "new", ["blocks"], SETTINGS):
        pass
    assert not (tmp_path / "new").exists()
    broken = dataclasses.replace(life, results={**life.results, "generations/001/judged.json": "0"})
    with pytest.raises(HomeError, match="not what this life made"):
        broken.live(2)


def test_a_model_that_does_not_predict_is_refused() -> None:
    with pytest.raises(HomeError, match="ijepa does not predict"):
        resolve(LifeSettings, "lifelong-small", ["model.name=ijepa"])


def test_the_command_stops_when_the_time_is_over(homes: list[str], tmp_path: Path) -> None:
    options = ["lifelong", "--out", str(tmp_path / "life"), "--homes", ",".join(homes), "--recipe", "lifelong-small"]
    result = CliRunner().invoke(app, [*options, "--minutes", "0"], catch_exceptions=False)
    assert result.exit_code == 0
    assert "0 minutes are over; the same command goes on" in result.output
    assert len(done(tmp_path / "life")) < 15
