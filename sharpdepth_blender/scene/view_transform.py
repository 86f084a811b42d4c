"""View transform: what a scene's color management does to a picture, and its inverse.

Blender gives scripts no view transform to call, so it is asked by showing colors: `save_render` of
a small image. That holds for every configuration of OpenColorIO and for exposure, look and curves.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager

import bpy
import numpy as np

from ..geometry.color_lattice import Transform, inverse_colors, lattice_colors, lattice_curve
from .errors import SceneError, reason
from .node_builder import Input, ShaderTree, Socket
from .node_groups import new_group
from .picture import float_image, image_size, replace_rgba
from .scene_copy import copied_scene
from .temporary import shown_values

# Custom property of a group that compensates a view, and what it holds: the view's own key.
MARK = "sharpdepth_compensation"
# Points along each side of the lattice: by trial, 0.2 of 255 off on average, and 0.1 with 49.
_POINTS = 33
# Views that leave colors as they are, in Blender's configuration and in those of ACES.
_PLAIN = ("Standard", "Un-tone-mapped", "Un-Tone-Mapped")


def show_plain_colors(scene: bpy.types.Scene) -> None:
    """Set the scene's view so that an unlit picture renders in its own colors.

    The view transform *Standard* keeps them, which Blender's filmic default would regrade.

    Raises:
        SceneError: The configuration of OpenColorIO has no such view.
    """
    view = scene.view_settings
    for name in _PLAIN:
        try:
            view.view_transform = name
            break
        except TypeError:  # not in this configuration
            continue
    else:
        raise SceneError(
            "The OpenColorIO configuration has no view that leaves colors as they are: {names}.",
            names=", ".join(_PLAIN[:2]),
        )
    if view.look != "None":
        view.look = "None"
    view.exposure = 0
    view.gamma = 1
    view.use_curve_mapping = False
    if hasattr(view, "use_white_balance"):
        view.use_white_balance = False


def is_plain(scene: bpy.types.Scene) -> bool:
    """Whether an unlit picture renders in its own colors."""
    view = scene.view_settings
    return (
        view.view_transform in _PLAIN
        and view.look == "None"
        and view.exposure == 0
        and view.gamma == 1
        and not view.use_curve_mapping
        and not getattr(view, "use_white_balance", False)
    )


def view_key(scene: bpy.types.Scene) -> str:
    """A short text that differs where what a scene's view does to colors differs."""
    view = scene.view_settings
    facts: list[object] = [scene.display_settings.display_device, os.environ.get("OCIO")]
    for prop in view.bl_rna.properties:
        if prop.type in ("BOOLEAN", "ENUM", "FLOAT", "INT") and not prop.is_readonly:
            value = getattr(view, prop.identifier)
            is_list = getattr(prop, "is_array", False)
            facts.append((prop.identifier, list(value) if is_list else value))
    if view.use_curve_mapping:
        mapping = view.curve_mapping
        facts += [(each.r, each.g, each.b) for each in (mapping.black_level, mapping.white_level)]
        for curve in mapping.curves:
            facts.append(
                [(each.location.x, each.location.y, each.handle_type) for each in curve.points]
            )
    facts.append(getattr(getattr(bpy.data, "colorspace", None), "working_space", None))
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def compensation_of(scene: bpy.types.Scene) -> bpy.types.ShaderNodeTree:
    """The file's group of nodes that undoes a scene's view transform, made where there is none.

    Its input and its output are called "Color": what a plain view would show is what the scene's
    own view makes of the output, as far as that reaches. Renderers cut off negative colors, so that
    AgX does not reach saturated ones. Making it takes about a second.

    Raises:
        SceneError: Blender cannot show colors.
    """
    key = view_key(scene)
    for each in bpy.data.node_groups:
        if each.get(MARK) == key and each.library is None:
            assert isinstance(each, bpy.types.ShaderNodeTree)
            return each
    colors = lattice_colors(_POINTS)
    with _shower(scene, len(colors), plain=True) as plain:
        wanted = plain(colors)
    with _shower(scene, len(colors)) as shown:
        values = inverse_colors(shown, wanted)
    # Slices of equal blue beside each other.
    slices = values.reshape(_POINTS, _POINTS, _POINTS, 3)
    rgba = np.ones((_POINTS, _POINTS * _POINTS, 4), np.float32)
    rgba[..., :3] = slices.transpose(1, 0, 2, 3).reshape(_POINTS, -1, 3)
    image = float_image("SharpDepth Compensation", np.zeros(rgba.shape[:2], np.float32))
    image.use_half_precision = False
    replace_rgba(image, rgba)
    image.pack()
    group = new_group("SharpDepth Compensation", bpy.types.ShaderNodeTree)
    group[MARK] = key
    _build(ShaderTree(group), image)
    return group


def is_compensation(group: bpy.types.NodeTree | None) -> bool:
    """Whether a group of nodes undoes a view transform."""
    return group is not None and MARK in group.keys()


def fits(scene: bpy.types.Scene, group: bpy.types.NodeTree) -> bool:
    """Whether a group undoes the view transform that a scene has now."""
    return group.get(MARK) == view_key(scene)


def is_compensated_for(scene: bpy.types.Scene) -> bool:
    """Whether the file has materials that undo what a scene's view makes of colors."""
    return any(
        is_compensation(each) and each.users and fits(scene, each) for each in bpy.data.node_groups
    )


def remove_unused_compensations() -> None:
    """Remove groups that undo a view transform and that nothing uses, with their lattices."""
    unused = [each for each in bpy.data.node_groups if is_compensation(each) and each.users == 0]
    images = {
        node.image
        for each in unused
        for node in each.nodes
        if isinstance(node, bpy.types.ShaderNodeTexImage)
    }
    bpy.data.batch_remove(unused)
    bpy.data.batch_remove([each for each in images if each is not None and each.users == 0])


@contextmanager
def _shower(scene: bpy.types.Scene, count: int, plain: bool = False) -> Iterator[Transform]:
    """A function that takes up to `count` scene-linear colors to what a scene's view shows."""
    side = int(np.ceil(np.sqrt(count)))
    view = copied_scene(scene)  # its file settings have to change
    image = bpy.data.images.new("Colors", side, side, alpha=False, float_buffer=True)
    rgba = np.ones((side, side, 4), np.float32)
    try:
        if plain:
            show_plain_colors(view)
        view.render.dither_intensity = 0

        def show(colors: np.ndarray) -> np.ndarray:
            rgba.reshape(-1, 4)[: len(colors), :3] = colors
            replace_rgba(image, rgba)
            shown = shown_values(image, view, alpha=False, bits=16)[..., :3].reshape(-1, 3)
            return shown[: len(colors)].astype(np.float64)

        yield show
    except RuntimeError as error:
        raise SceneError("Blender cannot show colors: {why}", why=reason(error)) from error
    finally:
        bpy.data.images.remove(image)
        bpy.data.scenes.remove(view)


def _build(tree: ShaderTree, image: bpy.types.Image) -> None:
    """Look a color up in the lattice, linear between the eight points around it.

    The points are asked for one by one: EEVEE would blur a texture that it filters itself, since
    neighbors in the picture may be far from each other in the lattice.
    """
    color = tree.add_input(Input("Color", "Color", (0.0, 0.0, 0.0, 1.0)))
    toe, power, factor, offset = lattice_curve()
    parts = tree.node("ShaderNodeSeparateColor", Color=color)
    last = float(_POINTS - 1)
    first, share = [], []
    for name in ("Red", "Green", "Blue"):
        value = tree.output(parts, name).maximum(0.0) + toe
        place = (tree.math("POWER", value, power) * factor + offset).maximum(0.0).minimum(1.0)
        place = place * last
        first.append(place.floor().minimum(last - 1))
        share.append(place - first[-1])
    width, height = image_size(image)

    def point(red: int, green: int, blue: int) -> Socket:
        column = (first[2] + float(blue)) * float(_POINTS) + first[0] + float(red)
        u = (column + 0.5) / float(width)
        v = 1 - (first[1] + (green + 0.5)) / float(height)
        node = tree.node(
            "ShaderNodeTexImage",
            {"image": image, "interpolation": "Closest", "extension": "EXTEND"},
            Vector=tree.vector(u, v),
        )
        return tree.output(node, "Color")

    def between(one: Socket, other: Socket, axis: int) -> Socket:
        mix = tree.node("ShaderNodeMix", {"data_type": "RGBA"}, Factor=share[axis], A=one, B=other)
        return tree.output(mix)

    def row(green: int, blue: int) -> Socket:
        return between(point(0, green, blue), point(1, green, blue), 0)

    def slice_(blue: int) -> Socket:
        return between(row(0, blue), row(1, blue), 1)

    tree.set_output("Color", "Color", between(slice_(0), slice_(1), 2))
    tree.arrange()
