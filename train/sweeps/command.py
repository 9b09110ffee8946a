"""A trial's command line from the `command` of a sweep file, with W&B's macros.

They stand for what https://docs.wandb.ai/models/sweeps/sweep-config-keys#command says, byte for byte: nested parameters
are passed as one argument that holds them all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from scenes.errors import HomeError
from train.sweeps.distributions import Value

DEFAULT_COMMAND = ("${env}", "${interpreter}", "${program}", "${args}")
MACROS = (
    "${env}",
    "${interpreter}",
    "${program}",
    "${args}",
    "${args_no_equals}",
    "${args_no_hyphens}",
    "${args_no_boolean_flags}",
    "${args_json}",
    "${args_json_file}",
    "${args_append_hydra}",
    "${args_override_hydra}",
)
"""Those that stand alone; ${envvar:NAME} may stand within a text."""

_VARIABLE = re.compile(r"\$\{envvar:([A-Z0-9_]*)\}")


def command_line(
    command: Sequence[str | int | float],
    settings: Mapping[str, Value],
    *,
    program: str | None,
    interpreter: str,
    json_file: Path,
    environment: Mapping[str, str],
) -> list[str]:
    """The command with its macros replaced.

    Args:
        command: of the sweep file
        settings: of the trial, by the names of top-level parameters
        program: of the sweep file; None only if the command does not name it
        interpreter: Python
        json_file: where `args_json` is written for the program
        environment: for ${envvar:NAME}

    Raises:
        HomeError: an environment variable is not set, or there is no such macro.
    """
    plain = [f"{name}={value}" for name, value in settings.items()]
    flags = {name: [f"--{name}"] if value else [] for name, value in settings.items() if isinstance(value, bool)}
    replaced = (
        ["/usr/bin/env"],
        [interpreter],
        [program or ""],
        [f"--{one}" for one in plain],
        [part for name, value in settings.items() for part in (f"--{name}", str(value))],
        plain,
        [part for name, value in settings.items() for part in flags.get(name, [f"--{name}={value}"])],
        [args_json(settings)],
        [str(json_file)],
        [f"+{one}" for one in plain],
        [f"++{one}" for one in plain],
    )
    macros = dict(zip(MACROS, replaced, strict=True))
    line: list[str] = []
    for chunk in command:
        text = _VARIABLE.sub(lambda match: _variable(match[1], environment), str(chunk))
        line += macros[text] if is_macro(text) else [text]
    return line


def is_macro(text: str) -> bool:
    """Does a text stand for others?

    Raises:
        HomeError: it looks like a macro, and there is no such one.
    """
    if not (text.startswith("${") and text.endswith("}")):
        return False
    if text not in MACROS:
        raise HomeError(f"command: no macro {text}; there are {', '.join(MACROS)} and ${{envvar:NAME}}")
    return True


def args_json(settings: Mapping[str, Value]) -> str:
    """All settings as one JSON object."""
    return json.dumps(settings)


def without_variables(text: str) -> str:
    """A text of a command with each ${envvar:NAME} taken out."""
    return _VARIABLE.sub("", text)


def _variable(name: str, environment: Mapping[str, str]) -> str:
    if name not in environment:
        raise HomeError(f"command: the environment variable {name} is not set; export it, or drop ${{envvar:{name}}}")
    return environment[name]
