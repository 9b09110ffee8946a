"""GLB exports, read back as JSON and by trimesh; tests/clients has Khronos' validator and Blender."""

from __future__ import annotations

import dataclasses
import io
import json
import math
from typing import Any

import numpy as np
import PIL.Image
import pytest
import trimesh

from scenes.errors import HomeError
from scenes.export import LAMP_CD, to_glb
from scenes.images import decode_image
from scenes.library import load_scene
from scenes.scene import NO_TEXTURE, Scene, Texture
from sim.raycasting import RayCaster
from sim.world.leaves import find_leaves, joints

TO_Z_UP = np.array([[1, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 0], [0, 0, 0, 1.0]])


def document(data: bytes) -> tuple[dict[str, Any], bytes]:
    """The JSON of a GLB and its buffer."""
    length = int.from_bytes(data[12:16], "little")
    return json.loads(data[20 : 20 + length]), data[28 + length :]


def nodes(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    named = {node["name"]: node for node in told["nodes"]}
    assert len(named) == len(told["nodes"])
    return named


@pytest.fixture(scope="module")
def scene() -> Scene:
    return load_scene("two-levels")


@pytest.fixture(scope="module")
def glb(scene: Scene) -> bytes:
    return to_glb(scene, joints(scene))


def corners(scene: Scene) -> np.ndarray:
    drawn = [np.arange(part.first_triangle, part.first_triangle + part.triangles) for part in scene.parts]
    return scene.vertices[scene.triangles[np.concatenate(drawn)]]


def in_order(triangles: np.ndarray) -> np.ndarray:
    flat = triangles.reshape(len(triangles), -1)
    return flat[np.lexsort(flat.round(3).T)]


def test_trimesh_reads_every_triangle_where_it_is(scene: Scene, glb: bytes) -> None:
    read = trimesh.load(io.BytesIO(glb), file_type="glb", force="scene")
    read.apply_transform(TO_Z_UP)
    found = np.concatenate([mesh.triangles for mesh in read.dump()])
    centres = (in_order(found.mean(axis=1)), in_order(corners(scene).mean(axis=1)))
    np.testing.assert_allclose(*centres, atol=1e-4)


def test_colours_are_linear(scene: Scene, glb: bytes) -> None:
    told, _ = document(glb)
    assert len(told["materials"]) == len(scene.materials)
    for material, written in zip(scene.materials, told["materials"], strict=True):
        *color, alpha = written["pbrMetallicRoughness"]["baseColorFactor"]
        shown = [12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055 for c in color]
        assert shown == pytest.approx(material.color, abs=1e-6)
        assert alpha == material.alpha
        assert (material.texture != NO_TEXTURE) == ("baseColorTexture" in written["pbrMetallicRoughness"])


def test_nodes_say_what_they_are(scene: Scene, glb: bytes) -> None:
    named = nodes(document(glb)[0])
    levels = [level.name for level in scene.levels]
    for instance in scene.instances:
        extras = named[instance.source]["extras"]
        assert (extras["category"], extras["name"]) == (instance.category, instance.name)
        assert extras["level"] == levels[instance.level]
    rooms = {extras["name"]: extras["room"] for node in named.values() if "room" in (extras := node.get("extras", {}))}
    for room in scene.rooms:
        assert rooms[room.name] == room.name
    assert (rooms["sofa"], rooms["bed"]) == ("Living room", "Gallery")


def test_doors_turn_about_their_hinges(scene: Scene, glb: bytes) -> None:
    """A leaf's node, turned by what its extras say, has the leaf where the simulator's shut door has it."""
    leaves, _ = find_leaves(scene)
    hinged = [leaf for leaf in leaves if leaf.kind == "hinge"]
    assert hinged
    sources = {instance.id: instance.source for instance in scene.instances}
    told, _ = document(glb)
    for leaf in hinged:
        name = f"{sources[leaf.instance]}/leaf 1"
        node = nodes(told)[name]
        assert TO_Z_UP[:3, :3] @ node["translation"] == pytest.approx(leaf.hinge)
        angle = math.radians(node["extras"]["shut_deg"])
        node["rotation"] = [0.0, math.sin(angle / 2), 0.0, math.cos(angle / 2)]
        read = trimesh.load(io.BytesIO(packed(told, glb)), file_type="glb", force="scene")
        moved = [read.geometry[read.graph[n][1]].copy().apply_transform(TO_Z_UP @ read.graph[n][0])
                 for n in read.graph.nodes_geometry if n.startswith(name)]  # fmt: skip
        found = np.concatenate([mesh.triangles for mesh in moved]).mean(axis=1)
        drawn = scene.vertices[scene.triangles[leaf.triangles]].mean(axis=1)
        shut = drawn @ leaf.placement(0.0)[:3, :3].T + leaf.placement(0.0)[:3, 3]
        np.testing.assert_allclose(in_order(found), in_order(shut), atol=1e-3)


def packed(told: dict[str, Any], glb: bytes) -> bytes:
    """The GLB with other JSON."""
    old = int.from_bytes(glb[12:16], "little")
    text = json.dumps(told).encode()
    text += b" " * (-len(text) % 4)
    rest = glb[20 + old :]
    sizes = (12 + 8 + len(text) + len(rest)).to_bytes(4, "little"), len(text).to_bytes(4, "little")
    return glb[:8] + sizes[0] + sizes[1] + b"JSON" + text + rest


def test_lamps_emit(scene: Scene, glb: bytes) -> None:
    told, _ = document(glb)
    lights = told["extensions"]["KHR_lights_punctual"]["lights"]
    lamps = [lamp for lamp in scene.lights if lamp.power > 0]
    assert lamps
    placed = {
        node["extensions"]["KHR_lights_punctual"]["light"]: TO_Z_UP[:3, :3] @ node["translation"]
        for node in told["nodes"]
        if "extensions" in node
    }
    assert sorted(light["intensity"] for light in lights) == sorted(lamp.power * LAMP_CD for lamp in lamps)
    caster = RayCaster(scene.vertices, scene.triangles)
    directions = np.random.default_rng(1).normal(size=(200, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    for position in placed.values():
        assert min(np.linalg.norm(position - np.array(lamp.position)) for lamp in lamps) < 0.05
        free_m = caster.cast(np.tile(position, (200, 1)), directions).reach
        assert np.mean(free_m > 0.3) > 0.4, "its own shade keeps the light in"
    glowing = [written for material, written in zip(scene.materials, told["materials"], strict=True) if material.glows]
    assert glowing
    assert all(
        written["emissiveFactor"] == written["pbrMetallicRoughness"]["baseColorFactor"][:3] for written in glowing
    )


@pytest.mark.parametrize(
    ("form", "mode"), [("PNG", "RGB"), ("JPEG", "L"), ("JPEG", "CMYK"), ("BMP", "RGB"), ("PNG", "I;16")]
)
def test_images_are_kept_where_gltf_allows_them(scene: Scene, form: str, mode: str) -> None:
    values = np.random.default_rng(3).integers(0, 256, (6, 5, 3)).astype(np.uint8)
    image = (
        PIL.Image.fromarray(values).convert(mode)
        if mode != "I;16"
        else PIL.Image.fromarray(np.uint16(values[..., 0]) << 8)
    )
    buffer = io.BytesIO()
    image.save(buffer, form)
    textures = (Texture("odd", buffer.getvalue(), has_alpha=False), *scene.textures[1:])
    told, data = document(to_glb(dataclasses.replace(scene, textures=textures)))
    view = told["bufferViews"][told["images"][0]["bufferView"]]
    found = data[view["byteOffset"] : view["byteOffset"] + view["byteLength"]]
    kept = form in ("PNG", "JPEG") and mode in ("RGB", "L")
    assert (found == buffer.getvalue()) == kept
    assert told["images"][0]["mimeType"] == (f"image/{form.lower()}" if kept else "image/png")
    assert np.array_equal(np.asarray(decode_image(found)), np.asarray(decode_image(buffer.getvalue())))


def test_an_empty_home_is_one_error(scene: Scene) -> None:
    with pytest.raises(HomeError, match="nothing that is visible"):
        to_glb(dataclasses.replace(scene, parts=()))


def test_the_same_bytes_each_time(scene: Scene, glb: bytes) -> None:
    assert to_glb(scene, joints(scene)) == glb
