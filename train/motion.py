"""Where a camera is (state) and what it was told (action), as vectors for networks. Functions of numpy arrays.

States of PTZ cameras are (sin pan, cos pan, tilt / 90 degrees, log zoom). Raw actions are a dataset's numbers; encoded
ones tell what they do from the state in which they are given, limits included, and the null action is 0 everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from datagen.reader import Dataset
from scenes.errors import HomeError
from sim.ptz import PROFILES

Array: TypeAlias = npt.NDArray[np.float64]
Kind: TypeAlias = Literal["ptz", "walk"]

_MOST_VIEWS = 3.0
_FORWARD_M = 0.25


class Motion(Protocol):
    """How one kind of camera moves."""

    @property
    def raw_dim(self) -> int:
        """R, the length of raw actions."""

    @property
    def state_dim(self) -> int:
        """S, the length of states."""

    @property
    def action_dim(self) -> int:
        """A, the length of encoded actions."""

    def state(self, pan_deg: Array, tilt_deg: Array, zoom: Array) -> Array:
        """States (..., S) from what devices say (...)."""

    def action(self, state: Array, raw: Array, lens: Array) -> Array:
        """Encoded actions (..., A) of raw ones (..., R), given at states (..., S); `lens` (..., 2): see `lens_of`."""

    def advance(self, state: Array, raw: Array) -> Array:
        """States (..., S) after raw actions (..., R), by kinematics alone, within the limits as far as known."""


@dataclass(frozen=True)
class PTZMotion:
    """Raw: change of pan, tilt (degrees) and zoom (magnification).

    Encoded: pan and tilt in fields of view (cut at 3), change of log zoom, pan / 180 degrees, tilt / 90 degrees.

    Attributes:
        tilt_limits_deg, zoom_limits: of the profiles together.
    """

    tilt_limits_deg: tuple[float, float]
    zoom_limits: tuple[float, float]
    raw_dim: int = 3
    state_dim: int = 4
    action_dim: int = 5

    def state(self, pan_deg: Array, tilt_deg: Array, zoom: Array) -> Array:
        """(..., 4)."""
        pan = np.radians(pan_deg)
        return np.stack([np.sin(pan), np.cos(pan), tilt_deg / 90.0, np.log(zoom)], axis=-1)

    def action(self, state: Array, raw: Array, lens: Array) -> Array:
        """(..., 5)."""
        _, tilt_deg, zoom = positions(state)
        _, tilt_after_deg, zoom_after = self._after(state, raw)
        d_pan_deg, d_tilt_deg = raw[..., 0], tilt_after_deg - tilt_deg
        view_deg = 2.0 * np.degrees(np.arctan(lens / zoom[..., None]))
        views = np.stack([d_pan_deg, d_tilt_deg], axis=-1) / view_deg
        rest = np.stack([np.log(zoom_after / zoom), d_pan_deg / 180.0, d_tilt_deg / 90.0], axis=-1)
        return np.concatenate([views.clip(-_MOST_VIEWS, _MOST_VIEWS), rest], axis=-1)

    def advance(self, state: Array, raw: Array) -> Array:
        """(..., 4)."""
        moved = self.state(*self._after(state, raw))
        return np.where((raw == 0).all(axis=-1, keepdims=True), state, moved)

    def _after(self, state: Array, raw: Array) -> tuple[Array, Array, Array]:
        """Pan, tilt and zoom after an action; an axis that is told nothing stays where it is."""
        pan_deg, tilt_deg, zoom = positions(state)
        tilt_after_deg = (tilt_deg + raw[..., 1]).clip(*self.tilt_limits_deg)
        zoom_after = (zoom + raw[..., 2]).clip(*self.zoom_limits)
        return (
            pan_deg + raw[..., 0],
            np.where(raw[..., 1] == 0, tilt_deg, tilt_after_deg),
            np.where(raw[..., 2] == 0, zoom, zoom_after),
        )


@dataclass(frozen=True)
class WalkMotion:
    """Raw: forward (m), turn to the left (degrees). Encoded: forward / 0.25 m, sin turn, cos turn - 1. State: one 0."""

    raw_dim: int = 2
    state_dim: int = 1
    action_dim: int = 3

    def state(self, pan_deg: Array, tilt_deg: Array, zoom: Array) -> Array:  # noqa: ARG002 - a body has none of them
        """(..., 1)."""
        return np.zeros((*pan_deg.shape, 1))

    def action(self, state: Array, raw: Array, lens: Array) -> Array:  # noqa: ARG002 - alike from everywhere
        """(..., 3)."""
        turn = np.radians(raw[..., 1])
        return np.stack([raw[..., 0] / _FORWARD_M, np.sin(turn), np.cos(turn) - 1.0], axis=-1)

    def advance(self, state: Array, raw: Array) -> Array:  # noqa: ARG002 - a body's state says nothing
        """(..., 1)."""
        return state


PTZ = PTZMotion(
    (
        min(profile.tilt_limits_deg[0] for profile in PROFILES.values()),
        max(profile.tilt_limits_deg[1] for profile in PROFILES.values()),
    ),
    (1.0, max(profile.max_zoom for profile in PROFILES.values())),
)
WALK = WalkMotion()
MOTIONS: dict[Kind, Motion] = {"ptz": PTZ, "walk": WALK}


def positions(state: Array) -> tuple[Array, Array, Array]:
    """Pan, tilt (degrees) and zoom (...) of PTZ states (..., 4); pan in -180..180."""
    return np.degrees(np.arctan2(state[..., 0], state[..., 1])), state[..., 2] * 90.0, np.exp(state[..., 3])


def kind_of(dataset: Dataset) -> Kind:
    """What moves the cameras of a dataset, by its columns.

    Raises:
        HomeError: there are no actions, or of both kinds.
    """
    actions, zoom = raw_actions(dataset), dataset.column("zoom")
    if actions.shape[1] == PTZ.raw_dim and not np.isnan(zoom).any():
        return "ptz"
    if actions.shape[1] == WALK.raw_dim and np.isnan(zoom).all():
        return "walk"
    if actions.shape[1] == 0:
        raise HomeError(
            f"{dataset.folder} has no actions (`fly` gives none), so there is nothing to predict by; generate with "
            "--policy sweep and random, or perfect"
        )
    raise HomeError(
        f"{dataset.folder}: actions of {actions.shape[1]} numbers, zoom known in {(~np.isnan(zoom)).sum()} of "
        f"{len(zoom)} frames; PTZ cameras have 3 numbers and a zoom, bodies that walk 2 and none"
    )


def raw_actions(dataset: Dataset) -> Array:
    """A dataset's actions (N, R).

    Raises:
        HomeError: cameras of several kinds are mixed.
    """
    try:
        return dataset.column("action")
    except HomeError as error:
        raise HomeError(
            f"{dataset.folder} mixes cameras that move in different ways ({error}); generate PTZ policies and walks "
            "into datasets of their own"
        ) from error


def lens_of(columns: dict[str, npt.NDArray[Any]]) -> Array:
    """Tangents of half the horizontal and vertical angle of view at zoom 1, (N, 2), of a dataset's columns."""
    zoom = np.where(np.isnan(columns["zoom"]), 1.0, columns["zoom"])
    return np.stack(
        [zoom * columns[side] / (2 * columns[f]) for side, f in (("width", "fx"), ("height", "fy"))], axis=-1
    )


def roll_out(kind: Kind, state: Array, raw: Array, lens: Array) -> tuple[Array, Array]:
    """What follows from states (B, S) and the raw actions (B, n, R) alone: states (B, n, S), encoded actions (B, n, A).

    State k is the one after action k; the true future is never looked at.
    """
    motion = MOTIONS[kind]
    states, actions = [], []
    for step in range(raw.shape[1]):
        actions.append(motion.action(state, raw[:, step], lens))
        state = motion.advance(state, raw[:, step])
        states.append(state)
    return np.stack(states, axis=1), np.stack(actions, axis=1)
