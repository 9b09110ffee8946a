"""Baked light: the same bytes whoever bakes, kept, and baked again when anything changes."""

import dataclasses
import multiprocessing
import warnings

import numpy as np
import pytest

from scenes import cache
from scenes.build.assemble import build_scene
from scenes.errors import HomeError
from scenes.home.reader import parse_home
from sim.light import PRESETS, bake, find_preset, load_lit
from tests.homes.cabin import cabin


def scene_of_cabin():
    return build_scene(parse_home(cabin().to_bytes(), "cabin"))


@pytest.fixture
def scene(tmp_path, monkeypatch):
    monkeypatch.setenv("STAIRWELL_CACHE", str(tmp_path / "cache"))
    return scene_of_cabin()


def assert_same(one, other):
    np.testing.assert_array_equal(one.light, other.light)
    assert one.light.dtype == other.light.dtype
    for field in dataclasses.fields(one.scene):
        first, second = getattr(one.scene, field.name), getattr(other.scene, field.name)
        if isinstance(first, np.ndarray):
            assert first.dtype == second.dtype
            np.testing.assert_array_equal(first, second)
        else:
            assert first == second, field.name


def no_baking(*_, **__):
    pytest.fail("baked again")


def test_a_second_load_comes_from_the_cache_and_says_no_progress(scene, monkeypatch):
    shares = []
    first = load_lit(scene, PRESETS["evening"], progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert_same(first, bake(scene, PRESETS["evening"]))
    monkeypatch.setattr("sim.light.cache.bake", no_baking)
    assert_same(first, load_lit(scene, PRESETS["evening"], progress=no_baking))


def test_what_bears_on_the_light_is_baked_anew(scene):
    load_lit(scene, PRESETS["day"])
    turned = dataclasses.replace(scene.surroundings, north_deg=45.0)
    darker = dataclasses.replace(scene.materials[0], color=(0.1, 0.1, 0.1))
    changes = [
        (scene, PRESETS["night"]),
        (dataclasses.replace(scene, surroundings=turned), PRESETS["day"]),
        (dataclasses.replace(scene, materials=(darker, *scene.materials[1:])), PRESETS["day"]),
        (scene.without(["ceiling"]), PRESETS["day"]),
        (dataclasses.replace(scene, vertices=scene.vertices + np.float32(0.01)), PRESETS["day"]),
    ]
    for changed, preset in changes:
        load_lit(changed, preset)
    assert len(list(cache.cache_folder().glob("*.light"))) == 1 + len(changes)
    load_lit(dataclasses.replace(scene, name="copy"), PRESETS["day"])
    assert len(list(cache.cache_folder().glob("*.light"))) == 1 + len(changes)


@pytest.mark.parametrize("damage", [b"", b"nonsense", None])
def test_a_damaged_entry_is_baked_again_and_said(scene, damage):
    first = load_lit(scene, PRESETS["day"])
    (entry,) = cache.cache_folder().glob("*.light")
    entry.write_bytes(entry.read_bytes()[:-1000] if damage is None else damage)
    with pytest.warns(UserWarning, match="damaged"):
        assert_same(first, load_lit(scene, PRESETS["day"]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert_same(first, load_lit(scene, PRESETS["day"]))


def test_a_cache_that_cannot_be_written_is_said(scene, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("STAIRWELL_CACHE", str(tmp_path / "file"))
    with pytest.warns(UserWarning, match="not cached"):
        assert len(load_lit(scene, PRESETS["day"]).light)


def _bytes(name):
    return bake(scene_of_cabin(), PRESETS[name]).light.tobytes()


def test_one_process_and_four_bake_the_same_bytes():
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        assert set(pool.map(_bytes, ["evening"] * 4, chunksize=1)) == {_bytes("evening")}


def test_an_empty_scene_is_lit(scene):
    assert load_lit(scene.without([i.category for i in scene.instances]), PRESETS["day"]).light.shape == (0, 3)


def test_the_sky_looks_as_by_day_and_by_night(scene):
    day, night = (bake(scene, PRESETS[name]).scene.surroundings.sky_color for name in ("day", "night"))
    assert day == scene.surroundings.sky_color
    assert max(night) < 0.2


def test_evening_is_brighter_than_night_and_both_can_be_read(scene):
    floors = [instance.id for instance in scene.instances if instance.category == "floor"]
    levels = {}
    for name, preset in PRESETS.items():
        lit = bake(scene, preset)
        runs = [part for part in lit.scene.parts if part.instance in floors]
        light, normals = (
            np.concatenate([table[part.first_vertex : part.first_vertex + part.vertices] for part in runs])
            for table in (lit.light, lit.scene.normals)
        )
        levels[name] = np.median(light[normals[:, 2] > 0.9])
    assert 40 < levels["night"] < levels["evening"] < 200
    assert 80 < levels["day"] < 200


def test_an_unknown_light_is_one_error():
    with pytest.raises(HomeError, match="there are none, day, evening, night"):
        find_preset("dusk")
