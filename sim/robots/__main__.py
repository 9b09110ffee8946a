"""`python -m sim.robots`: writes the robots' URDF files."""

from sim.robots.models import ROBOTS

for model in ROBOTS.values():
    model.urdf.write_text(model.write(), "utf-8")
