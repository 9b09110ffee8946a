"""A plan drawn: levels, walls, floors, doors, windows, stairs and inclines."""

from __future__ import annotations

import math
from dataclasses import dataclass

from datagen.homes.plan import LEFT, RIGHT, HomePlan, RoomPlan
from datagen.homes.style import CORRIDOR_WALL_CM, OUTER_CM, PARTITION_CM, Style
from scenes.draw import Drawing, furniture
from scenes.draw.drawing import Paint, PlanPoint
from scenes.draw.frame import EAST, NORTH, SOUTH, WEST, Frame, FramedLevel, FramedRoom
from scenes.home.basics import Texture

SLAB_CM = 18.0
SILL_CM = 90.0
STAIR_GOING_CM, STAIR_LANDING_CM, IN_WALL_CM = 26.0, 100.0, 2.0
_BATH_SILL_CM = 140.0


@dataclass(frozen=True)
class FurnishedRoom:
    """A room to furnish: its drawn frame, and what must stay free, in that frame, cm.

    The frame starts in the inner corner at the corridor; `doors` are (at, width) along the corridor's wall, `windows`
    (at, width, sill) along the outer one, `links` (wall, from the corridor): EAST is the wall at 0, WEST the far one.
    """

    plan: RoomPlan
    room: FramedRoom
    doors: tuple[tuple[float, float], ...]
    windows: tuple[tuple[float, float, float], ...]
    links: tuple[tuple[float, float], ...]


class Shell:
    """The building of one plan, without furniture."""

    def __init__(self, plan: HomePlan, drawing: Drawing, style: Style) -> None:
        self.plan, self.style = plan, style
        turn = math.radians(plan.turn_deg)
        u = (round(math.cos(turn)), round(math.sin(turn)))
        v = (u[1], -u[0]) if plan.is_mirrored else (-u[1], u[0])
        self._frame = Frame((0.0, 0.0), u, v)
        self._storeys = [
            FramedLevel(
                drawing.level(
                    f"Floor {k}",
                    elevation=k * (plan.height_cm + SLAB_CM),
                    height=plan.height_cm,
                    floor_thickness=SLAB_CM if k else 12.0,
                ),
                self._frame,
            )
            for k in range(len(plan.storeys))
        ]
        self._raised = self._storeys[0]
        if plan.rise:
            high = plan.rise.height_cm
            self._raised = self._storeys[0].on(
                drawing.level("Raised floor", elevation=high, height=plan.height_cm - high, floor_thickness=high)
            )
        self._outer_height = [plan.height_cm + SLAB_CM] * (len(plan.storeys) - 1) + [plan.height_cm]

    def draw(self) -> list[FurnishedRoom]:
        """Draws everything; returns the rooms to furnish."""
        found = []
        for storey, rooms in enumerate(self.plan.storeys):
            strips = [[room for room in rooms if room.side == side] for side in (LEFT, RIGHT)]
            self._corridor(storey, strips)
            for strip in strips:
                paints = [self.style.wall_tiles if room.kind == "bath" else self.style.wall() for room in strip]
                for k, room in enumerate(strip):
                    self._room_walls(storey, room, paints[k], paints[k + 1] if k + 1 < len(strip) else None)
                found += [self._room(storey, room, strip, k) for k, room in enumerate(strip)]
        self._climb()
        for storey in range(len(self.plan.storeys) - 1):
            self._stairs(storey)
        return found

    def _corridor(self, storey: int, strips: list[list[RoomPlan]]) -> None:
        plan, pen, style = self.plan, self._storeys[storey], self.style
        paint, wide = style.walls[0], plan.corridor
        high = self._outer_height[storey]
        for side, strip in zip((LEFT, RIGHT), strips, strict=True):
            end = strip[-1].end
            if end < plan.length:
                across = wide if side == LEFT else 0.0
                line = [(end, across), (plan.length, across)]
                self._wall(pen, line if side == RIGHT else line[::-1], OUTER_CM, style.outside, paint, high)
                window = style.window(120.0, 120.0)
                facing = SOUTH if side == RIGHT else NORTH
                lift = self._lift(storey, (end + plan.length) / 2)
                pen.door(window, (end + plan.length) / 2, across, facing, elevation=SILL_CM + lift)
        self._wall(pen, [(0, wide), (0, 0)], OUTER_CM, style.outside, paint, high)
        self._wall(pen, [(plan.length, 0), (plan.length, wide)], OUTER_CM, style.outside, paint, high)
        if storey == 0:
            pen.door(style.entrance, 0, wide / 2, EAST, name="Entrance")
        else:
            pen.door(style.window(90.0, 120.0), 0, wide / 2, EAST, elevation=SILL_CM)
        far = SILL_CM + self._lift(storey, plan.length)
        pen.door(style.window(90.0, 120.0), plan.length, wide / 2, WEST, elevation=far)
        split = plan.rise.at if plan.rise and storey == 0 else plan.length
        pen.room(f"Corridor {storey}", _rectangle(0, 0, split, wide), floor=style.corridor_floor)
        if split < plan.length:
            outline = _rectangle(split, 0, plan.length, wide)
            self._raised.room("Raised corridor", outline, floor=style.corridor_floor)
        lamps = max(2, round(plan.length / 450))
        for k in range(lamps):
            at = (k + 0.5) * plan.length / lamps
            level = self._raised if at > split else pen
            FramedRoom(level, plan.length, wide).light(style.piece("panel_lamp"), at, wide / 2)

    def _room_walls(self, storey: int, room: RoomPlan, paint: Paint, beyond: Paint) -> None:
        """The corridor's wall of a room, its outer wall, the wall at its end, and at its start if it is the first."""
        pen, style, high = self._storeys[storey], self.style, self._outer_height[storey]
        near, far = self._across(room.side)
        corridor, outer = [(room.start, near), (room.end, near)], [(room.end, far), (room.start, far)]
        end, start = [(room.end, near), (room.end, far)], [(room.start, far), (room.start, near)]
        if room.side == RIGHT:
            corridor, outer, end, start = (line[::-1] for line in (corridor, outer, end, start))
        self._wall(pen, corridor, CORRIDOR_WALL_CM, style.walls[0], paint)
        self._wall(pen, outer, OUTER_CM, style.outside, paint, high)
        if beyond is None:
            self._wall(pen, end, OUTER_CM, style.outside, paint, high)
        else:
            self._wall(pen, end, PARTITION_CM, beyond, paint)
        if room.start == 0:
            self._wall(pen, start, OUTER_CM, style.outside, paint, high)

    def _wall(
        self,
        pen: FramedLevel,
        line: list[PlanPoint],
        thick: float,
        left: Paint,
        right: Paint,
        high: float | None = None,
    ) -> None:
        pen.walls(line, thickness=thick, left=left, right=right, height=high)

    def _room(self, storey: int, room: RoomPlan, strip: list[RoomPlan], index: int) -> FurnishedRoom:
        """Floor, door, windows and link of a room."""
        plan, style, pen = self.plan, self.style, self._storeys[storey]
        level = self._raised if room.is_raised else pen
        near, far = self._across(room.side)
        lift = plan.rise.height_cm if plan.rise and room.is_raised else 0.0
        floor: Texture = style.floor_tiles if room.kind in ("bath", "kitchen") else style.floor()
        level.room(room.name, _rectangle(room.start, near, room.end, far), floor=floor)
        inward, outward = (SOUTH, NORTH) if room.side == LEFT else (NORTH, SOUTH)
        gap = self._door_width(room)
        model = style.opening(gap, CORRIDOR_WALL_CM) if room.is_open else style.door
        pen.door(model, room.door, near, inward, elevation=lift, name=f"Door {room.name}")
        windows = self._windows(room)
        for at, width, sill in windows:
            pen.door(style.window(width, 60.0 if sill > SILL_CM else 125.0), at, far, outward, elevation=sill + lift)
        if room.link is not None:
            deep = near + room.link * (1 if room.side == LEFT else -1)
            pen.door(style.opening(120.0, PARTITION_CM), room.end, deep, EAST, elevation=lift)
        return self._furnished(level, room, strip, index, windows)

    def _furnished(
        self,
        level: FramedLevel,
        room: RoomPlan,
        strip: list[RoomPlan],
        index: int,
        windows: list[tuple[float, float, float]],
    ) -> FurnishedRoom:
        near, _ = self._across(room.side)
        away = 1.0 if room.side == LEFT else -1.0
        first = (OUTER_CM if index == 0 else PARTITION_CM) / 2
        last = (OUTER_CM if index == len(strip) - 1 else PARTITION_CM) / 2
        corner = room.start + first
        pen = level.inner(corner, near + away * CORRIDOR_WALL_CM / 2, v=(0.0, away))
        depth = self.plan.depths[room.side] - (CORRIDOR_WALL_CM + OUTER_CM) / 2
        before = strip[index - 1].link if index else None
        links = [(EAST, before), (WEST, room.link)]
        return FurnishedRoom(
            room,
            FramedRoom(pen, room.width - first - last, depth),
            doors=((room.door - corner, self._door_width(room)),),
            windows=tuple((at - corner, width, sill) for at, width, sill in windows),
            links=tuple((wall, link - CORRIDOR_WALL_CM / 2) for wall, link in links if link is not None),
        )

    def _windows(self, room: RoomPlan) -> list[tuple[float, float, float]]:
        """(along the corridor, width, sill) of a room's windows."""
        if room.kind in ("bath", "store", "stairs"):
            return [((room.start + room.end) / 2, 70.0, _BATH_SILL_CM)]
        count = 1 if room.width < 380 else 2
        step = room.width / count
        return [
            (round(room.start + (k + 0.5) * step, 1), 130.0 if step > 230 else 100.0, SILL_CM) for k in range(count)
        ]

    def _door_width(self, room: RoomPlan) -> float:
        if room.kind == "stairs":
            return 190.0
        return 160.0 if room.is_open else 100.0

    def _across(self, side: int) -> tuple[float, float]:
        """The corridor's wall and the outer one of a strip."""
        if side == LEFT:
            return self.plan.corridor, self.plan.corridor + self.plan.depths[LEFT]
        return 0.0, -self.plan.depths[RIGHT]

    def _lift(self, storey: int, along: float) -> float:
        rise = self.plan.rise
        return rise.height_cm if rise and storey == 0 and along > rise.at else 0.0

    def _climb(self) -> None:
        """The flight or the incline of the corridor."""
        rise = self.plan.rise
        if rise is None:
            return
        pen, wide = self._storeys[0], self.plan.corridor - CORRIDOR_WALL_CM
        middle = (rise.at - rise.run_cm / 2, self.plan.corridor / 2)
        if rise.risers:
            going, step = rise.run_cm / rise.risers, rise.height_cm / rise.risers
            pen.place(furniture.flight(rise.risers, step, going, wide), *middle, WEST, name="Flight")
        else:
            wedge = furniture.wedge(rise.run_cm, rise.height_cm, wide)
            pen.place(wedge, *middle, WEST, name="Incline", texture=self.style.corridor_floor)

    def _stairs(self, storey: int) -> None:
        """A staircase with a half-way landing in the hall that two storeys share, and the railing at its head."""
        above = {(room.side, room.start) for room in self.plan.storeys[storey + 1] if room.kind == "stairs"}
        (hall,) = (r for r in self.plan.storeys[storey] if r.kind == "stairs" and (r.side, r.start) in above)
        total = self.plan.height_cm + SLAB_CM
        risers = 2 * round(total / 34.6)
        first = PARTITION_CM / 2 if hall.start else OUTER_CM / 2
        last = OUTER_CM / 2 if hall.end == self.plan.lengths[hall.side] else PARTITION_CM / 2
        wide = hall.width - first - last + 2 * IN_WALL_CM
        model = furniture.u_staircase(risers, total / risers, STAIR_GOING_CM, wide, landing=STAIR_LANDING_CM)
        long = risers // 2 * STAIR_GOING_CM + STAIR_LANDING_CM
        _, far = self._across(hall.side)
        sign = 1.0 if hall.side == LEFT else -1.0
        back = far - sign * (OUTER_CM / 2 - IN_WALL_CM)
        middle = (hall.start + first + hall.end - last) / 2
        facing = NORTH if hall.side == LEFT else SOUTH
        self._storeys[storey].staircase(model, middle, back - sign * long / 2, facing, name=f"Stairs {storey}")
        half = wide / 2
        # Seen from its foot the model goes up at its left; a mirrored frame mirrors the model with it.
        left = -half / 2 if hall.side == LEFT else half / 2
        edge = back - sign * (long + 0.8)
        self._storeys[storey + 1].place(furniture.railing(half - 4), middle - left, edge, facing)


def _rectangle(a0: float, b0: float, a1: float, b1: float) -> list[PlanPoint]:
    return [(a0, b0), (a1, b0), (a1, b1), (a0, b1)]
