"""Mutated models and images: whatever they hold, the home is there, with every piece, or a red box in its place."""

from __future__ import annotations

import time
from collections import Counter

import numpy as np
import pytest

from scenes.build.assemble import build_scene
from scenes.home.home import Home
from scenes.home.reader import parse_home
from scenes.home.writer import format_home
from tests.homes.parts import CUBE, CUBE_REFERENCE, contents, piece
from tests.model_seeds import SEEDS, damaged
from tests.test_fuzz import memory_kib, nothing_is_written

__all__ = ["nothing_is_written"]

HOME = Home(
    furniture=(
        piece("p", "1/m.obj", (0, 0), (50, 40, 30)),
        piece("whole", CUBE_REFERENCE, (300, 0), (50, 50, 50)),
    )
)


@pytest.mark.parametrize("count", [40, pytest.param(1500, marks=pytest.mark.full)])
@pytest.mark.parametrize("kind", SEEDS)
def test_mutated_models_cost_their_piece_at_most(kind: str, count: int) -> None:
    """With `-s`, the slowest and the peak are told."""
    outcomes: Counter[str] = Counter()
    slowest = (0.0, -1)
    for seed in range(count):
        data = format_home(HOME, contents(CUBE) | damaged(kind, seed))
        started = time.process_time()
        scene = build_scene(parse_home(data, "bad"))
        slowest = max(slowest, (time.process_time() - started, seed))
        assert all(np.isfinite(table).all() for table in (scene.vertices, scene.normals, scene.uvs)), seed
        marks = {instance.source: instance.stand_in for instance in scene.instances}
        assert marks["whole"] is False, seed
        assert marks.get("p", False) == any("red box" in warning for warning in scene.warnings), seed
        assert not any("\n" in warning or " at 0x" in warning for warning in scene.warnings), seed
        outcomes["red box" if marks.get("p") else "warned" if scene.warnings else "shown"] += 1
    peak = memory_kib("VmHWM") // 1024
    print(f"{kind}: {dict(outcomes)}, slowest {slowest[0]:.2f} s (seed {slowest[1]}), peak {peak} MiB")  # noqa: T201
    assert sum(outcomes.values()) == count
    assert outcomes["red box"] < count or kind == "3ds"
