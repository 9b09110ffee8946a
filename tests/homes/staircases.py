"""Homes with staircases drawn at random, and where each of them was drawn to lead.

A staircase is walked on the plan: steps straight on, landings that turn, wedges around a post. It stands as one model,
solid or of boards, as boxes, or as inclines; under a floor with a hole for it, or before the edge of a platform.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import shapely

from scenes.draw import Drawing, DrawnModel, LevelDrawing
from scenes.draw.finishes import METAL, STONE, WOOD
from scenes.draw.furniture import block, wedge
from scenes.draw.solids import prism, rod
from scenes.home.furniture import Piece
from tests.homes.climbs import Plan

SHAPES = ("straight", "landing", "L", "U", "spiral")
HALL_CM = 1500.0
BOARD_CM, POST_CM = 4.0, 6.0

Points = npt.NDArray[np.float64]


def _right(way: Points) -> Points:
    """The direction to the right of another one, y to the south."""
    return np.array([-way[1], way[0]])


@dataclass
class Walked:
    """Treads (rings in cm, y to the south; heights), walked from the origin to the north, and where one has come to."""

    rise: float
    treads: list[tuple[Points, float]] = field(default_factory=list)
    at: Points = field(default_factory=lambda: np.zeros(2))
    ahead: Points = field(default_factory=lambda: np.array([0.0, -1.0]))
    post: Points | None = None

    @property
    def top(self) -> float:
        """Height of the last tread."""
        return self.treads[-1][1] if self.treads else 0.0

    def step(self, length: float, left: float, right: float) -> None:
        """Goes over a tread that long, which reaches so far to both sides, a riser higher."""
        far, aside = self.at + length * self.ahead, _right(self.ahead)
        ring = [p + s * aside for p, s in ((self.at, -left), (self.at, right), (far, right), (far, -left))]
        self.treads.append((np.array(ring), self.top + self.rise))
        self.at = far

    def straight(self, count: int, going: float, width: float) -> None:
        """Goes straight up."""
        for _ in range(count):
            self.step(going, width / 2, width / 2)

    def corner(self, width: float, turn: int) -> None:
        """Turns right (1) or left (-1) on a square landing."""
        self.step(width, width / 2, width / 2)
        self.at = self.at + width / 2 * (turn * _right(self.ahead) - self.ahead)
        self.ahead = turn * _right(self.ahead)

    def back(self, width: float, depth: float, gap: float, turn: int) -> None:
        """Turns back to the right (1) or left (-1) on a landing as wide as two flights."""
        sides = (width / 2, width * 1.5 + gap)
        self.step(depth, *(sides if turn > 0 else sides[::-1]))
        self.at = self.at - depth * self.ahead + turn * (width + gap) * _right(self.ahead)
        self.ahead = -self.ahead

    def around(self, count: int, radius: float, turn_deg: float, turn: int) -> None:
        """Goes over wedges around a post at its right (1) or left (-1), and off the last one outwards."""
        first = -turn * _right(self.ahead)
        self.post = self.at - (radius + POST_CM) / 2 * first
        for k in range(count):
            bends = np.radians(turn_deg) * np.linspace(k, k + 1, 5)
            arms = [first * math.cos(bend) + self.ahead * math.sin(bend) for bend in bends]
            ends = [POST_CM * arms[0], *(radius * arm for arm in arms), POST_CM * arms[-1]]
            self.treads.append((self.post + np.array(ends), self.top + self.rise))
        self.ahead = turn * _right(arms[-1])
        self.at = self.post + radius / 2 * arms[-1]


@dataclass(frozen=True)
class Way:
    """Where stairs or an incline were drawn to lead: levels, figures, plan points (m, z up) near both ends.

    `head` is None where it was drawn to lead nowhere; `ids`: of its pieces, from the lowest to the highest.
    """

    ids: tuple[str, ...]
    kind: str
    levels: tuple[str, str]
    rise_m: float
    steps: int
    foot: Points
    head: Points | None


@dataclass(frozen=True)
class StairHome:
    """A home and its ways up; `about` says what was drawn."""

    home: Drawing
    ways: tuple[Way, ...]
    about: str


def model_of(
    walked: Walked, *, solid: bool, nosing_cm: float = 0.0, rails: bool = False, name: str = "s"
) -> DrawnModel:
    """A staircase as one model in the frame of its walk, its front to the south.

    `nosing_cm`: depth of a board that tops it, a riser above the last tread, level with the upper floor.
    """
    parts = []
    for ring, height in walked.treads:
        low = 0.0 if solid else height - BOARD_CM
        parts.append(prism(ring.tolist(), low, height - BOARD_CM, STONE, axis="y") if solid else None)
        parts.append(prism(ring.tolist(), height - BOARD_CM, height, WOOD, axis="y"))
        if rails and walked.post is None:
            at = ring[0] + 0.04 * (ring[1] - ring[0]) + 0.5 * (ring[3] - ring[0])
            parts.append(rod((at[0], height, at[1]), (at[0], height + 90, at[1]), 1.5, METAL, sides=5))
    if nosing_cm:
        ring, height = walked.treads[-1]
        far = [ring[3], ring[2], ring[2] + nosing_cm * walked.ahead, ring[3] + nosing_cm * walked.ahead]
        board = [point.tolist() for point in far]
        parts.append(prism(board, height + walked.rise - BOARD_CM, height + walked.rise, WOOD, axis="y"))
    # a post, or a leg under the first board, stands on the floor
    x, z = (walked.treads[0][0].mean(axis=0) if walked.post is None else walked.post).tolist()
    height = walked.rise - BOARD_CM if walked.post is None else walked.top + 90
    parts.append(rod((x, 0, z), (x, height, z), POST_CM, STONE, sides=8))
    return DrawnModel(name, [part for part in parts if part is not None])


def mirrored(model: DrawnModel) -> DrawnModel:
    """The model that is the given one when a piece mirrors it."""
    flipped = [
        type(part)(
            part.points * [-1, 1, 1], [face[::-1] for face in part.faces], part.finish, part.smooth, group=part.group
        )
        for part in model.moulds
    ]
    return DrawnModel(f"{model.name}-mirrored", flipped)


def cut_out(model: DrawnModel) -> str:
    """The plan of a model's bodies as an SVG path in the unit square."""
    low, high = model.bounds_cm()
    outlines = [shapely.MultiPoint(part.points[:, [0, 2]]).convex_hull for part in model.moulds]
    outline = shapely.union_all(outlines).buffer(0.5, join_style="mitre").buffer(-0.5, join_style="mitre")
    points = (np.array(outline.exterior.coords)[:-1] - low[[0, 2]]) / (high - low)[[0, 2]]
    return "M" + " L".join(f"{u:.6f},{v:.6f}" for u, v in points.clip(0, 1).tolist()) + " z"


def random_walk(rng: np.random.Generator, shape: str, rise: float, *, storey: bool) -> Walked:
    """A staircase of a shape, its measures and turns drawn at random; `storey`: high enough to stand under its top."""
    walked = Walked(rise)
    going, width = rng.uniform(22, 32), rng.uniform(70, 130)
    turn = int(rng.choice([-1, 1]))
    before, after = (int(count) for count in rng.integers(*((6, 11) if storey else (3, 9)), 2))
    if shape == "spiral":
        # no further than round to the first wedge, which it would end above
        wedge_deg = rng.uniform(20, 25)
        walked.around(int(rng.integers(11, 300 // wedge_deg + 1)), rng.uniform(70, 110), wedge_deg, turn)
        return walked
    walked.straight(before, going, width)
    if shape == "landing":
        walked.step(rng.uniform(80, 120), width / 2, width / 2)
    elif shape == "L":
        walked.corner(width, turn)
    elif shape == "U":
        walked.back(width, rng.uniform(80, 120), rng.uniform(4, 20), turn)
    walked.straight(after, going, width)
    return walked


def random_home(rng: np.random.Generator) -> StairHome:
    """A home with one to three ways up."""
    shape = SHAPES[rng.integers(len(SHAPES))]
    angle = float(rng.choice([0.0, math.pi / 2, rng.uniform(-math.pi, math.pi)]))
    rise = float(rng.uniform(15, 21))
    kind = rng.choice(["model", "model", "model", "blocks", "prisms"]) if shape != "spiral" else "model"
    if kind == "prisms":
        return _inclines(rng, angle, turns=shape in ("L", "U"))
    storey = kind == "model" and (shape in ("U", "spiral") or rng.random() < 0.6)
    walked = random_walk(rng, shape, rise, storey=storey)
    draw = _blocks if kind == "blocks" else _storeys if storey else _platform
    return draw(rng, walked, shape, angle)


def _world(plan: Plan, point: Points) -> Points:
    x, y = plan.at(*point.tolist())
    return np.array([x, -y]) / 100


def _storeys(rng: np.random.Generator, walked: Walked, shape: str, angle: float) -> StairHome:
    """One to three flights above each other, each with a hole in the floor that it leads to."""
    nosing = float(rng.choice([0.0, 0.0, 5.0, 40.0])) if shape != "spiral" else 0.0
    height = walked.top + (walked.rise if nosing else 0.0)
    base = float(rng.choice([0.0, -height, 120.0]))
    floors = int(rng.integers(1, 4))
    is_mirrored, solid, rails = (bool(rng.random() < 0.5) for _ in range(3))
    # a solid flight would stand on the treads of the one below it
    solid = solid and shape != "spiral" and floors == 1
    model = model_of(walked, solid=solid, nosing_cm=nosing, rails=rails)
    drawn = mirrored(model) if is_mirrored else model
    home, plan = Drawing("stairs", wall_height=height - 20), Plan(angle)
    levels = [
        home.level(f"Floor {k}", elevation=base + k * height, height=height - 20, floor_thickness=20)
        for k in range(floors + 1)
    ]
    for k in rng.permutation(floors + 1).tolist():
        levels[k].room(f"Room {k}", plan.rectangle(-HALL_CM, -HALL_CM, HALL_CM, HALL_CM), ceiling_visible=False)
    ways = {}
    foot, head = _world(plan, 30 * np.array([0.0, 1.0])), _world(plan, walked.at + (nosing + 30) * walked.ahead)
    is_deep = nosing > 7
    for k in rng.permutation(floors).tolist():
        piece = levels[k].staircase(
            drawn, *plan.at(0, 0), angle=angle, cut_out=cut_out(drawn), model_mirrored=is_mirrored, name=f"Flight {k}"
        )
        rise = height if is_deep else walked.top
        steps = len(walked.treads) + is_deep
        ways[k] = Way((piece.id,), "stairs", (f"Floor {k}", f"Floor {k + 1}"), rise / 100, steps, foot, head)
    about = (
        f"{shape}, {floors} storeys, nosing {nosing}, mirrored {is_mirrored}, solid {solid}, rails {rails}, {angle:.2f}"
    )
    return StairHome(home, tuple(ways[k] for k in sorted(ways)), about)


@dataclass(frozen=True)
class _Edge:
    """A hall and a platform whose edge a walk ends at; pieces are placed by the frame of the walk."""

    home: Drawing
    hall: LevelDrawing
    plan: Plan
    origin: tuple[float, float]
    turned: float

    @classmethod
    def before(cls, walked: Walked, height: float, angle: float) -> _Edge:
        turned = angle - math.atan2(walked.ahead[0], -walked.ahead[1])
        home = Drawing("stairs", wall_height=height + 300)
        hall = home.level("Hall", elevation=0, height=height + 300, floor_thickness=20)
        upper = home.level("Platform", elevation=height, height=300, floor_thickness=height)
        home.level("Roof", elevation=height + 300, height=10)
        own, plan = Plan(turned), Plan(angle)
        end = own.at(*walked.at.tolist())
        # as wide as the flight, so that one that comes back has room for its foot
        wide = 60.0
        hall.room("Hall", Plan(angle).rectangle(-HALL_CM, -HALL_CM, HALL_CM, HALL_CM), ceiling_visible=False)
        upper.room("Platform", plan.rectangle(-wide, -300, wide, 0), ceiling_visible=False)
        return cls(home, hall, own, (-end[0], -end[1]), turned)

    def at(self, point: Points) -> tuple[float, float]:
        x, y = self.plan.at(*point.tolist())
        return x + self.origin[0], y + self.origin[1]

    def world(self, point: Points) -> Points:
        x, y = self.at(point)
        return np.array([x, -y]) / 100

    def add(self, model: DrawnModel, point: Points, turned: float = 0.0, **more: object) -> Piece:
        return self.hall.place(model, *self.at(point), angle=self.turned + turned, **more)


def _platform(rng: np.random.Generator, walked: Walked, shape: str, angle: float) -> StairHome:
    """A flight before a platform, or too low for it."""
    leads = bool(rng.random() < 0.8)
    is_mirrored, solid = (bool(rng.random() < 0.5) for _ in range(2))
    edge = _Edge.before(walked, walked.top if leads else walked.top + rng.uniform(70, 150), angle)
    model = model_of(walked, solid=solid)
    piece = edge.add(mirrored(model) if is_mirrored else model, np.zeros(2), model_mirrored=is_mirrored)
    way = _way(edge, walked, (piece.id,), leads=leads)
    return StairHome(edge.home, (way,), f"{shape} to a platform, leads {leads}, mirrored {is_mirrored}, {angle:.2f}")


def _way(edge: _Edge, walked: Walked, ids: Sequence[str], *, leads: bool) -> Way:
    foot, head = edge.world(np.array([0.0, 30.0])), edge.world(walked.at + 30 * walked.ahead)
    levels = ("Hall", "Platform" if leads else "Hall")
    return Way(tuple(ids), "stairs", levels, walked.top / 100, len(walked.treads), foot, head if leads else None)


def _blocks(rng: np.random.Generator, walked: Walked, shape: str, angle: float) -> StairHome:
    """Boxes from the floor up, in any order."""
    edge = _Edge.before(walked, walked.top, angle)
    ids = {}
    for k in rng.permutation(len(walked.treads)).tolist():
        ring, height = walked.treads[k]
        along = ring[3] - ring[0]
        model = block(float(np.hypot(*(ring[1] - ring[0]))), float(np.hypot(*along)), height)
        piece = edge.add(model, ring.mean(axis=0), math.atan2(along[0], -along[1]), name=f"Box {k}")
        ids[k] = piece.id
    way = _way(edge, walked, [ids[k] for k in sorted(ids)], leads=True)
    return StairHome(edge.home, (way,), f"{shape} of {len(ids)} blocks, {angle:.2f}")


def _inclines(rng: np.random.Generator, angle: float, *, turns: bool) -> StairHome:
    """An incline, or two with a landing between them, straight on or around the corner."""
    walked = Walked(0.0)
    width, slope = rng.uniform(80, 130), math.radians(rng.uniform(4, 22))
    pieces, points = [], [np.array([0.0, 30.0])]
    heights = [0.0]
    for part in range(2):
        run = rng.uniform(150, 400)
        middle, turned = walked.at + run / 2 * walked.ahead, math.atan2(walked.ahead[0], -walked.ahead[1])
        pieces.append((wedge(run, run * math.tan(slope), width), middle, turned, heights[-1]))
        walked.at = walked.at + run * walked.ahead
        heights.append(heights[-1] + run * math.tan(slope))
        points.append(walked.at + 30 * walked.ahead)
        if part == 0:
            pieces.append((block(width, width, heights[-1]), walked.at + width / 2 * walked.ahead, turned, 0.0))
            walked.at = walked.at + width * walked.ahead
            if turns:
                walked.at = walked.at + width / 2 * (_right(walked.ahead) - walked.ahead)
                walked.ahead = _right(walked.ahead)
            points.append(walked.at - 30 * walked.ahead)
    edge = _Edge.before(walked, heights[-1], angle)
    ids = [edge.add(model, at, turned, elevation=low).id for model, at, turned, low in pieces]
    ends = [edge.world(point) for point in points]
    rises = np.diff(heights) / 100
    ways = (
        Way((ids[0],), "incline", ("Hall", "Hall"), rises[0], 0, ends[0], ends[1]),
        Way((ids[2],), "incline", ("Hall", "Platform"), rises[1], 0, ends[2], ends[3]),
    )
    about = f"two inclines of {math.degrees(slope):.0f} degrees, turning {turns}, {angle:.2f}"
    return StairHome(edge.home, ways, about)
