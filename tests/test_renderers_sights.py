"""What can be seen from cells: kept on disk, the same as worked out, and worked out again when anything changes."""

from __future__ import annotations

import dataclasses
import warnings
from pathlib import Path

import numpy as np
import pytest

from scenes.build.assemble import build_scene
from scenes.home.reader import parse_home
from scenes.scene import Scene
from sim.bodies import with_bodies
from sim.raycasting import RayCaster
from sim.renderers.chunks import cut_into_chunks
from sim.renderers.visibility import CELL_M, Visibility
from tests.homes.cabin import cabin

PLACES = np.array([[1.0, -1.0, 1.5], [2.4, -1.7, 1.2], [-3.0, 2.0, 6.0]])


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setenv("STAIRWELL_CACHE", str(tmp_path / "cache"))
    return build_scene(parse_home(cabin().to_bytes(), "cabin"))


def visibility(scene: Scene) -> Visibility:
    moving = with_bodies(scene, ())
    return Visibility(moving.scene, cut_into_chunks(moving))


def sights(of: Visibility) -> list[bytes]:
    low = np.arange(30.0).reshape(10, 3) % 7 - 3
    return [of.seen_from(place).tobytes() + of.sees_boxes(place, low, low + 0.7).tobytes() for place in PLACES]


def no_rays(*_: object) -> None:
    pytest.fail("worked out again")


def test_kept_sights_are_those_that_were_worked_out(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = sights(visibility(scene))
    assert len(list((tmp_path / "cache").glob("*.sights/*"))) == len(PLACES)
    monkeypatch.setattr(RayCaster, "cast", no_rays)
    assert sights(visibility(scene)) == first


def test_other_surfaces_have_other_sights(scene: Scene, tmp_path: Path) -> None:
    sights(visibility(scene))
    moved = dataclasses.replace(scene, vertices=scene.vertices + np.float32(0.01))
    sights(visibility(moved))
    assert len(list((tmp_path / "cache").glob("*.sights"))) == 2


@pytest.mark.parametrize("damage", [b"", b"x", b"\x78\x01\x03\x00\x00\x00\x00\x01"])
def test_damaged_sights_are_worked_out_again(scene: Scene, tmp_path: Path, damage: bytes) -> None:
    first = sights(visibility(scene))
    for path in (tmp_path / "cache").glob("*.sights/*"):
        path.write_bytes(damage)
    with pytest.warns(UserWarning, match="is damaged"):
        assert sights(visibility(scene)) == first
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert sights(visibility(scene)) == first


def test_a_cache_that_cannot_be_written_is_announced_once(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = sights(visibility(scene))
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("STAIRWELL_CACHE", str(tmp_path / "file"))
    with pytest.warns(UserWarning, match="not cached") as told:
        assert sights(visibility(scene)) == first
    assert len(told) == 1


def test_boxes_are_seen_if_they_hold_a_voxel_in_sight(scene: Scene) -> None:
    """Against a look at each voxel of each box."""
    of = visibility(scene)
    rng = np.random.default_rng(0)
    low, high = (np.array(corner) for corner in scene.bounds_m())
    first = rng.uniform(low - 1, high, (200, 3))
    last = first + rng.uniform(0, 1.5, (200, 3))
    for place in PLACES:
        marked = of._in_sight(np.floor(place / CELL_M).astype(int))
        found = of.sees_boxes(place, first, last)
        for box in range(200):
            a, b = of._voxel(first[box] - 0.1), of._voxel(last[box] + 0.1) + 1
            outside = (a <= 0).any() or (b >= marked.shape).any()
            assert found[box] == (outside or marked[a[0] : b[0], a[1] : b[1], a[2] : b[2]].any())
