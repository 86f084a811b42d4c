"""A stage to project on: the scene of known geometry, with smooth colors that glow."""

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np
from mathutils import Euler, Matrix

from sharpdepth_blender.geometry import Intrinsics, project
from sharpdepth_blender.scene import camera_for, frame_scene, render_view

_spec = importlib.util.spec_from_file_location(
    "known_scene", Path(__file__).parents[1] / "known_scene.py"
)
known = sys.modules["known_scene"] = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(known)

BARE = (255, 0, 255)  # sRGB of what nothing is painted on
_EYE = (0.6, -0.8, 0.5)  # near every camera of the tests: seen from there the colors are smooth


def build(scene):
    """Put the known things into the scene, in colors of their own; returns the objects."""
    known.build_scene(scene)
    objects = [obj for obj in scene.objects if obj.type == "MESH"]
    for number, obj in enumerate(objects):
        obj.data.materials.append(_colors(f"Colors {number}", number))
    return objects


def strip(objects):
    """Give objects the color `BARE` in place of their own."""
    material, nodes, output = _material("Bare")
    glow = nodes.new("ShaderNodeEmission")
    glow.inputs["Color"].default_value = (1, 0, 1, 1)
    material.node_tree.links.new(glow.outputs[0], output.inputs["Surface"])
    for obj in objects:
        obj.data.materials[0] = material


def place(camera, moved=(0.0, 0.0, 0.0), turned=(0.0, 0.0, 0.0)):
    """Stand a camera where the things fill its frame, or aside from there."""
    at = np.array((0.2, -0.3, 0.1)) + moved
    euler = Euler(np.array((1.45, 0.06, -0.04)) + turned)
    camera.matrix_world = Matrix.LocRotScale(at, euler, (1, 1, 1))
    bpy.context.view_layer.update()


def render(scene, path, samples=16):
    """What the scene's camera sees, (H, W, 3) of 0..255."""
    render_view(scene, path, samples=samples)
    return read(path)


def read(path):
    """The values of a picture file, (H, W, 3) of 0..255."""
    image = bpy.data.images.load(str(path))
    image.colorspace_settings.is_data = True
    values = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(values)
    width, height = image.size
    values = values.reshape(height, width, -1)[::-1, :, :3] * 255
    bpy.data.images.remove(image)
    return values


def plate(path):
    """A picture file as an image kept in the .blend."""
    image = bpy.data.images.load(str(path))
    image.pack()
    return image


def render_seen(scene, intrinsics, matrix, path):
    """The picture that a camera of these intrinsics takes, as an image."""
    copy = scene.copy()
    frame_scene(copy, intrinsics)
    camera = camera_for(copy, intrinsics)
    copy.collection.objects.link(camera)
    camera.matrix_world = matrix
    copy.camera = camera
    render_view(copy, path)
    data = camera.data
    bpy.data.scenes.remove(copy)
    bpy.data.objects.remove(camera)
    bpy.data.cameras.remove(data)
    return plate(path)


@dataclass
class Comparison:
    """How a projected picture compares with the truth, away from edges.

    Attributes:
        mean: Mean difference where the projection camera sees the surface, of 255.
        most: Its 99.9th percentile.
        seen: Share of the pixels that are such.
        hidden: Share of those whose surface that camera does not see.
        spilt: Share of paint on them, on the mean.
        worst: Its greatest value on one.
        bare: Share of paint that is missing where there is to be some, likewise the greatest.
    """

    mean: float
    most: float
    seen: float
    hidden: float
    spilt: float
    worst: float
    bare: float


def compare(scene, truth, shown, intrinsics: Intrinsics, matrix):
    """Compare two renders through the scene's camera, where each pixel's ray is known by formula.

    A pixel counts as seen where its surface, and whatever lies up to a pixel and a half around it
    in the projected picture, is seen by the projection camera; as hidden where something stands
    before all of that. Beside edges of things and of the frame it counts as neither.

    Args:
        scene: Its camera took both.
        truth: (H, W, 3) of 0..255.
        shown: With the projection over `BARE`.
        intrinsics: Of the projected picture.
        matrix: World matrix of its camera.
    """
    height, width = truth.shape[:2]
    origin, rays = known.frame_rays(scene, scene.camera, width, height)
    factor, thing = known.cast(origin, rays)
    points = origin + factor[..., None] * rays
    matrix = np.array(matrix)
    local = (points - matrix[:3, 3]) @ matrix[:3, :3]
    pixels = np.nan_to_num(project(local, intrinsics), nan=-9)
    seen = np.ones(thing.shape, bool)
    hidden = np.ones(thing.shape, bool)
    outside = np.ones(thing.shape, bool)
    margin = 4 / intrinsics.fx
    for du in (-1.5, 0, 1.5):
        for dv in (-1.5, 0, 1.5):
            u, v = pixels[..., 0] + du, pixels[..., 1] + dv
            inside = (u > 0) & (u < intrinsics.width) & (v > 0) & (v < intrinsics.height)
            slopes = np.stack(
                [
                    (u - intrinsics.cx) / intrinsics.fx,
                    (intrinsics.cy - v) / intrinsics.fy,
                    -np.ones_like(u),
                ],
                -1,
            )
            z, first = known.cast(matrix[:3, 3], slopes @ matrix[:3, :3].T)
            here = -local[..., 2]
            seen &= inside & (first == thing)
            if du == dv == 0:
                seen &= z > here * (1 - 1e-3)
            hidden &= inside & (z < here * (1 - margin))
            outside &= ~inside
    hidden |= outside
    for each in (seen, hidden):
        each &= inner(np.stack([thing, each.astype(int)], -1))
    painted = 1 - _bareness(shown)
    error = np.abs(truth - shown).max(-1)[seen]
    return Comparison(
        mean=float(np.abs(truth - shown)[seen].mean()),
        most=float(np.percentile(error, 99.9)),
        seen=float(seen.mean()),
        hidden=float(hidden.mean()),
        spilt=float(painted[hidden].mean()) if hidden.any() else 0.0,
        worst=float(painted[hidden].max(initial=0)),
        bare=float(1 - painted[seen].min(initial=1)),
    )


def _bareness(shown):
    """1 where a pixel is `BARE`; our colors have green, and `BARE` has none."""
    return np.clip(1 - shown[..., 1] / 40, 0, 1)


def inner(labels, reach=2):
    """Whether all labels up to so many pixels around a pixel are its own."""
    inner = np.ones(labels.shape[:2], bool)
    for axis in (0, 1):
        same = (np.diff(labels, axis=axis) == 0).all(-1)
        for pad in ((0, 1), (1, 0)):
            pads = [(0, 0), (0, 0)]
            pads[axis] = pad
            inner &= np.pad(same, pads, constant_values=True)
    for _ in range(reach - 1):
        around = inner.copy()
        for axis in (0, 1):
            for step in (1, -1):
                around &= np.roll(inner, step, axis)
        inner = around
    return inner


def _colors(name, number):
    """Glows in colors that change slowly with direction and nearness as seen from `_EYE`."""
    material, nodes, output = _material(name)
    links = material.node_tree.links

    def vector(operation, one, *others):
        node = nodes.new("ShaderNodeVectorMath")
        node.operation = operation
        links.new(one, node.inputs[0])
        for socket, other in zip(node.inputs[1:], others, strict=False):
            if isinstance(other, tuple):
                socket.default_value = other
            else:
                links.new(other, socket)
        return node

    position = nodes.new("ShaderNodeNewGeometry").outputs["Position"]
    offset = vector("SUBTRACT", position, _EYE).outputs[0]
    direction = vector("NORMALIZE", offset).outputs[0]
    phase = (number * 2.0, number * 1.3 + 1, number * 0.7 + 2)
    angle = vector("MULTIPLY_ADD", direction, (5.0, 4.0, 6.0), phase).outputs[0]
    wave = vector("SINE", angle).outputs[0]
    color = vector("MULTIPLY_ADD", wave, (0.3, 0.3, 0.3), (0.5, 0.5, 0.5)).outputs[0]
    glow = nodes.new("ShaderNodeEmission")
    links.new(color, glow.inputs["Color"])
    links.new(glow.outputs[0], output.inputs["Surface"])
    return material


def _material(name):
    material = bpy.data.materials.new(name)
    if material.node_tree is None:
        material.use_nodes = True
    nodes = material.node_tree.nodes
    nodes.clear()
    return material, nodes, nodes.new("ShaderNodeOutputMaterial")
