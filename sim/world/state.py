"""The state of a world at one moment, small and exact: it goes into a file and comes out the same to the last bit."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from scenes.errors import HomeError

Numbers = tuple[float, ...]


@dataclass(frozen=True)
class BodyState:
    """A body in PyBullet's own terms.

    Attributes:
        position, quaternion: of its centre of mass.
        velocity_m_s, spin_rad_s: of its centre of mass, in the world.
        angles_rad, speeds_rad_s: of its joints.
        motors_rad_s, torque_n_m: what its motors were told.
    """

    position: Numbers
    quaternion: Numbers
    velocity_m_s: Numbers
    spin_rad_s: Numbers
    angles_rad: Numbers
    speeds_rad_s: Numbers
    motors_rad_s: Numbers
    torque_n_m: float


@dataclass(frozen=True)
class WorldState:
    """All that changes in a world. `bodies`: in the order in which they were added; doors: how open, going where."""

    scene: str
    steps: int
    bodies: tuple[BodyState, ...]
    door_openings: Numbers
    door_targets: Numbers

    def to_json(self) -> str:
        """As text; Python writes floats so that they are read back the same."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> WorldState:
        """The reverse of `to_json`.

        Raises:
            HomeError: not such text.
        """
        try:
            fields = json.loads(text)
            bodies = tuple(
                BodyState(**{name: _tuple(value) for name, value in body.items()}) for body in fields["bodies"]
            )
            rest = {name: _tuple(value) for name, value in fields.items() if name != "bodies"}
            return cls(bodies=bodies, **rest)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise HomeError(f"this is no state of a world as World.save() writes it ({error})") from error


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
