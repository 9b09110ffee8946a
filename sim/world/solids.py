"""Pieces of a mesh that hang together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_WELD_M = 1e-4


def components(corners: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """The number of the connected piece that each triangle (T, 3, 3) belongs to, (T,), from 0."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    _, point = np.unique(np.round(corners.reshape(-1, 3) / _WELD_M), axis=0, return_inverse=True)
    triangles = point.reshape(-1, 3)
    rows, columns = triangles[:, [0, 1]].reshape(-1), triangles[:, [1, 2]].reshape(-1)
    size = int(point.max()) + 1 if point.size else 0
    _, piece = connected_components(coo_matrix((np.ones(len(rows)), (rows, columns)), (size, size)), directed=False)
    return np.asarray(piece[triangles[:, 0]] if size else [], np.int64)
