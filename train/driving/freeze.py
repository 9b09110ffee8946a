"""The sets of drives that come along; `python -m train.driving.freeze` makes them anew. Those in use never change.

50 drives along each frozen route, and 50 from anywhere to anywhere in each of these homes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sim.envs.routes import FROZEN
from train.driving.sets import FOLDER, DriveSet, point_set, route_set, save_set

COUNT = 50
SEED = 7
HOMES = ("oldenborg", "two-levels", "blocks")
MADE: dict[str, Callable[[str], DriveSet]] = {
    "oldenborg-west": partial(route_set, home="oldenborg", count=COUNT, seed=SEED, route="west"),
    "oldenborg-east": partial(route_set, home="oldenborg", count=COUNT, seed=SEED, route="east"),
    "two-levels-route": partial(route_set, home="two-levels", count=COUNT, seed=SEED, route=FROZEN),
    "blocks-route": partial(route_set, home="blocks", count=COUNT, seed=SEED, route=FROZEN),
    **{f"{home}-points": partial(point_set, home=home, count=COUNT, seed=SEED) for home in HOMES},
}


def main() -> None:
    """Writes all of them."""
    for name, make in MADE.items():
        save_set(make(name), FOLDER / f"{name}.json")


if __name__ == "__main__":
    main()
