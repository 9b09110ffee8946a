"""`LongGuide`: the right command for a body that is longer than wide, which needs room to turn."""

from __future__ import annotations

import math

import numpy as np

from sim.agents.protocol import Action
from sim.camera import Floats
from sim.experts.course import Course
from sim.experts.guide import Guide
from sim.experts.parameters import Parameters
from sim.nav.poses import STEP_DEG, TURN_M, Angles, Ints, Mask, PoseField, PoseGraph


class LongGuide(Guide):
    """Of all turns, each followed by a step ahead, it takes the one that leaves the least way; else as `Guide`."""

    def __init__(self, course: Course, poses: PoseGraph, parameters: Parameters, target: int = 0) -> None:
        super().__init__(course, parameters, target)
        self._poses = poses
        self._fields: dict[int, PoseField] = {}

    def command(self, T_world_body: Floats) -> Action:
        """What to do at a pose (4, 4); STOP at the end of the course.

        Raises:
            HomeError: there is no way from here.
        """
        position = T_world_body[:3, 3].copy()
        action = super().command(T_world_body)
        if action is Action.STOP:
            return action
        yaw_deg = math.degrees(math.atan2(T_world_body[1, 0], T_world_body[0, 0]))
        turns, ways = self._ways(position, yaw_deg)
        best = int(ways.argmin())
        if not math.isfinite(ways[best]):
            return action
        self.way_m = float(ways[best])
        self.bearing_deg = float(turns[best]) * self._parameters.turn_deg
        return Action.FORWARD if not turns[best] else Action.LEFT if turns[best] > 0 else Action.RIGHT

    def _ways(self, position: Floats, yaw_deg: float) -> tuple[Ints, Floats]:
        """Numbers of turns to the left (K,), and the way that each with a step ahead leaves; inf: not free."""
        turn_deg, forward_m = self._parameters.turn_deg, self._parameters.forward_m
        most = math.ceil(180 / turn_deg)
        turns = np.arange(-most, most + 1)
        yaws = yaw_deg + turns * turn_deg
        ends, free = self._poses.steps(position, yaws, forward_m)
        free &= self._turned(position, yaws, most)
        ways: Floats = np.full(len(turns), math.inf)
        turned_m: Floats = TURN_M * turn_deg / STEP_DEG * np.abs(turns[free])
        ways[free] = forward_m + turned_m + self._field().left_m(ends[free], yaws[free])
        return turns, ways

    def _turned(self, position: Floats, yaws_deg: Angles, middle: int) -> Mask:
        """Whether each heading can be turned to from the middle one, which the body has, free or not."""
        place = np.repeat(self._poses.graph.locate(position[None]), len(yaws_deg))
        free = self._poses.is_free(place, yaws_deg)
        free[middle] = True
        left = np.logical_and.accumulate(free[middle:])
        right = np.logical_and.accumulate(free[middle::-1])[::-1]
        return np.concatenate([right[:-1], left])

    def _field(self) -> PoseField:
        if self.target not in self._fields:
            self._fields = {self.target: self._poses.field(self._course.targets[self.target], self._course.target_m)}
        return self._fields[self.target]


def guide_of(course: Course, parameters: Parameters, target: int = 0) -> Guide:
    """The guide for the body of a course."""
    if course.poses is None:
        return Guide(course, parameters, target)
    return LongGuide(course, course.poses, parameters, target)
