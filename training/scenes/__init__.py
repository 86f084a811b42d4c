"""Procedural rooms and yards, built and rendered by Blender with exact z-depth.

The scenes depend on bpy; only `frame` and `splits` can be imported without it.
"""
