"""Full circle: from RGB-D frames back to geometry, as a cloud of points or a fused mesh."""

from sim.fusion.cloud import fuse_points
from sim.fusion.fused import Fused
from sim.fusion.mesh import fuse_mesh
from sim.fusion.recorded import Recorded, read_run

__all__ = ["Fused", "Recorded", "fuse_mesh", "fuse_points", "read_run"]
