"""Homes as files, and scenes as triangles with meaning. Knows no physics, no torch, no GL.

`scenes.home`: reading and writing Sweet Home 3D files. `scenes.models`: furniture. `scenes.build`: home -> scene.
`scenes.scene.Scene` is what everything downstream sees.
"""
