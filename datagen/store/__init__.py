"""Datasets on disk: `writing` starts or resumes one, `Store.write` takes an episode, `Store.finish` seals it.

docs/data.md describes the folder.
"""

from datagen.store.about import read_about
from datagen.store.dataset import HomeEntry, Spec, Store, writing
from datagen.store.episode import Storage
from datagen.store.identity import home_hash
from datagen.store.schema import Episode, EpisodeFacts, Row

__all__ = [
    "Episode",
    "EpisodeFacts",
    "HomeEntry",
    "Row",
    "Spec",
    "Storage",
    "Store",
    "home_hash",
    "read_about",
    "writing",
]
