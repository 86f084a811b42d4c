"""Frames rendered in Blender with exact z-depth, from procedural scenes or a user's own shots.

Everything except `errors`, `frame` and `splits` depends on bpy.
"""
