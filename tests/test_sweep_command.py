"""Command lines, byte for byte those of W&B's agent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from typer.testing import CliRunner

from scenes.errors import HomeError
from sim.cli.overrides import Overridable
from train.sweeps.command import DEFAULT_COMMAND, command_line

SETTINGS: dict[str, Any] = {
    "batch": 16,
    "flip": False,
    "lr": 1e-05,
    "model": {"latent": 64, "act": "relu"},
    "name": "a b",
    "none": None,
    "on": True,
    "sizes": [1, 2],
}


def line(*command: str | int, **environment: str) -> list[str]:
    return command_line(
        command,
        SETTINGS,
        program="train.py",
        interpreter="/venv/python",
        json_file=Path("/x/args.json"),
        environment=environment,
    )


PLAIN = [
    "batch=16",
    "flip=False",
    "lr=1e-05",
    "model={'latent': 64, 'act': 'relu'}",
    "name=a b",
    "none=None",
    "on=True",
    "sizes=[1, 2]",
]


def test_the_default_command() -> None:
    assert line(*DEFAULT_COMMAND) == ["/usr/bin/env", "/venv/python", "train.py", *(f"--{one}" for one in PLAIN)]


def test_every_macro() -> None:
    assert line("a", "${args_no_hyphens}", 3) == ["a", *PLAIN, "3"]
    assert line("${args_append_hydra}") == [f"+{one}" for one in PLAIN]
    assert line("${args_override_hydra}") == [f"++{one}" for one in PLAIN]
    flags = [f"--{one}" for one in PLAIN if one not in {"flip=False", "on=True"}]
    assert line("${args_no_boolean_flags}") == [*flags[:5], "--on", *flags[5:]]
    assert line("${args_no_equals}")[:4] == ["--batch", "16", "--flip", "False"]
    assert len(line("${args_no_equals}")) == 16
    assert [json.loads(one) for one in line("${args_json}")] == [SETTINGS]
    assert line("--config", "${args_json_file}") == ["--config", "/x/args.json"]


def test_environment_variables_stand_anywhere() -> None:
    assert line("${envvar:A}/x-${envvar:B_2}", "${envvar:A}", A="1", B_2="2") == ["1/x-2", "1"]
    with pytest.raises(HomeError, match="variable NOT_THERE is not set"):
        line("${envvar:NOT_THERE}")


def test_macros_stand_alone() -> None:
    assert line("x${args}", "$args", "${args") == ["x${args}", "$args", "${args"]


app = typer.Typer()


@app.command("x", cls=Overridable)
def command(
    data: str = "",
    change: Annotated[list[str] | None, typer.Option("--set")] = None,
    drive: Annotated[bool, typer.Option()] = True,
) -> None:
    """Says what it was given."""
    typer.echo(json.dumps([data, change or [], drive]))


def told(*args: str) -> Any:
    result = CliRunner().invoke(app, args)
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_a_training_command_takes_what_a_sweep_gives() -> None:
    assert told("--data=D", "--model.latent=64", "--set", "a=b", "loop.lr=1e-05", "--no-drive", "--set=c=d") == [
        "D",
        ["model.latent=64", "a=b", "loop.lr=1e-05", "c=d"],
        False,
    ]
    expected = ["batch=16", "flip=False", "lr=1e-05", "model.latent=64", 'model.act="relu"', *PLAIN[4:]]
    assert told(*line("${args}")) == ["", expected, True]
    assert told(*line("${args_no_hyphens}")) == ["", expected, True]
    assert told("--model={'x': {'y': [1, None], 'z': 'a b'}}", "--b={oops")[1] == [
        "model.x.y=[1, null]",
        'model.x.z="a b"',
        "b={oops",
    ]


def test_a_misspelt_option_stays_an_error() -> None:
    assert CliRunner().invoke(app, ["--drove"]).exit_code == 2
    assert CliRunner().invoke(app, ["stray"]).exit_code == 2
