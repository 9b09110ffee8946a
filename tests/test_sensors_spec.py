"""Sensor models from text, composed noise, and the page that explains them."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenes.errors import HomeError
from sim.frame import View
from sim.sensors import (
    INSTANT,
    Chain,
    ColorNoise,
    DepthRange,
    DepthStep,
    DisparityStep,
    Exposure,
    KinectDepth,
    MotionBlur,
    RedwoodDepth,
    RollingShutter,
    SensorModel,
    WhiteBalance,
    parse_noise,
)
from sim.sensors.spec import KINDS
from tests.sensor_scenes import KINECT, frame_of, plane

PAGE = (Path(__file__).parent.parent / "docs" / "noise.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "noise", "shutter"),
    [
        ("depth", (KinectDepth(),), INSTANT),
        ("depth=kinect:0.8:4", (KinectDepth(0.8, 4.0),), INSTANT),
        ("depth=redwood", (RedwoodDepth(),), INSTANT),
        ("quantize=0.01, disparity ,range=1:5", (DepthStep(0.01), DisparityStep(), DepthRange(1.0, 5.0)), INSTANT),
        ("color=500,white=0.1,exposure=-1:0", (ColorNoise(500.0), WhiteBalance(0.1), Exposure(-1.0, 0.0)), INSTANT),
        ("blur=4", (), MotionBlur(4)),
        ("rolling=8:0.03,depth,blur=3:0.01", (KinectDepth(),), RollingShutter(8, 0.03, MotionBlur(3, 0.01))),
    ],
)
def test_text_names_noise_in_order_and_the_shutter(text, noise, shutter):
    assert parse_noise(text) == SensorModel(Chain(noise), shutter)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fog", "no noise is called 'fog'; known: depth=kinect, depth=redwood, quantize"),
        ("", "no noise is called ''"),
        ("depth,", "no noise is called ''"),
        ("depth=lidar", "no noise is called 'depth=lidar'; known"),
        ("quantize=fine", r"noise 'quantize=fine': .*fine"),
        ("quantize=0", "noise 'quantize=0': step_m is 0"),
        ("range=1:2:3", "takes at most 2, nearest_m:farthest_m"),
        ("range=nan:2", "nearest_m is nan"),
        ("blur=2.5", r"noise 'blur=2.5': .*2.5"),
        ("blur=0", "samples is 0"),
        ("blur,blur=4", "blur stands in it twice"),
        ("rolling,depth,rolling", "rolling stands in it twice"),
    ],
)
def test_errors_say_what_is_wrong_and_what_is_known(text, message):
    with pytest.raises(HomeError, match=message):
        parse_noise(text)


@given(st.text("depth=kinc,:.0123456789-ablrozg ", max_size=30))
def test_any_text_is_a_model_or_one_error(text):
    try:
        model = parse_noise(text)
    except HomeError:
        return
    json.dumps(model.as_dict(), allow_nan=False)


def test_a_model_can_be_recorded():
    model = parse_noise("depth,exposure=-1,blur=4,rolling=8")
    recorded = json.loads(json.dumps(model.as_dict()))
    assert [part["kind"] for part in recorded["noise"]["parts"]] == ["KinectDepth", "Exposure"]
    assert recorded["noise"]["parts"][1]["stops"] == -1
    assert recorded["shutter"] == {
        "kind": "RollingShutter",
        "bands": 8,
        "readout_s": 0.02,
        "exposure": {"samples": 4, "exposure_s": 1 / 60},
    }
    assert "stops=-1.0" in repr(model)


def test_sums_are_flat_and_apply_from_left_to_right():
    a, b, c = KinectDepth(), DepthStep(), DepthRange(1.0, 3.0)
    assert (a + b) + c == a + (b + c) == Chain((a, b, c))
    assert Chain() + a == Chain((a,))
    depth, _ = plane(KINECT, 2.0, 40.0)
    frame = frame_of(depth)
    together = (a + b + c)(frame, np.random.default_rng(1)).depth
    rng = np.random.default_rng(1)
    np.testing.assert_array_equal(together, c(b(a(frame, rng), rng), rng).depth)
    assert Chain()(frame, rng) is frame


def test_a_model_captures_through_shutter_and_noise():
    depth, _ = plane(KINECT, 2.0, 30.0)
    frame = frame_of(depth)
    model = parse_noise("depth,color,blur=3")
    captured = model.capture(
        lambda *_view: frame, lambda _time_s: View(KINECT, np.eye(4)), 0.0, np.random.default_rng(3)
    )
    alone = model.noise(frame, np.random.default_rng(3))
    np.testing.assert_array_equal(captured.depth, alone.depth)
    np.testing.assert_array_equal(captured.rgb, alone.rgb)


def test_the_page_lists_what_text_can_name():
    rows = re.findall(r"^\| `([^|]+)` \| `(\w+)` \|", PAGE, re.MULTILINE)
    listed = {name.rpartition("`")[2]: kind for name, kind in rows}
    assert listed == {name: kind.__name__ for name, kind in KINDS.items()}


def test_the_pages_example_runs():
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names = {}
    exec(compile(example, "docs/noise.md", "exec"), names)
    readings = names["readings"]
    assert readings[0] is None
    assert readings[1] is None
    assert [reading.index for reading in readings[2:]] == [k for k in range(9) for _ in range(2)]
    frames = [reading.value for reading in readings[2:]]
    assert all(frame.depth.shape == (120, 160) for frame in frames)
    valid = [float(np.mean(frame.depth > 0)) for frame in frames]
    assert min(valid) < 1.0, "there are shadows and edges in one of the views"
    assert min(valid) > 0.2
