"""Checkpoints: tensors and facts in one file, whole or not there, with the sum of its bytes inside.

A file is plain safetensors, which any program reads; nothing in it is executed. Its metadata has one key, `stairwell`:
JSON with `sha256`, of the whole file with 64 zeros in its place, and `meta`, whatever belongs to the tensors.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datagen.store.schema import Json
from scenes.errors import HomeError
from scenes.files import plain_errors

if TYPE_CHECKING:
    from torch import Tensor

SUFFIX = ".safetensors"
_KEY = "stairwell"
_NO_SUM = "0" * 64
_LENGTH_BYTES = 8


def save_tensors(path: Path, tensors: Mapping[str, Tensor], meta: Mapping[str, Json]) -> None:
    """Writes tensors and facts; the same ones give the same bytes.

    Written aside, flushed to the disk and renamed into place: a kill or a crash leaves the old file or the new one.

    Args:
        path: the file, in a folder that is there.
        tensors: by name, of any type and shape; they may share memory.
        meta: JSON; no NaN.

    Raises:
        HomeError: the disk refuses.
    """
    from safetensors.torch import save
    from torch import contiguous_format

    said = json.dumps({"sha256": _NO_SUM, "meta": meta}, ensure_ascii=False, allow_nan=False)
    own = {
        name: tensor.detach().cpu().clone(memory_format=contiguous_format) for name, tensor in sorted(tensors.items())
    }
    data = save(own, {_KEY: said})
    digest = hashlib.sha256(data).hexdigest()
    with plain_errors(path.parent):
        _write_durable(path, data.replace(_NO_SUM.encode(), digest.encode(), 1))


def load_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Json]]:
    """The tensors, on the CPU, and the facts.

    Raises:
        HomeError: there is no such file, or it is not byte for byte what was saved; names the file.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    data = _read(path)
    said = _read_header(path, data)
    if hashlib.sha256(data.replace(said["sha256"].encode(), _NO_SUM.encode(), 1)).hexdigest() != said["sha256"]:
        raise _damaged(path, "its bytes are not those that were saved")
    try:
        return load(data), said["meta"]
    except SafetensorError as error:
        raise _damaged(path, str(error)) from error


def read_meta(path: Path) -> dict[str, Json]:
    """The facts of a checkpoint, without its tensors; the sum is not looked at.

    Raises:
        HomeError: there is no such file, or it has no readable header; names the file.
    """
    return _read_header(path, _read(path, header_only=True))["meta"]


@dataclass(frozen=True)
class Checkpoints:
    """The checkpoints of a run: the last few and the best one.

    Attributes:
        folder: where they lie, `000001000.safetensors` after 1000 steps; made when the first is saved.
        keep_last: how many of the last ones are kept.
        origin: facts that every one carries (the run, the hashes of its datasets).
    """

    folder: Path
    keep_last: int = 2
    origin: Mapping[str, Json] = field(default_factory=dict)

    def save(
        self, step: int, tensors: Mapping[str, Tensor], meta: Mapping[str, Json], score: float | None = None
    ) -> Path:
        """Saves one after `step` steps, then deletes those that are neither among the last nor the best.

        All that is logged of this step must be logged before: resuming drops only lines of later steps.

        Args:
            step: steps done.
            tensors: everything that is needed to go on.
            meta: facts; `step`, `score` and those of `origin` are added.
            score: of the primary metric, higher is better; NaN counts as none. Of equals the first is the best.
        """
        with plain_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            for leftover in self.folder.glob(".*"):
                leftover.unlink()
        path = self.folder / f"{step:09d}{SUFFIX}"
        counted = None if score is None or math.isnan(score) else float(score)
        save_tensors(path, tensors, {**meta, **self.origin, "step": step, "score": counted})
        kept = {*self.all()[-self.keep_last :], self.best()}
        for old in self.all():
            if old not in kept:
                old.unlink()
        return path

    def all(self) -> list[Path]:
        """All that are there, by step."""
        return sorted(self.folder.glob(f"[0-9]*{SUFFIX}"), key=step_of)

    def latest(self) -> Path | None:
        """The one of the highest step, damaged or not: a damaged one is an error when it is loaded."""
        return max(self.all(), key=step_of, default=None)

    def best(self) -> Path | None:
        """The one with the highest score, if any has one.

        Raises:
            HomeError: the header of one is damaged.
        """
        scores = {path: read_meta(path)["score"] for path in self.all()}
        scored = [path for path, score in scores.items() if score is not None]
        return max(scored, key=lambda path: scores[path], default=None)


def step_of(path: Path) -> int:
    """After how many steps a checkpoint was saved, by its name."""
    return int(path.stem)


def _read(path: Path, *, header_only: bool = False) -> bytes:
    try:
        with path.open("rb") as file:
            if not header_only:
                return file.read()
            length = file.read(_LENGTH_BYTES)
            return length + file.read(_header_length(path, length))
    except FileNotFoundError as error:
        raise HomeError(f"no checkpoint {path}; name one that is there") from error


def _header_length(path: Path, data: bytes) -> int:
    length = int.from_bytes(data[:_LENGTH_BYTES], "little")
    if not 0 < length < path.stat().st_size:
        raise _damaged(path, "it has no header")
    return length


def _read_header(path: Path, data: bytes) -> dict[str, Any]:
    """`sha256` and `meta` as they stand in the header."""
    header = data[_LENGTH_BYTES : _LENGTH_BYTES + _header_length(path, data)]
    try:
        said = json.loads(json.loads(header)["__metadata__"][_KEY])
        complete = re.fullmatch("[0-9a-f]{64}", said["sha256"]) and isinstance(said["meta"], dict)
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(path, "its header cannot be read") from error
    if not complete:
        raise _damaged(path, "its header cannot be read")
    return said


def _damaged(path: Path, why: str) -> HomeError:
    return HomeError(
        f"{path} is damaged: {why}; restore it from a copy, or delete it to go on from the checkpoint before it"
    )


def _write_durable(path: Path, data: bytes) -> None:
    """Writes a file aside, flushes it, renames it into place, and flushes the folder, so that the name lasts too."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    aside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.chmod(0o644)
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
