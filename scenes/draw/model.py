"""Models made in code: polygons with named materials, written as the OBJ and MTL that Sweet Home 3D reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scenes.home.furniture import LightSource, Sash

RGB = tuple[float, float, float]


@dataclass(frozen=True)
class Finish:
    """How a face of a drawn model looks. Colours sRGB, 0..1.

    `image`: a JPEG that is laid on it instead of the colour; `tile_cm`: how much of a body one repeat of it covers.
    """

    name: str
    color: RGB
    alpha: float = 1.0
    shininess: float = 1.0
    specular: float = 0.0
    image: bytes | None = None
    tile_cm: tuple[float, float] = (100.0, 100.0)


@dataclass(frozen=True)
class Mould:
    """A body of a drawn model: polygons that share a finish and a smoothing.

    Attributes:
        points: (N, 3), cm, in the model's frame: x to its right, y up, z to its front.
        faces: corners of each polygon, indices of points, counter-clockwise seen from outside.
        uvs: texture coordinates of each corner, as `faces`; None where the finish has no image.
        group: name of the group in the OBJ; some, as `sweethome3d_opening_on_hinge_1`, mean something to the program.
    """

    points: npt.NDArray[np.float64]
    faces: Sequence[Sequence[int]]
    finish: Finish
    smooth: bool = False
    uvs: Sequence[Sequence[tuple[float, float]]] | None = None
    group: str = "body"


@dataclass(frozen=True)
class DrawnModel:
    """A model: its name (letters, digits, dashes) and its bodies. Finishes are told apart by their names.

    `lamps`: where it shines, and `glowing`, its finishes that do; `sashes`: its leaves on the plan.
    """

    name: str
    moulds: Sequence[Mould]
    lamps: Sequence[LightSource] = ()
    glowing: Sequence[str] = ()
    sashes: Sequence[Sash] = ()

    def size_cm(self) -> tuple[float, float, float]:
        """Width, depth and height of the box around the model."""
        low, high = self.bounds_cm()
        across, up, deep = (high - low).tolist()
        return across, deep, up

    def bounds_cm(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """The lowest and the highest x, y, z of the model."""
        points = np.concatenate([mould.points for mould in self.moulds])
        return points.min(0), points.max(0)

    def triangles(self) -> int:
        """How many triangles the model's polygons make."""
        return sum(len(face) - 2 for mould in self.moulds for face in mould.faces)

    def files(self) -> dict[str, bytes]:
        """The OBJ, the MTL and the images by file name."""
        images = {f"{finish.name}.jpg": finish.image for finish in self.finishes() if finish.image is not None}
        return {f"{self.name}.obj": self._obj(), f"{self.name}.mtl": self._mtl(), **images}

    def finishes(self) -> list[Finish]:
        """The finishes of its bodies, each once."""
        return list({mould.finish.name: mould.finish for mould in self.moulds}.values())

    def _obj(self) -> bytes:
        lines = [f"mtllib {self.name}.mtl"]
        points = texture_points = 0
        for mould in self.moulds:
            lines += [f"g {mould.group}", f"usemtl {mould.finish.name}", f"s {1 if mould.smooth else 'off'}"]
            lines += [f"v {x:.5g} {y:.5g} {z:.5g}" for x, y, z in mould.points.tolist()]
            if mould.uvs is None:
                lines += ["f " + " ".join(str(points + i + 1) for i in face) for face in mould.faces]
            else:
                lines += [f"vt {u:.5g} {v:.5g}" for corners in mould.uvs for u, v in corners]
                for face in mould.faces:
                    corners = (f"{points + i + 1}/{texture_points + k + 1}" for k, i in enumerate(face))
                    lines.append("f " + " ".join(corners))
                    texture_points += len(face)
            points += len(mould.points)
        return ("\n".join(lines) + "\n").encode("ascii")

    def _mtl(self) -> bytes:
        lines = []
        for finish in self.finishes():
            red, green, blue = finish.color
            grey = finish.specular
            lines += [f"newmtl {finish.name}", "illum 2", f"Ka {red:.4g} {green:.4g} {blue:.4g}"]
            lines += [f"Kd {red:.4g} {green:.4g} {blue:.4g}", f"Ks {grey:.4g} {grey:.4g} {grey:.4g}"]
            lines += [f"Ns {finish.shininess:.4g}", f"d {finish.alpha:.4g}"]
            lines += [f"map_Kd {finish.name}.jpg"] if finish.image is not None else []
        return ("\n".join(lines) + "\n").encode("ascii")
