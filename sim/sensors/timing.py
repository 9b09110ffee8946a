"""Rate and latency in simulated time: which frame a consumer has in its hands, and how old it is."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from sim.sensors.noise import require_within

T = TypeVar("T")

_TICK_TOLERANCE = 1e-6
"""Share of a period by which a time may fall short of a tick through rounding."""


@dataclass(frozen=True)
class Timing:
    """When frames are captured and delivered.

    Frame k is captured at k / `rate_hz` and delivered `latency_s` and a share of `jitter_s` later, evenly distributed,
    but never before frame k - 1.
    """

    rate_hz: float = 30.0
    latency_s: float = 0.0
    jitter_s: float = 0.0

    def __post_init__(self) -> None:
        require_within("rate_hz", self.rate_hz, 1e-6, 1e6)
        require_within("latency_s", self.latency_s, 0.0, 1e6)
        require_within("jitter_s", self.jitter_s, 0.0, 1e6)

    def as_dict(self) -> dict[str, Any]:
        """Kind and figures, for JSON beside the data."""
        return {"kind": type(self).__name__, **asdict(self)}


@dataclass(frozen=True)
class Reading(Generic[T]):
    """What a consumer sees: the `index`-th capture, when it was captured and when delivered."""

    value: T
    index: int
    captured_s: float
    delivered_s: float


class SampledSensor(Generic[T]):
    """A source that is looked at through a rate and a latency.

    `source(time_s)` is called in order, once for each capture that somebody can still see, at the first `read` at or
    after it. So it may be a function of time as well as the state of a running simulation, which then is read at every
    step. To render only what is read, let the source give a pose, and render what `read` gives.
    """

    def __init__(self, source: Callable[[float], T], timing: Timing, rng: np.random.Generator) -> None:
        self._source = source
        self._timing = timing
        self._rng = rng
        self._now_s = -math.inf
        self._captures = 0
        self._delivered_s = -math.inf
        self._seen: Reading[T] | None = None
        self._under_way: deque[Reading[T]] = deque()

    def read(self, time_s: float) -> Reading[T] | None:
        """The last frame that was delivered by a time, from time 0 on; None before the first.

        Raises:
            ValueError: the time is before that of the last call, or no number.
        """
        if not (math.isfinite(time_s) and time_s >= self._now_s):
            raise ValueError(f"read at {time_s} s after {self._now_s} s; simulated time goes forward")
        self._now_s = time_s
        self._capture_until(time_s)
        while self._under_way and self._under_way[0].delivered_s <= time_s + self._tolerance_s:
            self._seen = self._under_way.popleft()
        return self._seen

    @property
    def _tolerance_s(self) -> float:
        return _TICK_TOLERANCE / self._timing.rate_hz

    def _capture_until(self, time_s: float) -> None:
        """Captures the ticks up to a time, without those that a later one has already replaced."""
        first, end = (
            self._captures,
            max(self._captures, math.floor(time_s * self._timing.rate_hz + _TICK_TOLERANCE) + 1),
        )
        ticks = np.arange(first, end) / self._timing.rate_hz
        delays = self._timing.latency_s + self._timing.jitter_s * self._rng.random(len(ticks))
        deliveries = np.maximum.accumulate(np.maximum(ticks + delays, self._delivered_s))
        replaced = np.count_nonzero(deliveries <= time_s + self._tolerance_s) - 1
        for index in range(max(0, int(replaced)), len(ticks)):
            captured_s = float(ticks[index])
            value = self._source(captured_s)
            self._under_way.append(Reading(value, first + index, captured_s, float(deliveries[index])))
        self._captures = end
        if len(ticks):
            self._delivered_s = float(deliveries[-1])
