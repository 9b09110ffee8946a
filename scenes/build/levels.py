"""Which level a thing is on, and what that means for its height."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from scenes.home.home import Home
from scenes.home.plan import Level, Wall

GROUND_NAME = "Ground floor"
SEAM_CM = 0.1
"""The program lets walls overlap ceilings and slabs by this much, so that no light leaks between storeys."""


@dataclass(frozen=True)
class Levels:
    """The levels of a home, sorted from bottom to top. A home without levels has one, unnamed, at 0."""

    sorted: tuple[Level, ...]
    wall_height_cm: float

    @classmethod
    def of(cls, home: Home) -> Levels:
        """The levels of `home`. Indices of -1 (files before 4.0) are given in order, per elevation."""
        indexed: list[tuple[float, int, int, Level]] = []
        for order, level in enumerate(home.levels):
            index = level.elevation_index
            if index < 0:
                index = sum(1 for other in home.levels[:order] if other.elevation == level.elevation)
            indexed.append((level.elevation, index, order, level))
        indexed.sort(key=lambda item: item[:3])
        return cls(tuple(item[3] for item in indexed), home.wall_height)

    @cached_property
    def by_id(self) -> dict[str, Level]:
        """The levels by their ids."""
        return {level.id: level for level in self.sorted}

    def get(self, level_id: str | None) -> Level | None:
        """The level with this id; None for an object without a level."""
        return self.by_id.get(level_id) if level_id is not None else None

    def elevation_cm(self, level: Level | None) -> float:
        """Height of a level's floor; 0 without a level."""
        return level.elevation if level is not None else 0.0

    def height_cm(self, level: Level | None) -> float:
        """From floor to ceiling; the home's wall height without a level."""
        return level.height if level is not None else self.wall_height_cm

    def wall_tops_cm(self, wall: Wall) -> tuple[float, float]:
        """Elevations of a wall's top at its start and end; without a height of its own its top does not slope."""
        floor = self.elevation_cm(self.get(wall.level))
        if wall.height is None:
            return floor + self.wall_height_cm, floor + self.wall_height_cm
        return floor + wall.height, floor + (wall.height if wall.height_at_end is None else wall.height_at_end)

    def is_first(self, level: Level | None) -> bool:
        """True at the lowest elevation of the home, and where there are no levels."""
        return level is None or level.elevation == self.sorted[0].elevation

    def is_last(self, level: Level | None) -> bool:
        """True for the topmost level, even if it is empty, and where there are no levels."""
        return level is None or level is self.sorted[-1]

    def slab_cm(self, level: Level | None) -> float:
        """Thickness of the floor under a level; 0 on the first, which lies on the ground."""
        return 0.0 if level is None or self.is_first(level) else level.floor_thickness

    def is_viewable(self, level: Level | None) -> bool:
        """Whether what is on a level is in 3D at all."""
        return level is None or level.viewable

    def order(self, level: Level | None) -> int:
        """Rank among levels at the same elevation: what is later covers what is earlier."""
        return 0 if level is None else next(i for i, other in enumerate(self.sorted) if other is level)


def names_of(levels: Sequence[Level]) -> dict[str, str]:
    """A name for each level id, told apart where a drawing uses one name twice."""
    seen: dict[str, int] = {}
    names = {}
    for level in levels:
        name = level.name or "Level"
        seen[name] = seen.get(name, 0) + 1
        names[level.id] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return names
