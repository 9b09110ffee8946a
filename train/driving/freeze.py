"""The sets of drives that come along; `python -m train.driving.freeze` makes them anew. Those in use never change.

50 drives along each frozen route, and 50 from anywhere to anywhere in each of these homes. Datasets may show all but
`blocks`, which is of a benchmark set: drives there are for policies that follow a goal in a home they never saw.
"""

from __future__ import annotations

from functools import partial

from sim.envs.routes import FROZEN
from train.driving.sets import FOLDER, DriveSet, point_set, route_set, save_set

COUNT = 50
SEED = 7
HOMES = ("oldenborg", "two-levels", "round", "blocks")
MADE: dict[str, partial[DriveSet]] = {
    "oldenborg-west": partial(route_set, home="oldenborg", count=COUNT, seed=SEED, route="west"),
    "oldenborg-east": partial(route_set, home="oldenborg", count=COUNT, seed=SEED, route="east"),
    **{
        f"{home}-route": partial(route_set, home=home, count=COUNT, seed=SEED, route=FROZEN)
        for home in HOMES
        if home != "oldenborg"
    },
    **{f"{home}-points": partial(point_set, home=home, count=COUNT, seed=SEED) for home in HOMES},
}


def main() -> None:
    """Writes all of them."""
    for name, make in MADE.items():
        save_set(make(name), FOLDER / f"{name}.json")


if __name__ == "__main__":
    main()
