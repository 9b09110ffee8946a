"""`sim render --light`: recorded, kept, and only colour changes."""

import json
import os
import subprocess
import sys

import numpy as np
import PIL.Image
import pytest

from sim.light import PRESETS
from tests.homes.cabin import cabin


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("light")
    cabin().save(folder / "cabin.sh3d")
    for name, light in (("plain", "none"), ("day", "day"), ("again", "day"), ("night", "night")):
        result = render(folder, name, "--light", light)
        assert result.returncode == 0, result.stderr
        assert ("light (" in result.stderr) == (name in ("day", "night")), "a bar while it is baked, and only then"
    return folder


def render(folder, out, *arguments):
    command = ["render", "--scene", folder / "cabin.sh3d", "--frames", 3, "--size", "96x64", "--out", folder / out]
    return subprocess.run(
        [sys.executable, "-m", "sim.cli", *map(str, command), *map(str, arguments)],
        capture_output=True, text=True, check=False, env=os.environ | {"STAIRWELL_CACHE": str(folder / "cache")},
    )  # fmt: skip


def images(folder, name, kind):
    return np.stack([np.asarray(PIL.Image.open(path)) for path in sorted((folder / name / kind).iterdir())]).astype(int)


def recorded(folder, name):
    return json.loads((folder / name / "scene.json").read_text())


@pytest.fixture
def lit(folder):
    if recorded(folder, "day")["renderer"] != "gl":
        pytest.skip("the gl renderer does not work on this machine")
    return folder


def test_only_colour_changes(lit):
    for name in ("day", "night"):
        depth, plain = images(lit, name, "depth"), images(lit, "plain", "depth")
        assert np.mean(np.abs(depth - plain) <= 1) > 0.999
        assert np.mean(images(lit, name, "segmentation") == images(lit, "plain", "segmentation")) > 0.998
        assert np.abs(images(lit, name, "rgb") - images(lit, "plain", "rgb")).mean() > 5
    assert images(lit, "night", "rgb").mean() < images(lit, "day", "rgb").mean()


def test_light_from_the_cache_gives_the_same_files(folder):
    for path in (folder / "day").rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (folder / "again" / path.relative_to(folder / "day")).read_bytes(), path.name


def test_the_light_and_its_parameters_are_recorded(lit):
    assert recorded(lit, "plain")["light"] is None
    said = recorded(lit, "night")["light"]
    assert said["name"] == "night"
    assert said["hour"] == PRESETS["night"].hour
    assert said["exposure"] == PRESETS["night"].exposure
    instances = [recorded(lit, name)["instances"] for name in ("plain", "night")]
    assert instances[0] == instances[1]


def test_other_renderers_say_that_they_show_even_light(folder):
    result = render(folder, "bullet", "--renderer", "bullet", "--light", "night")
    assert result.returncode == 0
    assert result.stderr.count("renderer bullet shows even light") == 1
    assert recorded(folder, "bullet")["light"] is None


@pytest.mark.parametrize("renderer", ["auto", "bullet"])
def test_an_unknown_light_is_one_error_and_nothing_is_written(folder, renderer):
    result = render(folder, "dusk", "--light", "dusk", "--renderer", renderer)
    assert result.returncode == 2
    assert result.stderr == "error: no light 'dusk'; there are none, day, evening, night\n"
    assert not (folder / "dusk").exists()
