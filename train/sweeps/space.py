"""What a sweep searches: parameters, nested or not, as a flat row of leaves; a point is one position per leaf."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from scenes.errors import HomeError
from train.sweeps.distributions import Choice, Continuous, Distribution, Integers, Value, read_distribution

Position: TypeAlias = int | float
"""Where in a leaf: the index of a choice, or the share u, 0 to 1, of a distribution of numbers."""
Point: TypeAlias = tuple[Position, ...]

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class Leaf:
    """One parameter that is set."""

    path: tuple[str, ...]
    distribution: Distribution

    @property
    def name(self) -> str:
        """Its dotted name."""
        return ".".join(self.path)

    def value(self, position: Position) -> Value:
        """What it is set to there."""
        if isinstance(self.distribution, Choice):
            return self.distribution.values[int(position)]
        return self.distribution.quantile(position)


@dataclass(frozen=True)
class Space:
    """All parameters of a sweep.

    Attributes:
        leaves: those that are searched, by name, as W&B orders them
        constants: those with one value, by path
    """

    leaves: tuple[Leaf, ...]
    constants: Mapping[tuple[str, ...], Value]

    def settings(self, point: Point) -> dict[str, Value]:
        """The settings at a point, nested as the parameters are."""
        found: dict[tuple[str, ...], Value] = dict(self.constants)
        for leaf, position in zip(self.leaves, point, strict=True):
            found[leaf.path] = leaf.value(position)
        settings: dict[str, Value] = {}
        for path in sorted(found):
            put(settings, path, found[path])
        return settings

    def drawn(self, rng: np.random.Generator) -> Point:
        """A point drawn from the distributions; one number of the generator for each leaf."""
        shares = rng.random(len(self.leaves)).tolist()
        return tuple(
            leaf.distribution.index_at(u) if isinstance(leaf.distribution, Choice) else u
            for leaf, u in zip(self.leaves, shares, strict=True)
        )


def put(settings: dict[str, Value], path: Sequence[str], value: Value) -> None:
    """Sets one key of nested settings."""
    for part in path[:-1]:
        inner = settings.setdefault(part, {})
        assert isinstance(inner, dict)
        settings = inner
    settings[path[-1]] = value


def read_space(parameters: Mapping[str, Value]) -> Space:
    """The space that the `parameters` of a sweep file say.

    Raises:
        HomeError: a parameter is malformed; two have the same dotted name.
    """
    read = list(_read((), parameters))
    names = [".".join(path) for path, _ in read]
    for name in names:
        if names.count(name) > 1:
            raise HomeError(f"parameters: two are called {name}; rename one")
    constants = {path: one.values[0] for path, one in read if isinstance(one, Choice) and len(one.values) == 1}
    leaves = tuple(Leaf(path, one) for path, one in read if path not in constants)
    return Space(leaves, constants)


def _read(prefix: tuple[str, ...], parameters: Mapping[str, Value]) -> Iterator[tuple[tuple[str, ...], Distribution]]:
    if not parameters:
        raise HomeError(f"{'.'.join(('parameters', *prefix))}: none; give one or more")
    for name in sorted(parameters):
        said, where = parameters[name], ".".join(("parameters", *prefix, name))
        if not isinstance(said, Mapping):
            raise HomeError(f"{where}: {said!r}; give value, values, min and max, or parameters")
        if not _NAME.fullmatch(name):
            raise HomeError(f"{where}: W&B takes letters, digits and _ . - in names, a letter or _ first")
        if "parameters" not in said:
            yield (*prefix, name), read_distribution(said, where)
            continue
        inner = said["parameters"]
        if len(said) > 1 or not isinstance(inner, Mapping):
            raise HomeError(f"{where}: nested parameters stand alone, as `{name}: {{parameters: {{...}}}}`")
        yield from _read((*prefix, name), inner)


def as_grid(space: Space) -> Space:
    """The space with each leaf as the choice of its values; equal ones count once.

    `q_uniform` goes from min in steps of q and stays below max, as in W&B.

    Raises:
        HomeError: a parameter has no finite number of values, or probabilities.
    """
    return Space(tuple(Leaf(leaf.path, Choice(_grid_values(leaf))) for leaf in space.leaves), space.constants)


def grid_sizes(space: Space) -> tuple[int, ...]:
    """How many values each leaf of a grid has."""
    return tuple(len(leaf.distribution.values) for leaf in space.leaves if isinstance(leaf.distribution, Choice))


def grid_point(sizes: Sequence[int], number: int) -> Point:
    """A point of a grid in W&B's order: leaves by name, the last one changes first, as in `itertools.product`."""
    point = []
    for size in reversed(sizes):
        number, position = divmod(number, size)
        point.append(position)
    return tuple(reversed(point))


def _grid_values(leaf: Leaf) -> tuple[Value, ...]:
    match leaf.distribution:
        case Choice(values, None):
            unique: dict[str, Value] = {}
            for value in values:
                unique.setdefault(_identity(value), value)
            return tuple(unique.values())
        case Integers(low, high):
            return tuple(range(low, high + 1))
        case Continuous("uniform", (low, high), q) if q is not None:
            return tuple(np.arange(low, high, q).tolist())
    raise HomeError(
        f"parameters.{leaf.name}: a grid needs values, whole numbers from min to max, or q_uniform; no probabilities"
    )


def _identity(value: Value) -> str:
    """The same for equal values; 3.0 is 3, but true is not 1."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True)
