"""Settings given as a sweep gives them: `--model.latent=64` and `model.latent=64` mean `--set model.latent=64`.

So a training command stands in a sweep file as it is, with ${args} or ${args_no_hyphens}.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from typer.core import TyperCommand, TyperOption

_SETTING = re.compile(r"(--)?([A-Za-z_]\w*(?:\.\w+)*)=(.*)", re.DOTALL)


class Overridable(TyperCommand):
    """A command with `--set KEY=VALUE`, which takes what looks like a setting for one."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parses what the command line says."""
        options = [option for option in self.params if isinstance(option, TyperOption)]
        names = {name for option in options for name in (*option.opts, *option.secondary_opts)}
        with_value = {name for option in options if not option.is_flag for name in option.opts}
        return super().parse_args(ctx, list(settings_as_options(args, names, with_value)))


def settings_as_options(args: Sequence[str], names: set[str], with_value: set[str]) -> Iterator[str]:
    """The arguments with each setting among them as `--set key=value`.

    A setting that holds several, as W&B passes nested parameters (`--model={'latent': 64}`), becomes one for each.

    Args:
        args: of a command line
        names: of the command's options
        with_value: those that take a value
    """
    before = ""
    for arg in args:
        match = _SETTING.fullmatch(arg)
        if before in with_value or match is None or (match[1] and f"--{match[2]}" in names):
            yield arg
        else:
            for setting in _flat(match[2], match[3]):
                yield from ("--set", setting)
        before = arg


def _flat(key: str, text: str) -> Iterator[str]:
    """`key=text`, or each of the settings that the text holds."""
    held = _mapping(text)
    if not held:
        yield f"{key}={text}"
    for name, value in held.items():
        inner = repr(value) if isinstance(value, dict) else json.dumps(value)
        yield from _flat(f"{key}.{name}", inner)


def _mapping(text: str) -> dict[str, object]:
    """The dictionary that a text is, as Python writes it; empty if it is none."""
    if not text.startswith("{"):
        return {}
    try:
        held = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return {}
    return held if isinstance(held, dict) else {}
