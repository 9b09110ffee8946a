"""Models in OBJ: what programs write beyond the plain case."""

from __future__ import annotations

import numpy as np
import pytest

from scenes.models.obj import parse_obj

SQUARE = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nvt 0 0\nvt 1 1\nvn 0 0 1\nvn 0 1 0\n"


@pytest.mark.parametrize(
    "face",
    ["1 2 3 4", "1/1 2/2 3/1 4/2", "1//1 2//1 3//1 4//1", "1/1/1 2/2/1 3/1/1 4/2/1", "-4 -3 -2 -1"]
    + ["1/1/1 2 3//1 4/2", "1/1 2 3/2/1 4", "1/1/1 2//1 3/1/1 4//1", "1/1/1 2/1 3/1/1 4/1", "1\t2\t3\t4"],
)
def test_corners_of_a_face_may_differ_in_what_they_name(face: str) -> None:
    (shape,) = parse_obj(f"{SQUARE}f {face}\n".encode(), lambda _: {}).shapes
    corners = shape.mesh.positions[shape.mesh.triangles]
    assert np.linalg.norm(np.cross(*np.diff(corners, axis=1).transpose(1, 0, 2)), axis=1).sum() / 2 == 1.0
    assert (shape.mesh.normals == (0, 0, 1)).all()


def test_tabs_part_words_as_blanks_do() -> None:
    tabbed = parse_obj((SQUARE + "g\tseat one\nf 1 2 3 4\n").replace(" ", "\t").encode(), lambda _: {})
    plain = parse_obj((SQUARE + "g seat one\nf 1 2 3 4\n").encode(), lambda _: {})
    assert [shape.name for shape in tabbed.shapes] == [shape.name for shape in plain.shapes] == ["seat"]
    assert (tabbed.shapes[0].mesh.positions == plain.shapes[0].mesh.positions).all()
