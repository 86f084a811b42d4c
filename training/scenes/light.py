"""Lamps, sun and sky."""

from pathlib import Path

import bpy
import numpy as np
from mathutils import Euler

from . import materials


def area_light(position, size: float, watts: float, rgb):
    """Add a square area light of `size` meters that shines down, invisible to the camera."""
    lamp = bpy.data.lights.new("lamp", "AREA")
    lamp.size, lamp.energy, lamp.color = size, watts, rgb
    result = bpy.data.objects.new("lamp", lamp)
    result.location = position
    result.visible_camera = False
    bpy.context.scene.collection.objects.link(result)


def sun(rng, elevation=(0.25, 1.2), strength=(1.5, 5.0)):
    """Add a sun from a random direction, at `elevation` radians above the horizon."""
    lamp = bpy.data.lights.new("sun", "SUN")
    high = rng.uniform(*elevation)
    low_sun = np.clip((0.6 - high) / 0.4, 0, 1)
    lamp.color = (1, 1 - 0.3 * low_sun, 1 - 0.55 * low_sun)
    lamp.energy, lamp.angle = rng.uniform(*strength), rng.uniform(0.005, 0.06)
    result = bpy.data.objects.new("sun", lamp)
    result.rotation_euler = Euler((np.pi / 2 - high, 0, rng.uniform(0, 2 * np.pi)))
    bpy.context.scene.collection.objects.link(result)


def sky(rng, strength: float):
    """Add a sky: pale at the horizon, blue or gray above, with clouds."""
    world = bpy.data.worlds.new("sky")
    bpy.context.scene.world = world
    world.use_nodes = True
    # Cycles builds an importance map of the sky, which takes seconds at its default size.
    world.cycles.sampling_method, world.cycles.sample_map_resolution = "MANUAL", 128
    tree = world.node_tree
    nodes, link = tree.nodes, tree.links.new
    background = next(n for n in nodes if n.type == "BACKGROUND")
    direction = nodes.new("ShaderNodeTexCoord").outputs["Generated"]
    parts = nodes.new("ShaderNodeSeparateXYZ")
    link(direction, parts.inputs[0])
    ramp = nodes.new("ShaderNodeValToRGB")
    link(parts.outputs["Z"], ramp.inputs["Fac"])
    overcast = rng.random() < 0.3
    saturation = (0.0, 0.15) if overcast else (0.35, 0.75)
    zenith = materials.color(rng, (0.55, 0.62), saturation, (0.5, 0.9))
    horizon = materials.color(rng, (0.05, 0.6), (0.02, 0.25), (0.75, 1.0))
    ramp.color_ramp.elements[0].color = (*horizon, 1)
    ramp.color_ramp.elements[1].color = (*zenith, 1)
    ramp.color_ramp.elements[1].position = rng.uniform(0.25, 0.7)
    # Clouds: noise on a horizontal plane overhead, fading out at the horizon.
    height = nodes.new("ShaderNodeMath")
    height.operation = "MAXIMUM"
    height.inputs[1].default_value = 0.04
    link(parts.outputs["Z"], height.inputs[0])
    plane = nodes.new("ShaderNodeVectorMath")
    plane.operation = "DIVIDE"
    spread = nodes.new("ShaderNodeCombineXYZ")
    for name in "XYZ":
        link(height.outputs[0], spread.inputs[name])
    link(direction, plane.inputs[0])
    link(spread.outputs[0], plane.inputs[1])
    noise = nodes.new("ShaderNodeTexNoise")
    noise.inputs["Scale"].default_value = rng.uniform(0.5, 1.6)
    noise.inputs["Detail"].default_value = 7
    link(plane.outputs[0], noise.inputs["Vector"])
    cover = nodes.new("ShaderNodeValToRGB")
    edge = rng.uniform(0.42, 0.62)
    cover.color_ramp.elements[0].position, cover.color_ramp.elements[1].position = edge, edge + 0.2
    link(noise.outputs[0], cover.inputs["Fac"])
    mix = nodes.new("ShaderNodeMixRGB")
    mix.inputs["Color2"].default_value = (0.95, 0.95, 0.96, 1)
    link(cover.outputs["Color"], mix.inputs["Fac"])
    link(ramp.outputs["Color"], mix.inputs["Color1"])
    link(mix.outputs["Color"], background.inputs["Color"])
    background.inputs["Strength"].default_value = strength


def surroundings_light(rng, strength: float):
    """Light the scene, under the sky that the camera sees, by one of Blender's own HDRIs.

    What an HDRI shows at the horizon is no sky, so the camera never sees it, only its reflections.
    """
    world = bpy.context.scene.world
    tree = world.node_tree
    nodes, link = tree.nodes, tree.links.new
    seen = next(n for n in nodes if n.type == "BACKGROUND")
    output = next(n for n in nodes if n.type == "OUTPUT_WORLD")
    turned = nodes.new("ShaderNodeMapping")
    turned.inputs["Rotation"].default_value = (0, 0, rng.uniform(0, 2 * np.pi))
    link(nodes.new("ShaderNodeTexCoord").outputs["Generated"], turned.inputs["Vector"])
    panorama = nodes.new("ShaderNodeTexEnvironment")
    path = str(rng.choice(_hdris()))
    panorama.image = bpy.data.images.load(path, check_existing=True)
    link(turned.outputs["Vector"], panorama.inputs["Vector"])
    light = nodes.new("ShaderNodeBackground")
    light.inputs["Strength"].default_value = strength
    link(panorama.outputs["Color"], light.inputs["Color"])
    mix = nodes.new("ShaderNodeMixShader")
    link(nodes.new("ShaderNodeLightPath").outputs["Is Camera Ray"], mix.inputs[0])
    link(light.outputs[0], mix.inputs[1])
    link(seen.outputs[0], mix.inputs[2])
    link(mix.outputs[0], output.inputs["Surface"])


def _hdris() -> list[str]:
    """Return the paths of the HDRIs that come with Blender, by name."""
    folder = Path(bpy.utils.system_resource("DATAFILES")) / "studiolights" / "world"
    return sorted(str(path) for path in folder.glob("*.exr"))
