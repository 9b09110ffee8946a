"""W&B's sweep file, read as it is; see docs/sweeps.md.

What W&B does not know, a seed and repeats, stands under `controller`, where W&B's own schema lets further keys pass.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from scenes.errors import HomeError
from scenes.yaml_files import parse_yaml
from train.config import Settings, load_settings
from train.sweeps.command import DEFAULT_COMMAND, is_macro, without_variables
from train.sweeps.distributions import Value
from train.sweeps.space import Space, as_grid, grid_sizes, read_space

_ELSEWHERE = {
    "seed": "write it as `controller: {type: cloud, seed: ...}`, where W&B's schema lets it pass",
    "repeats": "write it as `controller: {type: cloud, repeats: ...}`, where W&B's schema lets it pass",
    "job": "W&B Launch runs on W&B's servers only",
    "image_uri": "W&B Launch runs on W&B's servers only",
    "scheduler": "custom schedulers run with W&B only",
    "metrics": "one metric is optimised here; give `metric`",
}
_DEPRECATED = ("log_uniform", "inv_log_uniform", "q_log_uniform")


class Metric(Settings):
    """What is optimised.

    Attributes:
        name: of the metric that the program reports.
        goal: which way.
        target: once a trial reports it or better, no further trials begin.
        impute: what stands for the value of a failed trial in `bayes`: its latest or best report, or the worst of all.
        impute_while_running: accepted, as W&B does; here a running trial counts as one that will end badly.
    """

    name: str
    goal: Literal["minimize", "maximize"] = "minimize"
    target: float | None = None
    impute: Literal["latest", "best", "worst"] = "worst"
    impute_while_running: Literal["latest", "best", "worst", "false"] = "false"

    def better(self, value: float, other: float) -> bool:
        """Is a value better than another?"""
        return value > other if self.goal == "maximize" else value < other


class Hyperband(Settings):
    """When trials are stopped early; iterations are reports of the metric. See `train.sweeps.hyperband`."""

    type: Literal["hyperband"]
    min_iter: Annotated[int, Field(ge=1)] | None = None
    max_iter: Annotated[int, Field(ge=1)] | None = None
    s: Annotated[int, Field(ge=1)] | None = None
    eta: Annotated[float, Field(gt=1)] = 3.0
    strict: bool = True

    @model_validator(mode="after")
    def _bands(self) -> Hyperband:
        if self.min_iter is None and (self.max_iter is None or self.s is None):
            raise ValueError("give min_iter, or max_iter and s")
        if self.max_iter is not None and self.s is not None and self.max_iter < self.eta:
            raise ValueError(f"max_iter {self.max_iter} with eta {self.eta:g} leaves no band; give a larger max_iter")
        return self


class Controller(Settings):
    """W&B's controller, and what it lacks.

    Attributes:
        type: W&B's; here both mean the same.
        seed: the same one gives the same trials.
        repeats: trials of each point, which differ in their seed only.
        seed_parameter: the parameter that sets a trial's seed: its constant, or 0, plus the repeat's number.
    """

    type: Literal["local", "cloud"]
    seed: Annotated[int, Field(ge=0)] = 0
    repeats: Annotated[int, Field(ge=1)] = 1
    seed_parameter: str = "seed"


class SweepFile(Settings):
    """The keys of a sweep file. `api_version`, `kind`, `entity`, `project`, `name`, `description` mean nothing here."""

    method: Literal["grid", "random", "bayes"]
    parameters: dict[str, Any]
    program: str | None = None
    command: Annotated[tuple[bool | int | float | str, ...], Field(min_length=1)] = DEFAULT_COMMAND
    metric: Metric | None = None
    early_terminate: Hyperband | None = None
    run_cap: Annotated[int, Field(ge=1)] | None = None
    controller: Controller = Controller(type="local")
    name: str | None = None
    description: str | None = None
    entity: str | None = None
    project: str | None = None
    api_version: str | None = Field(default=None, alias="apiVersion")
    kind: Literal["sweep"] | None = None

    @model_validator(mode="after")
    def _complete(self) -> SweepFile:
        if self.metric is None and (self.method == "bayes" or self.early_terminate is not None):
            what = "method bayes" if self.method == "bayes" else "early_terminate"
            raise ValueError(f"{what} needs a metric; write `metric: {{name: ..., goal: minimize}}`")
        for chunk in self.command:
            is_macro(without_variables(str(chunk)))
        if self.program is None and "${program}" in self.command:
            raise ValueError("no program; write `program: train.py`, or a command without ${program}")
        return self


@dataclass(frozen=True)
class Sweep:
    """A sweep file with its parameters read.

    Attributes:
        file: its keys
        space: what is searched; for a grid, choices only
        sha256: of what the file says, comments and order aside
    """

    file: SweepFile
    space: Space
    sha256: str

    @property
    def repeats(self) -> int:
        """Trials of each point."""
        return self.file.controller.repeats

    @cached_property
    def seed_path(self) -> tuple[str, ...]:
        """Where in the settings a trial's seed stands."""
        name = self.file.controller.seed_parameter
        paths = [*self.space.constants, *(leaf.path for leaf in self.space.leaves)]
        return next((path for path in paths if ".".join(path) == name), (name,))

    @cached_property
    def most_trials(self) -> int | None:
        """How many trials there can be, None if there is no end."""
        ends = [self.file.run_cap] if self.file.run_cap is not None else []
        if self.file.method == "grid":
            ends.append(prod(grid_sizes(self.space)) * self.repeats)
        return min(ends) if ends else None


def read_sweep(path: Path) -> Sweep:
    """A sweep file.

    Raises:
        HomeError: it is no YAML, or not a sweep file that runs here; says which key.
    """
    return parse_sweep(path.read_bytes(), str(path))


def parse_sweep(text: bytes, where: str) -> Sweep:
    """A sweep file from its text, read with the YAML 1.1 that W&B reads; `where` begins the messages.

    Raises:
        HomeError: as in `read_sweep`.
    """
    said = parse_yaml(text, where)
    if not isinstance(said, dict):
        raise HomeError(f"{where} is no sweep file; write `method:`, `parameters:` and `program:`, see docs/sweeps.md")
    for key, why in _ELSEWHERE.items():
        if key in said:
            raise HomeError(f"{where}: {key}: {why}")
    file = load_settings(SweepFile, said, where)
    try:
        space = read_space(file.parameters)
        sweep = Sweep(file, as_grid(space) if file.method == "grid" else space, digest(said))
        _check_seed(sweep)
    except HomeError as error:
        raise HomeError(f"{where}: {error}") from error
    _warn_of_exponents(file.parameters, "")
    return sweep


def digest(said: Mapping[str, Any]) -> str:
    """SHA-256 of a parsed file, whatever its order of keys.

    Raises:
        HomeError: it holds something that is not JSON.
    """
    try:
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    except TypeError as error:
        raise HomeError(f"it holds what JSON does not know ({error}); put dates into quotes") from error


def _check_seed(sweep: Sweep) -> None:
    name = sweep.file.controller.seed_parameter
    if sweep.repeats == 1:
        return
    if any(leaf.name == name for leaf in sweep.space.leaves):
        raise HomeError(f"parameters.{name} is searched, but repeats set it; leave it out, or set repeats to 1")
    base = sweep.space.constants.get(sweep.seed_path, 0)
    if not isinstance(base, int):
        raise HomeError(f"parameters.{name} is {base!r}; repeats count up from it, so give a whole number")


def _warn_of_exponents(parameters: Mapping[str, Value], prefix: str) -> None:
    for name, said in parameters.items():
        if not isinstance(said, Mapping):
            continue
        inner = said.get("parameters")
        if isinstance(inner, Mapping):
            _warn_of_exponents(inner, f"{prefix}{name}.")
        if said.get("distribution") in _DEPRECATED:
            warnings.warn(
                f"parameters.{prefix}{name}: min and max of {said['distribution']} are exponents of e; "
                "with ..._values they are the values themselves",
                stacklevel=2,
            )
