"""Noise of colour, in linear light."""

import math

import numpy as np
import pytest

from sim.camera import Intrinsics
from sim.sensors import ColorNoise, Exposure, WhiteBalance
from sim.sensors.light import to_light, to_rgb
from tests.sensor_scenes import frame_of

CODES = np.arange(256, dtype=np.uint8)
STEADY = Exposure(stops=0.0, jitter_stops=0.0, vignetting=0.0)


def light_of(code):
    """IEC 61966-2-1, in double precision."""
    share = np.asarray(code, np.float64) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def grey(code, height=100, width=100, camera=None):
    return frame_of(np.ones((height, width)), camera, np.full((height, width, 3), code, np.uint8))


def colours(noise, frame, seed=0):
    return noise(frame, np.random.default_rng(seed)).rgb


def code_step(code):
    """Light from one code to the next."""
    return (light_of(code + 1) - light_of(code - 1)) / 2


def test_all_codes_come_back_from_linear_light():
    np.testing.assert_array_equal(to_rgb(to_light(CODES)), CODES)
    np.testing.assert_allclose(to_light(CODES), light_of(CODES), atol=1e-7)
    np.testing.assert_array_equal(to_rgb(np.float32([-0.1, 1.5])), [0, 255])


@pytest.mark.parametrize("noise", [STEADY, WhiteBalance(0.0), ColorNoise(1e9, 0.0)], ids=repr)
def test_no_noise_changes_nothing(noise):
    frame = frame_of(np.ones((16, 16)), rgb=np.stack([CODES.reshape(16, 16)] * 3, axis=-1))
    np.testing.assert_array_equal(colours(noise, frame), frame.rgb)


@pytest.mark.parametrize("stops", [-2.0, -0.5, 1.0])
def test_a_stop_doubles_the_light(stops):
    noise = Exposure(stops=stops, jitter_stops=0.0, vignetting=0.0)
    found = light_of(colours(noise, grey(110))[0, 0, 0])
    expected = light_of(110) * 2**stops
    code = int(np.searchsorted(light_of(CODES), expected))
    assert found == pytest.approx(expected, abs=code_step(code))


def test_exposure_differs_from_frame_to_frame_by_its_deviation():
    noise = Exposure(stops=0.5, jitter_stops=0.3, vignetting=0.0)
    rng = np.random.default_rng(1)
    stops = [math.log2(light_of(noise(grey(120, 1, 1), rng).rgb[0, 0, 0]) / light_of(120)) for _ in range(2000)]
    assert np.mean(stops) == pytest.approx(0.5, abs=4 * 0.3 / math.sqrt(2000))
    assert np.std(stops) == pytest.approx(0.3, rel=4 / math.sqrt(4000))


@pytest.mark.parametrize("share", [0.5, 1.0, 2.0])
def test_corners_darken_by_the_fourth_power_of_the_cosine(share):
    camera = Intrinsics(81, 61, fx=50.0, fy=60.0, cx=40.5, cy=20.5)
    found = light_of(colours(Exposure(0.0, 0.0, share), grey(230, 61, 81, camera))[..., 0])
    cosine = 1 / np.linalg.norm(camera.rays(), axis=-1)
    np.testing.assert_allclose(found, light_of(230) * cosine ** (4 * share), atol=code_step(230))
    assert found[20, 40] == light_of(230)


def test_gamma_bends_the_middle_tones_only():
    frame = frame_of(np.ones((16, 16)), rgb=np.stack([CODES.reshape(16, 16)] * 3, axis=-1))
    darker = colours(Exposure(0.0, 0.0, 0.0, gamma=1.5), frame)[..., 0].ravel()
    assert darker[[0, 255]].tolist() == [0, 255]
    assert (darker[1:250] < CODES[1:250]).all()
    assert light_of(darker[128]) == pytest.approx(light_of(128) ** 1.5, abs=code_step(90))


def test_white_balance_leaves_green_alone_and_spreads_red_and_blue():
    rng = np.random.default_rng(2)
    found = np.array([WhiteBalance(0.1)(grey(120, 1, 1), rng).rgb[0, 0] for _ in range(2000)])
    assert (found[:, 1] == 120).all()
    casts = np.log(light_of(found[:, [0, 2]]) / light_of(120))
    assert np.abs(casts.mean(axis=0)).max() < 4 * 0.1 / math.sqrt(2000)
    np.testing.assert_allclose(casts.std(axis=0), 0.1, rtol=4 / math.sqrt(4000) + 0.005)
    assert abs(np.corrcoef(casts.T)[0, 1]) < 0.1


@pytest.mark.parametrize("code", [60, 128, 200])
@pytest.mark.parametrize("noise", [ColorNoise(), ColorNoise(500.0, 10.0)], ids=["default", "dark"])
def test_shot_and_read_noise_have_the_variance_of_a_linear_sensor(code, noise):
    found = light_of(colours(noise, grey(code, 200, 200)))
    electrons = light_of(code) * noise.white_e
    expected = (electrons + noise.read_e**2) / noise.white_e**2 + code_step(code) ** 2 / 12
    samples = found.size
    assert found.var() == pytest.approx(expected, rel=4 * math.sqrt(2 / samples) + 0.03)
    assert found.mean() == pytest.approx(light_of(code), abs=4 * math.sqrt(expected / samples) + 0.02 * code_step(code))
    channels = found.reshape(-1, 3).T
    assert np.abs(np.corrcoef(channels) - np.eye(3)).max() < 4 / math.sqrt(samples / 3), "channels are independent"


def test_dark_pixels_are_noisier_for_their_light():
    contrast = [light_of(colours(ColorNoise(), grey(code))).std() / light_of(code) for code in (40, 80, 120, 160, 200)]
    assert contrast == sorted(contrast, reverse=True)


@pytest.mark.parametrize("noise", [Exposure(), WhiteBalance(), ColorNoise()], ids=repr)
def test_colour_noise_touches_colour_only_and_is_repeatable(noise):
    rng = np.random.default_rng(3)
    frame = frame_of(np.ones((20, 30)), rgb=rng.integers(0, 256, (20, 30, 3), dtype=np.uint8))
    before = frame.rgb.copy()
    noisy = noise(frame, np.random.default_rng(4))
    np.testing.assert_array_equal(frame.rgb, before)
    assert (noisy.rgb.shape, noisy.rgb.dtype) == (before.shape, np.uint8)
    assert (noisy.depth is frame.depth, noisy.segmentation is frame.segmentation) == (True, True)
    assert noisy.rgb.tobytes() == colours(noise, frame, 4).tobytes() != colours(noise, frame, 5).tobytes()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Exposure(stops=99), "stops is 99"),
        (lambda: Exposure(gamma=0), "gamma is 0"),
        (lambda: WhiteBalance(-1), "jitter is -1"),
        (lambda: ColorNoise(white_e=0), "white_e is 0"),
        (lambda: ColorNoise(read_e=math.nan), "read_e is nan"),
    ],
)
def test_senseless_figures_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
