"""What hangs together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from scenes.mesh import Ints


def components(count: int, first: npt.ArrayLike, second: npt.ArrayLike) -> Ints:
    """A label (count,) for each node, the same for those that edges join; `first`, `second`: (E,), their ends."""
    rows, columns = np.asarray(first, np.int64), np.asarray(second, np.int64)
    graph = coo_array((np.ones(len(rows)), (rows, columns)), shape=(count, count))
    labels: Ints = connected_components(graph, directed=False)[1]
    return labels
