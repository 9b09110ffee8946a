"""Which shapes of a model move with which of its joints: doors on hinges, drawers on rails, the limbs of a mannequin.

Measured against the program. A joint is a shape too, told by how its name begins; K counts from 1 without a gap.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

PREFIX = "sweethome3d_"

_OPENINGS = ("opening_on", "window_pane_on", "window_mirror_on")
_CARRIED = {"hinge": _OPENINGS, "rail": _OPENINGS, "ball": ("arm_on",)}
"""What a joint `sweethome3d_hinge_K` carries: `sweethome3d_opening_on_hinge_K...` and so on."""
_UNIQUE_RAIL = PREFIX + "unique_rail"
"""One rail for all drawers, where a model has no `rail_1`."""

_LIMBS = {
    "hand": "wrist", "wrist": "elbow", "forearm": "elbow", "elbow": "shoulder", "arm": "shoulder",
    "foot": "ankle", "ankle": "knee", "leg": "knee", "knee": "hip", "thigh": "hip",
}  # fmt: skip
_MANNEQUIN = (
    {"head": "neck", "neck": "abdomen_chest", "chest": "abdomen_chest", "pelvis": "abdomen_pelvis", "abdomen": None}
    | {f"{side}_{part}": f"{side}_{joint}" for side in ("left", "right") for part, joint in _LIMBS.items()}
    | {f"{side}_shoulder": "abdomen_chest" for side in ("left", "right")}
    | {f"{side}_hip": "abdomen_pelvis" for side in ("left", "right")}
)
"""The joint that moves each part of a mannequin; a joint is moved by the joint of the part of its name."""


def joints(names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The joints that move each shape that is moved at all, the nearest one first; `names`: those of all shapes."""
    found: dict[str, tuple[str, ...]] = {}
    for kind, carried in _CARRIED.items():
        unique = kind == "rail" and not _beginning(names, f"{PREFIX}rail_1")
        for number in itertools.count(1):
            joint = f"{PREFIX}{kind}_{number}"
            moved = [name for part in carried for name in _beginning(names, f"{PREFIX}{part}_{kind}_{number}")]
            if not moved or not _beginning(names, _UNIQUE_RAIL if unique else joint):
                break
            for name in moved:
                found.setdefault(name, (joint,))
    return found | _mannequin_joints(names)


def _mannequin_joints(names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for part in _MANNEQUIN:
        shapes = _beginning(names, f"{PREFIX}mannequin_{part}")
        if not shapes:
            return {}
        chain = []
        joint = _MANNEQUIN[part]
        while joint is not None:
            chain.append(f"{PREFIX}mannequin_{joint}")
            joint = _MANNEQUIN.get(joint)
        found |= {name: tuple(chain) for name in shapes}
    return found


def _beginning(names: Iterable[str], prefix: str) -> list[str]:
    return [name for name in names if name.startswith(prefix)]
