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


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("l 1 2 3\n", "1 line"),
        ("l 1 2\nl 2 3\n", "2 lines"),
        ("p 1\n", "1 point"),
        ("curv 0 1 1 2\nsurf 0 1 0 1 1 2\ncurv2 1 2\n", "2 curves of free form"),
        ("f 1 2\n", "1 face with too few corners or with indices of nothing"),
        ("f 1 2\nf 1 2 99\n", "2 faces with too few corners or with indices of nothing"),
    ],
)
def test_what_is_not_shown_is_counted(more: str, words: str) -> None:
    assert words in parse_obj(f"{SQUARE}f 1 2 3 4\n{more}".encode(), lambda _: {}).left_out
    assert parse_obj(f"{SQUARE}f 1 2 3 4\n".encode(), lambda _: {}).left_out == ()


def test_faces_of_many_corners_are_cut_as_their_outline_goes() -> None:
    """Stars of any number of points, any turn, any plane: the triangles look one way and add up to the polygon."""
    rng = np.random.default_rng(0)
    lines, areas = [], []
    for count in (5, 6, 7, 50, 301):
        angles = np.sort(rng.uniform(0, 2 * np.pi, count))
        ring = np.stack([np.cos(angles), np.sin(angles)], axis=1) * rng.uniform(0.3, 1, count)[:, None]
        following = np.roll(ring, -1, axis=0)
        areas.append(0.5 * (ring[:, 0] * following[:, 1] - ring[:, 1] * following[:, 0]).sum())
        axes, _ = np.linalg.qr(rng.normal(size=(3, 3)))
        lines += [f"v {x!r} {y!r} {z!r}" for x, y, z in (ring @ axes[:2] + rng.normal(size=3)).tolist()]
        lines += ["f " + " ".join(str(index - count) for index in range(count))]
    (shape,) = parse_obj("\n".join(lines).encode(), lambda _: {}).shapes
    corners = shape.mesh.positions[shape.mesh.triangles]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert np.linalg.norm(normals, axis=1).sum() / 2 == pytest.approx(np.abs(areas).sum(), rel=1e-9)
    faces = np.split(normals, np.cumsum([3, 4, 5, 48])) if len(normals) == 359 else [normals]
    assert all(((face @ face.sum(axis=0)) > -1e-12).all() for face in faces)
    assert len(faces) == 5
