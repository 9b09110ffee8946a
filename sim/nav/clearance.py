"""How far each place to stand is from what stops a body: walls, furniture, drops, low ceilings.

From every place the disc around it is walked cell by cell along links, outwards. Where no link leads on, something
stops the body there: its nearest point counts. So the steps of stairs, each linked to the next, are no obstacle, while
a wall, or a step too high, is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scenes.body import BodySize
from scenes.walkable import Columns
from sim.nav.standing import SIDES, Floats, Ints, Places

SMOOTH_M = 0.3
"""Heights are averaged over discs of this radius to measure lengths over stairs."""
_FLAT_M = 0.002
_CHUNK = 60_000


@dataclass(frozen=True)
class Clearance:
    """Attributes of N places.

    Attributes:
        near: (N, 2) from the cell's centre to the nearest point of what stops the body, m; inf: nothing near.
        blocker: (N,) instance of that; 0: an edge, or nothing near.
        smooth_m: (N,) height averaged over the disc of `SMOOTH_M`.
    """

    near: Floats
    blocker: Ints
    smooth_m: Floats


@dataclass(frozen=True)
class _Border:
    """Missing links. `index` (N, 4): row of `box` (M, 4, in cells) and `instance` (M,); -1 where there is a link."""

    index: Ints
    box: Floats
    instance: Ints


def measure_clearance(columns: Columns, places: Places, body: BodySize) -> Clearance:
    """Clearance of all places, up to the body's radius and one cell more."""
    border = _border(columns, places, body)
    cell_m = columns.grid.cell_m
    reach = body.radius_m / cell_m + 1
    near = np.full((len(places.cell), 2), np.inf, np.float32)
    blocker = np.zeros(len(places.cell), np.int32)
    at_border = np.any(places.links < 0, axis=1)
    close = np.flatnonzero(_grown(places.links, at_border, int(np.ceil(reach * np.sqrt(2)))))
    disc = _disc(reach + np.sqrt(0.5))
    for chunk in np.array_split(close, max(1, len(close) // _CHUNK)):
        near[chunk], blocker[chunk] = _nearest(places.links, border, chunk, disc)
    near *= cell_m
    _tell_neighbours(places.links, near, blocker, body.radius_m, cell_m)
    return Clearance(near, blocker, _smooth(places, cell_m))


def _tell_neighbours(links: Ints, near: Floats, blocker: Ints, radius_m: float, cell_m: float) -> None:
    """Places beside one where the body does not fit learn of what is in the way there, if that is nearer.

    On stairs a disc may reach around a corner that the next one, entered from elsewhere, is stopped by.
    """
    tight = np.hypot(near[:, 0], near[:, 1]) < radius_m
    for side, offset in enumerate(SIDES):
        own = np.flatnonzero(~tight & (links[:, side] >= 0) & tight[links[:, side]])
        there = links[own, side]
        point = near[there] + np.array(offset, np.float32) * cell_m
        nearer = np.hypot(point[:, 0], point[:, 1]) < np.hypot(near[own, 0], near[own, 1])
        near[own[nearer]], blocker[own[nearer]] = point[nearer], blocker[there[nearer]]


def _border(columns: Columns, places: Places, body: BodySize) -> _Border:
    """What stops the body beyond each missing link: the parts in the neighbouring cell that it would run into."""
    place, side = np.nonzero(places.links < 0)
    index = np.full(places.links.shape, -1, np.int32)
    index[place, side] = np.arange(len(place))
    shape = columns.grid.shape
    di, dj = np.array(SIDES)[side].T
    i, j = np.divmod(places.cell[place], shape[1])
    inside = (i + di >= 0) & (i + di < shape[0]) & (j + dj >= 0) & (j + dj < shape[1])
    cell = np.where(inside, places.cell[place] + di * shape[1] + dj, 0)
    count = np.where(inside, columns.start[cell + 1] - columns.start[cell], 0)
    owner = np.repeat(np.arange(len(place)), count)
    part = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count) + columns.start[cell][owner]
    z = places.z_m[place][owner]
    hits = (columns.high_m[part] > z + body.max_step_m) & (columns.low_m[part] < z + body.height_m)
    owner, part = owner[hits], part[hits]
    box = np.tile(np.array([np.inf, np.inf, -np.inf, -np.inf], np.float32), (len(place), 1))
    np.minimum.at(box, (owner[:, None], [[0, 1]]), columns.box[part][:, :2])
    np.maximum.at(box, (owner[:, None], [[2, 3]]), columns.box[part][:, 2:])
    instance = np.zeros(len(place), np.int32)
    instance[owner] = columns.instance[columns.triangle[part]]
    box[box[:, 0] > box[:, 2]] = (0, 0, 1, 1)
    return _Border(index, box, instance)


def _grown(links: Ints, mask: npt.NDArray[np.bool_], times: int) -> npt.NDArray[np.bool_]:
    """The places within some steps of those in the mask."""
    grown, front = mask.copy(), np.flatnonzero(mask)
    for _ in range(times):
        there = links[front].ravel()
        there = there[there >= 0]
        front = np.unique(there[~grown[there]])
        grown[front] = True
    return grown


@dataclass(frozen=True)
class _Cell:
    """A cell of a disc: its offset, and the ways to enter it: places in the list of cells, and sides."""

    i: int
    j: int
    ways: tuple[tuple[int, int], ...]


def _disc(reach: float) -> list[_Cell]:
    """Cells of a disc from the inside out, without the middle one, which stands at 0 in the list that `ways` mean."""
    most = int(reach)
    span = range(-most, most + 1)
    cells = sorted((i * i + j * j, i, j) for i in span for j in span if 0 < i * i + j * j <= reach * reach)
    number = {(0, 0): 0} | {(i, j): n for n, (_, i, j) in enumerate(cells, 1)}
    found = []
    for _, i, j in cells:
        steps = [((i > 0) - (i < 0), 0), (0, (j > 0) - (j < 0))]
        steps = [step for step in (steps if abs(i) >= abs(j) else steps[::-1]) if step != (0, 0)]
        found.append(_Cell(i, j, tuple((number[i - a, j - b], SIDES.index((a, b))) for a, b in steps)))
    return found


def _entered(links: Ints, walked: list[Ints], cell: _Cell) -> Ints:
    """The place that each disc reaches in a cell, by either way; -1: none."""
    reached = np.full(len(walked[0]), -1, np.int32)
    for before, side in cell.ways:
        origin = walked[before]
        reached = np.where((reached < 0) & (origin >= 0), links[origin, side], reached)
    return reached


def _nearest(links: Ints, border: _Border, chunk: npt.NDArray[np.int64], disc: list[_Cell]) -> tuple[Floats, Ints]:
    """Nearest point of what stops the body (in cells, from the centre), and its instance, for some places."""
    walked = [chunk.astype(np.int32)]
    near = np.full((len(chunk), 2), np.inf, np.float32)
    least = np.full(len(chunk), np.inf, np.float32)
    blocker = np.zeros(len(chunk), np.int32)
    for cell in disc:
        reached = _entered(links, walked, cell)
        walked.append(reached)
        for before, side in cell.ways:
            stopped = np.flatnonzero((walked[before] >= 0) & (reached < 0))
            row = border.index[walked[before][stopped], side]
            box = border.box[row]
            x = np.clip(0, box[:, 0] + (cell.i - 0.5), box[:, 2] + (cell.i - 0.5))
            y = np.clip(0, box[:, 1] + (cell.j - 0.5), box[:, 3] + (cell.j - 0.5))
            distance = np.hypot(x, y)
            closer = distance < least[stopped]
            who = stopped[closer]
            least[who], blocker[who] = distance[closer], border.instance[row[closer]]
            near[who, 0], near[who, 1] = x[closer], y[closer]
    return near, blocker


def walk_discs(links: Ints, centres: npt.NDArray[np.integer], radius_cells: float) -> npt.NDArray[np.bool_]:
    """Which cells of the disc around some places (K,) can be reached along links, (K, cells of the disc)."""
    walked = [centres.astype(np.int32)]
    for cell in _disc(radius_cells):
        walked.append(_entered(links, walked, cell))
    return np.stack(walked, axis=1) >= 0


def _smooth(places: Places, cell_m: float) -> Floats:
    """Heights averaged over a disc, reached along links; only near steps and slopes is there anything to do."""
    uneven = np.zeros(len(places.cell), bool)
    for side in range(4):
        there = places.links[:, side]
        uneven |= (there >= 0) & (np.abs(places.z_m[there] - places.z_m) > _FLAT_M)
    reach = SMOOTH_M / cell_m
    chosen = np.flatnonzero(_grown(places.links, uneven, int(np.ceil(reach * np.sqrt(2)))))
    disc = _disc(reach)
    smooth = places.z_m.copy()
    for chunk in np.array_split(chosen, max(1, len(chosen) // _CHUNK)):
        walked = [chunk.astype(np.int32)]
        total, count = places.z_m[chunk].astype(np.float64), np.ones(len(chunk))
        for cell in disc:
            reached = _entered(places.links, walked, cell)
            walked.append(reached)
            total += np.where(reached >= 0, places.z_m[reached], 0)
            count += reached >= 0
        smooth[chunk] = total / count
    return smooth
