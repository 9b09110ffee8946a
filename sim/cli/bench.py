"""`sim bench …`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sim.benchmarks.render import RenderResult

app = typer.Typer(help="Measure speed and memory on this machine.", no_args_is_help=True)

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object.")]


@app.command("load")
def load(
    as_json: JsonOption = False,
    repeats: Annotated[int, typer.Option(min=1, help="Fresh processes per figure; the median counts.")] = 3,
) -> None:
    """Time loading: oldenborg cold and from cache, the largest home at hand, and the memory it takes."""
    from sim.benchmarks.load import measure

    result = measure(repeats)
    if as_json:
        print(json.dumps(result.as_json()))
        return
    for name, value in result.figures.items():
        print(f"{name:24} {value:10.3f}")
    print(f"largest home: {result.largest}; median of {repeats} fresh processes each")


@app.command("render")
def render(
    as_json: JsonOption = False,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds in which all renderers take turns.")] = 3,
) -> None:
    """Time renderers: colour, depth and ids of oldenborg and of a big home, beside MuJoCo's where it is installed."""
    from sim.benchmarks.render import measure

    result = measure(rounds, lambda what: print(what, file=sys.stderr))
    if as_json:
        print(json.dumps(result.as_json()))
        return
    _print_tables(result)


@app.command("step")
def step(
    as_json: JsonOption = False,
    repeats: Annotated[int, typer.Option(min=1, help="Measurements per figure; the median counts.")] = 3,
) -> None:
    """Time physics, kinematic steps, graphs and distances in oldenborg."""
    from sim.benchmarks.step import measure

    _tell(measure(repeats), as_json=as_json)


@app.command("noise")
def noise(
    as_json: JsonOption = False,
    repeats: Annotated[int, typer.Option(min=1, help="Rounds of ten frames; the median counts.")] = 3,
) -> None:
    """Time sensor noise at 640 x 480, CPU milliseconds per frame."""
    from sim.benchmarks.noise import measure

    _tell(measure(repeats), as_json=as_json)


@app.command("generate")
def generate(
    as_json: JsonOption = False,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
    policy: Annotated[str, typer.Option(help="Who moves the camera.")] = "sweep",
) -> None:
    """Time the making of 2,000 frames of oldenborg at 224 x 224, checks included, and reading them."""
    from datagen.benchmarks.generate import measure

    _tell(measure(workers, policy), as_json=as_json)


@app.command("train")
def train(
    as_json: JsonOption = False,
    steps: Annotated[int, typer.Option(min=2, help="Steps of the optimiser per model, of 256 images each.")] = 60,
    bf16: Annotated[bool, typer.Option("--bf16", help="Encoders compute in bfloat16.")] = False,
) -> None:
    """Time the training of each world model at 64 x 64 with depth, and its waiting for batches."""
    from train.benchmarks.train import measure

    _tell(measure(steps, bf16), as_json=as_json)


def _tell(figures: Mapping[str, float], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"figures": {name: round(value, 4) for name, value in figures.items()}}))
        return
    for name, value in figures.items():
        print(f"{name:24} {value:12.3f}")


def _print_tables(result: RenderResult) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    for subject, facts in result.scenes.items():
        facts_text = ", ".join(f"{value:,.0f} {name.replace('_', ' ')}" for name, value in facts.items())
        table = Table("renderer", "processes", title=f"{subject}: {facts_text}")
        rows = [row for row in result.rows if row.subject == subject]
        for size in dict.fromkeys(row.size for row in rows):
            table.add_column(f"{size[0]} x {size[1]}", justify="right")
        for kind in dict.fromkeys((row.backend, row.processes) for row in rows):
            cells = [f"{row.fps:.1f}" for row in rows if (row.backend, row.processes) == kind]
            table.add_row(kind[0], str(kind[1]), *cells)
        console.print(table)
    for name, value in result.figures.items():
        print(f"{name:32} {value:10.2f}")
    for backend, driver in result.drivers.items():
        print(f"{backend}: {driver}")
    for backend, reason in result.missing.items():
        print(f"{backend} is left out: {reason}")
