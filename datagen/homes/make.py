"""Homes made at random: seeded, varied, each one checked and connected for a body."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from datagen.homes.furnish import furnish
from datagen.homes.plan import HomePlan, draw_plan
from datagen.homes.shell import Shell
from datagen.homes.style import Style
from scenes.body import PERSON, BodySize
from scenes.draw import Drawing
from scenes.files import write_whole

_MOST_ATTEMPTS = 20


@dataclass(frozen=True)
class MadeHome:
    """A home that passed. `data`: the `.sh3d` file; `refused`: why earlier drawings for this index did not pass."""

    name: str
    description: str
    data: bytes
    refused: tuple[str, ...]


def make_home(seed: int, index: int, body: BodySize = PERSON) -> MadeHome:
    """The home of a seed and an index: the same numbers give the same bytes.

    Raises:
        RuntimeError: none of many drawings passed.
    """
    refused: list[str] = []
    for attempt in range(_MOST_ATTEMPTS):
        drawing = _draw(seed, index, attempt)
        data = drawing.to_bytes()
        reason = why_refused(data, drawing.name, body)
        if reason is None:
            return MadeHome(drawing.name, drawing.description, data, tuple(refused))
        refused.append(reason)
    raise RuntimeError(f"no home for seed {seed}, index {index}: " + "; ".join(refused))


def write_home(folder: Path, seed: int, index: int, body: BodySize = PERSON) -> MadeHome:
    """Makes a home and writes it to `NAME.sh3d` in a folder, whole or not at all."""
    home = make_home(seed, index, body)
    write_whole(home_file(folder, seed, index), home.data)
    return home


def write_homes(
    folder: Path, seed: int, count: int, workers: int | None = None, progress: Callable[[], None] = lambda: None
) -> int:
    """Makes the homes 0 .. `count` - 1 of a seed that are not in the folder; how many drawings were refused on the way.

    `workers`: processes, one per core if not given; `progress` is called for each home.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = [index for index in range(count) if not home_file(folder, seed, index).exists()]
    if not missing:
        return 0
    refused = 0
    processes = min(workers or os.cpu_count() or 1, len(missing))
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        futures = [pool.submit(write_home, folder, seed, index) for index in missing]
        try:
            for future in futures:
                refused += len(future.result().refused)
                progress()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return refused


def home_file(folder: Path, seed: int, index: int) -> Path:
    """Where a home is written."""
    return folder / f"{home_name(seed, index)}.sh3d"


def home_name(seed: int, index: int) -> str:
    """`home-7-0003`"""
    return f"home-{seed}-{index:04d}"


def why_refused(data: bytes, name: str, body: BodySize) -> str | None:
    """What keeps a home from use: an error of `check_home`, a warning of the scene, or a room out of reach."""
    from scenes.build.assemble import build_scene
    from scenes.check import check_home
    from scenes.home.reader import parse_home
    from sim.nav import NavGraph

    home = parse_home(data, name)
    scene = build_scene(home)
    errors = [finding.message for finding in check_home(home, scene) if finding.severity == "error"]
    if errors or scene.warnings:
        return (*errors, *scene.warnings)[0]
    reached = NavGraph.build(scene, body).islands[0].rooms
    missed = [room.name for index, room in enumerate(scene.rooms) if index not in reached]
    return f"not all rooms are joined: {', '.join(missed)}" if missed else None


def _draw(seed: int, index: int, attempt: int) -> Drawing:
    rng = np.random.default_rng([seed, index, attempt])
    plan = draw_plan(rng)
    drawing = Drawing(home_name(seed, index), wall_height=plan.height_cm, description=_describe(plan))
    style = Style(drawing, rng)
    for room in Shell(plan, drawing, style).draw():
        furnish(room, style)
    drawing.join_corners()
    return drawing


def _describe(plan: HomePlan) -> str:
    """A plan in one line."""
    rooms = sum(1 for _ in itertools.chain.from_iterable(plan.storeys))
    storeys = "one storey" if len(plan.storeys) == 1 else f"{len(plan.storeys)} storeys"
    line = f"{rooms} rooms on {storeys} along a corridor of {plan.length / 100:.1f} m"
    if plan.rise:
        by = f"a flight of {plan.rise.risers} risers" if plan.rise.risers else "an incline"
        line += f", whose far part is {plan.rise.height_cm:.0f} cm higher, up {by}"
    return f"{line}."
