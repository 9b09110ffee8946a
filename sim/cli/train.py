"""`sim train …`."""

from __future__ import annotations

import typer

from sim.cli import train_ablation, train_agent, train_baseline, train_drive, train_world_model
from sim.cli.overrides import Overridable

app = typer.Typer(help="Train world models and baselines, and judge them.", no_args_is_help=True)
app.add_typer(train_ablation.app, name="ablation")
app.command("agent", cls=Overridable)(train_agent.agent)
app.command("plan", cls=Overridable)(train_agent.plan)
app.command("baseline", cls=Overridable)(train_baseline.baseline)
app.command("world-model", cls=Overridable)(train_world_model.train_world_model)
app.command("drive")(train_drive.drive)
