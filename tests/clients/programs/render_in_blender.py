"""Run inside of Blender: python render_in_blender.py HOME.glb VIEWS.json OUT

Writes, for each view: NAME-flat.png, each surface in its base colour; NAME-depth.npy (H, W), planar z, m, 0 for none;
NAME-lit.png, in the light of the home's lamps. And objects.json, what Blender has of each node.
"""

import json
import sys
from pathlib import Path

import bpy
import mathutils
import numpy as np

SAMPLES = 24
DAYLIGHT = 0.02
EXPOSURE_STOPS = 5.0
"""Of a picture by lamp light: lamps give watts, and 1 W/m² is white without."""


def load(glb):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.preferences.addon_enable(module="cycles")
    bpy.ops.import_scene.gltf(filepath=str(glb))
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.device = "CPU"
    scene.cycles.use_denoising = False
    scene.cycles.use_adaptive_sampling = False
    scene.view_settings.view_transform = "Standard"
    scene.render.dither_intensity = 0
    scene.render.resolution_percentage = 100
    world = bpy.data.worlds.new("sky")
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs[0].default_value = (0, 0, 0, 1)
    scene.world = world
    return scene


def aim(scene, view):
    data = bpy.data.cameras.new(view["name"])
    data.sensor_fit, data.sensor_width = "HORIZONTAL", 36.0
    data.lens = view["fx"] * data.sensor_width / view["width"]
    data.clip_start, data.clip_end = 0.01, 1000.0
    camera = bpy.data.objects.new(view["name"], data)
    to_blender = np.diag([1.0, -1.0, -1.0, 1.0])  # it looks along -z, y up
    camera.matrix_world = mathutils.Matrix(np.array(view["T_world_camera"]) @ to_blender)
    scene.collection.objects.link(camera)
    scene.camera = camera
    scene.render.resolution_x, scene.render.resolution_y = view["width"], view["height"]


def principled(material):
    return next((node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED"), None)


def flatten(materials):
    """Each material shines in its base colour; cut-out texels are open, glass is not."""
    cut_out = {told["name"] for told in materials if told.get("alphaMode") == "MASK"}
    for material in bpy.data.materials:
        shader = principled(material) if material.use_nodes else None
        if shader is None:
            continue
        tree = material.node_tree
        flat = tree.nodes.new("ShaderNodeEmission")
        color = shader.inputs["Base Color"]
        if color.is_linked:
            tree.links.new(color.links[0].from_socket, flat.inputs["Color"])
        else:
            flat.inputs["Color"].default_value = color.default_value
        output = next(node for node in tree.nodes if node.type == "OUTPUT_MATERIAL")
        surface = flat.outputs[0]
        alpha = shader.inputs["Alpha"]
        if material.name.split(".")[0] in cut_out and alpha.is_linked:
            mix, clear = tree.nodes.new("ShaderNodeMixShader"), tree.nodes.new("ShaderNodeBsdfTransparent")
            tree.links.new(alpha.links[0].from_socket, mix.inputs[0])
            tree.links.new(clear.outputs[0], mix.inputs[1])
            tree.links.new(surface, mix.inputs[2])
            surface = mix.outputs[0]
        tree.links.new(surface, output.inputs["Surface"])


def render(scene, path):
    scene.render.filepath = str(path)
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGB"
    bpy.ops.render.render(write_still=True)


def with_depth(scene, folder):
    """Depth goes into the compositor's own file, which is read back after a render."""
    scene.view_layers[0].use_pass_z = True
    scene.use_nodes = True
    tree = scene.node_tree
    layers = tree.nodes.new("CompositorNodeRLayers")
    file = tree.nodes.new("CompositorNodeOutputFile")
    file.base_path = str(folder)
    file.format.file_format, file.format.color_depth, file.format.color_mode = "OPEN_EXR", "32", "RGB"
    file.file_slots[0].path = "depth"
    tree.links.new(layers.outputs["Depth"], file.inputs[0])


def read_depth(folder, view):
    path = next(folder.glob("depth*.exr"))
    image = bpy.data.images.load(str(path))
    values = np.array(image.pixels[:], np.float32).reshape(view["height"], view["width"], -1)[::-1, :, 0]
    bpy.data.images.remove(image)
    path.unlink()
    return np.where(values < 1e6, values, 0.0)


def objects():
    """By name: where each node is, and what it carries."""
    found = {}
    for item in bpy.data.objects:
        known = {key: item[key] for key in item.keys() if isinstance(item[key], (int, float, str))}  # noqa: SIM118
        told = {"type": item.type, "position": list(item.matrix_world.translation), "extras": known}
        if item.type == "LIGHT":
            told["watts"] = item.data.energy
        found[item.name] = told
    return found


def main(glb, views, out):
    scene = load(glb)
    out.mkdir(parents=True, exist_ok=True)
    (out / "objects.json").write_text(json.dumps(objects()))
    for view in views:
        aim(scene, view)
        scene.cycles.samples, scene.view_settings.exposure = SAMPLES, EXPOSURE_STOPS
        scene.world.node_tree.nodes["Background"].inputs[0].default_value = (DAYLIGHT,) * 3 + (1,)
        render(scene, out / f"{view['name']}-lit.png")
    document = glb.read_bytes()
    told = json.loads(document[20 : 20 + int.from_bytes(document[12:16], "little")])
    flatten(told["materials"])
    with_depth(scene, out)
    scene.view_settings.exposure = 0.0
    scene.world.node_tree.nodes["Background"].inputs[0].default_value = (0, 0, 0, 1)
    scene.cycles.samples, scene.cycles.pixel_filter_type, scene.cycles.filter_width = 1, "BOX", 0.01
    for view in views:
        aim(scene, view)
        render(scene, out / f"{view['name']}-flat.png")
        np.save(out / f"{view['name']}-depth.npy", read_depth(out, view))


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text()), Path(sys.argv[3]))
