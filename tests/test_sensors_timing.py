"""Rate, latency and jitter against a plain simulation of the queue."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.sensors import SampledSensor, Timing

timings = st.builds(
    Timing,
    rate_hz=st.sampled_from([0.5, 3.0, 10.0, 30.0, 59.94]),
    latency_s=st.sampled_from([0.0, 0.01, 0.1, 0.35]),
    jitter_s=st.sampled_from([0.0, 0.02, 0.5]),
)
steps = st.lists(st.floats(0, 0.7), min_size=1, max_size=40)
seeds = st.integers(0, 1000)


def sensor(timing, seed=0, calls=None):
    def source(time_s):
        if calls is not None:
            calls.append(time_s)
        return f"at {time_s:.9f}"

    return SampledSensor(source, timing, np.random.default_rng(seed))


def deliveries(timing, seed, until_s):
    """Capture and delivery of every frame up to a time, one after another."""
    rng = np.random.default_rng(seed)
    found, last = [], -math.inf
    for k in range(int(until_s * timing.rate_hz) + 2):
        captured = k / timing.rate_hz
        last = max(last, captured + timing.latency_s + timing.jitter_s * rng.random())
        found.append((captured, last))
    return found


@given(timings, steps, seeds)
def test_the_last_frame_delivered_is_seen(timing, waits, seed):
    times = np.cumsum(waits)
    all_frames = deliveries(timing, seed, times[-1])
    device = sensor(timing, seed)
    for now in times.tolist():
        arrived = [k for k, (captured, due) in enumerate(all_frames) if captured <= now + 1e-9 and due <= now + 1e-9]
        reading = device.read(now)
        if not arrived:
            assert reading is None
            continue
        captured, due = all_frames[arrived[-1]]
        assert reading.index == arrived[-1]
        assert reading.value == f"at {captured:.9f}"
        assert (reading.captured_s, reading.delivered_s) == pytest.approx((captured, due))


@given(timings, steps, seeds)
def test_what_is_seen_never_goes_back_and_is_as_old_as_stated(timing, waits, seed):
    device, last = sensor(timing, seed), -1
    for now in np.cumsum(waits).tolist():
        reading = device.read(now)
        if reading is None:
            assert now < timing.latency_s + timing.jitter_s + 1e-9
            continue
        assert reading.index >= last
        age = now - reading.captured_s
        assert timing.latency_s - 1e-6 <= age < timing.latency_s + timing.jitter_s + 1 / timing.rate_hz + 1e-6
        last = reading.index


@given(timings, steps, st.integers(2, 7), seeds)
def test_how_often_one_looks_does_not_change_what_is_seen(timing, waits, more, seed):
    seldom, often = sensor(timing, seed), sensor(timing, seed)
    now = 0.0
    for wait in waits:
        for share in range(1, more + 1):
            later = often.read(min(now + wait * share / more, now + wait))
        now += wait
        assert seldom.read(now) == later


@given(timings, steps, seeds)
def test_the_source_is_asked_once_for_each_capture_in_order(timing, waits, seed):
    calls = []
    device = sensor(timing, seed, calls)
    now = 0.0
    for wait in waits:
        before = len(calls)
        device.read(now := now + wait)
        kept = timing.rate_hz * (timing.latency_s + timing.jitter_s) + 3
        assert len(calls) - before <= kept, "no frame is made that nobody can see"
        assert all(call <= now + 1e-6 for call in calls)
    assert calls == sorted(set(calls))


def test_without_latency_the_present_tick_is_seen():
    device = sensor(Timing(rate_hz=10.0))
    indices = [device.read(step * 0.05).index for step in range(9)]
    assert indices == [0, 0, 1, 1, 2, 2, 3, 3, 4]
    summed = sensor(Timing(rate_hz=10.0))
    now = 0.0
    for k in range(1, 1001):
        now += 0.1
        assert summed.read(now).index == k, "sums of 0.1 fall short of ticks by rounding"


def test_latency_longer_than_a_period_keeps_frames_under_way():
    device = sensor(Timing(rate_hz=10.0, latency_s=0.25))
    assert device.read(0.2) is None
    seen = [device.read(t).captured_s for t in (0.25, 0.3, 0.35, 0.45, 0.5)]
    assert seen == pytest.approx([0.0, 0.0, 0.1, 0.2, 0.2])


def test_a_running_simulation_is_read_as_it_was_at_the_capture():
    state = {"x": 0.0}
    device = SampledSensor(lambda _time_s: state["x"], Timing(rate_hz=4.0, latency_s=0.5), np.random.default_rng(0))
    seen = []
    for step in range(41):
        state["x"] = step / 40
        seen.append(device.read(step / 40))
    for step, reading in enumerate(seen[20:], 20):
        assert reading.value == pytest.approx(math.floor((step / 40 - 0.5) * 4 + 1e-9) / 4)


def test_nothing_is_seen_before_time_zero():
    assert sensor(Timing()).read(-1.0) is None


@pytest.mark.parametrize("time_s", [0.5, math.nan, math.inf])
def test_time_goes_forward(time_s):
    device = sensor(Timing())
    device.read(1.0)
    with pytest.raises(ValueError, match="forward"):
        device.read(time_s)


@pytest.mark.parametrize("figures", [{"rate_hz": 0}, {"latency_s": -1}, {"jitter_s": math.nan}])
def test_senseless_figures_are_refused(figures):
    with pytest.raises(ValueError, match="must lie between"):
        Timing(**figures)
