"""Whether a body can take a connector, and why not: a certificate with a figure for each limit."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scenes.body import BodySize
from scenes.connectors.connector import Connector

SLACK_M = 0.002
SLACK_DEG = 0.1


@dataclass(frozen=True)
class Measure:
    """One limit: what was measured, against what the body takes; `value` and `limit` in m, or in degrees.

    An infinite value means that there is no limit, as of headroom under the open sky; where it fails, no such thing.
    """

    name: str
    value: float
    limit: float
    unit: str
    passes: bool
    reason: str

    def __str__(self) -> str:
        mark = "ok" if self.passes else f"fails: {self.reason}"
        if not math.isfinite(self.value):
            return f"{self.name} {'without limit' if self.passes else 'missing'}: {mark}"
        return f"{self.name} {self.value:.2f} {self.unit} (limit {self.limit:.2f}): {mark}"


@dataclass(frozen=True)
class Certificate:
    """What was measured of a connector for a body. It prints as a short table."""

    connector: Connector
    body: BodySize
    measures: tuple[Measure, ...]

    @property
    def passes(self) -> bool:
        """Whether the body gets from one end to the other."""
        return all(measure.passes for measure in self.measures)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it does not; empty where it does."""
        return tuple(measure.reason for measure in self.measures if not measure.passes)

    def __str__(self) -> str:
        verdict = "passable" if self.passes else "not passable"
        low, high = self.connector.levels
        head = f"{self.connector.kind} {low} - {high} ({self.connector.source[0]}): {verdict}"
        return "\n".join([head, *(f"  {measure}" for measure in self.measures)])


def judge_connector(connector: Connector, body: BodySize) -> Certificate:
    """Measures a connector against what a body climbs and needs."""
    measures = [*_ends(connector), *_steps(connector, body)]
    if connector.kind == "incline":
        measures.append(_slope(connector, body))
    measures += [_width(connector, body), _headroom(connector, body), *_landings(connector, body)]
    return Certificate(connector, body, tuple(measures))


def _ends(connector: Connector) -> list[Measure]:
    found = []
    for name, landing, height in (
        ("foot", connector.foot, connector.treads_m[0]),
        ("head", connector.head, connector.treads_m[-1]),
    ):
        if landing is None:
            reason = f"at its {name}, at {height:.2f} m, no free floor is in reach"
            found.append(Measure(f"{name} at a floor", math.inf, 0.0, "m", passes=False, reason=reason))
    return found


def _steps(connector: Connector, body: BodySize) -> list[Measure]:
    """The highest step on the way; what begins or ends off a floor is a step there."""
    steps = connector.risers_m
    if not steps:
        return []
    worst = max(range(len(steps)), key=lambda index: (round(abs(steps[index]), 3), -index))
    value, where = abs(steps[worst]), _where(connector, worst)
    down = " down" if steps[worst] < 0 else ""
    reason = f"the step {where} is {value:.2f} m{down}, the body takes {body.max_step_m:.2f} m"
    return [Measure("highest step", value, body.max_step_m, "m", value <= body.max_step_m + SLACK_M, reason)]


def _where(connector: Connector, index: int) -> str:
    last = len(connector.risers_m) - 1
    if index == 0 and connector.foot:
        return "at its foot"
    return "at its head" if index == last and connector.head else f"number {index + 1}"


def _slope(connector: Connector, body: BodySize) -> Measure:
    value, limit = connector.slope_deg, body.max_slope_deg
    reason = f"it slopes by {value:.1f}°, the body takes {limit:.1f}°"
    return Measure("slope", value, limit, "°", value <= limit + SLACK_DEG, reason)


def _width(connector: Connector, body: BodySize) -> Measure:
    value, limit = connector.width_m, 2 * body.radius_m
    reason = f"it is {value:.2f} m wide, the body needs {limit:.2f} m"
    return Measure("clear width", value, limit, "m", value >= limit - SLACK_M, reason)


def _headroom(connector: Connector, body: BodySize) -> Measure:
    value, limit = connector.headroom_m, body.height_m
    reason = f"its headroom is {value:.2f} m, the body needs {limit:.2f} m"
    return Measure("headroom", value, limit, "m", value >= limit - SLACK_M, reason)


def _landings(connector: Connector, body: BodySize) -> list[Measure]:
    """Before the foot and beyond the head the body must find room to stand."""
    found = []
    for name, landing in (("foot", connector.foot), ("head", connector.head)):
        if landing is not None:
            value, limit = landing.length_m, 2 * body.radius_m
            reason = f"the landing at its {name} is {value:.2f} m long, the body needs {limit:.2f} m"
            found.append(Measure(f"landing at the {name}", value, limit, "m", value >= limit - SLACK_M, reason))
    return found
