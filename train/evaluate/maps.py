"""Embeddings on a plane: principal components, and t-SNE, which keeps neighbours together."""

from __future__ import annotations

import numpy as np

from train.evaluate.statistics import Floats

COMPONENTS = 30
_PERPLEXITY = 50.0


def principal_components(embedding: Floats, count: int) -> Floats:
    """The first components (N, count) of an embedding (N, D), 0 beyond D. The largest number of each is positive."""
    centred = embedding - embedding.mean(axis=0)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    found = centred @ vectors[:, ::-1][:, :count]
    found *= np.sign(found[np.abs(found).argmax(axis=0), np.arange(found.shape[1])] + 1e-300)
    return np.pad(found, ((0, 0), (0, max(0, count - found.shape[1]))))


def tsne(embedding: Floats, seed: int) -> Floats:
    """A map (N, 2) by t-SNE of the first 30 principal components (perplexity 50, or less for few frames)."""
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    components = principal_components(embedding, min(COMPONENTS, embedding.shape[1]))
    perplexity = min(_PERPLEXITY, (len(embedding) - 1) / 3)
    with threadpool_limits(1):  # sums in one order, so that the map depends on the seed alone
        found = TSNE(perplexity=perplexity, init="pca", random_state=seed, n_jobs=1).fit_transform(components)
    return found.astype(np.float64)
