"""The joints of a robot's URDF file, which must be the wheels that its model names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from scenes.errors import HomeError
from sim.bullet_client import quiet

if TYPE_CHECKING:
    from xml.etree import ElementTree as Xml


def load_urdf(bullet: ModuleType, client: int, path: Path, wheels: Sequence[str]) -> int:
    """Load a chassis with wheels and return its PyBullet id.

    The file is looked at first: PyBullet ends the whole process over some that are no robots.

    Raises:
        HomeError: no such file, or no URDF; other joints than the wheels, or in another order; joints that do not turn
            without end; links that hang on no joint. The message has the names that are needed and those in the file.
    """
    if not path.is_file():
        raise HomeError(f"{path}: no such URDF file")
    try:
        robot = defusedxml.ElementTree.fromstring(path.read_bytes(), forbid_dtd=True)
    except (defusedxml.ElementTree.ParseError, DefusedXmlException) as error:
        raise HomeError(f"{path} is no URDF file: {error}") from error
    reason = _unlike(robot, wheels)
    if reason:
        raise HomeError(f"{path}: {reason}")
    try:
        with quiet():
            body: int = bullet.loadURDF(str(path), flags=bullet.URDF_USE_INERTIA_FROM_FILE, physicsClientId=client)
    except bullet.error as error:
        raise HomeError(f"{path}: PyBullet cannot read this URDF ({error}); try `check_urdf` on it") from error
    return body


def _unlike(robot: Xml.Element, wheels: Sequence[str]) -> str:
    """What is wrong with a URDF whose joints should be these wheels; empty if nothing is."""
    if robot.tag != "robot":
        return f"this is no URDF: it begins with <{robot.tag}>, not <robot>"
    joints, links = robot.findall("joint"), [link.get("name", "") for link in robot.findall("link")]
    names = [joint.get("name", "") for joint in joints]
    needed = f"a robot needs the continuous joints {_quoted(wheels)}, in this order, and no others"
    if names != list(wheels):
        return f"{needed}; the file has {_quoted(names) or 'none'}"
    other = [name for name, joint in zip(names, joints, strict=True) if joint.get("type") != "continuous"]
    if other:
        return f"{needed}; of the file's, {_quoted(other)} cannot turn without end"
    parents, children = ([_link(joint, end) for joint in joints] for end in ("parent", "child"))
    roots = [link for link in links if link not in children]
    whole = len(links) == len(set(links)) and len(set(children)) == len(children) and set(children) <= set(links)
    if not whole or len(roots) != 1 or set(parents) != set(roots):
        return f"each wheel needs a link of its own on one chassis; the file has the links {_quoted(links) or 'none'}"
    return ""


def _link(joint: Xml.Element, end: str) -> str:
    element = joint.find(end)
    return "" if element is None else element.get("link", "")


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names)
