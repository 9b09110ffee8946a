"""Baselines at the wheel: as drivers for `train.driving`, in homes that look as those that they learned from."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from datagen.store.schema import Json
from train.baselines.policy import BaselinePolicy, load_policy
from train.driving.evaluate import evaluate_driving
from train.driving.look import Look
from train.driving.policies import Driver
from train.driving.sets import DriveSet, bundled_sets, load_set

_AS_SHOWN = ("light", "noise")


@dataclass(frozen=True)
class _Loaded:
    """Makes the policy of a file, in any process."""

    path: Path
    draws: bool

    def __call__(self) -> BaselinePolicy:
        return load_policy(self.path, draws=self.draws)


def driver_of(path: Path, name: str, *, draws: bool = False) -> Driver:
    """The policy of a file, for any process that can read it.

    Raises:
        HomeError: it cannot be read, or holds no policy that can drive so.
    """
    make = _Loaded(path.resolve(), draws)
    make()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Driver(name, f"baseline {digest}{', drawn' if draws else ''}", make)


def look_of(policy: BaselinePolicy) -> Look:
    """A home as it was drawn, taken as the frames were that a policy learned from; nothing is randomised."""
    config = policy.dataset["config"]
    shown = {name: config[name] for name in _AS_SHOWN if name in config}
    return Look(size=policy.view.size, fov_deg=policy.view.fov_deg, **shown)


def sets_for(policy: BaselinePolicy) -> list[str]:
    """The bundled sets of drives that are as what a policy learned: in its homes, along a route or to a point."""
    config = policy.dataset["config"]
    route = config.get("walk", {}).get("route")
    known = bundled_sets()
    return [name for name in (_set_name(home, route) for home in config.get("homes", [])) if name in known]


def _set_name(home: str, route: str | None) -> str:
    if route is None:
        return f"{home}-points"
    if home == "oldenborg":
        return "oldenborg-east" if route == "east" else "oldenborg-west"
    return f"{home}-route"


def first_drives(name: str, count: int) -> DriveSet:
    """The first so many drives of a set, as a set of its own."""
    whole = load_set(name)
    return replace(whole, name=f"{whole.name}-first-{count}", episodes=whole.episodes[:count])


def try_out(
    path: Path,
    sets: Sequence[DriveSet],
    folder: Path,
    offline: Json,
    progress: Callable[[int], None] = lambda _: None,
) -> dict[str, Any]:
    """Lets the policy of a file drive sets, into a folder, drawing its commands if it can; see `evaluate_driving`.

    Raises:
        HomeError: the folder holds other drives, or a home is not as it was.
    """
    policy = load_policy(path)
    driver = driver_of(path, path.parent.name, draws=policy.can_draw)
    return evaluate_driving(driver, sets, folder, look=look_of(policy), films=0, offline=offline, progress=progress)
