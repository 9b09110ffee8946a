"""Random numbers and choices as values: they are data, they add and multiply, and know the range they stay in.

In a configuration a value is a number, `{"uniform": [low, high]}`, `{"normal": [mean, deviation]}` (never farther off
than three deviations), `{"choice": [...], "weights": [...]}`, `{"sum": [...]}` or `{"product": [...]}` of values. In
code: `Uniform(uniform=(-5, 5)) + Normal(normal=(0, 1))`, `1.5 * Choice(choice=(1, 2))`. The idea of variations that
combine is dm_control's (`composer/variation`).
"""

from __future__ import annotations

import math
from abc import abstractmethod
from itertools import product
from typing import Annotated, Any, TypeAlias, Union

import numpy as np
from pydantic import BaseModel, ConfigDict, Discriminator, Tag, ValidationError, model_validator

_DEVIATIONS = 3.0


class Strict(BaseModel):
    """A part of a configuration: it never changes, and a key that it does not know is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def also_wrong(error: ValidationError) -> str:
    """Return the keys that are wrong besides the first one, for the end of a message; empty if there are none."""
    first, *others = ([str(part) for part in each["loc"]] for each in error.errors())
    keys = [".".join(loc) for loc in others if loc != first[: len(loc)]]  # a list is wrong because its item is
    return f" (wrong as well: {', '.join(dict.fromkeys(keys))})" if keys else ""


class RandomNumber(Strict):
    """A number that is drawn."""

    @abstractmethod
    def draw(self, rng: np.random.Generator) -> float:
        """One number."""

    @abstractmethod
    def range(self) -> tuple[float, float]:
        """The least and the most that is ever drawn."""

    def __add__(self, other: Number) -> Sum:
        return Sum.model_validate({"sum": (self, other)})

    def __mul__(self, other: Number) -> Product:
        return Product.model_validate({"product": (self, other)})

    __radd__ = __add__
    __rmul__ = __mul__


class Uniform(RandomNumber):
    """All between two numbers alike."""

    uniform: tuple[float, float]

    @model_validator(mode="after")
    def _ordered(self) -> Uniform:
        if self.uniform[0] > self.uniform[1]:
            raise ValueError(f"uniform from {self.uniform[0]} to {self.uniform[1]}; give low, high")
        return self

    def draw(self, rng: np.random.Generator) -> float:
        """One number."""
        return float(rng.uniform(*self.uniform))

    def range(self) -> tuple[float, float]:
        """Low, high."""
        return self.uniform


class Normal(RandomNumber):
    """Mean and deviation; at most three deviations off."""

    normal: tuple[float, float]

    @model_validator(mode="after")
    def _positive(self) -> Normal:
        if self.normal[1] < 0:
            raise ValueError(f"normal with a deviation of {self.normal[1]}; give 0 or more")
        return self

    def draw(self, rng: np.random.Generator) -> float:
        """One number."""
        mean, deviation = self.normal
        return mean + deviation * float(np.clip(rng.standard_normal(), -_DEVIATIONS, _DEVIATIONS))

    def range(self) -> tuple[float, float]:
        """Low, high."""
        mean, deviation = self.normal
        return mean - _DEVIATIONS * deviation, mean + _DEVIATIONS * deviation


def _check_weights(choice: tuple[Any, ...], weights: tuple[float, ...] | None) -> None:
    if not choice:
        raise ValueError("a choice of nothing; give one thing or more")
    if weights is not None and (len(weights) != len(choice) or min(weights) < 0 or sum(weights) <= 0):
        raise ValueError(f"weights {weights}; give one of 0 or more for each of the {len(choice)} things, not all 0")


def _pick(count: int, weights: tuple[float, ...] | None, rng: np.random.Generator) -> int:
    shares = None if weights is None else np.array(weights) / sum(weights)
    return int(rng.choice(count, p=shares))


class Choice(RandomNumber):
    """One of several values, all alike or by weight."""

    choice: tuple[Number, ...]
    weights: tuple[float, ...] | None = None

    @model_validator(mode="after")
    def _weighted(self) -> Choice:
        _check_weights(self.choice, self.weights)
        return self

    def draw(self, rng: np.random.Generator) -> float:
        """One number."""
        return draw_number(self.choice[_pick(len(self.choice), self.weights, rng)], rng)

    def range(self) -> tuple[float, float]:
        """Low, high."""
        low, high = zip(*(number_range(value) for value in self.choice), strict=True)
        return min(low), max(high)


class Sum(RandomNumber):
    """Values added up, each drawn on its own."""

    sum: tuple[Number, ...]

    def draw(self, rng: np.random.Generator) -> float:
        """One number."""
        return math.fsum(draw_number(value, rng) for value in self.sum)

    def range(self) -> tuple[float, float]:
        """Low, high."""
        ranges = [number_range(value) for value in self.sum]
        return math.fsum(low for low, _ in ranges), math.fsum(high for _, high in ranges)


class Product(RandomNumber):
    """Values multiplied, each drawn on its own."""

    product: tuple[Number, ...]

    def draw(self, rng: np.random.Generator) -> float:
        """One number."""
        return math.prod(draw_number(value, rng) for value in self.product)

    def range(self) -> tuple[float, float]:
        """Low, high."""
        ends = [math.prod(corner) for corner in product(*(number_range(value) for value in self.product))]
        return min(ends), max(ends)


def _kind(value: Any) -> str | None:
    """Which value is meant, by its key."""
    if isinstance(value, dict):
        return next((kind for kind in KINDS if kind in value), None)
    return type(value).__name__.lower() if isinstance(value, RandomNumber) else "number"


KINDS = ("uniform", "normal", "choice", "sum", "product")
"""The keys of values, by which they are told apart."""

Number: TypeAlias = Annotated[
    Union[  # noqa: UP007 - it names itself
        Annotated[float, Tag("number")],
        Annotated[Uniform, Tag("uniform")],
        Annotated[Normal, Tag("normal")],
        Annotated[Choice, Tag("choice")],
        Annotated[Sum, Tag("sum")],
        Annotated[Product, Tag("product")],
    ],
    Discriminator(
        _kind,
        custom_error_type="value",
        custom_error_message=f"give a number, or a value with one of the keys {', '.join(KINDS)}",
    ),
]
"""A number, or how it is drawn."""

for _model in (Choice, Sum, Product):
    _model.model_rebuild()


class NameChoice(Strict):
    """One of several names, all alike or by weight."""

    choice: tuple[str, ...]
    weights: tuple[float, ...] | None = None

    @model_validator(mode="after")
    def _weighted(self) -> NameChoice:
        _check_weights(self.choice, self.weights)
        return self

    def draw(self, rng: np.random.Generator) -> str:
        """One name."""
        return self.choice[_pick(len(self.choice), self.weights, rng)]


def draw_number(value: Number, rng: np.random.Generator) -> float:
    """A number, drawn if it is random."""
    return value.draw(rng) if isinstance(value, RandomNumber) else value


def number_range(value: Number) -> tuple[float, float]:
    """The least and the most that a value ever is."""
    return value.range() if isinstance(value, RandomNumber) else (value, value)
