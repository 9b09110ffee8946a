"""What a run's folder says of it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from datagen.store.schema import Json
from scenes.errors import HomeError
from scenes.yaml_files import parse_yaml
from train.checkpoints import Checkpoints
from train.config import flatten
from train.runs.lines import read_lines
from train.runs.state import State, read_state

ABOUT, CONFIG, CHANGES = "run.json", "config.yaml", "changes.json"
METRICS, TIMING, EVENTS, ARTIFACTS = "metrics.jsonl", "timing.jsonl", "events.jsonl", "artifacts.jsonl"
CHECKPOINTS = "checkpoints"
RUN_ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{8}-[A-Za-z0-9][\w.+-]*", re.ASCII)
"""UTC time, short hash, name."""


@dataclass(frozen=True)
class RunInfo:
    """A run as it stands in its folder.

    Attributes:
        id: UTC time, short hash, name.
        folder: where it is.
        kind: what it is a run of: "world-model", "agent" ...
        name: what the user calls it.
        config: the whole configuration.
        config_hash: of kind, configuration, datasets and seeds.
        repeat_hash: the same without seeds: runs that share it are repeats of each other.
        datasets: folder -> content hash.
        seeds: by what they are for.
        parent: the run that it departs from, if any.
        inputs: runs whose checkpoints it uses besides.
        trackers: where else it was logged.
        environment: code, libraries, machine, command line.
        started_s: when it began, seconds since 1970.
        state: "running", "finished", "failed", "stopped" (by Ctrl-C) or "abandoned" (its process is gone).
        reason: why it failed, was stopped or abandoned.
        ended_s: when the state was written, which for a run that goes or was killed is when it began or resumed.
    """

    id: str
    folder: Path
    kind: str
    name: str
    config: Mapping[str, Json]
    config_hash: str
    repeat_hash: str
    datasets: Mapping[str, str]
    seeds: Mapping[str, int]
    parent: str | None
    inputs: tuple[str, ...]
    trackers: tuple[str, ...]
    environment: Mapping[str, Json]
    started_s: float
    state: State
    reason: str
    ended_s: float

    @property
    def checkpoints(self) -> Checkpoints:
        """Its checkpoints."""
        return Checkpoints(self.folder / CHECKPOINTS)

    @property
    def primary(self) -> str | None:
        """The metric that says which checkpoint is best: the setting `primary`, wherever the configuration has it."""
        found = (value for key, value in flatten(self.config).items() if key.rpartition(".")[2] == "primary")
        return next(found, None)

    def metrics(self) -> list[dict[str, float]]:
        """The logged lines in order, each with `step` and values by name."""
        return [
            {name: value if name == "step" else float(value) for name, value in line.items()}
            for line in read_lines(self.folder / METRICS)
        ]

    def last(self) -> dict[str, float]:
        """The last value of each metric, and the last step."""
        return {name: value for line in self.metrics() for name, value in line.items()}

    def events(self) -> list[dict[str, Any]]:
        """What happened, in order: each with `kind`, `time` and facts."""
        return read_lines(self.folder / EVENTS)

    def artifacts(self) -> list[dict[str, Any]]:
        """Files that it made: `path` in its folder, `sha256`, `bytes`; the last word on each."""
        return list({line["path"]: line for line in read_lines(self.folder / ARTIFACTS)}.values())


class _About(BaseModel):
    """What `run.json` must say."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

    id: str
    kind: str
    name: str
    config_hash: str
    repeat_hash: str
    datasets: dict[str, str]
    seeds: dict[str, int]
    parent: str | None
    inputs: tuple[str, ...]
    trackers: tuple[str, ...]
    environment: dict[str, Any]
    started_s: float


def read_run(folder: Path) -> RunInfo:
    """A run's folder.

    Raises:
        HomeError: it holds no run, or one of its files cannot be read.
    """
    try:
        about = _About.model_validate_json((folder / ABOUT).read_bytes())
        config = parse_yaml((folder / CONFIG).read_bytes(), str(folder / CONFIG))
        if not isinstance(config, dict):
            raise HomeError(f"{CONFIG} holds no settings")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise HomeError(f"{folder} holds no run: {Path(error.filename).name} is missing") from error
    except ValueError as error:
        told = " ".join(str(error).split())
        raise HomeError(f"{folder}: {ABOUT} or {CONFIG} cannot be read ({told}); restore it from a copy") from error
    state, reason, ended_s = read_state(folder)
    return RunInfo(folder=folder, config=config, state=state, reason=reason, ended_s=ended_s, **dict(about))


def config_hashes(
    kind: str, config: Mapping[str, Json], datasets: Mapping[str, str], seeds: Mapping[str, int]
) -> tuple[str, str]:
    """The hash of all that a run depends on, and the same without seeds.

    A setting is a seed if it is called `seed` or like one of the seeds. A dataset counts by its content, not by its
    folder.
    """
    content = sorted(datasets.values())
    unseeded = {key: value for key, value in flatten(config).items() if not is_seed(key, seeds)}
    return _hash([kind, config, content, dict(seeds)]), _hash([kind, unseeded, content])


def is_seed(key: str, seeds: Mapping[str, int]) -> bool:
    """Does a setting of this dotted key tell repeats apart?"""
    return key in seeds or key.rpartition(".")[2] in {"seed", *seeds}


def _hash(said: Json) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False, allow_nan=False).encode()).hexdigest()
