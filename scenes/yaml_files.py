"""YAML from anywhere: plain data, within limits, read in a time that is in proportion to the text.

Two dialects: what PyYAML and W&B write and read is YAML 1.1; settings that people type are read as YAML 1.2 has it,
where `off` is a word and `1e-3` a number. Neither has dates: they stay text.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from scenes.errors import HomeError
from scenes.limits import MIB, require_within

Plain: TypeAlias = Any
"""None, bool, int, float, str, lists and string-keyed dictionaries of them."""

_MOST_WHOLE = 2**63
_BOOL, _FLOAT, _DATE = (f"tag:yaml.org,2002:{kind}" for kind in ("bool", "float", "timestamp"))


class _Yaml11(yaml.CSafeLoader):  # type: ignore[misc] # PyYAML has no types
    """YAML 1.1 as PyYAML writes it, without dates."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - so the base class has it
        first: [(tag, pattern) for tag, pattern in resolvers if tag != _DATE]
        for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }


class _Yaml12(yaml.CSafeLoader):  # type: ignore[misc] # PyYAML has no types
    """YAML where `off` is a word and `1e-3` a number, as in YAML 1.2."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - so the base class has it
        first: [(tag, pattern) for tag, pattern in resolvers if tag not in (_BOOL, _FLOAT, _DATE)]
        for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }


_Yaml12.add_implicit_resolver(_BOOL, re.compile("^(?:true|false)$", re.IGNORECASE), list("tTfF"))
_Yaml12.add_implicit_resolver(
    _FLOAT,
    re.compile(r"^[-+]?(?:(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:e[-+]?[0-9]+)?|[0-9]+e[-+]?[0-9]+)$", re.IGNORECASE),
    list("-+.0123456789"),
)


def parse_yaml(text: bytes | str, where: str) -> Plain:
    """Return what YAML 1.1 holds, as PyYAML writes it. `where` begins the message of an error.

    Raises:
        HomeError: it is not YAML, holds what is no plain data, or is over a limit (`scenes.limits`).
    """
    return _parse(text, where, _Yaml11)


def parse_settings(text: bytes | str, where: str) -> Plain:
    """Return what YAML that a person typed holds; like `parse_yaml`, but with the numbers and words of YAML 1.2."""
    return _parse(text, where, _Yaml12)


def read_settings(path: Path, see: str) -> dict[str, Plain]:
    """Return the settings in a YAML or JSON file; none of an empty one. `see`: the page that says what they are.

    Raises:
        HomeError: as in `parse_yaml`, or it holds something other than keys and values.
        OSError: it cannot be read.
    """
    require_within("yaml_mib", path.stat().st_size / MIB, str(path))
    settings = parse_settings(path.read_bytes(), str(path))
    if settings is None:
        return {}
    if not isinstance(settings, dict):
        raise HomeError(f"{path} holds no settings; write `key: value` lines, see {see}")
    return settings


def _parse(text: bytes | str, where: str, loader: type[yaml.CSafeLoader]) -> Plain:
    try:
        require_within("yaml_mib", len(text) / MIB, where)
        _refuse_bombs(text, where, loader)
        data = yaml.load(text, Loader=loader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise HomeError(f"{where} is not YAML: {_one_line(error)}") from error
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError) as error:  # of constructors
        raise HomeError(f"{where} holds a value that cannot be read: {_one_line(error)}; put it into quotes") from error
    _require_plain(data, where, "")
    return data


def _refuse_bombs(text: bytes | str, where: str, loader: type[yaml.CSafeLoader]) -> None:
    """Refuses what would grow beyond the limits when its aliases are followed, before anything is built."""
    sizes: dict[str, int] = {}
    open_parts: list[tuple[str | None, int]] = []
    count = 0
    for event in yaml.parse(text, Loader=loader):
        anchor = getattr(event, "anchor", None)
        if isinstance(event, yaml.AliasEvent):
            if anchor not in sizes:
                raise HomeError(f"{where} holds the alias *{anchor} of something that is not complete; write it out")
            count += sizes[anchor]
        elif isinstance(event, yaml.ScalarEvent):
            count += 1
            if anchor is not None:
                sizes[anchor] = 1
        elif isinstance(event, yaml.CollectionStartEvent):
            open_parts.append((anchor, count))
            sizes.pop(anchor or "", None)
            count += 1
            require_within("nesting", len(open_parts), where)
        elif isinstance(event, yaml.CollectionEndEvent):
            name, before = open_parts.pop()
            if name is not None:
                sizes[name] = count - before
        require_within("yaml_values", count, where)


def _require_plain(data: object, where: str, key: str) -> None:
    at = f"{where}: {key}" if key else where
    if isinstance(data, dict):
        for name, value in data.items():
            if not isinstance(name, str):
                raise HomeError(f"{at}: the key {name!r} is no text; put it into quotes")
            _require_plain(value, where, f"{key}.{name}" if key else name)
    elif isinstance(data, list):
        for index, value in enumerate(data):
            _require_plain(value, where, f"{key}[{index}]")
    elif isinstance(data, float):
        if not math.isfinite(data):
            raise HomeError(f"{at} is {data}, which is no finite number; give one")
    elif isinstance(data, int):
        if abs(data) >= _MOST_WHOLE:
            raise HomeError(f"{at} is a number of {data.bit_length()} bits; 63 are read")
    elif not (data is None or isinstance(data, str)):
        raise HomeError(f"{at} is a {type(data).__name__}, which is no plain value; put it into quotes")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
