"""Bodies that move: all renderers against ray casts at a scene in which they stand where they were put."""

import dataclasses

import numpy as np
import pytest

from scenes.build.assemble import build_scene
from scenes.home.reader import parse_home
from sim.bodies import Added, Piece, capsule, whole_instance, with_bodies
from sim.camera import Intrinsics, pose_looking
from sim.raycasting import RayCaster
from sim.renderers.choose import open_renderer
from sim.renderers.gl import GlRenderer
from tests.homes.cabin import cabin
from tests.judge import cast, inner_pixels

RENDERERS = ["gl", "bullet", "raycast"]
CAMERA = Intrinsics(200, 150, fx=140.0, fy=150.0, cx=90.0, cy=80.0)
HINGE = np.array([3.0, -1.55, 0.0])
PERSON = capsule("person", 1.75, 0.25, (0.1, 0.4, 0.8))
CART = Added("cart", np.array([[0.0, 0, 0], [0.6, 0, 0], [0, 0.6, 0], [0, 0, 0.6]]),
             np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]]), (0.9, 0.8, 0.1))  # fmt: skip
INTO_THE_DOOR = pose_looking([0.7, -2.0, 1.4], 0, -10)
VIEWS = [INTO_THE_DOOR, pose_looking([2.4, -0.4, 1.5], 250, -25), pose_looking([5.5, -2.1, 1.7], 180, -10)]


@pytest.fixture(scope="module")
def scene():
    drawing = cabin()
    return build_scene(parse_home(drawing.to_bytes(), drawing.name))


def id_of(scene, name):
    return next(instance.id for instance in scene.instances if instance.name == name)


def turned(angle_deg, about=(0.0, 0.0, 0.0), tilt_deg=0.0):
    """4x4: about an upright axis through a point, after a tilt about x."""
    angle, tilt = np.radians(angle_deg), np.radians(tilt_deg)
    upright = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    pose = np.eye(4)
    pose[:3, :3] = upright @ [[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]]
    pose[:3, 3] = np.array(about) - pose[:3, :3] @ about
    return pose


def standing(x, y, z, angle_deg=0.0):
    pose = turned(angle_deg)
    pose[:3, 3] = x, y, z
    return pose


def moved(scene, name, pose):
    """The scene with an instance somewhere else."""
    vertices = scene.vertices.copy()
    for part in scene.parts_of(id_of(scene, name)):
        run = slice(part.first_vertex, part.first_vertex + part.vertices)
        vertices[run] = vertices[run] @ pose[:3, :3].T + pose[:3, 3]
    return dataclasses.replace(scene, vertices=vertices)


def truth(scene, pose, added):
    """Depth and ids with bodies (body, its pose, its id) in front of a scene."""
    depth, ids = cast(scene, CAMERA, pose)
    rays = CAMERA.rays().reshape(-1, 3) @ pose[:3, :3].T
    for body, at, number in added:
        points = (body.vertices @ at[:3, :3].T + at[:3, 3]).astype(np.float32)
        caster = RayCaster(points, body.triangles.astype(np.int32))
        reach = caster.cast(np.broadcast_to(pose[:3, 3], rays.shape), rays).reach.reshape(depth.shape)
        nearer = np.isfinite(reach) & ((depth == 0) | (reach < depth))
        depth, ids = np.where(nearer, reach, depth), np.where(nearer, number, ids)
    return depth, ids


@pytest.fixture(scope="module", params=RENDERERS)
def renderer(request, scene):
    bodies = [whole_instance(scene, id_of(scene, name)) for name in ("Door", "Box")]
    with open_renderer(request.param, scene, bodies=[*bodies, PERSON, CART]) as opened:
        yield opened


@pytest.mark.parametrize("step", range(3))
def test_what_moves_is_where_it_was_put(scene, renderer, step):
    door, box = turned(-35.0 * step, HINGE), turned(50.0 * step, (1.5, -2.0, 0.0), tilt_deg=20.0 * step)
    person, cart = standing(1.0 + 0.2 * step, -0.8, 0.0), standing(2.0, -3.2, 0.3 * step, 40.0 * step)
    for index, pose in enumerate((door, box, person, cart)):
        renderer.place(index, pose)
    there = moved(moved(scene, "Door", door), "Box", box)
    count = len(scene.instances)
    for view in VIEWS:
        frame = renderer.render(CAMERA, view)
        depth, ids = truth(there, view, [(PERSON, person, count + 1), (CART, cart, count + 2)])
        inner = inner_pixels(ids, depth)
        assert inner.mean() > 0.5
        errors = np.abs(frame.depth - depth)[inner]
        assert np.median(errors) < 1e-4
        assert np.mean(errors < 1e-3) > 0.999
        assert np.mean((frame.segmentation == ids)[inner]) > 0.995


def test_a_body_two_centimetres_away_hides_what_is_behind_it(scene, renderer):
    for index, at in enumerate((np.eye(4), np.eye(4), standing(4.5, -2.0, 0.5), standing(2.0, -3.2, 0.0))):
        renderer.place(index, at)
    frame = renderer.render(CAMERA, pose_looking([4.5 - 0.25 - 0.021, -2.0, 1.4], 0, 0))
    middle = frame.depth[75:85, 85:95]
    assert middle == pytest.approx(0.021, abs=1.5e-3)  # the capsule is round
    assert (frame.segmentation[75:85, 85:95] == len(scene.instances) + 1).all()


def test_bodies_have_instances_of_their_own_and_pieces_keep_theirs(scene):
    door = whole_instance(scene, id_of(scene, "Door"))
    moving = with_bodies(scene, [door, PERSON, CART, dataclasses.replace(CART, name="person")])
    assert moving.scene.instances[: len(scene.instances)] == scene.instances
    added = moving.scene.instances[len(scene.instances) :]
    assert [(each.name, each.category) for each in added] == [("person", "body"), ("cart", "body")]
    assert added[0].triangles == len(PERSON.triangles) + 4
    ids = moving.scene.triangle_instances()
    assert np.bincount(ids, minlength=added[-1].id + 1)[[id_of(scene, "Door"), added[1].id]].tolist() == [12, 4]
    bodies = moving.body_of_triangle()
    assert (ids[bodies == 0] == id_of(scene, "Door")).all()
    assert (bodies[ids == id_of(scene, "Door")] == 0).all()


def test_part_of_an_instance_moves_and_the_rest_stays(scene):
    """Half of the box's triangles, in any order, are a body; together with the rest they are the box."""
    box = whole_instance(scene, id_of(scene, "Box"))
    half = Piece(box.triangles[[9, 2, 4, 7]])
    camera, view = Intrinsics.from_fov(160, 120, 75), VIEWS[1]
    away = standing(0, 0, -50)
    with (
        GlRenderer(scene) as plain,
        GlRenderer(scene, bodies=[half]) as parted,
        GlRenderer(scene, bodies=[box]) as whole,
    ):
        np.testing.assert_array_equal(parted.render(camera, view).depth, plain.render(camera, view).depth)
        parted.place(0, away)
        whole.place(0, away)
        pixels = [(r.render(camera, view).segmentation == id_of(scene, "Box")).sum() for r in (plain, parted, whole)]
    assert pixels[0] > pixels[1] > pixels[2] == 0


def test_what_is_behind_a_door_shows_when_it_opens(scene):
    """The visibility set is worked out while the door is shut, and still holds the other room."""
    door = whole_instance(scene, id_of(scene, "Door"))
    with (
        GlRenderer(scene, bodies=[door, PERSON]) as culled,
        GlRenderer(scene, bodies=[door, PERSON], culling=False) as all_of_it,
    ):
        for renderer in (culled, all_of_it):
            renderer.place(1, standing(4.5, -2.0, 0.5))
        frames = []
        for angle_deg in (0.0, -60.0, -90.0):
            for renderer in (culled, all_of_it):
                renderer.place(0, turned(angle_deg, HINGE))
            frames.append([renderer.render(CAMERA, INTO_THE_DOOR) for renderer in (culled, all_of_it)])
        person = len(scene.instances) + 1
        assert not (frames[0][0].segmentation == person).any()
        assert (frames[2][0].segmentation == person).any()
        for one, other in frames:
            np.testing.assert_array_equal(one.rgb, other.rgb)
            np.testing.assert_array_equal(one.depth, other.depth)


def test_baked_light_reaches_bodies(scene):
    light = np.full((len(scene.vertices), 3), 20, np.uint8)
    with GlRenderer(scene, bodies=[PERSON], light=light) as dark, GlRenderer(scene, bodies=[PERSON]) as bright:
        for renderer in (dark, bright):
            renderer.place(0, standing(1.8, -2.0, 0.8))
        frames = [renderer.render(CAMERA, INTO_THE_DOOR) for renderer in (dark, bright)]
    person = frames[0].segmentation == len(scene.instances) + 1
    assert person.any()
    assert frames[0].rgb[person].mean() < 0.5 * frames[1].rgb[person].mean()


@pytest.mark.parametrize("name", RENDERERS)
def test_a_body_that_is_not_there_is_named(scene, name):
    with open_renderer(name, scene, bodies=[PERSON]) as renderer:
        for index in (1, -1):
            with pytest.raises(IndexError, match=f"no body {index}; the renderer was opened with 1"):
                renderer.place(index, np.eye(4))


def test_a_triangle_moves_with_one_body_only(scene):
    box = whole_instance(scene, id_of(scene, "Box"))
    with pytest.raises(ValueError, match="body 1 has triangles that another body has already"):
        with_bodies(scene, [box, Piece(box.triangles[:1])])
