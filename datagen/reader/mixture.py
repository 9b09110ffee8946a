"""Mixtures of datasets by weight."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from datagen.reader.dataset import Ints
from scenes.errors import HomeError


def mix(sizes: Sequence[int], weights: Sequence[float], count: int, rng: np.random.Generator) -> Ints:
    """`count` draws (count, 2): which dataset, and which of its items, in random order.

    `sizes`: items per dataset; `weights`: their shares, of any sum. Each dataset's number of draws is its share within
    one; its items are drawn evenly: none a second time before all were drawn once.

    Raises:
        HomeError: weights that are no shares of these datasets.
    """
    shares = np.asarray(weights, float)
    if shares.shape != (len(sizes),) or not np.isfinite(shares).all() or (shares < 0).any() or not shares.sum() > 0:
        raise HomeError(
            f"weights {list(weights)} for {len(sizes)} datasets; give each one of 0 or more, and one above 0"
        )
    if any(size == 0 and share > 0 for size, share in zip(sizes, shares, strict=True)):
        raise HomeError("a dataset without items has a weight above 0")
    edges = np.rint(np.cumsum(shares) / shares.sum() * count).astype(np.intp)
    draws = []
    for dataset, amount in enumerate(np.diff(edges, prepend=0).tolist()):
        rounds = -(-amount // sizes[dataset]) if amount else 0
        items = np.concatenate([np.empty(0, np.intp), *(rng.permutation(sizes[dataset]) for _ in range(rounds))])
        draws.append(np.stack([np.full(amount, dataset), items[:amount]], axis=1))
    return rng.permutation(np.concatenate(draws))
