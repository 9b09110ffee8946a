"""How well each generation's world model predicts in each home: what is forgotten, and what helps in homes to come."""

from __future__ import annotations

import html
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from datagen.store.schema import Json
from scenes.files import plain_errors, write_whole
from train.dreams.ensemble import curiosity, real_moves
from train.dreams.training import embed_frames
from train.evaluate.charts import Curve, curves
from train.evaluate.collapse import judge_collapse
from train.evaluate.embeddings import embed
from train.evaluate.rollout import STEPS, roll, squares
from train.evaluate.statistics import AT_MOST_1, Floats, bootstrap, weighted_skill

if TYPE_CHECKING:
    from train.data import Frames
    from train.dreams.world import World
    from train.models.latent import LatentWorldModel

CURVE = "curve"
_ENDS = ("value", "low", "high")
_STYLE = """
body{font:14px/1.45 system-ui,sans-serif;max-width:1000px;margin:2em auto;padding:0 1em;color:#222}
td,th{padding:1px 14px 1px 0;text-align:left}figure{display:inline-block;margin:4px}
figcaption{font-size:11px;color:#555}.old{font-weight:bold}text{font-size:11px;fill:#555}
"""


def judge_home(model: LatentWorldModel, frames: Frames, rng: np.random.Generator) -> dict[str, Json]:
    """What a model is worth in a home, by frames that it was not trained on.

    `skill`: what predicting 1 to 5 steps ahead saves of the squared error of standing still, where the view moved, with
    its interval over episodes; `shuffled`: likewise with the actions of other windows; `rankme` of the latents.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, "blas"):  # sums in one order
        latents = embed(model, frames, np.arange(len(frames)))
        rolled = roll(model.rollout, model.config.history, frames, latents, rng)
        moved = rolled.moved
        copied = squares(rolled.start[:, None], rolled.true)[moved]
        episodes = np.broadcast_to(frames.columns["episode"][rolled.now][:, None], moved.shape)[moved]
        said = {
            name: bootstrap(
                weighted_skill(squares(told, rolled.true)[moved], copied), {"episode": episodes}, rng, within=AT_MOST_1
            )
            for name, told in (("skill", rolled.predicted), ("shuffled", rolled.shuffled))
            if len(copied)
        }
        figures = {name: interval.to_json() for name, interval in said.items()}
        return figures | {"windows": len(rolled.now), "steps": STEPS, "rankme": float(judge_collapse(latents).rankme)}


def novelty(world: World, by_agent: Frames, by_chance: Frames) -> float:
    """A world model's mean squared error of an agent's moves in a home over that of random ones.

    Above 1 the agent finds what the model does not know.
    """
    agent, chance = (
        float(curiosity(world, real_moves(world, frames, embed_frames(world, frames))).double().mean())
        for frames in (by_agent, by_chance)
    )
    return agent / chance


def transfer(skills: Floats, lived: Sequence[int]) -> dict[str, float | None]:
    """What a life comes to. As in Lopez-Paz and Ranzato (arXiv 1706.08840), with standing still as the naive one.

    `final`: mean skill of the last generation in all homes; `forgetting`: mean over homes lived in before the last
    generation of the best skill there since it was lived in, less the last; `forward`: mean skill in a home just before
    it is lived in for the first time. None where there is nothing to be said.

    Args:
        skills: (generations, homes); NaN where unknown.
        lived: by generation, the index of its home.
    """
    last = len(lived) - 1
    first = {home: lived.index(home) for home in lived}
    lost = [skills[since:, home].max() - skills[last, home] for home, since in first.items() if since < last]
    ahead = [skills[since - 1, home] for home, since in first.items() if since > 0]
    means = {"final": list(skills[last]), "forgetting": lost, "forward": ahead}
    return {name: _mean(values) for name, values in means.items()}


def write_curve(folder: Path, homes: Sequence[str], lived: Sequence[str], judged: Sequence[Mapping[str, Any]]) -> None:
    """Writes `curve.json`, `curve.md` and `curve.html`.

    `lived`: the home of each generation; `judged`: of each, `judge_home`'s figures under `homes`, and `novelty`.
    """
    places = [homes.index(home) for home in lived]
    cells = {name: np.array([[_number(of, home, name) for home in homes] for of in judged]) for name in _ENDS}
    known = np.array([[home in lived[: number + 1] for home in homes] for number in range(len(lived))])
    said = {
        "homes": list(homes),
        "lived": list(lived),
        "transfer": transfer(cells["value"], places),
        "old": [_mean(row[old]) for row, old in zip(cells["value"], known, strict=True)],
        "new": [_mean(row[~old]) for row, old in zip(cells["value"], known, strict=True)],
        "judged": list(judged),
    }
    texts = {
        ".json": json.dumps(said, indent=1, ensure_ascii=False, allow_nan=False),
        ".md": _markdown(said),
        ".html": _page(said, cells),
    }
    with plain_errors(folder):
        for ending, text in texts.items():
            write_whole(folder / f"{CURVE}{ending}", text.encode())


def _number(judged: Mapping[str, Any], home: str, name: str) -> float:
    value = judged["homes"][home].get("skill", {}).get(name)
    return math.nan if value is None else float(value)


def _mean(values: Sequence[float] | Floats) -> float | None:
    known = np.asarray(values, np.float64)
    return float(known.mean()) if len(known) and np.isfinite(known).all() else None


def _rows(said: Json, mark: str) -> list[list[str]]:
    """Head and rows of the table; `mark`: format of a home that was lived in."""
    rows = [["generation", "home", *said["homes"], "old", "new", "novelty"]]
    for number, (lived, judged) in enumerate(zip(said["lived"], said["judged"], strict=True)):
        known = said["lived"][: number + 1]
        skills = {home: _shown(judged["homes"][home].get("skill", {}).get("value")) for home in said["homes"]}
        cells = [mark.format(text) if home in known else text for home, text in skills.items()]
        means = (_shown(said[name][number]) for name in ("old", "new"))
        rows.append([str(number + 1), lived, *cells, *means, _shown(judged.get("novelty"))])
    return rows


def _shown(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _summary(said: Json) -> str:
    return ", ".join(f"{name} {_shown(value)}" for name, value in said["transfer"].items())


_NOTE = (
    "Skill of each generation's world model 1 to 5 steps ahead, on episodes that nothing was trained on; 0 is standing "
    "still, 1 is perfect. Bold: homes that it or its parents lived in. Old, new: means over those and the others. "
    "Novelty: the parent model's error of the moves that its agent made in its next home, over that of random moves."
)


def _markdown(said: Json) -> str:
    head, *rows = _rows(said, "**{}**")
    lines = [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]
    return "\n".join(["# A life", "", _NOTE, "", *lines, "", _summary(said), ""])


def _page(said: Json, cells: Mapping[str, Floats]) -> str:
    x = np.arange(1, len(said["lived"]) + 1, dtype=np.float64)
    value, low, high = (cells[name] for name in _ENDS)
    of_homes = {home: Curve(x, value[:, i], low[:, i], high[:, i]) for i, home in enumerate(said["homes"])}
    means = {
        f"{name} homes": Curve(x, np.array([math.nan if mean is None else mean for mean in said[name]]))
        for name in ("old", "new")
    }
    charts = "".join(curves(series, "generation", "skill", zero=True) for series in (of_homes, means))
    head, *rows = _rows(said, "\0{}")
    table = "".join(f"<th>{html.escape(cell)}</th>" for cell in head)
    for row in rows:
        marked = (("<td class=old>" if cell[0] == "\0" else "<td>") + html.escape(cell.lstrip("\0")) for cell in row)
        table += f"<tr>{''.join(marked)}"
    body = f"<h1>A life</h1><p>{html.escape(_NOTE)}</p>{charts}<table><tr>{table}</table><p>{_summary(said)}</p>"
    return f"<!doctype html><meta charset=utf-8><title>A life</title><style>{_STYLE}</style>{body}"
