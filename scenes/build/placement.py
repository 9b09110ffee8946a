"""Where the program puts a model: normalised to the unit cube, scaled, tilted, turned, moved (home frame, cm).

Matrices take column vectors: p_home = placement @ normalization @ p_model. Measured against the program's own.
"""

from __future__ import annotations

import numpy as np

from scenes.build.pieces import PlacedPiece
from scenes.home.furniture import IDENTITY_ROTATION, Piece
from scenes.mesh import Floats

_SMALLEST_CM = 0.001
CENTERED_SINCE_VERSION = 5500


def normalization(points: Floats, piece: Piece, home_version: int) -> Floats:
    """4x4 that squeezes a model with these points (N, 3) into the unit cube around 0, after its own rotation."""
    rotation = np.eye(4)
    rotation[:3, :3] = np.reshape(piece.model_rotation, (3, 3))
    matrix = rotation @ _translation(-_centre(points))
    if _is_centred(piece, home_version):
        matrix = _translation(-_centre(_apply(matrix, points))) @ matrix
    rotated = _apply(matrix, points)
    size = np.maximum(_SMALLEST_CM, rotated.max(0) - rotated.min(0))
    return np.diag([*(1.0 / size), 1.0]) @ matrix


def placement(placed: PlacedPiece, unit_points: Floats, *, tilts: bool) -> Floats:
    """4x4 from the unit cube to the home frame; `unit_points` (N, 3): the model's points under `normalization`."""
    piece = placed.piece
    scale = np.diag([-piece.width if piece.model_mirrored else piece.width, piece.height, piece.depth, 1.0])
    height = piece.height
    if tilts and (piece.pitch or piece.roll):
        scale = _rotation_z(-piece.roll) @ _rotation_x(-piece.pitch) @ scale
        tilted = _apply(scale, unit_points)
        scale = _translation(-_centre(tilted)) @ scale
        height = max(_SMALLEST_CM, float(np.ptp(tilted[:, 1])))
    position = np.array([piece.x, placed.ground_elevation_cm + height / 2, piece.y])
    return _translation(position) @ _rotation_y(-piece.angle) @ scale


def _is_centred(piece: Piece, home_version: int) -> bool:
    if home_version < CENTERED_SINCE_VERSION or piece.model_centered_at_origin is False:
        return piece.model_rotation == IDENTITY_ROTATION
    return True


def _apply(matrix: Floats, points: Floats) -> Floats:
    return points @ matrix[:3, :3].T + matrix[:3, 3]


def _centre(points: Floats) -> Floats:
    return (points.min(0) + points.max(0)) / 2


def _translation(offset: Floats) -> Floats:
    matrix = np.eye(4)
    matrix[:3, 3] = offset
    return matrix


def _rotation_x(angle: float) -> Floats:
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[1, 0, 0, 0], [0, cos, -sin, 0], [0, sin, cos, 0], [0, 0, 0, 1.0]])


def _rotation_y(angle: float) -> Floats:
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, 0, sin, 0], [0, 1, 0, 0], [-sin, 0, cos, 0], [0, 0, 0, 1.0]])


def _rotation_z(angle: float) -> Floats:
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, -sin, 0, 0], [sin, cos, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]])
