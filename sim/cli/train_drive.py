"""`sim train drive POLICY`: lets a policy drive frozen sets, and says how it went."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from datagen.store.schema import Json
    from train.driving.look import Look
    from train.driving.policies import Driver
    from train.driving.sets import DriveSet, Kind

_DRAWN, _DRAWN_SEED = 20, 7
_PAINT = {"surfaces": ["wall", "floor", "ceiling"], "when": "episode"}


def drive(
    policy: Annotated[
        str,
        typer.Argument(
            help="Folder of a baseline's run, its policy.safetensors, or random, blind, oracle and the like."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder of results; interrupted, the same command goes on there.")],
    on: Annotated[
        list[str] | None,
        typer.Option(
            help="A set of drives, bundled or a file, or a home to draw some in; may be repeated. "
            "If not given, the bundled sets of its dataset's homes."
        ),
    ] = None,
    likeliest: Annotated[
        bool, typer.Option(help="Always the likeliest command; else they are drawn as likely as it finds them.")
    ] = False,
    paint: Annotated[float, typer.Option(min=0, max=1, help="Share of the surfaces painted anew in each drive.")] = 0.0,
    count: Annotated[int | None, typer.Option(min=1, help="So many drives of each set; 20 of a home.")] = None,
    films: Annotated[int, typer.Option(min=0, help="Videos of the worst drives of each set.")] = 1,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; one per core at first.")] = None,
) -> None:
    """Drive frozen episodes with a policy: success, SPL, collisions, why it got stuck, maps, videos."""
    from datagen.engine.pool import cores
    from sim.cli.progress import progress
    from train.driving.evaluate import PAGE, evaluate_driving

    driver, look, names, kind, offline = _at_the_wheel(policy, likeliest=likeliest)
    if paint:
        look = type(look).model_validate(look.model_dump() | {"randomise": {"paint": _PAINT | {"share": paint}}})
    sets = list(_sets(on or names, count, kind))
    with progress("drives", sum(len(one.episodes) for one in sets)) as step:

        def driven(done: int) -> None:
            for _ in range(done):
                step()

        results = evaluate_driving(
            driver, sets, out, look=look, workers=workers or cores(), films=films, offline=offline, progress=driven
        )
    tell(results)
    print(f"drives {out / PAGE}")


def tell(results: Json) -> None:
    """Prints a line for each set."""
    for name, of_set in results["results"]["sets"].items():
        success, done = of_set["success"], of_set["path_completion"]
        print(
            f"{name}: {success['value']:.0%} of {of_set['episodes']} reach the end, {done['value']:.0%} of the way done"
        )


def _at_the_wheel(policy: str, *, likeliest: bool) -> tuple[Driver, Look, list[str], Kind, Json | None]:
    """Who drives, what it sees, the sets that fit, routes or points, and what is known of it offline.

    Raises:
        HomeError: no such policy.
    """
    from scenes.errors import HomeError
    from train.driving.look import Look
    from train.driving.policies import SCRIPTED

    if policy in SCRIPTED:
        return SCRIPTED[policy], Look(), [], "route", None
    path = Path(policy)
    if not path.exists():
        raise HomeError(f"no policy {policy}; name a baseline's run, a policy's file, or one of {', '.join(SCRIPTED)}")
    from train.baselines.driving import driver_of, look_of, sets_for
    from train.baselines.policy import load_policy
    from train.baselines.training import POLICY

    file = path / POLICY if path.is_dir() else path
    loaded = load_policy(file)
    draws = not likeliest and loaded.can_draw
    scores, name = loaded.facts.get("scores"), file.resolve().parent.name
    offline = {"accuracy": scores["accuracy"], "where": f"held-out frames of {name}"} if scores else None
    kind: Kind = "point" if loaded.model.inputs.goal else "route"
    return driver_of(file, name, draws=draws), look_of(loaded), sets_for(loaded), kind, offline


def _sets(names: Iterable[str], count: int | None, kind: Kind) -> Iterable[DriveSet]:
    from scenes.bundled import bundled_names
    from scenes.errors import HomeError
    from scenes.kinds import is_home_file
    from train.baselines.driving import first_drives
    from train.driving.sets import bundled_sets, load_set, point_set, route_set

    if not names:
        known = ", ".join(bundled_sets())
        raise HomeError(f"name what to drive with --on: {known}, a home's file, or a set's (docs/driving.md)")
    for name in names:
        is_bundled = name in bundled_names() and name not in bundled_sets()
        if is_bundled or is_home_file(Path(name)):
            home = name if is_bundled else str(Path(name).resolve())
            draw = route_set if kind == "route" else point_set
            yield draw(f"{Path(home).stem}-{kind}", home, count or _DRAWN, _DRAWN_SEED)
        else:
            yield load_set(name) if count is None else first_drives(name, count)
