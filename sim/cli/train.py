"""`sim train …`."""

from __future__ import annotations

import typer

app = typer.Typer(help="Train world models and baselines, and judge them.", no_args_is_help=True)
