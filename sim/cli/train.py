"""`sim train …`."""

from __future__ import annotations

import typer

from sim.cli import train_ablation

app = typer.Typer(help="Train world models and baselines, and judge them.", no_args_is_help=True)
app.add_typer(train_ablation.app, name="ablation")
