"""Which chunks a camera's view holds, and the projection that says so."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from sim.camera import Intrinsics

NEAR_M = 0.02

Floats = npt.NDArray[np.float64]


def projection(intrinsics: Intrinsics) -> Floats:
    """4x4: camera frame (OpenCV) -> clip space, with reversed depth (1 at NEAR_M, 0 at infinity).

    With float32 depth that keeps 24 bits of z at any distance, so a 30-times zoom orders surfaces as a wide view does.
    Image row 0 lies at clip y = -1, so what is read back stands upright.
    """
    i = intrinsics
    return np.array(
        [
            [2 * i.fx / i.width, 0.0, 2 * i.cx / i.width - 1, 0.0],
            [0.0, 2 * i.fy / i.height, 2 * i.cy / i.height - 1, 0.0],
            [0.0, 0.0, 0.0, NEAR_M],
            [0.0, 0.0, 1.0, 0.0],
        ]
    )


def in_view(clip_from_world: Floats, low: npt.NDArray[Any], high: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Which boxes (C, 3), (C, 3) reach into the view: not wholly beyond one of its planes."""
    row = clip_from_world
    planes = np.stack([row[3] + row[0], row[3] - row[0], row[3] + row[1], row[3] - row[1], row[3] - [0, 0, 0, NEAR_M]])
    centre, half = (low + high) / 2, (high - low) / 2
    distance = centre @ planes[:, :3].T + planes[:, 3] + half @ np.abs(planes[:, :3]).T
    inside: npt.NDArray[np.bool_] = (distance > 0).all(axis=1)
    return inside


def moved_boxes(low: npt.NDArray[Any], high: npt.NDArray[Any], poses: Floats) -> tuple[Floats, Floats]:
    """The boxes in the world around boxes (N, 3), (N, 3) at poses (N, 4, 4)."""
    middle, half = (low + high) / 2, (high - low) / 2
    centre = np.einsum("nij,nj->ni", poses[:, :3, :3], middle) + poses[:, :3, 3]
    reach = np.einsum("nij,nj->ni", np.abs(poses[:, :3, :3]), half)
    return centre - reach, centre + reach


def draw_order(
    kinds: npt.NDArray[np.int32], centre: npt.NDArray[Any], seen: npt.NDArray[np.bool_], position: Floats
) -> list[npt.NDArray[np.int64]]:
    """The chunks to draw, by kind: opaque and cut-out ones from near to far, glass from far to near."""
    orders = []
    for kind in range(3):
        picked = np.flatnonzero(seen & (kinds == kind))
        distance = np.sum((centre[picked] - position) ** 2, axis=1)
        orders.append(picked[np.argsort(distance if kind < 2 else -distance, kind="stable")])
    return orders
