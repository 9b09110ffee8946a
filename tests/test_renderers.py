"""Renderers against an independent judge: Open3D's ray caster on the same triangles."""

import dataclasses
import io

import numpy as np
import PIL.Image
import pytest

from scenes.build.assemble import build_scene
from scenes.draw import Drawing
from scenes.draw.model import DrawnModel, Finish, Mould
from scenes.errors import HomeError
from scenes.home.reader import parse_home
from sim.camera import Intrinsics, pose_looking
from sim.frame import View
from sim.renderers.bullet import BulletRenderer, is_closed
from sim.renderers.choose import open_renderer
from sim.renderers.culling import NEAR_M
from sim.renderers.egl import RendererError
from sim.renderers.gl import GlRenderer
from sim.renderers.raycast import RaycastRenderer
from tests.homes.cabin import box, cabin
from tests.judge import cast, inner_pixels

RENDERERS = ["gl", "bullet", "raycast"]

CAMERA = Intrinsics(200, 150, fx=140.0, fy=150.0, cx=90.0, cy=80.0)
"""Off-centre and with oblong pixels, so that a wrong convention shows."""

POSES = [
    pose_looking([0.6, -0.6, 1.5], -40, -20),
    pose_looking([2.5, -3.5, 1.2], 130, 5),
    pose_looking([4.5, -2.0, 1.6], 200, -30),
    pose_looking([-2.0, 1.0, 3.5], -35, -35),
]
FROM_ABOVE = pose_looking([1.5, -2.0, 6.0], 0, -89)


def scene_of(drawing):
    return build_scene(parse_home(drawing.to_bytes(), drawing.name))


@pytest.fixture(scope="module")
def scene():
    return scene_of(cabin())


@pytest.fixture(scope="module", params=RENDERERS)
def renderer(request, scene):
    with open_renderer(request.param, scene) as opened:
        yield opened


def categories(scene, frame):
    return {scene.instances[i - 1].category for i in np.unique(frame.segmentation) if i}


@pytest.mark.parametrize("pose", POSES)
def test_depth_and_ids_are_those_of_the_first_surface_met(scene, renderer, pose):
    frame = renderer.render(CAMERA, pose)
    depth, ids = cast(scene, CAMERA, pose)
    inner = inner_pixels(ids, depth)
    assert inner.mean() > 0.5
    errors = np.abs(frame.depth - depth)[inner]
    assert np.median(errors) < 1e-4
    assert np.mean(errors < 1e-3) > 0.999
    assert np.mean((frame.segmentation == ids)[inner]) > 0.995


def test_what_is_seen_from_behind_is_there(scene, renderer):
    """Ceilings are sheets that face down; from above they must hide the rooms."""
    seen = categories(scene, renderer.render(CAMERA, FROM_ABOVE))
    assert "ceiling" in seen
    assert "floor" not in seen


def test_nothing_is_sky_with_depth_zero(scene, renderer):
    frame = renderer.render(CAMERA, pose_looking([-2.0, 1.0, 3.5], 135, 60), normals=True)
    assert not frame.depth.any()
    assert not frame.segmentation.any()
    assert not frame.normals.any()
    sky = np.round(np.array(scene.surroundings.sky_color) * 255)
    assert np.abs(frame.rgb.astype(int) - sky).max() <= 1


def test_textures_stand_upright(renderer):
    """The wall's image is red above blue, one image from floor to ceiling."""
    frame = renderer.render(Intrinsics.from_fov(64, 64, 60), pose_looking([1.4, -2.0, 1.25], 180, 0))
    upper, lower = frame.rgb[20, 32].astype(int), frame.rgb[44, 32].astype(int)
    assert upper[0] > upper[2] + 50, upper
    assert lower[2] > lower[0] + 50, lower


@pytest.mark.parametrize("pose", POSES)
def test_normals_stand_on_the_surface_and_look_at_the_camera(scene, renderer, pose):
    frame = renderer.render(CAMERA, pose, normals=True)
    judge = RaycastRenderer(scene).render(CAMERA, pose, normals=True)
    inner = inner_pixels(judge.segmentation, judge.depth) & (judge.segmentation > 0)
    cosines = np.einsum("ijk,ijk->ij", frame.normals, judge.normals)[inner]
    assert np.mean(cosines > np.cos(np.radians(2))) > 0.995
    directions = CAMERA.rays() @ pose[:3, :3].T
    assert (np.einsum("ijk,ijk->ij", frame.normals, directions)[inner] <= 1e-3).all()


@pytest.mark.parametrize("name", RENDERERS)
def test_same_pose_same_bytes(scene, name):
    with open_renderer(name, scene) as one, open_renderer(name, scene) as other:
        other.render(CAMERA, FROM_ABOVE)
        for pose in POSES:
            first, second = one.render(CAMERA, pose), other.render(CAMERA, pose)
            for field in ("rgb", "depth", "segmentation"):
                np.testing.assert_array_equal(getattr(first, field), getattr(second, field))


@pytest.mark.parametrize("name", RENDERERS)
def test_left_out_categories_are_not_seen(scene, name):
    with open_renderer(name, scene.without(["ceiling"])) as renderer:
        seen = categories(scene, renderer.render(CAMERA, FROM_ABOVE))
    assert "ceiling" not in seen
    assert "floor" in seen


def test_gl_and_bullet_show_the_same_colours(scene):
    """They light a scene differently, so only hue and rough brightness can agree."""
    with GlRenderer(scene) as one, BulletRenderer(scene) as other:
        for pose in POSES[:3]:
            first, second = (r.render(CAMERA, pose) for r in (one, other))
            solid = ~np.isin(first.segmentation, [i.id for i in scene.instances if i.category == "window"])
            difference = np.abs(first.rgb.astype(int) - second.rgb.astype(int)).mean(axis=-1)[solid]
            assert np.median(difference) < 40


def glass_home():
    """A room with a pane of glass in the middle and a grating of open and solid texels behind it."""
    pixels = np.zeros((16, 16, 4), np.uint8)
    pixels[:, :8] = (200, 30, 30, 255)
    buffer = io.BytesIO()
    PIL.Image.fromarray(pixels).save(buffer, "PNG")
    x, y = np.array([-1.0, 1, 1, -1]) * 100, np.array([0.0, 0, 200, 200])
    points = np.stack([x, y, np.zeros(4)], axis=1)
    pane = DrawnModel("pane", [Mould(points, [(0, 1, 2, 3)], Finish("glass", (0.5, 0.7, 1.0), alpha=0.4))])
    finish = Finish("grating", (1.0, 1.0, 1.0), image=buffer.getvalue())
    uvs = [[(0.0, 0.0), (2.0, 0.0), (2.0, 1.0), (0.0, 1.0)]]
    grating = DrawnModel("grating", [Mould(points, [(0, 1, 2, 3)], finish, uvs=uvs)])
    home = Drawing("glass")
    ground = home.flat()
    ground.walls([(0, 0), (400, 0), (400, 600), (0, 600)], closed=True, thickness=20)
    ground.room("Room", [(0, 0), (400, 0), (400, 600), (0, 600)], floor=0x996633)
    ground.place(pane, 200, 400, name="Pane", depth=0.1)
    ground.place(grating, 200, 200, name="Grating", depth=0.1)
    ground.place(box(), 200, 60, name="Box")
    return home


GLASS_VIEW = (Intrinsics.from_fov(160, 120, 50), pose_looking([2.0, -5.5, 1.0], 90, 0))


@pytest.mark.parametrize("name", ["gl", "raycast"])
def test_glass_counts_and_cut_out_texels_are_open(name):
    scene = scene_of(glass_home())
    ids = {instance.name: instance.id for instance in scene.instances}
    camera, pose = GLASS_VIEW
    with open_renderer(name, scene) as renderer:
        frame = renderer.render(camera, pose)
        assert frame.segmentation[60, 80] == ids["Pane"]
        assert frame.depth[60, 80] == pytest.approx(1.5, abs=1e-4)
        behind = renderer.render(camera, pose_looking([2.0, -3.5, 1.0], 90, 0))
    row = behind.segmentation[60]
    solid = row == ids["Grating"]
    assert 0.3 < solid[20:140].mean() < 0.7
    np.testing.assert_allclose(behind.depth[60][solid], 1.5, atol=1e-4)
    assert (behind.depth[60][~solid] > 2.5).all()


def test_one_sees_through_glass_in_colour():
    scene = scene_of(glass_home())
    camera, pose = GLASS_VIEW
    with GlRenderer(scene) as renderer, GlRenderer(without_piece(scene, "Pane")) as bare:
        through, clear = renderer.render(camera, pose).rgb[60], bare.render(camera, pose).rgb[60]
    tint = np.array([0.5, 0.7, 1.0])
    contrast = through.astype(float).std(axis=0), clear.astype(float).std(axis=0)
    np.testing.assert_allclose(contrast[0], contrast[1] * 0.6, rtol=0.15, atol=2)
    assert np.argmax(tint) == np.argmax(through.mean(axis=0) - clear.mean(axis=0))


def without_piece(scene, name):
    gone = next(instance.id for instance in scene.instances if instance.name == name)
    return dataclasses.replace(scene, parts=tuple(part for part in scene.parts if part.instance != gone))


@pytest.mark.parametrize("zoom", [1, 30])
def test_a_long_lens_sees_the_right_depth(scene, zoom):
    """At 30 times, a pixel covers a millimetre: the box must still lie before the wall, and both where they are."""
    camera = Intrinsics(160, 120, fx=120.0 * zoom, fy=120.0 * zoom, cx=80.0, cy=60.0)
    pose = pose_looking([2.5, -2.05, 0.65], 180, 0)
    with GlRenderer(scene) as renderer:
        frame = renderer.render(camera, pose)
    depth, ids = cast(scene, camera, pose)
    inner = inner_pixels(ids, depth)
    assert np.mean(np.abs(frame.depth - depth)[inner] < 1e-4) > 0.999
    assert np.mean((frame.segmentation == ids)[inner]) > 0.999


def test_many_cameras_at_once_are_as_one_by_one(scene):
    with GlRenderer(scene) as renderer:
        together = renderer.render_many([View(CAMERA, pose) for pose in POSES], normals=True)
        for pose, frame in zip(POSES, together, strict=True):
            alone = renderer.render(CAMERA, pose, normals=True)
            for field in ("rgb", "depth", "segmentation", "normals"):
                np.testing.assert_array_equal(getattr(frame, field), getattr(alone, field))


def test_smoothing_changes_colour_only(scene):
    with GlRenderer(scene) as plain, GlRenderer(scene, samples=4) as smooth:
        for pose in POSES:
            one, other = plain.render(CAMERA, pose), smooth.render(CAMERA, pose)
            np.testing.assert_array_equal(one.depth, other.depth)
            np.testing.assert_array_equal(one.segmentation, other.segmentation)
        edges = np.abs(np.diff(one.segmentation, axis=1)) > 0
        changed = np.any(one.rgb != other.rgb, axis=-1)
        assert changed[:, 1:][edges].mean() > 0.3
        assert changed.mean() < 0.3


def test_views_of_different_sizes_are_not_drawn_together(scene):
    with GlRenderer(scene) as renderer, pytest.raises(ValueError, match="one size"):
        renderer.render_many([View(CAMERA, POSES[0]), View(Intrinsics.from_fov(8, 8, 60), POSES[0])])


def test_without_egl_auto_says_so_and_falls_back(scene, monkeypatch):
    def none(*_arguments, **_more):
        raise RendererError("gl: no OpenGL through EGL (none); apt-get install libegl1 libgl1-mesa-dri")

    monkeypatch.setattr("sim.renderers.gl.open_context", none)
    with pytest.warns(UserWarning, match=r"renderer bullet, because gl: no OpenGL .* apt-get install libegl1"):
        renderer = open_renderer("auto", scene)
    assert renderer.name == "bullet"
    renderer.close()
    with pytest.raises(RendererError, match="gl: "):
        open_renderer("gl", scene)


def test_an_unknown_renderer_is_named(scene):
    with pytest.raises(HomeError, match=r"no renderer 'vulkan'; there are auto, gl, bullet, raycast"):
        open_renderer("vulkan", scene)


def test_an_empty_scene_is_sky():
    empty = scene_of(Drawing("nothing"))
    for name in ("gl", "raycast"):
        with open_renderer(name, empty) as renderer:
            frame = renderer.render(CAMERA, POSES[0])
        assert not frame.segmentation.any()


def test_closed_means_every_edge_is_used_both_ways():
    points = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)
    solid = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])
    assert is_closed(points, solid)
    assert not is_closed(points, solid[:3])
    assert not is_closed(points, np.concatenate([solid[:3], solid[3:, ::-1]]))


@pytest.mark.parametrize("distance_m", [0.0201, 0.035, 0.05])
@pytest.mark.parametrize("yaw_deg", [180.0, 205.0])
def test_a_wall_two_centimetres_away_hides_what_is_behind_it(scene, renderer, distance_m, yaw_deg):
    pose = pose_looking([0.1 + distance_m, -1.4, 1.2], yaw_deg, 0)
    frame = renderer.render(CAMERA, pose)
    depth, ids = cast(scene, CAMERA, pose)
    seen = (depth > NEAR_M * (1 - 1e-4)) & (ids == ids[80, 90])
    assert seen.mean() > 0.5
    assert scene.instances[ids[80, 90] - 1].category == "wall"
    assert np.abs(frame.depth - depth)[seen].max() < 1e-3
    assert (frame.segmentation == ids)[seen].all()
