"""Targets that are to be reached in turn, and how far it still is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from scenes.errors import HomeError
from sim.camera import Floats
from sim.nav.graph import NavGraph
from sim.nav.poses import PoseGraph


@dataclass(frozen=True)
class Course:
    """Targets on the floors of a home.

    Attributes:
        graph: where the body can go.
        targets: (N, 3), m, in turn.
        target_m: each is reached within this distance, along the way.
        poses: of a body that is longer than wide; None for a round one.
    """

    graph: NavGraph
    targets: Floats
    target_m: float
    poses: PoseGraph | None = None

    def __post_init__(self) -> None:
        for index in range(len(self.targets) - 1):
            reason = self.graph.why_not(self.targets[index], self.targets[index + 1])
            if reason:
                raise HomeError(f"target {index + 1}: {reason}")

    @cached_property
    def legs_m(self) -> Floats:
        """(N,) the way from each target through the later ones to the last, m."""
        legs = self.graph.geodesics(self.targets[:-1], self.targets[1:]) if len(self.targets) > 1 else np.zeros(0)
        return np.append(np.cumsum(legs[::-1])[::-1], 0.0)

    def next_target(self, index: int, position: npt.ArrayLike) -> tuple[int, float]:
        """From being under way to target `index`: the target then to go for (N: all are reached) and the way there, m.

        The way is `inf` from where the body does not fit.
        """
        for target in range(index, len(self.targets)):
            way_m = self.graph.geodesic(position, self.targets[target])
            if way_m > self.target_m:
                return target, way_m
        return len(self.targets), 0.0

    def left_m(self, index: int, way_m: float) -> float:
        """The whole way that is left, through all targets, where it is `way_m` to target `index`."""
        return way_m + float(self.legs_m[index]) if index < len(self.targets) else 0.0
