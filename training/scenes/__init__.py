"""Frames rendered by Blender with exact z-depth: procedural rooms and yards, or a studio's scene.

All of it depends on bpy but `errors`, `frame` and `splits`.
"""
