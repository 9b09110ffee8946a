"""A whole dataset: its description, listing, episodes, homes, splits and hash against each other."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from datagen.checks.episode import Seen, check_episode
from datagen.checks.finding import ERROR, WARNING, Finding
from datagen.checks.frames import duplicate_findings, flag_findings
from datagen.checks.places import OUTDOORS, find_judge, place_findings
from datagen.checks.views import count_distinct, near_findings, use_findings, view_findings
from datagen.config import EXPERT_POLICIES, PTZ_POLICIES
from datagen.splits import FOLDER as SPLITS
from datagen.splits import find_leaks, read_split
from datagen.store import frozen
from datagen.store.about import ABOUT, COMPLETE, IDENTITY, read_about, summed
from datagen.store.episode import Storage
from datagen.store.identity import content_hash
from datagen.store.listing import EPISODES, EPISODES_FOLDER, FRAMES, episode_file, read_listing, stored_episodes
from datagen.store.schema import Json, episode_schema, frame_schema
from scenes.errors import HomeError


def check_dataset(
    folder: Path, progress: Callable[[], None] = lambda: None, homes: Sequence[Path] = (), use: str | None = None
) -> list[Finding]:
    """What is wrong with a dataset, worst first; nothing in a good one. Reads every file.

    Args:
        folder: the dataset's.
        progress: called for each episode.
        homes: files of its homes, to judge places and labels by; bundled ones are found by name.
        use: what it is for, one of `USES`; if not given, what the policies that made it are for.
    """
    try:
        about = read_about(folder)
    except HomeError as error:
        return [Finding(ERROR, "description", str(error), ABOUT)]
    found = [*_check_files(folder, about)]
    try:
        frames, episodes = read_listing(folder)
    except HomeError as error:
        found.append(Finding(ERROR, "listing", str(error), f"{FRAMES}, {EPISODES}"))
        frames, episodes = frame_schema().empty_table(), episode_schema().empty_table()
        listed = stored_episodes(folder, about["episodes"])
    else:
        listed = episodes["episode"].to_pylist()
        found += [*_check_sums(folder, about)]
        found += _check_listing(folder, about, frames, episodes)
    by_index = {row["episode"]: row for row in episodes.to_pylist()}
    seen: list[Seen] = []
    distinct = 0
    for index in listed:
        findings, frames_seen = check_episode(folder, index, by_index.get(index), Storage(**about["storage"]))
        found += findings
        place = episode_file(folder, index).relative_to(folder).as_posix()
        viewed = [(one.record, one.view) for one in frames_seen if one.view is not None]
        distinct += count_distinct([record for record, _ in viewed], [view.depth_m for _, view in viewed])
        found += view_findings([view for _, view in viewed], [record for record, _ in viewed], place)
        seen += frames_seen
        progress()
    found += [*_rows_differ(frames, seen), *duplicate_findings(seen), *flag_findings(seen)]
    if (use := use or _use_of(about)) is not None and about["state"] == COMPLETE:
        found += use_findings(use, distinct, len(listed))
    found += near_findings([one.view for one in seen if one.view is not None])
    found += [*_check_homes(folder, about, seen, homes), *_check_splits(folder, about, frames)]
    return sorted(found, key=lambda finding: finding.severity != ERROR)


def _use_of(about: Json) -> str | None:
    """What the policies that made a dataset are for, if that is one thing."""
    policies = about["config"].get("policies")
    known = {**dict.fromkeys(PTZ_POLICIES, "world-model"), **dict.fromkeys(EXPERT_POLICIES, "policy")}
    uses = {known.get(str(policy)) for policy in policies} if isinstance(policies, list) else set()
    return uses.pop() if len(uses) == 1 else None


def _check_files(folder: Path, about: Json) -> Iterator[Finding]:
    """Files that do not belong, and episodes that are missing."""
    stored = set(stored_episodes(folder, about["episodes"]))
    own = {episode_file(folder, index).name for index in stored}
    for path in sorted((folder / EPISODES_FOLDER).glob("*")):
        being_written = path.name.startswith(".") and about["state"] != COMPLETE
        if path.name not in own and not being_written:
            yield Finding(
                ERROR, "stray file", "no episode of this dataset; remove it", f"{EPISODES_FOLDER}/{path.name}"
            )
    if missing := about["episodes"] - len(stored):
        told = f"{missing} of {about['episodes']} episodes are missing; restore them, or resume to make them"
        first = episode_file(folder, next(index for index in itertools.count() if index not in stored))
        complete = about["state"] == COMPLETE
        yield Finding(ERROR if complete else WARNING, "missing episode", told, first.relative_to(folder).as_posix())


def _check_listing(folder: Path, about: Json, frames: Any, episodes: Any) -> Iterator[Finding]:
    """The listing against the files and the content hash."""
    listed = episodes["episode"].to_pylist()
    if listed != sorted(set(listed)):
        yield Finding(ERROR, "listing", "episodes are listed twice or out of order; resume to list anew", EPISODES)
    unlisted = sorted(set(stored_episodes(folder, about["episodes"])) - set(listed))
    if about["state"] == COMPLETE and unlisted:
        told = f"{len(unlisted)} episodes are stored and not listed; resume to list them"
        yield Finding(ERROR, "listing", told, episode_file(folder, unlisted[0]).relative_to(folder).as_posix())
    if sum(episodes["frames"].to_pylist()) != len(frames):
        yield Finding(ERROR, "listing", f"{FRAMES} has another number of frames than {EPISODES} says", FRAMES)
    if about["state"] == COMPLETE:
        identity = {part: about[part] for part in IDENTITY}
        if content_hash(identity, episodes["sha256"].to_pylist()) != about.get("content_hash"):
            told = "the content hash is not that of this configuration and these episodes: something was changed"
            yield Finding(ERROR, "content hash", told, ABOUT)
    homes = {row["home"]: row["home_hash"] for row in episodes.to_pylist()}
    for name, home in homes.items():
        if about["homes"].get(name) != home:
            yield Finding(ERROR, "home", f"{ABOUT} does not name the home {name!r} as it is shown", EPISODES)


def _check_sums(folder: Path, about: Json) -> Iterator[Finding]:
    """The files beside the episodes against the sums that the description has of them."""
    for path in (FRAMES, EPISODES) if about["state"] == COMPLETE else ():
        try:
            summed(folder, about, path, (folder / path).read_bytes())
        except (HomeError, OSError) as error:
            yield Finding(ERROR, "listing", str(error), path)


def _rows_differ(frames: Any, seen: list[Seen]) -> Iterator[Finding]:
    """Listed rows against those inside of the episodes."""
    inside = {(row.record["episode"], row.record["step"]): row for row in seen}
    for record in frames.to_pylist():
        row = inside.get((record["episode"], record["step"]))
        if row is not None and not _same(row.record, record):
            differing = [name for name in record if not _same(record[name], row.record[name])]
            told = f"{FRAMES} says another {differing[0]} than the episode; delete {EPISODES} and resume to list anew"
            yield Finding(ERROR, "listing", told, row.place)


def _same(one: Json, other: Json) -> bool:
    return repr(one) == repr(other)


def _check_homes(folder: Path, about: Json, seen: list[Seen], homes: Sequence[Path]) -> Iterator[Finding]:
    """The descriptions of the homes, their ids, where cameras are in them, and the benchmark sets."""
    from datagen.reader.dataset import home_info

    for name in about["homes"]:
        try:
            info = home_info(folder, name, about)
        except HomeError as error:
            yield Finding(ERROR, "home", str(error), f"homes/{name}.json")
            continue
        known = {instance["id"] for instance in info.get("instances", ())}
        for row in seen:
            if known and row.record["home"] == name and (unknown := row.ids - known - {0}):
                told = f"the segmentation has the id {min(unknown)}, which homes/{name}.json does not know"
                yield Finding(ERROR, "segmentation", told, row.place)
                break
        yield from _check_places(folder, about, name, info, seen, homes)
    yield from _check_benchmark(folder, about)


def _check_places(
    folder: Path, about: Json, name: str, info: Json, seen: list[Seen], homes: Sequence[Path]
) -> Iterator[Finding]:
    """Where the cameras of a home are, and what its frames are labelled with."""
    frames: dict[str, list[Mapping[str, Any]]] = {}
    for row in seen:
        if row.view is not None and row.record["home"] == name:
            place = episode_file(folder, row.record["episode"]).relative_to(folder).as_posix()
            frames.setdefault(place, []).append(row.record)
    try:
        closed = bool(about["config"].get("close"))
        judge = find_judge(name, about["homes"][name], info, homes, closed=closed) if frames else None
    except HomeError as error:
        yield Finding(ERROR, "home", str(error), f"homes/{name}.json")
        return
    if judge is not None:
        is_frozen = frozen.MARK in about["config"]  # a benchmark set never changes: nothing of it can be mended
        for finding in place_findings(judge, name, frames, outdoors=bool(about["config"].get(OUTDOORS))):
            yield replace(finding, severity=WARNING) if is_frozen else finding


def _check_benchmark(folder: Path, about: Json) -> Iterator[Finding]:
    """Homes of benchmark sets are shown by what renders the set, as it was frozen, and by nothing else."""
    try:
        frozen.refuse_homes(about["homes"], about["config"])
        mark = about["config"].get(frozen.MARK)
        if mark is not None and about["state"] == COMPLETE:
            frozen.require_frozen(folder, str(mark["name"] if isinstance(mark, dict) and "name" in mark else mark))
    except HomeError as error:
        yield Finding(ERROR, "benchmark", str(error), ABOUT)


def _check_splits(folder: Path, about: Json, frames: Any) -> Iterator[Finding]:
    """The stored splits: whole, of these frames, and without leaks that nobody was told of."""
    if not len(frames):
        return
    episode, step = frames["episode"].to_numpy(), frames["step"].to_numpy()
    home = frames["home"].to_numpy(zero_copy_only=False).astype(str)
    names = set(about.get("splits", {})) | {path.stem for path in (folder / SPLITS).glob("*.parquet")}
    for name in sorted(names):
        place = f"{SPLITS}/{name}.parquet"
        if name not in about.get("splits", {}):
            yield Finding(ERROR, "split", f"{ABOUT} does not say how the split was made; remove it", place)
            continue
        try:
            parts = read_split(folder, name, episode, step)
        except HomeError as error:
            yield Finding(ERROR, "split", str(error), place)
            continue
        told = about["splits"][name].get("warnings", [])
        for leak in find_leaks(parts, episode, step, home):
            if leak not in told:
                yield Finding(
                    ERROR, "split", f"the stored parts leak otherwise than when they were made: {leak}", place
                )
