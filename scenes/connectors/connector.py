"""`Connector`: stairs or an incline between two heights of a scene, as measured from its surfaces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely

from scenes.mesh import Floats

Kind = Literal["stairs", "incline"]


@dataclass(frozen=True)
class Landing:
    """What a connector begins or ends at.

    Attributes:
        height_m: of the floor there.
        level: name of its level.
        source: id of the floor's instance in the file.
        length_m: how far one can go straight on there before something stands in the way; measured up to 2 m.
        tread: index of the tread that it is reached from.
    """

    height_m: float
    level: str
    source: str
    length_m: float
    tread: int


@dataclass(frozen=True)
class Connector:
    """Stairs or an incline.

    Attributes:
        kind: "stairs" or "incline".
        levels: names, lower then upper; the same one twice where both heights belong to one level.
        rise_m: from the floor at the foot to the highest tread; of an incline, of its surface alone.
        going_m: of a step, along the line of travel (median); of an incline, its whole run on the plan.
        steps: risers up to the highest tread; 0 for an incline.
        slope_deg: of an incline's surface; of the line over a flight's edges.
        width_m: the least clear width between what stands beside the treads, up to 1 m over them.
        headroom_m: the least height over the treads; infinite under the open sky.
        source: ids in the file of the instances that it is made of, from the lowest to the highest.
        line: (K, 3) float64, m: from the floor at the foot over the middle of each tread to the floor at the head.
        treads_m: heights of the treads, rising; of an incline, of the two ends of its surface.
        areas: of the treads on the plan, m; of an incline, strips at its two ends; none where floor meets floor.
        foot: the floor before the first riser; None where there is none.
        head: the floor that the flight leads to; None where it leads nowhere.
        warnings: what is odd about it, with figures.
    """

    kind: Kind
    levels: tuple[str, str]
    rise_m: float
    going_m: float
    steps: int
    slope_deg: float
    width_m: float
    headroom_m: float
    source: tuple[str, ...]
    line: Floats
    treads_m: tuple[float, ...]
    areas: tuple[shapely.Polygon, ...]
    foot: Landing | None
    head: Landing | None
    warnings: tuple[str, ...]

    @property
    def risers_m(self) -> tuple[float, ...]:
        """Heights of all steps on the way from floor to floor; a step down is negative."""
        first = self.foot.tread if self.foot else 0
        last = self.head.tread if self.head else len(self.treads_m) - 1
        heights = list(self.treads_m[first : last + 1])
        if self.kind == "incline":
            ends = [(self.foot.height_m, heights[0])] if self.foot else []
            ends += [(heights[-1], self.head.height_m)] if self.head else []
            return tuple(float(high - low) for low, high in ends)
        heights = [self.foot.height_m, *heights] if self.foot else heights
        heights = [*heights, self.head.height_m] if self.head else heights
        return tuple(np.diff(heights).tolist())
