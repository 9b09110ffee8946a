"""`KinematicAgent`: a body that moves without physics, slides along walls and follows floors, stairs and inclines."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from scenes.errors import HomeError
from scenes.scene import Instance, Scene
from sim.agents.protocol import Action, Moves
from sim.nav.graph import NavGraph
from sim.nav.ground import Ground
from sim.nav.sight import TIGHT_M, clear_at

_STRIDE_M = 0.025
_STILL_M = 1e-4
_TURN_DEG = 2.0
"""A driven arc is made of straight pieces that turn by at most this."""


class KinematicAgent:
    """A cylinder on the ground of a `NavGraph`, whose body it has. See `sim.agents.protocol.Agent`."""

    def __init__(
        self,
        graph: NavGraph,
        moves: Moves = Moves(),  # noqa: B008
        mounts: Mapping[str, npt.NDArray[np.float64]] = MappingProxyType({}),
    ) -> None:
        """Puts the body in the middle of nowhere in particular; `place` it first."""
        self.size = graph.body
        self.moves = moves
        self.mounts = mounts
        self._graph = graph
        self._walker = Walker(graph.scene, graph.ground)
        self.yaw_deg = 0.0

    @property
    def position(self) -> npt.NDArray[np.float64]:
        """The floor point below its centre, (3,), m."""
        walker = self._walker
        return np.array([walker.x_m, walker.y_m, walker.height_m()])

    @property
    def pose(self) -> npt.NDArray[np.float64]:
        """`T_world_body`, (4, 4)."""
        cos, sin = math.cos(math.radians(self.yaw_deg)), math.sin(math.radians(self.yaw_deg))
        x, y, z = self.position
        return np.array([[cos, -sin, 0, x], [sin, cos, 0, y], [0, 0, 1, z], [0, 0, 0, 1]])

    @property
    def collisions(self) -> tuple[Instance, ...]:
        """What it ran into during the last move, each thing once. A drop that stopped it is no thing."""
        instances = self._graph.scene.instances
        return tuple(instances[number - 1] for number in sorted(self._walker.hit) if number)

    @property
    def blocked(self) -> bool:
        """Whether anything, an edge too, stopped it or turned it aside during the last move."""
        return bool(self._walker.hit)

    def place(self, position: npt.ArrayLike, yaw_deg: float) -> None:
        """Puts it on the floor point `position` (3,), m.

        Raises:
            HomeError: there is no room for it, or no floor.
        """
        point = np.asarray(position, float)
        place = self._graph.locate(point[None])
        if place[0] < 0:
            raise HomeError(self._graph.why_not(point, point))
        ground = self._graph.ground
        centre = ground.grid.centres(ground.cell[place])
        inside = bool((np.abs(point[:2] - centre) <= ground.grid.cell_m / 2).all())
        at = point[None, :2] if inside and clear_at(ground, place, point[None, :2])[0] else centre
        self._walker.put(int(place[0]), float(at[0, 0]), float(at[0, 1]))
        self.yaw_deg = float(yaw_deg)

    def save(self) -> tuple[int, float, float, float, frozenset[int]]:
        """Where it is, to the last bit."""
        walker = self._walker
        return walker.place, walker.x_m, walker.y_m, self.yaw_deg, frozenset(walker.hit)

    def restore(self, state: tuple[int, float, float, float, frozenset[int]]) -> None:
        """Puts it where it was when this was saved."""
        at, x_m, y_m, self.yaw_deg, hit = state
        self._walker.put(at, x_m, y_m)
        self._walker.hit.update(hit)

    def act(self, action: Action) -> None:
        """Moves by one discrete command."""
        self._walker.hit.clear()
        if action == Action.FORWARD:
            self._walker.walk(self.moves.forward_m, self.yaw_deg)
        elif action in (Action.LEFT, Action.RIGHT):
            self._turn(self.moves.turn_deg if action == Action.LEFT else -self.moves.turn_deg)

    def command_velocity(self, forward_m_s: float, turn_deg_s: float, seconds: float) -> None:
        """Moves for `seconds` at these speeds (turns counter-clockwise), as far as the home lets it."""
        self._walker.hit.clear()
        turn_deg = turn_deg_s * seconds
        pieces = max(1, math.ceil(abs(turn_deg) / _TURN_DEG)) if forward_m_s else 1
        for _ in range(pieces):
            self._turn(turn_deg / pieces / 2)
            self._walker.walk(forward_m_s * seconds / pieces, self.yaw_deg)
            self._turn(turn_deg / pieces / 2)

    def _turn(self, degrees: float) -> None:
        self.yaw_deg = (self.yaw_deg + degrees + 180) % 360 - 180


class Walker:
    """A point that walks from place to place of a ground, in plain numbers, for speed.

    Attributes:
        x_m, y_m: where it is.
        hit: instances that stopped it since this was last cleared; 0 for an edge.
    """

    def __init__(self, scene: Scene, ground: Ground) -> None:
        self.x_m = self.y_m = 0.0
        self.hit: set[int] = set()
        self._at = -1
        self._name = scene.name
        self._cell_m = ground.grid.cell_m
        self._origin = ground.grid.origin_m
        self._rows = ground.grid.shape[1]
        self._reach = ground.body.radius_m - TIGHT_M
        self._cell = _numbers(ground.cell)
        self._links = _numbers(ground.links)
        self._near = _numbers(ground.near)
        self._z = _numbers(ground.z_m)
        self._low = _numbers(ground.low_m)
        self._tilt = _numbers(ground.tilt)
        self._blocker = _numbers(ground.blocker)

    @property
    def place(self) -> int:
        """The place it is in; -1: nowhere yet."""
        return self._at

    def put(self, place: int, x_m: float, y_m: float) -> None:
        """Starts at a point in a place."""
        self._at, self.x_m, self.y_m = place, x_m, y_m
        self.hit.clear()

    def height_m(self) -> float:
        """Height of the surface where it is.

        Raises:
            HomeError: it has not been put anywhere.
        """
        if self._at < 0:
            raise HomeError(f"{self._name}: the agent is nowhere; place it on a point first")
        at = self._at
        i, j = divmod(self._cell[at], self._rows)
        x = self.x_m - self._origin[0] - (i + 0.5) * self._cell_m
        y = self.y_m - self._origin[1] - (j + 0.5) * self._cell_m
        return max(self._z[at] + self._tilt[2 * at] * x + self._tilt[2 * at + 1] * y, self._low[at])

    def walk(self, distance_m: float, yaw_deg: float) -> None:
        """Goes straight, sliding along what is in the way."""
        if self._at < 0:
            raise HomeError(f"{self._name}: the agent is nowhere; place it on a point first")
        strides = math.ceil(abs(distance_m) / _STRIDE_M - 1e-9)
        if not strides:
            return
        yaw = math.radians(yaw_deg)
        dx, dy = distance_m / strides * math.cos(yaw), distance_m / strides * math.sin(yaw)
        for _ in range(strides):
            if not self._enter(dx, dy) and not self._slide(dx, dy):
                return

    def _enter(self, dx: float, dy: float) -> bool:
        """One stride; whether the body fits there and can step there. It is pushed aside where it would touch."""
        x, y = self.x_m + dx, self.y_m + dy
        at = self._reached(x, y)
        if at < 0:
            return False
        obstacle_x, obstacle_y = self._obstacle(at)
        gap = math.hypot(x - obstacle_x, y - obstacle_y)
        if gap < self._reach:
            push = self._reach / gap - 1 if gap > 0 else 1.0
            x, y = x + (x - obstacle_x) * push, y + (y - obstacle_y) * push
            if abs(x - self.x_m) + abs(y - self.y_m) < _STILL_M or (x - self.x_m) * dx + (y - self.y_m) * dy <= 0:
                return False
            at = self._reached(x, y)
            if at < 0 or math.dist((x, y), self._obstacle(at)) < self._reach - TIGHT_M:
                return False
        self._at, self.x_m, self.y_m = at, x, y
        return True

    def _obstacle(self, at: int) -> tuple[float, float]:
        """The nearest point of what stops the body around a place."""
        i, j = divmod(self._cell[at], self._rows)
        origin, cell_m = self._origin, self._cell_m
        return (
            origin[0] + (i + 0.5) * cell_m + self._near[2 * at],
            origin[1] + (j + 0.5) * cell_m + self._near[2 * at + 1],
        )

    def _reached(self, x: float, y: float) -> int:
        """The place of a point at most a cell away; -1: none that can be stepped to."""
        i, j = divmod(self._cell[self._at], self._rows)
        di = math.floor((x - self._origin[0]) / self._cell_m) - i
        dj = math.floor((y - self._origin[1]) / self._cell_m) - j
        return self._next(self._at, di, dj) if di or dj else self._at

    def _next(self, at: int, di: int, dj: int) -> int:
        """The place one cell on, diagonally by either way; -1: none."""
        links = self._links
        side_x, side_y = (0 if di > 0 else 1), (2 if dj > 0 else 3)
        if not dj:
            return links[4 * at + side_x]
        if not di:
            return links[4 * at + side_y]
        for one, two in ((side_x, side_y), (side_y, side_x)):
            via = links[4 * at + one]
            if via >= 0 and links[4 * via + two] >= 0:
                return links[4 * via + two]
        return -1

    def _slide(self, dx: float, dy: float) -> bool:
        """A stride that did not fit, without its part towards the obstacle; else along one axis."""
        at = self._at
        self.hit.add(self._blocker[at])
        near_x, near_y = self._near[2 * at], self._near[2 * at + 1]
        apart = math.hypot(near_x, near_y)
        if 0 < apart < math.inf:
            towards = (dx * near_x + dy * near_y) / apart**2
            if towards > 0:
                along_x, along_y = dx - towards * near_x, dy - towards * near_y
                if self._enter(along_x, along_y) or self._enter_along_axis(along_x, along_y):
                    return True
        return self._enter_along_axis(dx, dy) or self._step_aside(dx, dy)

    def _step_aside(self, dx: float, dy: float) -> bool:
        """A stride to the side, where the cell beside leads on: around the corner of a step too high."""
        links, at, stride = self._links, self._at, math.hypot(dx, dy)
        along_x = abs(dx) >= abs(dy)
        onward = (0 if dx > 0 else 1) if along_x else (2 if dy > 0 else 3)
        if links[4 * at + onward] >= 0:
            return False
        for side in (2, 3) if along_x else (0, 1):
            beside = links[4 * at + side]
            if beside >= 0 and links[4 * beside + onward] >= 0:
                aside = stride if side % 2 == 0 else -stride
                return self._enter(0.0, aside) if along_x else self._enter(aside, 0.0)
        return False

    def _enter_along_axis(self, dx: float, dy: float) -> bool:
        """The larger part of a stride, else the smaller one."""
        parts = ((dx, 0.0), (0.0, dy)) if abs(dx) >= abs(dy) else ((0.0, dy), (dx, 0.0))
        return any(abs(x) + abs(y) > _STILL_M and self._enter(x, y) for x, y in parts)


def _numbers(values: npt.NDArray[Any]) -> memoryview[Any]:
    """An array, flat, whose elements are read as plain numbers: much faster than from NumPy one at a time."""
    return memoryview(np.ascontiguousarray(values).reshape(-1))  # type: ignore[arg-type]
