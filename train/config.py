"""Settings of training: typed, from a named recipe, every field to be overridden on the command line.

A command's settings derive from `Settings` and may be nested. A recipe is a small YAML file, `train/recipes/NAME.yaml`,
with the keys that differ from the defaults; `--set model.latent=64` overrides one more.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from datagen.overrides import override, parse_value
from datagen.randomise.values import Strict, also_wrong
from scenes.errors import HomeError
from scenes.yaml_files import read_settings

RECIPES = Path(__file__).parent / "recipes"
SUFFIX = ".yaml"

__all__ = ["RECIPES", "SUFFIX", "Settings", "changes", "flatten", "load_settings", "parse_value", "recipes", "resolve"]


class Settings(Strict):
    """Settings of one part of a training run: they never change, and a key that they do not know is an error."""


S = TypeVar("S", bound=Settings)


def resolve(kind: type[S], recipe: str | Path | None, overrides: Sequence[str]) -> S:
    """Settings from a recipe and overrides; what neither names has its default.

    Args:
        kind: which settings.
        recipe: the name of a recipe, a path of a YAML file, or None for defaults.
        overrides: "model.latent=64": dotted key and a YAML value; the last one counts.

    Raises:
        HomeError: no such recipe, an unknown key (names the nearest), a wrong type or a value out of range.
    """
    settings: dict[str, Any] = {} if recipe is None else _read_recipe(recipe, kind)
    for change in overrides:
        override(settings, change)
    return load_settings(kind, settings, "settings" if recipe is None else f"recipe {recipe}")


def load_settings(kind: type[S], settings: Mapping[str, Any], where: str) -> S:
    """Settings from plain data, such as a run's stored configuration; `where` begins the message of an error.

    Raises:
        HomeError: as in `resolve`.
    """
    tagged = _with_tags(kind, settings)
    try:
        return kind.model_validate(tagged)
    except ValidationError as error:
        first = error.errors()[0]
        key = _dotted(first["loc"], settings)
        said = (
            f"unknown key{_nearest(_keys(kind, tagged), key)}"
            if first["type"] == "extra_forbidden"
            else first["msg"].removeprefix("Value error, ")
        )
        raise HomeError(f"{where}: {key + ': ' if key else ''}{said}{also_wrong(error)}") from error


def recipes() -> list[str]:
    """The names of the recipes that come with the program."""
    return sorted(path.stem for path in RECIPES.glob(f"*{SUFFIX}"))


def recipes_for(kind: type[BaseModel]) -> list[str]:
    """Return the names of the recipes that are settings of this kind."""
    return [name for name in recipes() if _is_valid(kind, _read_recipe(name, kind))]


def _is_valid(kind: type[BaseModel], settings: Mapping[str, Any]) -> bool:
    try:
        kind.model_validate(_with_tags(kind, settings))
    except ValidationError:
        return False
    return True


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What differs, by dotted key: the value of old and the value of new; None where one does not have the key."""
    before, after = flatten(old), flatten(new)
    keys = dict.fromkeys([*before, *after])
    return {key: (before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)}


def flatten(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Nested settings by dotted keys; lists are values."""
    return dict(_flat("", settings))


def _flat(prefix: str, settings: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in settings.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(f"{prefix}{key}.", value)
        else:
            yield f"{prefix}{key}", value


def _read_recipe(recipe: str | Path, kind: type[BaseModel]) -> dict[str, Any]:
    path = Path(recipe)
    if path.suffix != SUFFIX:
        path = RECIPES / f"{recipe}{SUFFIX}"
    try:
        return read_settings(path, "docs/runs.md")
    except FileNotFoundError as error:
        names = recipes_for(kind)
        near = _suggest(str(recipe), names)
        raise HomeError(f"no recipe {recipe}{near}; there are {', '.join(names)}, or name a .yaml file") from error


def _with_tags(kind: type[BaseModel], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with the default's tag where a part is one of several kinds and does not say which.

    So that `model.latent=64` means the default model's.
    """
    tagged = dict(settings)
    for name, field in kind.model_fields.items():
        part = settings.get(name)
        if not isinstance(part, Mapping):
            continue
        tag, default = field.discriminator, field.get_default(call_default_factory=True, validated_data={})
        if isinstance(tag, str) and isinstance(default, BaseModel) and tag not in part:
            part = {tag: getattr(default, tag)} | dict(part)
        models = _models(field.annotation)
        tagged[name] = _with_tags(models[0], part) if len(models) == 1 else part
    return tagged


def _models(annotation: Any) -> list[type[BaseModel]]:
    """The settings that an annotation names: itself, or members of a union."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models(argument)]


def _dotted(location: Sequence[str | int], settings: Any) -> str:
    """The dotted key of an error's location: without the kinds of unions, which are in no configuration."""
    parts = []
    for i, part in enumerate(location):
        if isinstance(settings, Mapping):
            found, inside = part in settings, settings.get(part)
        else:
            found = isinstance(settings, (list, tuple)) and isinstance(part, int)
            inside = settings[part] if found else None
        if found or i == len(location) - 1:
            parts.append(str(part))
            settings = inside
    return ".".join(parts)


def _keys(kind: type[BaseModel], settings: Any, prefix: str = "") -> Iterator[str]:
    """All dotted keys of settings, parts and their keys; of a part that is of several kinds those of the one named."""
    for name, field in kind.model_fields.items():
        part = settings.get(name) if isinstance(settings, Mapping) else None
        tag = field.discriminator
        named = part.get(tag) if isinstance(tag, str) and isinstance(part, Mapping) else None
        yield f"{prefix}{name}"
        for model in _models(field.annotation):
            if named is None or named in get_args(model.model_fields[str(tag)].annotation):
                yield from _keys(model, part, f"{prefix}{name}.")


def _nearest(keys: Iterator[str], key: str) -> str:
    """What an unknown key may have meant: one of the same part, else of any."""
    known = list(keys)
    part, _, name = key.rpartition(".")
    beside = {one.rpartition(".")[2]: one for one in known if one.rpartition(".")[0] == part}
    return _suggest(name, beside) or _suggest(name, {one.rpartition(".")[2]: one for one in known})


def _suggest(name: str, known: Sequence[str] | Mapping[str, str]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1)
    if not near:
        return ""
    return f"; did you mean {known[near[0]] if isinstance(known, Mapping) else near[0]}?"
