"""The programs of the `gl` renderer (GLSL 4.5).

A vertex carries its position, texture coordinates, normal, light, and the numbers of its material and instance. Light
is kept as the square root of linear light over 4, and colours are sRGB taken as a gamma of 2: so their product is the
square root of (linear colour times linear light), which is the image's value, without a power per pixel.
Depth is 1 / gl_FragCoord.w, which is planar z itself: it does not pass through the depth buffer's precision.
"""

_VERTEX = """
#version 450
uniform mat4 clip_from_world;
uniform vec3 key_direction;
uniform float key_share;
in vec3 position;
in vec2 uv;
in vec4 normal;
in vec4 light;
in uvec2 numbers;
BODY
out vec2 texture_uv;
out vec3 shade;
out vec3 world;
flat out uvec2 material_instance;
void main() {
    vec4 placed = PLACE;
    gl_Position = clip_from_world * placed;
    texture_uv = uv;
    world = placed.xyz;
    vec3 turned = TURN;
    shade = light.rgb * 2.0 * (1.0 - key_share + key_share * abs(dot(turned, key_direction)));
    material_instance = numbers;
}
"""

_FRAGMENT = """
#version 450
uniform sampler2D materials;
uniform sampler2DArray textures;
in vec2 texture_uv;
in vec3 shade;
in vec3 world;
flat in uvec2 material_instance;
layout(location = 0) out vec4 color;
layout(location = 1) out vec4 depth;
layout(location = 2) out int instance;
NORMAL_OUTPUT
void main() {
    vec4 base = texelFetch(materials, ivec2(material_instance.x, 0), 0);
    vec4 more = texelFetch(materials, ivec2(material_instance.x, 1), 0);
    if (more.x >= 0.0) {
        vec4 texel = texture(textures, vec3(texture_uv, more.x));
        CUT
        base.rgb *= texel.rgb;
    }
    color = vec4(base.rgb * max(shade, vec3(more.y)), base.a);
    depth = vec4(1.0 / gl_FragCoord.w, 0.0, 0.0, 1.0);
    instance = int(material_instance.y);
    NORMAL
}
"""

_NORMAL_OUTPUT = "layout(location = 3) out vec4 normal_out;"
_NORMAL = "normal_out = vec4(normalize(cross(dFdx(world), dFdy(world))), 1.0);"


def vertex_program(*, moving: bool) -> str:
    """What stands still, or also bodies, each with a pose of its own."""
    place = "world_from_body * vec4(position, 1.0)" if moving else "vec4(position, 1.0)"
    turn = "mat3(world_from_body) * (normal.xyz * 2.0 - 1.0)" if moving else "normal.xyz * 2.0 - 1.0"
    return (
        _VERTEX.replace("PLACE", place)
        .replace("TURN", turn)
        .replace("BODY", "in mat4 world_from_body;" if moving else "")
    )


def fragment_program(*, cut_out: bool, normals: bool) -> str:
    """`cut_out`: texels below half alpha are open; `normals`: a fourth output, the face's normal in the world."""
    source = _FRAGMENT.replace("CUT", "if (texel.a < 0.5) discard;" if cut_out else "")
    source = source.replace("NORMAL_OUTPUT", _NORMAL_OUTPUT if normals else "")
    return source.replace("NORMAL", _NORMAL if normals else "")
