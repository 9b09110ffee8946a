"""Robots as URDF, written from their parts, with masses and inertias of solid bodies of even density."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree as Xml

import numpy as np
import numpy.typing as npt

from scenes.scene import RGB, Point3


@dataclass(frozen=True)
class Solid:
    """A part of the chassis; `size_m` is the box around it: a cylinder stands upright, and is as deep as wide."""

    shape: Literal["box", "cylinder", "sphere"]
    size_m: Point3
    centre_m: Point3
    mass_kg: float
    color: RGB

    def inertia(self) -> npt.NDArray[np.float64]:
        """Moments (3,) about its own centre, kg m^2."""
        x, y, z = (side**2 for side in self.size_m)
        if self.shape == "box":
            return self.mass_kg * np.array([y + z, x + z, x + y]) / 12
        if self.shape == "sphere":
            return self.mass_kg * np.array([x, y, z]) / 10
        return self.mass_kg * np.array([x / 16 + z / 12, y / 16 + z / 12, x / 8])


@dataclass(frozen=True)
class Wheel:
    """A wheel that is driven, turning about the y axis."""

    name: str
    radius_m: float
    width_m: float
    centre_m: Point3
    mass_kg: float
    color: RGB


def write_urdf(name: str, solids: Sequence[Solid], wheels: Sequence[Wheel]) -> str:
    """A URDF with one link for the chassis, its frame on the floor, and one for each wheel."""
    robot = Xml.Element("robot", name=name)
    base = Xml.SubElement(robot, "link", name="chassis")
    masses = np.array([solid.mass_kg for solid in solids])
    centres = np.array([solid.centre_m for solid in solids])
    centre = masses @ centres / masses.sum()
    inertia = np.zeros((3, 3))
    for solid, offset in zip(solids, centres - centre, strict=True):
        inertia += np.diag(solid.inertia()) + solid.mass_kg * (offset @ offset * np.eye(3) - np.outer(offset, offset))
    _inertial(base, float(masses.sum()), inertia, centre)
    for index, solid in enumerate(solids):
        x, _, z = solid.size_m
        attributes = {
            "box": {"size": _numbers(solid.size_m)},
            "cylinder": {"radius": _number(x / 2), "length": _number(z)},
            "sphere": {"radius": _number(x / 2)},
        }[solid.shape]
        _shape(base, (solid.shape, attributes), _numbers(solid.centre_m), f"chassis {index}", solid.color)
    for wheel in wheels:
        _wheel(robot, wheel)
    Xml.indent(robot)
    return '<?xml version="1.0"?>\n' + Xml.tostring(robot, encoding="unicode") + "\n"


def _wheel(robot: Xml.Element, wheel: Wheel) -> None:
    link = Xml.SubElement(robot, "link", name=wheel.name)
    radius, width = wheel.radius_m, wheel.width_m
    solid = Solid("cylinder", (2 * radius, 2 * radius, width), wheel.centre_m, wheel.mass_kg, wheel.color)
    _inertial(link, wheel.mass_kg, np.diag(solid.inertia()), np.zeros(3))
    _shape(link, ("cylinder", {"radius": _number(radius), "length": _number(width)}), "0 0 0", wheel.name, wheel.color)
    joint = Xml.SubElement(robot, "joint", name=wheel.name, type="continuous")
    Xml.SubElement(joint, "parent", link="chassis")
    Xml.SubElement(joint, "child", link=wheel.name)
    # a URDF cylinder stands along z; turned by -90 degrees about x, it lies along y
    Xml.SubElement(joint, "origin", xyz=_numbers(wheel.centre_m), rpy="-1.5707963 0 0")
    Xml.SubElement(joint, "axis", xyz="0 0 1")


def _inertial(
    link: Xml.Element, mass_kg: float, inertia: npt.NDArray[np.float64], centre_m: npt.NDArray[np.float64]
) -> None:
    inertial = Xml.SubElement(link, "inertial")
    Xml.SubElement(inertial, "origin", xyz=_numbers(centre_m.tolist()), rpy="0 0 0")
    Xml.SubElement(inertial, "mass", value=_number(mass_kg))
    names = (("ixx", 0, 0), ("ixy", 0, 1), ("ixz", 0, 2), ("iyy", 1, 1), ("iyz", 1, 2), ("izz", 2, 2))
    Xml.SubElement(inertial, "inertia", {name: _number(float(inertia[i, j])) for name, i, j in names})


def _shape(link: Xml.Element, geometry: tuple[str, dict[str, str]], xyz: str, name: str, color: RGB) -> None:
    for use in ("visual", "collision"):
        element = Xml.SubElement(link, use)
        Xml.SubElement(element, "origin", xyz=xyz, rpy="0 0 0")
        Xml.SubElement(Xml.SubElement(element, "geometry"), geometry[0], geometry[1])
        if use == "visual":
            material = Xml.SubElement(element, "material", name=name)
            Xml.SubElement(material, "color", rgba=_numbers((*color, 1.0)))


def _numbers(values: Sequence[float]) -> str:
    return " ".join(map(_number, values))


def _number(value: float) -> str:
    return f"{value + 0.0:.6g}"
