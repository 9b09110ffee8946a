"""Full circle: what `sim fuse` makes of rendered frames lies on the scene's own surface and covers what was seen."""

import shutil
import subprocess
import sys

import numpy as np
import open3d
import PIL.Image
import pyarrow
import pytest
import trimesh
from pyarrow import parquet
from scipy.spatial import cKDTree

from scenes.errors import HomeError
from scenes.library import load_scene
from sim.camera import Intrinsics, pose_looking
from sim.frame import Frame
from sim.fusion import fuse_mesh, fuse_points, read_run

HOME = "two-levels"
VOXEL_M = 0.04
FAR_M = 6.0


def sim(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "sim.cli", *map(str, arguments)], capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fusion")
    result = sim("render", "--scene", HOME, "--frames", 24, "--size", "240x180", "--out", folder / "out")
    assert result.returncode == 0, result.stderr
    return folder


@pytest.fixture(scope="module")
def ply(run):
    """The written files by kind."""
    files = {}
    for kind in ("points", "mesh"):
        files[kind] = run / f"{kind}.ply"
        result = sim("fuse", run / "out", files[kind], "--kind", kind, "--voxel", VOXEL_M, "--far", FAR_M)
        assert result.returncode == 0, result.stderr
    return files


def caster(vertices, triangles):
    scene = open3d.t.geometry.RaycastingScene()
    corners = np.ascontiguousarray(triangles).astype(np.uint32)
    scene.add_triangles(np.ascontiguousarray(vertices, np.float32), corners)
    return scene


def distances(scene, points):
    """From points (N, 3) to the surface, m."""
    return scene.compute_distance(open3d.core.Tensor(np.ascontiguousarray(points, np.float32))).numpy()


@pytest.fixture(scope="module")
def surface():
    scene = load_scene(HOME)
    return caster(scene.vertices, scene.triangles)


@pytest.fixture(scope="module")
def seen(run):
    """Points (N, 3) that the frames saw within the range of the fusion, and their colours."""
    points, colors = [], []
    for recorded in read_run(run / "out"):
        frame = recorded.load()
        near = (frame.depth > 0) & (frame.depth < FAR_M - 0.1)
        rays = frame.intrinsics.rays()[near] @ frame.T_world_camera[:3, :3].T
        points.append((rays * frame.depth[near][:, None] + frame.T_world_camera[:3, 3])[::31])
        colors.append(frame.rgb[near][::31])
    return np.concatenate(points), np.concatenate(colors).astype(float)


@pytest.mark.parametrize(("kind", "within"), [("points", 1.0), ("mesh", 0.95)])
def test_what_was_fused_lies_on_the_surface(ply, surface, kind, within):
    off = distances(surface, trimesh.load(ply[kind]).vertices)
    assert len(off) > 50_000
    assert np.median(off) < VOXEL_M / 20
    assert np.mean(off < VOXEL_M / 2) >= within
    assert np.mean(off < VOXEL_M * 2) > 0.99


def test_what_was_seen_is_covered(ply, seen):
    points, _ = seen
    mesh = trimesh.load(ply["mesh"])
    assert np.mean(distances(caster(mesh.vertices, mesh.faces), points) < VOXEL_M) > 0.98
    cloud = cKDTree(trimesh.load(ply["points"]).vertices)
    assert np.mean(cloud.query(points)[0] < VOXEL_M) > 0.999


def test_colours_are_those_that_were_seen(ply, seen):
    points, colors = seen
    for path in ply.values():
        fused = trimesh.load(path)
        fused_colors = (fused.visual.vertex_colors if hasattr(fused, "faces") else fused.colors)[:, :3].astype(float)
        nearest = cKDTree(fused.vertices).query(points)[1]
        off = np.abs(fused_colors[nearest] - colors).mean(axis=1)
        assert np.median(off) < 5
        assert np.mean(off < 30) > 0.9


def test_the_mesh_faces_the_cameras(run, ply):
    mesh = trimesh.load(ply["mesh"])
    scene = caster(mesh.vertices, mesh.faces)
    facing = []
    for recorded in read_run(run / "out"):
        pose = recorded.view.T_world_camera
        rays = recorded.view.intrinsics.rays()[::9, ::9].reshape(-1, 3) @ pose[:3, :3].T
        cast = scene.cast_rays(
            open3d.core.Tensor(np.concatenate([np.tile(pose[:3, 3], (len(rays), 1)), rays], 1).astype(np.float32))
        )
        met = np.isfinite(cast["t_hit"].numpy())
        facing.append(np.einsum("ij,ij->i", cast["primitive_normals"].numpy(), rays)[met] < 0)
    assert np.mean(np.concatenate(facing)) > 0.99


@pytest.mark.parametrize("kind", ["points", "mesh"])
def test_the_same_command_gives_the_same_bytes(run, ply, kind, tmp_path):
    again = tmp_path / "again.ply"
    result = sim("fuse", run / "out", again, "--kind", kind, "--voxel", VOXEL_M, "--far", FAR_M)
    assert result.returncode == 0, result.stderr
    assert again.read_bytes() == ply[kind].read_bytes()


def test_other_programs_read_normals_and_colours(ply):
    mesh = open3d.io.read_triangle_mesh(str(ply["mesh"]))
    assert len(mesh.triangles) == len(trimesh.load(ply["mesh"], process=False).faces) > 50_000
    assert mesh.has_vertex_normals()
    assert mesh.has_vertex_colors()
    cloud = open3d.io.read_point_cloud(str(ply["points"]))
    np.testing.assert_allclose(np.linalg.norm(np.asarray(cloud.normals), axis=1), 1, atol=1e-5)


CAMERA = Intrinsics(120, 90, fx=100.0, fy=110.0, cx=50.0, cy=48.0)


def wall(distance_m=2.0):
    """A camera at (1, 2, 1.5) that looks along +x at an upright wall: red on its left half, blue on the other."""
    rgb = np.zeros((90, 120, 3), np.uint8)
    rgb[:, :50, 0], rgb[:, 50:, 2] = 255, 255
    depth = np.full((90, 120), distance_m, np.float32)
    pose = pose_looking([1.0, 2.0, 1.5], 0, 0)
    return Frame(rgb, depth, np.ones((90, 120), np.int32), CAMERA, pose)


@pytest.mark.parametrize("fuse", [fuse_points, fuse_mesh])
def test_a_wall_in_closed_form(fuse):
    fused = fuse([wall()], 0.05, 5.0)
    np.testing.assert_allclose(fused.positions[:, 0], 3.0, atol=1e-5)
    np.testing.assert_allclose(fused.normals, np.tile([-1.0, 0.0, 0.0], (len(fused.normals), 1)), atol=1e-3)
    low, high = fused.positions.min(axis=0), fused.positions.max(axis=0)
    left, right, top, bottom = 2 + 2 * 0.5, 2 - 2 * 0.7, 1.5 + 2 * 48 / 110, 1.5 - 2 * 42 / 110
    np.testing.assert_allclose([high[1], low[1], high[2], low[2]], [left, right, top, bottom], atol=0.1)
    red = fused.positions[:, 1] > 2.06
    assert (fused.colors[red] == (255, 0, 0)).all()
    assert (fused.colors[fused.positions[:, 1] < 1.94] == (0, 0, 255)).all()


@pytest.mark.parametrize("fuse", [fuse_points, fuse_mesh])
def test_depth_beyond_far_is_left_out(fuse):
    near, both = fuse([wall(2.0)], 0.05, 3.0), fuse([wall(2.0), wall(4.0)], 0.05, 3.0)
    np.testing.assert_allclose(both.positions.max(axis=0), near.positions.max(axis=0), atol=1e-5)
    with pytest.raises(HomeError, match=r"within 1 m .* --far"):
        fuse([wall(2.0)], 0.05, 1.0)


def test_too_fine_a_mesh_says_so(monkeypatch):
    monkeypatch.setattr("sim.fusion.mesh.MOST_BLOCKS", 10)
    with pytest.raises(HomeError, match=r"voxels of 0.01 m take more than .* larger --voxel"):
        fuse_mesh([wall()], 0.01, 5.0)


def damage_images(folder):
    (folder / "depth" / "000001.png").write_bytes((folder / "depth" / "000001.png").read_bytes()[:200])


def lose_an_image(folder):
    (folder / "rgb" / "000001.png").unlink()


def shrink_an_image(folder):
    PIL.Image.new("I;16", (3, 3)).save(folder / "depth" / "000000.png")


def damage_the_index(folder):
    (folder / "frames.parquet").write_bytes(b"PAR1 no more")


def lose_the_index(folder):
    (folder / "frames.parquet").unlink()


def lose_the_lens(folder):
    table = parquet.read_table(folder / "frames.parquet")
    parquet.write_table(table.drop_columns(["fx"]), folder / "frames.parquet")


def lose_a_lens(folder):
    table = parquet.read_table(folder / "frames.parquet")
    at = table.schema.get_field_index("fx")
    nan = pyarrow.array([float("nan")] * len(table))
    parquet.write_table(table.set_column(at, "fx", nan), folder / "frames.parquet")


DAMAGE = [damage_images, lose_an_image, shrink_an_image, damage_the_index, lose_the_index, lose_the_lens, lose_a_lens]


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_frames_are_one_error(run, tmp_path, damage):
    shutil.copytree(run / "out", tmp_path / "bad")
    damage(tmp_path / "bad")
    with pytest.raises(HomeError, match="render"):
        fuse_points((recorded.load() for recorded in read_run(tmp_path / "bad")), VOXEL_M, FAR_M)


@pytest.mark.parametrize(
    "arguments",
    [
        ["{run}/nothing", "{out}/a.ply"],
        ["{run}", "{out}/a.ply"],
        ["{run}/out", "{out}/a.obj"],
        ["{run}/out", "{out}/none/a.ply"],
        ["{run}/out", "{out}/a.ply", "--kind", "splats"],
        ["{run}/out", "{out}/a.ply", "--far", "0.1"],
    ],
)
def test_bad_arguments_are_one_error_and_nothing_is_written(run, tmp_path, arguments):
    result = sim("fuse", *(argument.format(run=run, out=tmp_path) for argument in arguments))
    assert result.returncode == 2
    assert "error: " in result.stderr.splitlines()[-1]
    assert "Traceback" not in result.stderr
    assert not list(tmp_path.iterdir())
