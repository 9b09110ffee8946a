"""The table of planning as Markdown and JSON: errors after so many moves, by player and distance, with intervals."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from scenes.files import write_whole
from train.dreams.planning import Result
from train.dreams.play import Played
from train.dreams.tasks import BANDS, digest_of
from train.evaluate.statistics import Interval, bootstrap, weighted_mean, wilson

RESULT = "planning"
SHOWN = (1, 2, 3, 5, 7, 10)
"""The moves after which tables show errors; the JSON has all."""
NEAR_DEG = 5.0
"""About a tenth of a wide view: near enough to be called reached, as in `stairwell/PTZTrack-v0`."""
_BASE = "random"


def write_tables(result: Result, folder: Path) -> str:
    """Writes `planning.md` and `planning.json` into a folder; the Markdown."""
    text = markdown(result)
    write_whole(folder / f"{RESULT}.md", f"{text}\n".encode())
    write_whole(folder / f"{RESULT}.json", json.dumps(to_json(result), indent=1).encode())
    return text


def to_json(result: Result) -> dict[str, Any]:
    """All figures, and the games that they are of."""
    rng = np.random.default_rng(result.settings.seed)
    gamma = result.settings.gamma
    return {
        "settings": result.settings.model_dump(mode="json"),
        "tasks": digest_of(result.tasks),
        "world": {"run": result.world.run, "sha256": result.world.digest, "dataset": result.world.dataset_hash},
        "agent": None if result.agent is None else result.agent.facts,
        "players": {
            name: {
                "off_deg": _curve(played, "off_deg", rng),
                "off_doublings": _curve(played, "off_doublings", rng),
                "distance": _curve(played, "distance", rng),
                "return": _interval(played, returns(played, gamma), rng).to_json(),
                "seconds_per_move": float(np.mean([one.seconds_per_move for one in played])),
                "games": [one.to_json() for one in played],
            }
            for name, played in result.played.items()
        },
    }


def markdown(result: Result) -> str:
    """The tables."""
    rng = np.random.default_rng(result.settings.seed)
    moves = [0] + [k for k in SHOWN if k <= result.settings.play.moves]
    parts = [
        _setting(result),
        "### Degrees to the goal after k moves",
        _table(result, "off_deg", moves, 1, rng),
        f"### Medians of the same, and goals that are reached within {NEAR_DEG:g} degrees after the last move",
        _medians(result, moves),
        "### Doublings of zoom to the goal after k moves",
        _table(result, "off_doublings", moves, 2, rng),
        "### Degrees to the goal by how far it was at first, in views, after the last move",
        _bands(result, rng),
        "### Return, and against random on the same tasks",
        _returns(result, rng),
    ]
    return "\n\n".join(parts)


def returns(played: Sequence[Played], gamma: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Discounted sums (n,) of the rewards that were met: negative latent distances of real images to the goal's."""
    rewards = -np.array([one.distance[1:] for one in played])
    return rewards @ gamma ** np.arange(rewards.shape[1])


def _interval(played: Sequence[Played], values: np.ndarray[Any, Any], rng: np.random.Generator) -> Interval:
    """The mean of values of games, with its interval under new draws of homes and of tasks."""
    groups = {"homes": np.array([one.home for one in played]), "tasks": np.arange(len(played))}
    return bootstrap(weighted_mean(np.asarray(values, np.float64)), groups, rng)


def _curve(played: Sequence[Played], what: str, rng: np.random.Generator) -> list[dict[str, Any]]:
    values = np.array([getattr(one, what) for one in played])
    return [_interval(played, values[:, k], rng).to_json() for k in range(values.shape[1])]


def _setting(result: Result) -> str:
    tasks, settings = result.tasks, result.settings
    homes = sorted({task.home for task in tasks})
    cem = settings.cem
    agent = "" if result.agent is None else f" The agent is that of run `{result.agent.facts['run']}`."
    return (
        f"{len(tasks)} tasks (sha256 {digest_of(tasks)[:12]}) in {len(homes)} homes of {settings.tasks.benchmark} "
        f"({', '.join(homes)}), {settings.play.moves} moves each. World model of run `{result.world.run}` "
        f"(sha256 {result.world.digest[:12]}).{agent} "
        f"CEM: horizon {cem.horizon}, {cem.samples} samples, {cem.elites} elites, {cem.iterations} iterations, a new "
        "plan after each move. ± is half the 95 % interval over homes and tasks; shares have Wilson's."
    )


def _table(result: Result, what: str, moves: Sequence[int], digits: int, rng: np.random.Generator) -> str:
    lines = [_row(["player", *(f"k = {k}" for k in moves)]), "|---" * (len(moves) + 1) + "|"]
    for name, played in result.played.items():
        values = np.array([getattr(one, what) for one in played])
        shown = [_shown(_interval(played, values[:, k], rng), digits) for k in moves]
        lines.append(_row([name, *shown]))
    return "\n".join(lines)


def _medians(result: Result, moves: Sequence[int]) -> str:
    lines = [_row(["player", *(f"k = {k}" for k in moves), "reached"]), "|---" * (len(moves) + 2) + "|"]
    for name, played in result.played.items():
        off = np.array([one.off_deg for one in played])
        reached = int((off[:, -1] <= NEAR_DEG).sum())
        share = wilson(reached, len(played))
        said = f"{reached} of {len(played)} ({share.low:.0%} to {share.high:.0%})"
        lines.append(_row([name, *(f"{np.median(off[:, k]):.1f}" for k in moves), said]))
    return "\n".join(lines)


def _bands(result: Result, rng: np.random.Generator) -> str:
    lines = [_row(["player", *(f"{low:g} to {high:g}" for low, high in BANDS)]), "|---" * (len(BANDS) + 1) + "|"]
    members = [np.array([task.band == number for task in result.tasks]) for number in range(len(BANDS))]
    rows = {"(at first)": (next(iter(result.played.values())), 0)}
    rows |= {name: (played, -1) for name, played in result.played.items()}
    for name, (played, k) in rows.items():
        shown = []
        for member in members:
            chosen = [one for one, inside in zip(played, member, strict=True) if inside]
            off = np.array([one.off_deg[k] for one in chosen])
            shown.append(_shown(_interval(chosen, off, rng), 1) if chosen else "–")
        lines.append(_row([name, *shown]))
    return "\n".join(lines)


def _returns(result: Result, rng: np.random.Generator) -> str:
    lines = [_row(["player", "return", "minus random", "degrees minus random", "ms per move"]), "|---" * 5 + "|"]
    base = result.played[_BASE]
    for name, played in result.played.items():
        own, other = (returns(games, result.settings.gamma) for games in (played, base))
        nearer = np.array([one.off_deg[-1] - two.off_deg[-1] for one, two in zip(played, base, strict=True)])
        milliseconds = 1000 * np.mean([one.seconds_per_move for one in played])
        cells = [_shown(_interval(played, own, rng), 2)]
        if name == _BASE:
            cells += ["–", "–"]
        else:
            cells += [_shown(_interval(played, own - other, rng), 2), _shown(_interval(played, nearer, rng), 1)]
        lines.append(_row([name, *cells, f"{milliseconds:.0f}"]))
    return "\n".join(lines)


def _shown(interval: Interval, digits: int) -> str:
    if not interval.known:
        return f"{interval.value:.{digits}f}"
    return f"{interval.value:.{digits}f} ± {(interval.high - interval.low) / 2:.{digits}f}"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
