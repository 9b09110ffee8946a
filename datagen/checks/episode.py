"""One episode: its file, its rows and its images."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from datagen.checks.finding import ERROR, Finding
from datagen.checks.views import View, look_at
from datagen.store import verify
from datagen.store.episode import DAMAGED, FACTS, ROWS, Storage, decode
from datagen.store.listing import episode_file, read_contents
from datagen.store.verify import Images


@dataclass(frozen=True)
class Seen:
    """What later checks need of a frame.

    `record`: its row; `digest`: of its images as stored; `ids`: the instances in its segmentation; `things`: how many
    of them count as in view; `depth_m`: median; `view`: what it shows, None where its row has a fault; `place`: what
    findings call it.
    """

    record: Mapping[str, Any]
    digest: bytes
    ids: frozenset[int]
    things: int
    depth_m: float
    view: View | None
    place: str


def check_episode(
    folder: Path, index: int, listed: Mapping[str, Any] | None, storage: Storage
) -> tuple[list[Finding], list[Seen]]:
    """The findings in an episode's file, and what was seen in it. `listed`: its row of `episodes.parquet`, if known."""
    path = episode_file(folder, index)
    place = path.relative_to(folder).as_posix()
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return [
            Finding(ERROR, "missing episode", "listed, but its file is gone; restore it or make it anew", place)
        ], []
    found = []
    if listed is not None and hashlib.sha256(data).hexdigest() != listed["sha256"]:
        found.append(Finding(ERROR, "episode hash", "the file is not the one that was listed; restore it", place))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            findings, seen = _check_archive(archive, index, listed, storage, place)
    except DAMAGED as error:
        told = f"cannot be read ({error}); delete it and resume to make it anew"
        return [*found, Finding(ERROR, "damaged episode", told, place)], []
    return found + findings, seen


def _check_archive(
    archive: zipfile.ZipFile, index: int, listed: Mapping[str, Any] | None, storage: Storage, place: str
) -> tuple[list[Finding], list[Seen]]:
    rows, facts = read_contents(archive)
    records = rows.to_pylist()
    found = []
    if facts["episode"] != index or any(record["episode"] != index for record in records):
        found.append(Finding(ERROR, "swapped episode", f"holds episode {facts['episode']}, not {index}", place))
    if {record["home"] for record in records} != {facts["home"]}:
        found.append(Finding(ERROR, "home", f"shows another home than {facts['home']!r}, which it tells of", place))
    if listed is not None:
        told = [name for name in ("home", "home_hash", "outcome") if facts[name] != listed[name]]
        told += ["drawn"] if facts["drawn"] != json.loads(listed["drawn"]) else []
        told += ["frames"] if len(records) != listed["frames"] else []
        found += [
            Finding(ERROR, "listing", f"episodes.parquet says another {name} than the file", place) for name in told
        ]
    wanted = {ROWS, FACTS, *(name for step in range(len(records)) for name in storage.files(step).values())}
    if strays := sorted(set(archive.namelist()) - wanted):
        found.append(Finding(ERROR, "stray file", f"holds {strays[0]}, which no row tells of", place))
    seen = []
    before: Mapping[str, Any] | None = None
    shown_before: Images | None = None
    for step, record in enumerate(records):
        here = f"{place} step {step}"
        faults = verify.row_faults(record, before)
        found += [Finding(ERROR, "row", fault, here) for fault in faults]
        try:
            encoded = {channel: archive.read(name) for channel, name in storage.files(step).items()}
            shown = decode(encoded, storage)
        except DAMAGED as error:
            found.append(Finding(ERROR, "image", f"does not decode: {error}", here))
            before, shown_before = record, None
            continue
        found += _check_images(record, shown, before, shown_before, here)
        seen.append(_seen(record, shown, encoded, here, sound=not faults))
        before, shown_before = record, shown
    return found, seen


def _check_images(
    record: Mapping[str, Any], shown: Images, before: Mapping[str, Any] | None, shown_before: Images | None, here: str
) -> Iterator[Finding]:
    for fault in verify.image_faults(record, shown):
        yield Finding(ERROR, "image", fault, here)
    if before is not None and shown_before is not None:
        for fault in verify.pair_faults(record, shown, before, shown_before):
            yield Finding(ERROR, "image", fault, here)
    flags = verify.flags(shown, shown_before)
    if flags != record["checks"] and (before is None or shown_before is not None):
        told = f"the row says {record['checks'] or 'nothing'} of the image, which is {flags or 'unremarkable'}"
        yield Finding(ERROR, "image", told, here)


def _seen(record: Mapping[str, Any], shown: Images, encoded: Mapping[str, bytes], here: str, *, sound: bool) -> Seen:
    digest = hashlib.blake2b(encoded["rgb"] + encoded["depth"], digest_size=16).digest()
    ids = frozenset(np.unique(shown.segmentation).tolist() if shown.segmentation is not None else ())
    view = look_at(shown.depth_mm, record) if sound else None
    return Seen(record, digest, ids, verify.things_in_view(shown), shown.median_depth_m(), view, here)
