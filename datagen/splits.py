"""Splits: which frames train, which validate, which test. Stored in the dataset, never drawn again.

A split names a part for each frame; "" is a frame in none, such as those in a gap.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from datagen.store.about import read_about, summed, write_about
from datagen.store.schema import Json
from scenes.errors import HomeError
from scenes.files import plain_errors, write_whole

if TYPE_CHECKING:
    from datagen.reader import Dataset

Labels = npt.NDArray[np.str_]
FOLDER = "splits"


@dataclass(frozen=True)
class Split:
    """`parts`: (N,), the part of each frame. `how`: what made it. `warnings`: where it leaks, or falls short."""

    parts: Labels
    how: Mapping[str, Json]
    warnings: tuple[str, ...] = field(default=())


def by_group(
    groups: npt.NDArray[Any], shares: Mapping[str, float], rng: np.random.Generator, classes: Labels | None = None
) -> Labels:
    """The parts (N,) such that no group (N,), a home or an episode, is in two.

    `shares`: the share of the frames that each part is to have. Groups are dealt in random order, large ones first, to
    the part that lacks most; with `classes` (N,), such as commands, to the part that lacks most of the group's classes.

    Raises:
        HomeError: fewer groups than parts.
    """
    names, wanted = _shares(shares)
    values, index = np.unique(groups, return_inverse=True)
    if len(values) < len(names):
        raise HomeError(f"{len(values)} groups cannot fill {len(names)} parts; split by something finer")
    kinds = np.unique(classes, return_inverse=True)[1] if classes is not None else np.zeros(len(groups), np.intp)
    counts = np.zeros((len(values), kinds.max() + 1))
    np.add.at(counts, (index, kinds), 1)
    lacking = wanted[:, None] * counts.sum(axis=0)
    scale = counts.sum(axis=0)
    order = rng.permutation(len(values))
    order = order[np.argsort(-counts[order].sum(axis=1), kind="stable")]
    part_of = np.full(len(values), -1)
    for turn, group in enumerate(order):
        empty = [part for part in range(len(names)) if part not in part_of]
        must_fill = len(values) - turn <= len(empty)
        candidates = np.array(empty if must_fill else range(len(names)))
        lack = ((lacking[candidates] / scale) * (counts[group] / counts[group].sum())).sum(axis=1)
        part_of[group] = candidates[np.argmax(lack)]
        lacking[part_of[group]] -= counts[group]
    return np.array(names)[part_of[index]]


def by_time(
    episode: npt.NDArray[np.integer], step: npt.NDArray[np.integer], shares: Mapping[str, float], gap: int
) -> Labels:
    """Each episode in blocks, in the order of `shares`, with `gap` frames between two blocks in no part.

    An episode too short for a frame in each block goes whole into the first part.
    """
    names, wanted = _shares(shares)
    parts = np.full(len(episode), names[0], dtype=f"<U{max(map(len, names))}")
    for value in np.unique(episode):
        members = np.flatnonzero(episode == value)
        members = members[np.argsort(step[members], kind="stable")]
        room = len(members) - gap * (len(names) - 1)
        edges = np.rint(np.cumsum(wanted) * room).astype(int) if room > 0 else np.zeros(len(names), int)
        starts = np.concatenate([[0], edges[:-1]])
        if (edges <= starts).any():
            continue
        parts[members] = ""
        for number, (name, start, end) in enumerate(zip(names, starts, edges, strict=True)):
            parts[members[start + number * gap : end + number * gap]] = name
    return parts


def at_random(total: int, shares: Mapping[str, float], rng: np.random.Generator) -> Labels:
    """Frame by frame. Neighbours in time end up in different parts: a leak, good for showing what leaks do."""
    names, wanted = _shares(shares)
    edges = np.rint(np.cumsum(wanted) * total).astype(int)
    parts = np.array(names)[np.searchsorted(edges, np.arange(total), side="right").clip(max=len(names) - 1)]
    return rng.permutation(parts)


def k_folds(groups: npt.NDArray[Any], folds: int, rng: np.random.Generator) -> npt.NDArray[np.intp]:
    """The fold (N,), 0 .. folds - 1, of each frame; no group is in two, and sizes are as even as groups allow.

    Raises:
        HomeError: fewer groups than folds.
    """
    if folds < 2:
        raise HomeError(f"{folds} folds; take 2 or more")
    labels = by_group(groups, {f"{fold:06d}": 1.0 for fold in range(folds)}, rng)
    return labels.astype(np.intp)


def find_leaks(
    parts: Labels, episode: npt.NDArray[np.integer], step: npt.NDArray[np.integer], home: Labels
) -> list[str]:
    """What lets a part know another: neighbouring frames, shared episodes, shared homes. Worst first; [] if nothing."""
    used = parts != ""
    same_episode = (episode[1:] == episode[:-1]) & (step[1:] == step[:-1] + 1) & used[1:] & used[:-1]
    touching = int((same_episode & (parts[1:] != parts[:-1])).sum())
    leaks = []
    if touching:
        leaks.append(f"{touching} pairs of frames that follow each other are in different parts")
    for name, groups in (("episode", episode), ("home", home)):
        pairs = np.unique(np.stack([groups[used].astype(str), parts[used].astype(str)], axis=1), axis=0)
        shared = len(pairs) - len(np.unique(pairs[:, 0]))
        if shared:
            values, counts = np.unique(pairs[:, 0], return_counts=True)
            several = values[counts > 1]
            leaks.append(f"{len(several)} of {len(values)} {name}s are in several parts, such as {name} {several[0]}")
    return leaks


def columns_of(dataset: Dataset) -> dict[str, npt.NDArray[Any]]:
    """What `make_split` and `store_split` want to know of a dataset's frames."""
    return {name: dataset.column(name) for name in ("episode", "step", "home", "command")}


def make_split(
    columns: Mapping[str, npt.NDArray[Any]], by: str, shares: Mapping[str, float], seed: int, gap: int = 0
) -> Split:
    """A split of a dataset's `columns_of`.

    `by`: "home", "episode", "command" (by episode, with equal shares of commands), "time" (with a `gap` in frames) or
    "random".

    Raises:
        HomeError: another `by`, or shares or groups that do not fit.
    """
    rng = np.random.default_rng(seed)
    episode, step, home = (columns[name] for name in ("episode", "step", "home"))
    if by == "time":
        parts = by_time(episode, step, shares, gap)
    elif by == "random":
        parts = at_random(len(episode), shares, rng)
    elif by in ("home", "episode"):
        parts = by_group(columns[by], shares, rng)
    elif by == "command":
        parts = by_group(episode, shares, rng, columns["command"])
    else:
        raise HomeError(f"no split by {by!r}; there are home, episode, command, time and random")
    how = {"by": by, "shares": dict(shares), "seed": seed} | ({"gap": gap} if by == "time" else {})
    short = [f"no frame is in {name!r}" for name in shares if not (parts == name).any()]
    return Split(parts, how, (*short, *find_leaks(parts, episode, step, home)))


def store_split(folder: Path, name: str, split: Split, columns: Mapping[str, npt.NDArray[Any]]) -> None:
    """Stores a split in a dataset: `splits/NAME.parquet`, one row per frame, and its making in `dataset.yaml`.

    Raises:
        HomeError: the name is taken by another split, or is no plain name.
    """
    import pyarrow as pa
    from pyarrow import parquet

    if not re.fullmatch(r"[\w-]{1,60}", name, re.ASCII):
        raise HomeError(f"a split named {name!r}; use letters, digits, _ and -")
    about = read_about(folder)
    said = dict(split.how) | {"warnings": list(split.warnings)}
    path = folder / FOLDER / f"{name}.parquet"
    table = pa.table(
        {
            "episode": pa.array(columns["episode"], pa.int32()),
            "step": pa.array(columns["step"], pa.int32()),
            "part": pa.array(split.parts.tolist(), pa.string()),
        }
    )
    buffer = io.BytesIO()
    parquet.write_table(table, buffer)
    data = buffer.getvalue()
    if path.exists() and (about["splits"].get(name), path.read_bytes()) != (said, data):
        raise HomeError(f"{folder} has another split {name!r}; splits never change, choose another name")
    with plain_errors(folder):
        path.parent.mkdir(exist_ok=True)
        write_whole(path, data)
    sums = about.get("sums", {}) | {f"{FOLDER}/{name}.parquet": hashlib.sha256(data).hexdigest()}
    write_about(folder, about | {"splits": about["splits"] | {name: said}, "sums": sums})


def read_split(folder: Path, name: str, episode: npt.NDArray[np.integer], step: npt.NDArray[np.integer]) -> Labels:
    """The part (N,) of each frame in a stored split; "" for those of episodes that came after it was made.

    Raises:
        HomeError: there is no such split, or it is not of these frames.
    """
    import pyarrow as pa
    from pyarrow import parquet

    names = sorted(path.stem for path in (folder / FOLDER).glob("*.parquet"))
    if name not in names:
        raise HomeError(f"{folder} has no split {name!r}; there are {', '.join(names) or 'none'} (sim data split)")
    path = folder / FOLDER / f"{name}.parquet"
    try:
        table = parquet.read_table(
            io.BytesIO(summed(folder, read_about(folder), f"{FOLDER}/{name}.parquet", path.read_bytes()))
        )
        known = np.isin(episode, table["episode"].to_numpy())
        same = np.array_equal(table["episode"].to_numpy(), episode[known])
        same &= np.array_equal(table["step"].to_numpy(), step[known])
        stored = np.array(table["part"].to_pylist(), np.str_)
    except (OSError, KeyError, pa.ArrowException) as error:
        raise HomeError(
            f"{path} is damaged ({error}); delete it and split again with the seed in dataset.yaml"
        ) from error
    if not same:
        raise HomeError(f"{path} is a split of other frames; delete it and split again")
    parts = np.full(len(episode), "", dtype=stored.dtype)
    parts[known] = stored
    return parts


def parse_shares(text: str) -> dict[str, float]:
    """Shares from "train=80,val=10,test=10".

    Raises:
        HomeError: not such text.
    """
    pairs = [part.split("=") for part in text.split(",")]
    try:
        shares = {name.strip(): float(share) for name, share in pairs}
    except ValueError as error:
        raise HomeError(f"shares {text!r}: write them as train=80,val=10,test=10") from error
    if len(shares) != len(pairs) or "" in shares:
        raise HomeError(f"shares {text!r}: give each part one name of its own")
    _shares(shares)
    return shares


def _shares(shares: Mapping[str, float]) -> tuple[list[str], npt.NDArray[np.float64]]:
    """Names of the parts, and their shares, which sum to 1."""
    values = np.array(list(shares.values()), float)
    if len(values) < 2 or not np.isfinite(values).all() or (values <= 0).any():
        raise HomeError(f"shares {dict(shares)}: give two parts or more, each a share above 0")
    return list(shares), values / values.sum()
