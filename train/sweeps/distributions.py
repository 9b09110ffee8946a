"""The distributions of W&B's sweep files, each as its quantile function: what a share u of all draws lies below.

Searches work in u, 0 to 1, where every distribution is uniform. Names, parameters, defaults and rounding are those of
https://docs.wandb.ai/models/sweeps/sweep-config-keys; the quantiles are textbook formulas.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, TypeGuard

from scipy import special

from scenes.errors import HomeError

Value: TypeAlias = bool | int | float | str | list["Value"] | dict[str, "Value"] | None
"""What a parameter can be set to: JSON."""

_EDGE = 1e-9
"""Quantiles of a normal distribution are infinite at 0 and 1; it is asked for none nearer to them than this."""
_DIGITS = 12


@dataclass(frozen=True)
class Choice:
    """One of several values, all alike or by probability; a constant is a choice of one."""

    values: tuple[Value, ...]
    probabilities: tuple[float, ...] | None = None

    def index_at(self, u: float) -> int:
        """Which value a share of u of the draws comes up to."""
        if self.probabilities is None:
            return min(int(u * len(self.values)), len(self.values) - 1)
        reached = 0.0
        for i, probability in enumerate(self.probabilities):
            reached += probability
            if u < reached:
                return i
        return max(i for i, probability in enumerate(self.probabilities) if probability > 0)


@dataclass(frozen=True)
class Integers:
    """A whole number, both ends included, all alike."""

    low: int
    high: int

    def quantile(self, u: float) -> int:
        """The value that a share u of the draws lies below."""
        return min(self.low + int(u * (self.high - self.low + 1)), self.high)


@dataclass(frozen=True)
class Continuous:
    """A number of one of the `FAMILIES`, rounded to multiples of q if given; whole if q is."""

    family: str
    parameters: tuple[float, ...]
    q: float | None = None

    def quantile(self, u: float) -> float:
        """The value that a share u of the draws lies below."""
        value = FAMILIES[self.family].quantile(u, *self.parameters)
        if self.q is None:
            return value
        steps = round(value / self.q)
        return steps * self.q if isinstance(self.q, int) else float(f"{steps * self.q:.{_DIGITS}g}")


Distribution: TypeAlias = Choice | Integers | Continuous


@dataclass(frozen=True)
class Family:
    """Parameters with their defaults (None: must be given), and the quantile function of u and them."""

    parameters: Mapping[str, float | None]
    quantile: Callable[..., float]


def _uniform(u: float, low: float, high: float) -> float:
    return low + u * (high - low)


def _log_uniform(u: float, low: float, high: float) -> float:
    """`low` and `high` are exponents of e."""
    return math.exp(_uniform(u, low, high))


def _log_uniform_values(u: float, low: float, high: float) -> float:
    return math.exp(_uniform(u, math.log(low), math.log(high)))


def _inv_log_uniform(u: float, low: float, high: float) -> float:
    """1 / x is log-uniform; `low` and `high` are exponents of 1 / x."""
    return math.exp(-_uniform(1 - u, low, high))


def _normal(u: float, mu: float, sigma: float) -> float:
    return mu + sigma * float(special.ndtri(min(max(u, _EDGE), 1 - _EDGE)))


def _log_normal(u: float, mu: float, sigma: float) -> float:
    return math.exp(_normal(u, mu, sigma))


def _beta(u: float, a: float, b: float) -> float:
    return float(special.betaincinv(a, b, u))


_RANGE = {"min": None, "max": None}
_BELL = {"mu": 0.0, "sigma": 1.0}
FAMILIES: Mapping[str, Family] = {
    "uniform": Family(_RANGE, _uniform),
    "log_uniform": Family(_RANGE, _log_uniform),
    "log_uniform_values": Family(_RANGE, _log_uniform_values),
    "inv_log_uniform": Family(_RANGE, _inv_log_uniform),
    "inv_log_uniform_values": Family(_RANGE, _log_uniform_values),  # 1 / x is log-uniform just when x is
    "normal": Family(_BELL, _normal),
    "log_normal": Family(_BELL, _log_normal),
    "beta": Family({"a": 1.0, "b": 1.0}, _beta),
}
QUANTISED = ("uniform", "log_uniform", "log_uniform_values", "normal", "log_normal", "beta")
"""What there is as `q_...` too."""

NAMES = ("constant", "categorical", "categorical_w_probabilities", "int_uniform", *FAMILIES) + tuple(
    f"q_{name}" for name in QUANTISED
)


def read_distribution(said: Mapping[str, Value], where: str) -> Distribution:
    """What a parameter of a sweep file says.

    Args:
        said: value | values (and probabilities) | min and max | distribution and its parameters.
        where: the parameter, for messages.

    Raises:
        HomeError: something is missing, unknown, of a wrong type or out of range.
    """
    name = said.get("distribution", _implied(said))
    if name not in NAMES:
        raise HomeError(f"{where}: no distribution {name!r}; there are {', '.join(NAMES)}")
    if name == "constant":
        _only(said, {"value"}, name, where)
        return Choice((said["value"],))
    if name == "categorical":
        _only(said, {"values"}, name, where)
        return Choice(_values(said, where))
    if name == "categorical_w_probabilities":
        _only(said, {"values", "probabilities"}, name, where)
        return Choice(_values(said, where), _probabilities(said, where))
    if name == "int_uniform":
        _only(said, {"min", "max"}, name, where)
        low, high = said["min"], said["max"]
        if not (_is_int(low) and _is_int(high)):
            raise HomeError(f"{where}: int_uniform from {low!r} to {high!r}; give whole numbers, or say uniform")
        _ordered(low, high, where)
        return Integers(low, high)
    return _continuous(str(name), said, where)


def _continuous(name: str, said: Mapping[str, Value], where: str) -> Continuous:
    family = name.removeprefix("q_")
    defaults = dict(FAMILIES[family].parameters) | ({"q": 1.0} if name.startswith("q_") else {})
    _only(said, {key for key, default in defaults.items() if default is None}, name, where, set(defaults))
    numbers = {key: _number(said.get(key, default), key, where) for key, default in defaults.items()}
    if "min" in numbers:
        _ordered(numbers["min"], numbers["max"], where)
    if family.endswith("_values") and numbers["min"] <= 0:
        raise HomeError(f"{where}: {name} from {numbers['min']:g}; logarithms need a min above 0")
    if numbers.get("sigma", 0.0) < 0:
        raise HomeError(f"{where}: sigma is {numbers['sigma']:g}; give 0 or more")
    for key in ("q", "a", "b"):
        if numbers.get(key, 1.0) <= 0:
            raise HomeError(f"{where}: {key} is {numbers[key]:g}; give more than 0")
    return Continuous(family, tuple(numbers[key] for key in FAMILIES[family].parameters), numbers.get("q"))


def _implied(said: Mapping[str, Value]) -> str | None:
    """The distribution of a parameter that does not name it."""
    if "value" in said:
        return "constant"
    if "values" in said:
        return "categorical_w_probabilities" if "probabilities" in said else "categorical"
    if "min" in said or "max" in said:
        return "int_uniform" if _is_int(said.get("min")) and _is_int(said.get("max")) else "uniform"
    return None


def _only(said: Mapping[str, Value], needed: set[str], name: str, where: str, known: set[str] | None = None) -> None:
    missing = needed - set(said)
    if missing:
        raise HomeError(f"{where}: {name} needs {' and '.join(sorted(missing))}")
    unknown = set(said) - (known or needed) - {"distribution"}
    if unknown:
        raise HomeError(f"{where}: {name} takes no {', '.join(sorted(unknown))}; it takes {_listed(known or needed)}")


def _listed(keys: set[str]) -> str:
    return ", ".join(sorted(keys))


def _values(said: Mapping[str, Value], where: str) -> tuple[Value, ...]:
    values = said["values"]
    if not isinstance(values, list) or not values:
        raise HomeError(f"{where}: values {values!r}; give a list of one or more, such as [16, 32]")
    return tuple(values)


def _probabilities(said: Mapping[str, Value], where: str) -> tuple[float, ...]:
    shares, values = said["probabilities"], _values(said, where)
    if not isinstance(shares, list) or len(shares) != len(values):
        raise HomeError(f"{where}: probabilities {shares!r}; give one for each of the {len(values)} values")
    numbers = tuple(_number(share, "a probability", where) for share in shares)
    if min(numbers) < 0 or not math.isclose(math.fsum(numbers), 1.0, rel_tol=1e-5):
        raise HomeError(f"{where}: probabilities {shares!r} add up to {math.fsum(numbers):g}; make it 1, none below 0")
    return numbers


def _ordered(low: float, high: float, where: str) -> None:
    if low >= high:
        raise HomeError(f"{where}: min {low:g} is not below max {high:g}")


def _is_int(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value: Value, key: str, where: str) -> float:
    """A number as it is: whole ones stay so."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return value
    hint = ""
    if isinstance(value, str):
        hint = "; YAML, as W&B reads it, wants a dot and a sign: 1.0e-4, not 1e-4"
    raise HomeError(f"{where}: {key} is {value!r}; give a number{hint}")
