"""`evaluate_driving`: lets a policy drive frozen sets, and says how it went."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from datagen.store.schema import Json
from scenes.body import PERSON
from scenes.errors import HomeError
from scenes.files import write_whole
from scenes.library import load_scene
from sim.agents.bodies import shared_graph
from train.driving.drive import PATIENCE, Drive, Track
from train.driving.films import film_size, make_film, worst
from train.driving.look import Look
from train.driving.maps import path_map, png
from train.driving.page import write_page
from train.driving.pieces import make_pieces, pieces_of
from train.driving.policies import Driver
from train.driving.sets import DriveSet
from train.driving.summary import seconds_per_action, summarise_all

FORMAT = "stairwell driving 1"
RESULTS, PAGE, PIECES, MAPS, FILMS = "results.json", "report.html", "drives", "maps", "films"


def evaluate_driving(
    driver: Driver,
    sets: Sequence[DriveSet],
    folder: Path,
    *,
    look: Look | None = None,
    patience: float = PATIENCE,
    workers: int = 1,
    films: int = 1,
    offline: Mapping[str, Json] | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Json:
    """Drives all episodes of some sets that are not driven yet, and writes results, maps, videos and a page.

    Args:
        driver: the policy.
        sets: what to drive, of different names.
        folder: where everything goes; interrupted, the same call goes on there. It holds one policy in one look.
        look: how the homes are shown; a policy's images should have the shape that it learned from.
        patience: a policy may take so many times the actions of the perfect expert.
        workers: processes.
        films: how many videos of each set, of the worst drives.
        offline: `accuracy`, and `where` that was measured; shown beside, as the two can disagree.
        progress: called with the number of episodes whenever some are done.

    Returns:
        What `results.json` says. All but `seconds_per_action` is the same each time.

    Raises:
        HomeError: no such home, a set of another one, or a folder that holds other drives.
    """
    if len({one.name for one in sets}) < len(sets) or not sets:
        raise HomeError(f"sets {', '.join(one.name for one in sets) or 'none'}; give each one once, and one at least")
    look = look or Look()
    pieces = pieces_of(driver, sets, look, patience, folder / PIECES)
    make_pieces(pieces, workers, progress)
    drives: dict[str, list[Drive]] = {one.name: [] for one in sets}
    for piece in pieces:
        drives[piece.drive_set.name] += piece.read() or []
    results: Json = {
        "format": FORMAT,
        "policy": {"name": driver.name, "identity": driver.identity},
        "look": look.content(),
        "patience": patience,
        "sets": {one.name: {"home": one.home, "kind": one.kind, "hash": one.digest} for one in sets},
        "results": summarise_all(drives),
        "seconds_per_action": seconds_per_action([drive for of_set in drives.values() for drive in of_set]),
        "offline": None if offline is None else dict(offline),
    }
    write_whole(folder / RESULTS, json.dumps(results, ensure_ascii=False, indent=1, allow_nan=False).encode())
    maps = {one.name: _draw(one, drives[one.name], folder) for one in sets}
    shown = {one.name: _film(one, worst(drives[one.name], films), look, folder) for one in sets}
    write_page(folder / PAGE, results, maps, shown)
    return results


def _draw(drive_set: DriveSet, drives: Sequence[Drive], folder: Path) -> bytes:
    graph = shared_graph(load_scene(drive_set.home), PERSON)
    data = png(path_map(graph, drive_set, drives))
    (folder / MAPS).mkdir(exist_ok=True)
    write_whole(folder / MAPS / f"{drive_set.name}.png", data)
    return data


def _film(drive_set: DriveSet, drives: Sequence[Drive], look: Look, folder: Path) -> list[tuple[str, str]]:
    """Films of drives, that are not there yet: file and caption of each."""
    names = [f"{FILMS}/{drive_set.name}-{drive.episode:04d}.mp4" for drive in drives]
    (folder / FILMS).mkdir(exist_ok=True)
    missing = [
        (folder / name, drive) for name, drive in zip(names, drives, strict=True) if not (folder / name).exists()
    ]
    if missing:
        with Track(drive_set, look.model_copy(update={"size": film_size(look.size)})) as track:
            for path, drive in missing:
                make_film(track, drive, path)
    captions = [f"drive {drive.episode}: {drive.ending.value}" for drive in drives]
    return list(zip(names, captions, strict=True))
