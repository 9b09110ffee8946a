"""What lies around the building: terraces on the height of the main floor, and steps down to the lawn."""

from __future__ import annotations

from scenes.bundled.oldenborg.site import MAIN_CM, UNIT_CM, Side, Site, rectangle
from scenes.draw import furniture
from scenes.draw.drawing import PlanPoint
from scenes.draw.finishes import DARK_METAL, STONE, colored
from scenes.draw.frame import NORTH, SOUTH, WEST, FramedLevel

STEPS_CM = 5 * 28.0
STEPS = STEPS_CM / UNIT_CM
OUTDOOR = colored(STONE, (0.66, 0.63, 0.58))


def draw_garden(site: Site, west: Side, east: Side) -> None:
    """Terraces, steps, paving."""
    for side in (west, east):
        _vestibule_steps(side)
    _south_terrace(west)
    _patio(site)
    _north_steps(site)
    ground = site.whole(site.ground)
    ground.room("Forecourt", rectangle(668, 497.5, 756, 545), floor=site.paints.paving, ceiling_visible=False)


def _steps(pen: FramedLevel, x: float, y: float, facing_deg: float, width_cm: float) -> None:
    """Five steps whose middle is at (x, y), from the lawn up to the height of the main floor."""
    model = furniture.flight(5, MAIN_CM / 5, STEPS_CM / 5, width_cm, tread=OUTDOOR, side=OUTDOOR)
    pen.place(model, x, y, facing_deg, name="Garden steps")


def _fence(pen: FramedLevel, start: PlanPoint, end: PlanPoint) -> None:
    """A railing from one point to another, along x or y."""
    long = (abs(end[0] - start[0]) + abs(end[1] - start[1])) * UNIT_CM
    facing = SOUTH if start[1] == end[1] else WEST
    model = furniture.railing(round(long, 1), rail=DARK_METAL, posts=DARK_METAL)
    pen.place(model, (start[0] + end[0]) / 2, (start[1] + end[1]) / 2, facing)


def _vestibule_steps(side: Side) -> None:
    """A stoop before the door at the end of the wing, and the steps down from it."""
    pen, ground = side.wing, side.wing.on(side.site.ground)
    pen.room(
        f"Stoop {side.name}", rectangle(264, 162, 286, 181.8), floor=side.site.paints.paving, ceiling_visible=False
    )
    _steps(ground, 275, 162 - STEPS / 2, NORTH, 110)
    _fence(pen, (264.8, 162.5), (264.8, 181.5))
    _fence(pen, (285.2, 162.5), (285.2, 178))


def _south_terrace(side: Side) -> None:
    """A terrace south of the west wing, up the steps outside of the corridor's corner."""
    ground, pen, site = side.block, side.wing, side.site
    ground.door(site.stock.outer_door, 286, 445.5, NORTH, name="Exit to the south terrace")
    top = 463 + STEPS
    ground.room("South Steps", rectangle(277.2, 447.7, 300, top), floor=site.paints.paving, ceiling_visible=False)
    _steps(ground, 288, 463 + STEPS / 2, NORTH, 110)
    pen.room("South Terrace", rectangle(277.2, top, 352, 540), floor=site.paints.paving, ceiling_visible=False)
    _fence(pen, (298, top + 0.6), (352, top + 0.6))
    _fence(pen, (351.4, top + 1), (351.4, 540))
    _fence(pen, (277.2, 539.4), (351, 539.4))
    _fence(pen, (277.8, 527), (277.8, 539))
    _bench_row(pen, (302, 332), 520, site)


def _bench_row(pen: FramedLevel, xs: tuple[float, ...], y: float, site: Site) -> None:
    for x in xs:
        pen.place(site.stock.bench, x, y, NORTH)


def _patio(site: Site) -> None:
    """The terrace between the west wing and the lounges, with steps to the west."""
    pen, ground = site.whole(site.main), site.whole(site.ground)
    pen.room("Patio", rectangle(588, 45.2, 619.8, 176.8), floor=site.paints.paving, ceiling_visible=False)
    _steps(ground, 588 - STEPS / 2, 160, WEST, 150)
    _fence(pen, (588.6, 46), (588.6, 147))
    _bench_row(pen.inner(593, 100, u=(0.0, 1.0), v=(-1.0, 0.0)), (-200.0, 0.0), 0, site)


def _north_steps(site: Site) -> None:
    """A stoop before the north exit."""
    pen, ground = site.whole(site.main), site.whole(site.ground)
    pen.room("North Stoop", rectangle(690, -44, 734, -24.2), floor=site.paints.paving, ceiling_visible=False)
    _steps(ground, 712, -44 - STEPS / 2, NORTH, 44 * UNIT_CM - 20)
    _fence(pen, (690.8, -43.5), (690.8, -25))
    _fence(pen, (733.2, -43.5), (733.2, -25))
