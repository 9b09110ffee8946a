"""`sim train ablation …`: experiments that answer one question each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from train.ablation.cells import Cell

app = typer.Typer(
    help="Experiments that answer one question each, on homes that no arm has seen.", no_args_is_help=True
)


@app.command("depth")
def depth(
    out: Annotated[Path, typer.Option(help="Folder of its datasets, runs and tables; what is there goes on.")],
    recipe: Annotated[
        str, typer.Option(help="ablation-depth (the full table), ablation-depth-smoke, or a .yaml file.")
    ] = "ablation-depth",
    change: Annotated[
        list[str] | None, typer.Option("--set", help="A setting, such as steps=300; may be repeated.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Cells side by side; one per core if not given.")] = None,
) -> None:
    """Does depth as a fourth channel help a world model? Five arms, three seeds, tables with intervals."""
    from datagen.engine.pool import cores
    from sim.cli.generate import shown
    from sim.cli.progress import progress
    from train.ablation.cells import cells_of
    from train.ablation.depth import prepare, run_cells, write_tables
    from train.ablation.settings import DepthSettings
    from train.config import resolve

    settings = resolve(DepthSettings, recipe, change or [])
    with shown(out, cores()) as bar:
        train, test = prepare(settings, out, bar)
    cells = cells_of(settings, train, test, out / "runs")

    with progress("cells", len(cells)) as step:

        def finished(_: Cell) -> None:
            step()

        runs = run_cells(cells, workers or cores(), out / "cells.log", finished)
    print(write_tables(settings, runs, out))


@app.command("driving")
def driving(
    out: Annotated[Path, typer.Option(help="Folder of its datasets, runs and tables; what is there goes on.")],
    recipe: Annotated[
        str, typer.Option(help="ablation-driving (the full table), ablation-driving-smoke, or a .yaml file.")
    ] = "ablation-driving",
    change: Annotated[
        list[str] | None, typer.Option("--set", help="A setting, such as steps=300; may be repeated.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Policies side by side; one per core at first.")] = None,
) -> None:
    """Which expert, which looks, which senses make a network that drives? Offline accuracy beside closed loop."""
    from datagen.engine.pool import cores
    from sim.cli.generate import shown
    from sim.cli.progress import progress
    from train.ablation.driving import run_table, scripted, write_driving
    from train.ablation.driving_data import keep_settings, make_datasets
    from train.ablation.driving_settings import DrivingSettings, factorial, others
    from train.config import resolve

    settings = resolve(DrivingSettings, recipe, change or [])
    keep_settings(settings, out)
    with shown(out, cores()) as bar:
        make_datasets(settings, out, bar)
    simple = scripted(settings, out)
    with progress("policies", len(factorial(settings)) + 1 + len(others(settings))) as step:
        policies = run_table(settings, out, workers or cores(), step)
    print(write_driving(settings, policies, simple, out))
