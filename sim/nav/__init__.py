"""Finding the way: where a body can stand, distances and paths over all levels."""

from sim.nav.graph import NavGraph, Path
from sim.nav.ground import Ground, Island

__all__ = ["Ground", "Island", "NavGraph", "Path"]
