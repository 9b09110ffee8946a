"""Engines: the same bytes from any number of workers, and after any interruption."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from datagen.checks import Finding, check_dataset
from datagen.config import make_config
from datagen.engine import generate
from datagen.engine.estimate import Estimate
from datagen.engine.pool import WorkerError, open_pool
from datagen.engine.worker import Made
from datagen.store import read_about
from datagen.store.listing import read_listing
from scenes.errors import HomeError
from tests.waiting import HANGS_S, wait_until

ROOT = Path(__file__).parents[1]
EPISODES = 40
SETTINGS: dict[str, Any] = {
    "homes": ["round"],
    "policies": ["sweep", "random"],
    "episodes": EPISODES,
    "frames": 8,
    "size": (32, 24),
    "randomise": {"paint": {"when": 5}},
}
ALLOW = ("code",)
"""Somebody may edit the code while tests run."""


class Told:
    """Keeps what a run tells."""

    def __init__(self) -> None:
        self.missing = self.stored = 0
        self.expected: Estimate | None = None
        self.episodes: list[Made] = []

    def begin(self, missing: int, stored: int, expected: Estimate | None) -> None:
        self.missing, self.stored, self.expected = missing, stored, expected

    def say(self, text: str) -> None:
        assert text

    def warn(self, findings: Sequence[Finding]) -> None:
        self.findings = list(findings)

    def prepared(self, done: int, homes: int) -> None:
        assert done <= homes

    def made(self, made: Made) -> None:
        self.episodes.append(made)


def run(folder: Path, workers: int, told: Told | None = None, **changes: Any) -> str:
    config = make_config(SETTINGS | changes)
    return generate(config, folder, lambda order: open_pool(order, workers), told or Told(), allow=ALLOW).content_hash


def command(folder: Path, settings: Path, *more: str) -> list[str]:
    allow = [text for name in ALLOW for text in ("--allow", name)]
    return [sys.executable, "-m", "sim.cli", "generate", "--config", str(settings), "--out", str(folder), *allow, *more]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, Told]:
    folder, told = tmp_path_factory.mktemp("engine") / "one", Told()
    return folder, run(folder, 1, told), told


@pytest.fixture(scope="module")
def settings_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("settings") / "settings.yaml"
    path.write_text(json.dumps(SETTINGS))  # JSON is YAML
    return path


def test_a_dataset_is_whole_and_was_foreseen(undisturbed: tuple[Path, str, Told]) -> None:
    folder, content_hash, told = undisturbed
    assert read_about(folder)["content_hash"] == content_hash
    assert not [
        finding
        for finding in check_dataset(folder)
        if finding.severity == "error" and finding.code != "above the ceiling"
    ]
    frames, episodes = read_listing(folder)
    assert told.missing == len(episodes) == len(told.episodes) == EPISODES
    assert told.expected is not None
    assert len(frames) / 2 < told.expected.frames < len(frames) * 2
    size = sum(made.bytes for made in told.episodes)
    assert size / 3 < told.expected.bytes < size * 3
    assert {made.index: made.frames for made in told.episodes} == dict(
        zip(episodes["episode"].to_pylist(), episodes["frames"].to_pylist(), strict=True)
    )


class Killer(Told):
    """Kills one of the workers when two episodes are stored."""

    def made(self, made: Made) -> None:
        super().made(made)
        if len(self.episodes) == 2:
            pid = multiprocessing.active_children()[0].pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)


def test_however_it_is_interrupted_any_number_of_workers_end_with_the_same(
    undisturbed: tuple[Path, str, Told], settings_file: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "interrupted"
    with pytest.raises(WorkerError, match="exit code -9"):
        run(folder, 2, Killer())
    assert 2 <= len(read_listing(folder)[1]) < EPISODES
    kill_and_resume(folder, settings_file, kills=1, longest_s=4)
    stop_by_ctrl_c(folder, settings_file)
    told = Told()
    assert run(folder, 3, told) == undisturbed[1]
    assert told.stored + told.missing == EPISODES


@pytest.mark.full
def test_four_workers_give_the_same(undisturbed: tuple[Path, str, Told], tmp_path: Path) -> None:
    assert run(tmp_path / "four", 4) == undisturbed[1]


def kill_and_resume(folder: Path, settings_file: Path, kills: int, longest_s: float) -> None:
    chance = random.Random(3)
    for _ in range(kills):
        process = subprocess.Popen(
            command(folder, settings_file), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd=ROOT, start_new_session=True,
        )  # fmt: skip
        time.sleep(chance.uniform(0.5, longest_s))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if (folder / "dataset.yaml").exists():
            frames, episodes = read_listing(folder)
            assert sum(episodes["frames"].to_pylist()) == len(frames)


HEEDING_CTRL_C = (
    "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "runpy.run_module('sim.cli', run_name='__main__', alter_sys=True)"
)
"""What is started in the background of a shell, as tests may be, ignores Ctrl-C, and so does what that starts."""


def stop_by_ctrl_c(folder: Path, settings_file: Path) -> None:
    before = len(list(folder.glob("episodes/*.zip")))
    process = subprocess.Popen(
        [sys.executable, "-c", HEEDING_CTRL_C, *command(folder, settings_file)[3:]],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=ROOT, start_new_session=True, text=True,
    )  # fmt: skip
    wait_until(lambda: len(list(folder.glob("episodes/*.zip"))) > before or process.poll() is not None)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=HANGS_S)
    assert process.returncode == 130, said
    assert "goes on with what is in" in said
    assert "Traceback" not in said
    stored = sorted(path.name for path in (folder / "episodes").iterdir())
    assert len(stored) > before
    assert all(name.endswith(".zip") and not name.startswith(".") for name in stored)
    assert len(read_listing(folder)[1]) == len(stored)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
@pytest.mark.parametrize("all_of_them", [False, True], ids=["the parent", "workers too"])
def test_told_to_end_it_lists_what_is_stored(
    settings_file: Path, tmp_path: Path, number: int, code: int, *, all_of_them: bool
) -> None:
    folder = tmp_path / "ended"
    heeding = f"import signal; signal.signal({int(number)}, signal.SIG_DFL); {HEEDING_CTRL_C}"
    process = subprocess.Popen(
        [sys.executable, "-c", heeding, *command(folder, settings_file, "--episodes", "4000", "--workers", "2")[3:]],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=ROOT, start_new_session=True, text=True,
    )  # fmt: skip
    wait_until(lambda: len(list(folder.glob("episodes/*.zip"))) > 2 or process.poll() is not None)
    (os.killpg if all_of_them else os.kill)(process.pid, number)
    _, said = process.communicate(timeout=HANGS_S)
    assert "Traceback" not in said
    assert process.returncode == code, said
    assert "goes on with what is in" in said
    stored = sorted(path.name for path in (folder / "episodes").iterdir())
    assert stored
    assert all(name.endswith(".zip") and not name.startswith(".") for name in stored)
    assert len(read_listing(folder)[1]) == len(stored)


@pytest.mark.full
def test_killed_50_times_it_ends_the_same(tmp_path: Path) -> None:
    asked = SETTINGS | {"episodes": 600}
    path = tmp_path / "settings.yaml"
    path.write_text(json.dumps(asked))
    kill_and_resume(tmp_path / "killed", path, kills=50, longest_s=10)
    assert run(tmp_path / "killed", 2, **asked) == run(tmp_path / "undisturbed", 2, **asked)


@pytest.mark.full
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_full_disk_is_one_error_and_what_is_stored_stays(settings_file: Path, tmp_path: Path) -> None:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(tmp_path)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("no right to mount a small disk")
    try:
        with pytest.raises(HomeError, match="the disk is full"):
            run(tmp_path / "small", 2, frames=64, episodes=40)
        frames, episodes = read_listing(tmp_path / "small")
        assert sum(episodes["frames"].to_pylist()) == len(frames)
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_ray_on_two_nodes_gives_the_same(undisturbed: tuple[Path, str, Told], tmp_path: Path) -> None:
    ray = pytest.importorskip("ray", reason="the extra `ray` is not installed")
    from ray.cluster_utils import Cluster

    from datagen.engine.ray_engine import open_ray

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    try:
        cluster.add_node(num_cpus=1)
        config = make_config(SETTINGS)
        made = generate(
            config, tmp_path / "ray", lambda order: open_ray(order, 2, cluster.address), Told(), allow=ALLOW
        )
        assert made.content_hash == undisturbed[1]
        assert len({node["NodeID"] for node in ray.nodes() if node["Alive"]}) == 2
    finally:
        ray.shutdown()
        cluster.shutdown()
