"""What a check finds, and the body that it is done for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

from scenes.body import BodySize
from scenes.scene import Point3

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Body:
    """The body that shall move through the home: `step_m` is the highest step it takes up or down."""

    width_m: float = 0.5
    height_m: float = 1.2
    step_m: float = 0.18

    @classmethod
    def of(cls, size: BodySize) -> Self:
        """The body of a size."""
        return cls(2 * size.radius_m, size.height_m, size.max_step_m)


@dataclass(frozen=True)
class Finding:
    """Something wrong with a drawing.

    Attributes:
        code: which rule found it, the same for all findings of a kind (`floating`, `narrow-door` ...).
        severity: an `error` keeps a body from living in the home as drawn; a `warning` looks unintended.
        level: name of the level; None if it concerns the whole home.
        where_m: (x, y, z) in the world, m; None if it has no place.
        sources: ids in the file, as in `Instance.source`.
        message: what, with its figure, and how to mend it in Sweet Home 3D.
    """

    code: str
    severity: Severity
    level: str | None
    where_m: Point3 | None
    sources: tuple[str, ...]
    message: str

    @property
    def place(self) -> str:
        """Level and place as the program shows them, x right and y down the plan: "Ground floor, x 312, y 250 cm"."""
        parts = [self.level] if self.level else []
        if self.where_m is not None:
            parts += [f"x {round(self.where_m[0] * 100)}", f"y {round(self.where_m[1] * -100)} cm"]
        return ", ".join(parts)


@dataclass(frozen=True)
class Fault:
    """What a rule yields: a finding that its rule's code and severity are still to be added to."""

    message: str
    sources: tuple[str, ...] = ()
    level: str | None = None
    where_m: Point3 | None = None
