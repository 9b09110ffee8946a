"""Do cameras stand where they should, and do labels say where? By the home itself, or by what a dataset keeps of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from datagen.checks.finding import ERROR, WARNING, Finding
from datagen.store import home_hash
from datagen.store.schema import Json
from scenes.errors import HomeError
from scenes.library import find_home, load_scene
from scenes.scene import Scene
from scenes.spaces import Space, spaces_of

OUTDOORS = "outdoors"
"""The key of a configuration that asks for views from terraces and gardens."""
_AT_EDGE_M = 0.05
"""A label holds so far beyond the edge of its room, or below its floor."""
_ABOVE_M = 0.3
"""Without the home's roofs and ceilings: so far above its level's height a camera is above the ceiling."""

Points = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Label = tuple[str, str]
"""The names of a level and a room."""


@dataclass(frozen=True)
class Places:
    """Where cameras are: (N,) each. `labels`: what they should be labelled with."""

    is_inside: Bools
    is_above: Bools
    labels: tuple[Label, ...]


class Judge(Protocol):
    """Who knows a home."""

    def places(self, points: Points) -> Places | None:
        """Where cameras at points (N, 3) are; None if the home has no closed outline."""

    def holds(self, label: Label, point: Points) -> bool:
        """Whether a place (3,) may be labelled so."""


class SceneJudge:
    """Judges by rays up and down in the home."""

    def __init__(self, scene: Scene) -> None:
        self._spaces = spaces_of(scene)
        self._levels = [level.name for level in scene.levels]

    def places(self, points: Points) -> Places | None:
        """Where cameras at points (N, 3) are; None if the home has no closed outline."""
        if not self._spaces.has_outline:
            return None
        verdicts = self._spaces.judge(points)
        labels = tuple(self._spaces.locate(point) for point in points.tolist())
        return Places(verdicts.is_inside, verdicts.is_above_ceiling, labels)

    def holds(self, label: Label, point: Points) -> bool:
        """Whether a place (3,) may be labelled so."""
        named = [space for space in self._spaces.all if (self._levels[space.level], space.name) == label]
        return any(_is_in(space.area, space.floor_m, space.top_m, point) for space in named)


class RecordedJudge:
    """Judges by the outlines and heights that a dataset keeps of a home."""

    def __init__(self, spaces: Sequence[Json]) -> None:
        self._spaces = sorted(spaces, key=lambda space: float(space["floor_m"]))
        self._areas = [shapely.from_wkt(space["area"]) for space in self._spaces]

    def places(self, points: Points) -> Places | None:
        """Where cameras at points (N, 3) are; None if the home has no closed outline."""
        if not any(space["indoors"] for space in self._spaces):
            return None
        found = [self._place(point) for point in points]
        inside, above, labels = zip(*found, strict=True)
        return Places(np.array(inside), np.array(above), labels)

    def _place(self, point: Points) -> tuple[bool, bool, Label]:
        below = [
            space
            for space, area in zip(self._spaces, self._areas, strict=True)
            if point[2] > space["floor_m"] - _AT_EDGE_M and shapely.contains_xy(area, point[0], point[1])
        ]
        held = [space for space in below if point[2] < space["top_m"] + _ABOVE_M]
        if not held:
            return False, bool(below), ("", "")
        return bool(held[-1]["indoors"]), False, (held[-1]["level"], held[-1]["room"])

    def holds(self, label: Label, point: Points) -> bool:
        """Whether a place (3,) may be labelled so."""
        pairs = zip(self._spaces, self._areas, strict=True)
        named = [(space, area) for space, area in pairs if (space["level"], space["room"]) == label]
        return any(_is_in(area, space["floor_m"], space["top_m"], point) for space, area in named)


def _is_in(area: BaseGeometry, floor_m: float, top_m: float, point: Points) -> bool:
    within = floor_m - _AT_EDGE_M < point[2] < top_m + _ABOVE_M
    return bool(within and shapely.Point(point[:2]).distance(area) < _AT_EDGE_M)


def recorded_spaces(scene: Scene) -> list[dict[str, Json]]:
    """Return the spaces of a home as a dataset keeps them: names, heights, m, and the outline on the plan as WKT."""

    def one(space: Space) -> dict[str, Json]:
        return {
            "level": scene.levels[space.level].name,
            "room": space.name,
            "floor_m": round(space.floor_m, 4),
            "top_m": round(space.top_m, 4),
            "indoors": bool(space.is_indoors),
            "area": shapely.to_wkt(space.area, rounding_precision=3),
        }

    return [one(space) for space in spaces_of(scene).all]


def find_judge(name: str, digest: str, info: Json, homes: Sequence[Path], *, closed: bool = False) -> Judge | None:
    """Return who knows a home best: the home itself, if it is bundled or among `homes`, else what `info` keeps of it.

    Args:
        name: the dataset's for the home.
        digest: `datagen.store.home_hash` of it.
        info: `homes/NAME.json`.
        homes: files that may be it.
        closed: was it loaded with its walls closed?
    """
    for path in (*homes, *_bundled(name)):
        if home_hash(path) == digest:
            return SceneJudge(load_scene(str(path), closed=closed))
    spaces = info.get("spaces") if isinstance(info, dict) else None
    if spaces is None:
        return None
    try:
        return RecordedJudge(spaces)
    except (shapely.errors.GEOSException, KeyError, TypeError, ValueError) as error:
        raise HomeError(f"homes/{name}.json: its spaces cannot be read ({error}); restore it from a copy") from error


def _bundled(name: str) -> list[Path]:
    try:
        return [find_home(name)]
    except HomeError:
        return []


def place_findings(
    judge: Judge, home: str, frames: Mapping[str, Sequence[Mapping[str, Any]]], *, outdoors: bool
) -> Iterator[Finding]:
    """Say which episodes of a home show it from where no camera should be, or under a wrong label.

    Args:
        judge: who knows the home.
        home: its name.
        frames: rows by what findings call their episode; `level` and `room` are checked if they are there.
        outdoors: are views from terraces and gardens asked for?
    """
    rows = [row for of in frames.values() for row in of]
    if not rows:
        return
    points = np.array([np.reshape(row["T_world_camera"], (4, 4))[:3, 3] for row in rows])
    unique, which = np.unique(points.round(3), axis=0, return_inverse=True)
    judged = judge.places(unique)
    if judged is None:
        if not outdoors:
            told = f"{home!r} has no closed outline of rooms or walls: nothing tells whether its views are indoors"
            yield Finding(WARNING, "no outline", f"{told}; draw one, or generate with --outdoors")
        return
    ends = np.cumsum([len(of) for of in frames.values()])
    for (place, of), mine in zip(frames.items(), np.split(which.reshape(-1), ends[:-1]), strict=True):
        above = int(judged.is_above[mine].sum())
        outside = int((~judged.is_inside[mine] & ~judged.is_above[mine]).sum())
        if above:
            told = f"{above} of {len(mine)} frames are seen from above a ceiling or a roof of {home!r}"
            yield Finding(ERROR, "above the ceiling", told, place)
        if outside and not outdoors:
            yield Finding(
                WARNING, "outdoors", f"{outside} of {len(mine)} frames are seen from outside of {home!r}", place
            )
        yield from _label_findings(judge, judged, of, mine, place)


def _label_findings(
    judge: Judge, judged: Places, rows: Sequence[Mapping[str, Any]], which: npt.NDArray[np.intp], place: str
) -> Iterator[Finding]:
    wrong: Counter[tuple[Label, Label]] = Counter()
    for row, number in zip(rows, which.tolist(), strict=True):
        if "room" not in row:
            continue
        label, true = (row["level"], row["room"]), judged.labels[number]
        point = np.reshape(row["T_world_camera"], (4, 4))[:3, 3]
        nowhere = not (label[1] or true[1]) and not (label[0] and true[0])
        held = label[1] and not judged.is_above[number] and judge.holds(label, point)
        if label != true and not nowhere and not held:
            wrong[label, true] += 1
    if wrong:
        ((label, true), count) = wrong.most_common(1)[0]
        told = f"{wrong.total()} of {len(rows)} frames have a wrong label, such as {_named(label)}"
        yield Finding(ERROR, "wrong label", f"{told} where the camera is in {_named(true)} ({count} frames)", place)


def _named(label: Label) -> str:
    level, room = label
    return f"{room or 'no room'!r} of {level!r}" if level else "no room of any level"
