"""What keeps a body from going from one place to another: the narrowest place of the widest way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree
from scipy.spatial import cKDTree

from scenes.body import BodySize
from scenes.scene import Scene
from scenes.walkable import build_columns
from sim.nav.clearance import measure_clearance
from sim.nav.standing import find_places

Points = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Narrows:
    """How wide a way is at its narrowest, where that is, (3,), m, and at which instance (0: an edge)."""

    width_m: float
    point: Points
    blocker: int


def find_narrows(scene: Scene, body: BodySize, a: Points, b: Points) -> Narrows | None:
    """Of all ways between two points (3,) that a thin body of this height takes, the widest; None: there is none.

    Widths are measured up to the body's own and known to about 2 cm.
    """
    columns = build_columns(scene)
    places = find_places(columns, body)
    clearance = measure_clearance(columns, places, body)
    points = np.column_stack([columns.grid.centres(places.cell), places.z_m])
    _, (start, goal) = cKDTree(points).query(np.stack([a, b]))
    free_m = np.minimum(np.hypot(*clearance.near.T), body.radius_m + columns.grid.cell_m)
    place, side = np.nonzero(places.links[:, ::2] >= 0)
    other = places.links[:, ::2][place, side]
    tightness = 1 + free_m.max() - np.minimum(free_m[place], free_m[other])
    tree = minimum_spanning_tree(csr_array((tightness, (place, other)), shape=(len(points), len(points))))
    before = breadth_first_order(tree, start, directed=False)[1]
    if before[goal] < 0:
        return None
    way = [int(goal)]
    while way[-1] != start:
        way.append(int(before[way[-1]]))
    tight = way[int(free_m[way].argmin())]
    return Narrows(2 * float(free_m[tight]), points[tight], int(clearance.blocker[tight]))
