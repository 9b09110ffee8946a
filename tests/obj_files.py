"""OBJ exports written for tests."""

from collections import Counter

from scenes.home.archive import Archive
from scenes.obj_import import parse_obj_scene

CUBE = """
v 0 0 0
v 1 0 0
v 1 1 0
v 0 1 0
v 0 0 1
v 1 0 1
v 1 1 1
v 0 1 1
g {name}
usemtl {material}
f -8 -5 -6 -7
f -4 -3 -2 -1
f -8 -7 -3 -4
f -5 -1 -2 -6
f -8 -4 -1 -5
f -7 -6 -2 -3
"""


def cube(name, size=1.0, at=(0.0, 0.0, 0.0), material="paint"):
    """An OBJ of a cube, its least corner at a point."""
    lines = CUBE.format(name=name, material=material).splitlines()
    for index, line in enumerate(lines):
        if line.startswith("v "):
            corner = zip(line.split()[1:], at, strict=True)
            lines[index] = "v " + " ".join(str(float(c) * size + offset) for c, offset in corner)
    return "\n".join(lines) + "\n"


KINDS = {"ground": "ground", "wall": "wall", "floor": "room", "ceiling": "room"}


def exported(scene):
    """A scene as the files that the program would export it to: `home.obj`, `home.mtl` and images."""
    lines, number, things = ["mtllib home.mtl"], 0, []
    for instance in scene.instances:
        kind, thing = KINDS.get(instance.category), instance.source.split("/")[0]
        if kind in ("wall", "room") and thing not in things:
            things.append(thing)
        prefix = f"{kind}_{things.index(thing) + 1}" if thing in things else kind
        names = Counter()
        for part in sorted(scene.parts_of(instance.id), key=lambda part: part.group):
            triangles = scene.triangles[part.first_triangle : part.first_triangle + part.triangles]
            shape = part.group or "shape"
            names[shape] += 1
            name = prefix or (f"{shape}_{names[shape]}" if names[shape] > 1 else shape)
            for rows in split_bottom(scene, triangles) if kind == "wall" else [triangles]:
                number += 1
                lines += [f"g {name}_{number}", f"usemtl m{part.material}", *faces(scene, rows)]
    files = {"home.obj": "\n".join(lines).encode(), "home.mtl": materials(scene)}
    return files | {f"t{index}.png": texture.data for index, texture in enumerate(scene.textures)}


def faces(scene, triangles):
    """Triangles as lines of an OBJ, with corners of their own, which relative indices name."""
    lines = []
    for row in triangles:
        lines += [f"v {x * 100:.6f} {z * 100:.6f} {-y * 100:.6f}" for x, y, z in scene.vertices[row].tolist()]
        lines += [f"vt {u:.6f} {v:.6f} 0" for u, v in scene.uvs[row].tolist()]
        lines.append("f -3/-3 -2/-2 -1/-1")
    return lines


def split_bottom(scene, triangles):
    """A wall's triangles as the program groups them: those of its underside apart."""
    heights = scene.vertices[triangles][:, :, 2]
    under = (heights < heights.min() + 1e-5).all(axis=1)
    return [rows for rows in (triangles[under], triangles[~under]) if len(rows)]


def materials(scene):
    lines = []
    for index, material in enumerate(scene.materials):
        lines += [f"newmtl m{index}", "illum 1", "Kd " + " ".join(map(str, material.color)), f"d {material.alpha}"]
        lines += [f"map_Kd t{material.texture}.png"] if material.texture >= 0 else []
    return "\n".join(lines).encode()


def imported(files, entry="home.obj"):
    return parse_obj_scene(Archive(files), entry, "home")
