"""The scene cache: the same scene, whoever built it; never a stale or a half-written one."""

import dataclasses
import multiprocessing

import numpy as np
import pytest

from scenes import cache
from scenes.build.assemble import build_scene
from scenes.errors import HomeError
from scenes.home.reader import parse_home
from scenes.library import load_scene
from tests.homes.cabin import cabin


@pytest.fixture
def home_path(tmp_path, monkeypatch):
    monkeypatch.setenv("STAIRWELL_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "cabin.sh3d"
    cabin().save(path)
    return path


def assert_same(one, other):
    for field in dataclasses.fields(one):
        first, second = getattr(one, field.name), getattr(other, field.name)
        if isinstance(first, np.ndarray):
            assert first.dtype == second.dtype
            np.testing.assert_array_equal(first, second)
        else:
            assert first == second, field.name


def test_round_trip():
    scene = build_scene(parse_home(cabin().to_bytes(), "cabin"))
    assert_same(scene, cache.from_bytes(cache.to_bytes(scene)))
    assert cache.to_bytes(scene) == cache.to_bytes(build_scene(parse_home(cabin().to_bytes(), "cabin")))


def test_a_second_load_comes_from_the_cache(home_path, monkeypatch):
    first = load_scene(str(home_path))
    monkeypatch.setattr("scenes.library.build_apart", lambda path: pytest.fail("built again"))
    assert_same(first, load_scene(str(home_path)))


def test_a_copy_under_another_name_shares_the_scene_but_has_its_name(home_path, monkeypatch):
    load_scene(str(home_path))
    copy = home_path.with_name("copy.sh3d")
    copy.write_bytes(home_path.read_bytes())
    monkeypatch.setattr("scenes.library.build_apart", lambda path: pytest.fail("built again"))
    assert load_scene(str(copy)).name == "copy"


def test_a_changed_home_is_built_again(home_path):
    before = load_scene(str(home_path))
    drawing = cabin()
    drawing.elements["furniture"].pop()
    drawing.save(home_path)
    after = load_scene(str(home_path))
    assert len(after.instances) == len(before.instances) - 1


@pytest.mark.parametrize("damage", [b"", b"nonsense", None])
def test_a_damaged_entry_is_built_again_and_said(home_path, damage):
    first = load_scene(str(home_path))
    (entry,) = cache.cache_folder().glob("*.scene")
    entry.write_bytes(entry.read_bytes()[:-1000] if damage is None else damage)
    with pytest.warns(UserWarning, match="damaged"):
        assert_same(first, load_scene(str(home_path)))
    assert_same(first, load_scene(str(home_path)))


def test_a_cache_that_cannot_be_written_is_said(home_path, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("STAIRWELL_CACHE", str(tmp_path / "file"))
    with pytest.warns(UserWarning, match="not cached"):
        assert load_scene(str(home_path)).instances


def _load(path):
    return len(load_scene(path).triangles)


def test_processes_that_build_at_once_agree(home_path):
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        counts = pool.map(_load, [str(home_path)] * 8)
    assert len(set(counts)) == 1
    assert len(list(cache.cache_folder().iterdir())) == 1, "one scene, no leftovers"


def test_another_scene_under_this_name_is_not_believed(home_path, tmp_path):
    """A whole file of the cache, but of another home."""
    first = load_scene(str(home_path))
    (entry,) = cache.cache_folder().glob("*.scene")
    other = tmp_path / "other.sh3d"
    drawing = cabin()
    drawing.elements["furniture"].pop()
    drawing.save(other)
    load_scene(str(other))
    (another,) = set(cache.cache_folder().glob("*.scene")) - {entry}
    entry.write_bytes(another.read_bytes())
    with pytest.warns(UserWarning, match="not the bytes that were kept under this name"):
        assert_same(first, load_scene(str(home_path)))


def _part(scene, **changes):
    return dataclasses.replace(scene, parts=(*scene.parts[:-1], dataclasses.replace(scene.parts[-1], **changes)))


@pytest.mark.parametrize(
    "damage",
    [
        lambda s: dataclasses.replace(s, triangles=s.triangles + np.int32(1)),
        lambda s: dataclasses.replace(s, triangles=s.triangles - np.int32(1)),
        lambda s: dataclasses.replace(s, triangles=s.triangles[:-1]),
        lambda s: dataclasses.replace(s, vertices=s.vertices.astype(np.float64)),
        lambda s: dataclasses.replace(s, vertices=s.vertices[:-1]),
        lambda s: dataclasses.replace(s, vertices=s.vertices * np.float32(np.nan)),
        lambda s: dataclasses.replace(s, materials=s.materials[:-1]),
        lambda s: dataclasses.replace(s, levels=()),
        lambda s: dataclasses.replace(s, parts=s.parts[:-1]),
        lambda s: dataclasses.replace(s, instances=s.instances[1:]),
        lambda s: _part(s, instance=len(s.instances) + 1),
        lambda s: _part(s, material=-1),
        lambda s: _part(s, first_triangle=0),
        lambda s: _part(s, material="oak"),
        lambda s: dataclasses.replace(s, instances=(dataclasses.replace(s.instances[0], category="cat"),)),
    ],
)
def test_a_scene_whose_parts_do_not_fit_is_refused(damage):
    scene = build_scene(parse_home(cabin().to_bytes(), "cabin"))
    with pytest.raises(HomeError, match="the kept scene is damaged"):
        cache.from_bytes(cache.to_bytes(damage(scene)))
