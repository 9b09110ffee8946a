"""Cutting large triangles: every surface stays where and what it was."""

import numpy as np
import pytest

from scenes.build.assemble import build_scene
from scenes.home.reader import parse_home
from sim.light.cut import LONGEST_M, LONGEST_OTHER_M, cut_large
from sim.raycasting import RayCaster
from tests.homes.cabin import cabin
from tests.light_scenes import closed_box, floor, scene_of


@pytest.fixture(scope="module")
def scene():
    return build_scene(parse_home(cabin().to_bytes(), "cabin"))


def parts_of_triangles(scene):
    return np.repeat(np.arange(len(scene.parts)), [part.triangles for part in scene.parts])


def areas(scene):
    corners = scene.vertices[scene.triangles].astype(float)
    return np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) / 2


def test_every_piece_lies_on_its_part_with_its_texture_and_normal(scene):
    """Rays through the middles of the pieces meet the part as it was, there and with what is drawn there."""
    cut = cut_large(scene)
    found = 0
    for old, new in zip(scene.parts, cut.parts, strict=True):
        corners = cut.triangles[new.first_triangle : new.first_triangle + new.triangles]
        middles, normals, uvs = (table[corners].mean(axis=1) for table in (cut.vertices, cut.normals, cut.uvs))
        faces = np.cross(*(cut.vertices[corners[:, i]] - cut.vertices[corners[:, 0]] for i in (1, 2)))
        whole = scene.triangles[old.first_triangle : old.first_triangle + old.triangles]
        faces /= np.maximum(np.linalg.norm(faces, axis=1, keepdims=True), 1e-12)
        hits = RayCaster(scene.vertices, whole).cast(middles + 0.001 * faces, -faces)
        u, v = hits.uv.T
        shares = np.stack([1 - u - v, u, v], axis=1)[..., None]
        np.testing.assert_allclose(hits.reach, 0.001, atol=1e-5)
        there = [(table[whole[hits.triangle]] * shares).sum(axis=1) for table in (scene.normals, scene.uvs)]
        alone = (there[0] * normals).sum(axis=1) > 0  # walls have faces back to back in one place
        for here, expected in zip((normals, uvs), there, strict=True):
            np.testing.assert_allclose(here[alone], expected[alone], atol=2e-3)
        found += np.count_nonzero(alone)
    assert found > 0.95 * len(cut.triangles)


def test_areas_parts_and_instances_stay(scene):
    cut = cut_large(scene)
    for one, other in zip(scene.parts, cut.parts, strict=True):
        assert (one.instance, one.material, one.group) == (other.instance, other.material, other.group)
    before, after = (np.bincount(parts_of_triangles(some), areas(some), len(some.parts)) for some in (scene, cut))
    np.testing.assert_allclose(before, after, rtol=1e-5, atol=1e-6)
    counts = np.bincount(cut.triangle_instances(), minlength=len(cut.instances) + 1)[1:]
    assert [instance.triangles for instance in cut.instances] == counts.tolist()
    assert len(cut.triangles) > 2 * len(scene.triangles)


def test_parts_are_runs_that_hold_their_own_vertices(scene):
    cut = cut_large(scene)
    vertex, triangle = 0, 0
    for part in cut.parts:
        assert (part.first_vertex, part.first_triangle) == (vertex, triangle)
        run = cut.triangles[triangle : triangle + part.triangles]
        vertex, triangle = vertex + part.vertices, triangle + part.triangles
        assert run.min() >= part.first_vertex
        assert run.max() < vertex
    assert (vertex, triangle) == (len(cut.vertices), len(cut.triangles))


def test_no_edge_is_longer_than_its_category_has_it(scene):
    cut = cut_large(scene)
    for part in cut.parts:
        category = cut.instances[part.instance - 1].category
        corners = cut.vertices[cut.triangles[part.first_triangle : part.first_triangle + part.triangles]]
        longest = np.linalg.norm(corners - np.roll(corners, -1, axis=1), axis=2).max()
        if category != "ground":
            assert longest <= LONGEST_M.get(category, LONGEST_OTHER_M) + 1e-5


def test_a_closed_box_of_uneven_triangles_stays_closed():
    """Every edge still has a triangle on either side: no crack opens, no vertex lies on another's edge."""
    size = np.array((7.3, 4.1, 2.6))
    cut = cut_large(scene_of(closed_box(size)))
    places = np.unique(cut.vertices.round(4), axis=0, return_inverse=True)[1].reshape(-1)[cut.triangles]
    edges = np.sort(np.stack([places, np.roll(places, -1, axis=1)], axis=2).reshape(-1, 2), axis=1)
    _, counts = np.unique(edges, axis=0, return_counts=True)
    assert set(counts.tolist()) == {2}
    assert len(cut.triangles) > 50


def test_ground_far_away_is_cut_more_coarsely():
    scene = scene_of([floor((-60, -60), (60, 60), category="ground"), floor((-3, -3), (3, 3), z=0.1)])
    cut = cut_large(scene)
    (ground,) = cut.parts_of(1)
    corners = cut.vertices[cut.triangles[ground.first_triangle : ground.first_triangle + ground.triangles]]
    longest = np.linalg.norm(corners - np.roll(corners, -1, axis=1), axis=2).max(axis=1)
    distance = np.abs(corners[..., :2]).max(axis=2).min(axis=1)
    assert longest[distance < 2].max() <= LONGEST_M["ground"] + 1e-5
    assert np.median(longest[distance > 30]) > 8
    assert ground.triangles < 1000


def test_what_is_left_out_is_gone(scene):
    cut = cut_large(scene.without(["ceiling", "ground"]))
    categories = {cut.instances[part.instance - 1].category for part in cut.parts}
    assert "wall" in categories
    assert not categories & {"ceiling", "ground"}
    assert np.all(cut.triangle_instances() > 0)
