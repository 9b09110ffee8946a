"""Collada documents written for tests: a tetrahedron of 10 units, which gives the scale, and what is put beside it."""

from __future__ import annotations

from collections.abc import Sequence

NAMESPACE = "xmlns='http://www.collada.org/2005/11/COLLADASchema' version='1.4.1'"
SQUARE = (1, 1, 1, 2, 1, 1, 2, 2, 1, 1, 2, 1)
"""Four points on the plane z = 1."""
VERTEX = "<input semantic='VERTEX' source='#gv' offset='0'/>"
TEXCOORD = "<input semantic='TEXCOORD' source='#gt' offset='1' set='0'/>"
TRIANGLES = f"<triangles count='2' material='sym'>{VERTEX}<p>0 1 2 0 2 3</p></triangles>"
TEXTURED = f"<triangles count='2' material='sym'>{VERTEX}{TEXCOORD}<p>0 0 1 1 2 2 0 0 2 2 3 3</p></triangles>"
BOUND = "<instance_material symbol='sym' target='#m'/>"
BIND = f"<bind_material><technique_common>{BOUND}</technique_common></bind_material>"
INSTANCE = f"<instance_geometry url='#g'>{BIND}</instance_geometry>"
DIFFUSE = "<diffuse><color>0.2 0.4 0.6 1</color></diffuse>"
SAMPLER = """<newparam sid='surf'><surface type='2D'><init_from>img</init_from></surface></newparam>
<newparam sid='samp'><sampler2D><source>surf</source></sampler2D></newparam>"""
TEXTURE = "<diffuse><texture texture='samp' texcoord='UV'/></diffuse>"


def source(name: str, values: Sequence[float], params: str) -> str:
    numbers = " ".join(map(str, values))
    columns = "".join(f"<param name='{param}' type='float'/>" for param in params)
    return (
        f"<source id='{name}'><float_array id='{name}a' count='{len(values)}'>{numbers}</float_array><technique_common>"
        f"<accessor source='#{name}a' count='{len(values) // len(params)}' stride='{len(params)}'>{columns}</accessor>"
        "</technique_common></source>"
    )


def mesh(name: str, primitives: str, points: Sequence[float]) -> str:
    return (
        f"<geometry id='{name}'><mesh>{source(name + 'p', points, 'XYZ')}"
        f"{source(name + 't', (0, 0, 1, 0, 1, 1, 0, 1), 'ST')}"
        f"<vertices id='{name}v'><input semantic='POSITION' source='#{name}p'/></vertices>"
        f"{primitives}</mesh></geometry>"
    )


SCALE = mesh(
    "scale",
    "<triangles count='4'><input semantic='VERTEX' source='#scalev' offset='0'/>"
    "<p>0 2 1 0 1 3 0 3 2 1 2 3</p></triangles>",
    (0, 0, 0, 10, 0, 0, 0, 10, 0, 0, 0, 10),
)


def collada(
    primitives: str = TRIANGLES,
    *,
    points: Sequence[float] = SQUARE,
    shader: str = f"<phong>{DIFFUSE}</phong>",
    params: str = "",
    nodes: str = f"<node>{INSTANCE}</node>",
    libraries: str = "",
    image: str = "tex.png",
    axis: str = "Y_UP",
    scene: str = "<scene><instance_visual_scene url='#vs'/></scene>",
) -> bytes:
    """A document of the tetrahedron and of `nodes`, which may use the geometry `g` and the material `m`, "paint"."""
    return f"""<?xml version='1.0' encoding='utf-8'?><COLLADA {NAMESPACE}>
<asset><up_axis>{axis}</up_axis></asset>
<library_images><image id='img'><init_from>{image}</init_from></image></library_images>
<library_effects><effect id='e'><profile_COMMON>{params}<technique sid='c'>{shader}</technique></profile_COMMON>
</effect></library_effects>
<library_materials><material id='m' name='paint'><instance_effect url='#e'/></material></library_materials>
<library_geometries>{SCALE}{mesh("g", primitives, points)}</library_geometries>{libraries}
<library_visual_scenes><visual_scene id='vs'><node><instance_geometry url='#scale'/></node>{nodes}</visual_scene>
</library_visual_scenes>{scene}</COLLADA>""".encode()
