"""`python -m datagen.benchmark_set`: how stairwell-1 was made."""

from __future__ import annotations

from datagen.benchmark_set.make import Recipe, make_set
from datagen.homes.make import make_home
from scenes.bundled import bundled_path

NAME, SEED = "stairwell-1", 905173
DRAWN = {"one-floor": 10, "two-floors": 4, "incline": 11, "half-flight": 13, "two-floors-incline": 6}
"""Procedural homes: `make_home(SEED, index)`."""

if __name__ == "__main__":
    homes = {"blocks": bundled_path("blocks").read_bytes()}
    homes |= {name: make_home(SEED, index).data for name, index in DRAWN.items()}
    print(make_set(NAME, homes, Recipe(SEED)).hash)  # noqa: T201
