"""Procedural materials. Texture sizes are in meters, like the UVs of the shapes."""

import colorsys

import bpy
import numpy as np

from .photographs import photographs, surfaces


def color(rng, hue=(0.0, 1.0), saturation=(0.2, 0.7), value=(0.3, 0.9)) -> tuple:
    """Return a random linear RGB triple from ranges of hue, saturation and value."""
    return colorsys.hsv_to_rgb(rng.uniform(*hue) % 1, rng.uniform(*saturation), rng.uniform(*value))


def shaded(rgb, factor: float) -> tuple:
    """Scale `rgb` by `factor`, clipped to 0..1."""
    return tuple(float(np.clip(c * factor, 0, 1)) for c in rgb)


class _Nodes:
    """A material node tree with shorthands for the nodes used here."""

    def __init__(self, name):
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.tree = self.material.node_tree
        self.surface = next(n for n in self.tree.nodes if n.type == "BSDF_PRINCIPLED")

    def add(self, kind, inputs=None, **settings):
        node = self.tree.nodes.new(kind)
        for name, value in settings.items():
            setattr(node, name, value)
        for name, value in (inputs or {}).items():
            if isinstance(value, bpy.types.NodeSocket):
                self.tree.links.new(value, node.inputs[name])
            else:
                node.inputs[name].default_value = value
        return node

    def mapped(self, source="UV", scale=(1, 1, 1), turn=0.0):
        coordinates = self.add("ShaderNodeTexCoord").outputs[source]
        inputs = {"Vector": coordinates, "Scale": scale, "Rotation": (0, 0, turn)}
        return self.add("ShaderNodeMapping", inputs).outputs["Vector"]

    def noise(self, scale, vector, detail=4.0, distortion=0.0):
        inputs = {"Vector": vector, "Scale": scale, "Detail": detail, "Distortion": distortion}
        return self.add("ShaderNodeTexNoise", inputs).outputs[0]

    def ramp(self, factor, *stops, constant=False):
        node = self.add("ShaderNodeValToRGB", {"Fac": factor})
        node.color_ramp.interpolation = "CONSTANT" if constant else "LINEAR"
        elements = node.color_ramp.elements
        while len(elements) < len(stops):
            elements.new(0.5)
        for element, (position, rgb) in zip(elements, stops, strict=True):
            element.position = position
            element.color = (*rgb, 1)
        return node.outputs["Color"]

    def mix(self, factor, first, second, blend="MIX"):
        node = self.add("ShaderNodeMixRGB", {"Fac": factor}, blend_type=blend)
        for name, value in (("Color1", first), ("Color2", second)):
            if isinstance(value, bpy.types.NodeSocket):
                self.tree.links.new(value, node.inputs[name])
            else:
                node.inputs[name].default_value = (*value, 1)
        return node.outputs["Color"]

    def finish(self, base, roughness=0.6, metallic=0.0, bump=None, strength=0.3):
        if isinstance(base, bpy.types.NodeSocket):
            self.tree.links.new(base, self.surface.inputs["Base Color"])
        else:
            self.surface.inputs["Base Color"].default_value = (*base, 1)
        self.surface.inputs["Roughness"].default_value = roughness
        self.surface.inputs["Metallic"].default_value = metallic
        if bump is not None:
            node = self.add("ShaderNodeBump", {"Height": bump, "Strength": strength})
            node.inputs["Distance"].default_value = 0.02
            self.tree.links.new(node.outputs["Normal"], self.surface.inputs["Normal"])
        return self.material


def plain(rgb, roughness=0.5, metallic=0.0):
    """Return a uniform paint, plastic or metal."""
    return _Nodes("plain").finish(rgb, roughness, metallic)


def paint(rng, rgb):
    """Return wall paint or plaster: nearly uniform, slightly blotchy and rough."""
    nodes = _Nodes("paint")
    vector = nodes.mapped("Object")
    blotch = nodes.noise(1.5, vector, 5)
    base = nodes.ramp(blotch, (0.3, shaded(rgb, 0.92)), (0.7, shaded(rgb, 1.04)))
    grain = nodes.noise(rng.uniform(40, 120), vector, 2)
    return nodes.finish(base, 0.85, bump=grain, strength=0.15)


def wood(rng):
    """Return wood with its grain along the object's local x axis."""
    nodes = _Nodes("wood")
    tone = color(rng, (0.05, 0.1), (0.35, 0.7), (0.12, 0.6))
    vector = nodes.mapped("Object", (1.2, 9, 9))
    grain = nodes.noise(rng.uniform(1.5, 4), vector, 6, distortion=rng.uniform(0.5, 2.0))
    base = nodes.ramp(grain, (0.3, shaded(tone, 0.55)), (0.5, tone), (0.75, shaded(tone, 1.35)))
    return nodes.finish(base, rng.uniform(0.3, 0.6), bump=grain, strength=0.08)


def _tiling(rng, name, first, second, joint, size, offset, joint_size, roughness, turn=0.0):
    nodes = _Nodes(name)
    vector = nodes.mapped("UV", turn=turn)
    node = nodes.add(
        "ShaderNodeTexBrick",
        {
            "Vector": vector,
            "Color1": (*first, 1),
            "Color2": (*second, 1),
            "Mortar": (*joint, 1),
            "Scale": 1.0,
            "Mortar Size": joint_size,
            "Brick Width": size[0],
            "Row Height": size[1],
        },
        offset=offset,
        squash=1.0,
    )
    grain = nodes.noise(rng.uniform(6, 14), nodes.mapped("UV", (1, 6, 1), turn), 5)
    speckle = nodes.ramp(grain, (0.3, (0.8,) * 3), (0.7, (1.1,) * 3))
    base = nodes.mix(0.7, node.outputs["Color"], speckle, "MULTIPLY")
    height = nodes.add("ShaderNodeMath", {0: 1.0, 1: node.outputs["Fac"]}, operation="SUBTRACT")
    return nodes.finish(base, roughness, bump=height.outputs[0], strength=0.4)


def planks(rng, turn=0.0):
    """Return floorboards."""
    tone = color(rng, (0.05, 0.1), (0.3, 0.65), (0.2, 0.65))
    size = (rng.uniform(0.9, 1.8), rng.uniform(0.09, 0.2))
    return _tiling(
        rng,
        "planks",
        shaded(tone, 0.85),
        shaded(tone, 1.2),
        shaded(tone, 0.3),
        size,
        rng.uniform(0.3, 0.6),
        0.004,
        rng.uniform(0.25, 0.55),
        turn,
    )


def tiles(rng):
    """Return square floor or wall tiles, sometimes checkered."""
    tone = color(rng, saturation=(0.02, 0.35), value=(0.35, 0.9))
    other = shaded(tone, rng.choice([0.35, 0.93, 0.93]))
    side = rng.choice([0.15, 0.3, 0.45, 0.6])
    return _tiling(
        rng,
        "tiles",
        tone,
        other,
        shaded(tone, 0.55),
        (side, side),
        0.0,
        0.008,
        rng.uniform(0.15, 0.5),
    )


def bricks(rng):
    """Return a brick wall."""
    tone = color(rng, (0.0, 0.08), (0.35, 0.7), (0.3, 0.65))
    return _tiling(
        rng,
        "bricks",
        shaded(tone, 0.75),
        shaded(tone, 1.2),
        (0.6, 0.57, 0.52),
        (0.24, 0.08),
        0.5,
        0.01,
        0.85,
    )


def roof_tiles(rng):
    """Return rows of roof tiles or slates."""
    tone = color(rng, (0.0, 0.08), (0.2, 0.7), (0.15, 0.5))
    return _tiling(
        rng,
        "roof",
        shaded(tone, 0.8),
        shaded(tone, 1.15),
        shaded(tone, 0.3),
        (0.3, 0.22),
        0.5,
        0.02,
        0.8,
    )


def siding(rng):
    """Return painted house siding."""
    tone = color(rng, saturation=(0.05, 0.5), value=(0.45, 0.9))
    return _tiling(
        rng, "siding", tone, shaded(tone, 0.95), shaded(tone, 0.5), (4.0, 0.18), 0.3, 0.012, 0.6
    )


def fabric(rng):
    """Return woven cloth: uniform, striped, checkered or blotchy."""
    nodes = _Nodes("fabric")
    tone = color(rng, saturation=(0.1, 0.75), value=(0.2, 0.85))
    other = color(rng, saturation=(0.05, 0.6), value=(0.3, 0.95))
    vector = nodes.mapped("UV", turn=rng.uniform(0, np.pi))
    pattern = rng.choice(["even", "even", "stripes", "checkers", "blotches"])
    if pattern == "stripes":
        wave = nodes.add("ShaderNodeTexWave", {"Vector": vector, "Scale": rng.uniform(1.5, 6)})
        base = nodes.ramp(wave.outputs["Color"], (0.0, tone), (0.5, other), constant=True)
    elif pattern == "checkers":
        inputs = {
            "Vector": vector,
            "Scale": rng.uniform(5, 16),
            "Color1": (*tone, 1),
            "Color2": (*other, 1),
        }
        base = nodes.add("ShaderNodeTexChecker", inputs).outputs["Color"]
    elif pattern == "blotches":
        base = nodes.ramp(nodes.noise(rng.uniform(4, 12), vector), (0.45, tone), (0.55, other))
    else:
        base = nodes.ramp(nodes.noise(3, vector), (0.3, shaded(tone, 0.9)), (0.7, tone))
    weave = nodes.noise(250, vector, 1)
    return nodes.finish(base, 0.95, bump=weave, strength=0.25)


def carpet(rng):
    """Return a rug with rings or bands in three colors."""
    nodes = _Nodes("carpet")
    tones = [color(rng, saturation=(0.15, 0.7), value=(0.15, 0.8)) for _ in range(3)]
    vector = nodes.mapped("Object", scale=(rng.uniform(1, 3), rng.uniform(1, 3), 0.0))
    inputs = {"Vector": vector, "Scale": rng.uniform(0.8, 2.0), "Distortion": rng.uniform(0, 3)}
    kind = rng.choice(["RINGS", "BANDS"])
    wave = nodes.add("ShaderNodeTexWave", inputs, wave_type=kind)
    base = nodes.ramp(
        wave.outputs["Color"], (0.0, tones[0]), (0.35, tones[1]), (0.7, tones[2]), constant=True
    )
    return nodes.finish(base, 1.0, bump=nodes.noise(180, vector, 1), strength=0.4)


def picture(rng):
    """Return a painting: flowing shapes in four colors."""
    nodes = _Nodes("picture")
    tones = [color(rng, saturation=(0.1, 0.9), value=(0.1, 0.95)) for _ in range(4)]
    vector = nodes.mapped("Object", scale=(1, 1, rng.uniform(0.6, 2.5)))
    flow = nodes.noise(rng.uniform(1.5, 5), vector, rng.uniform(0, 4), rng.uniform(0, 4))
    stops = list(zip((0.25, 0.42, 0.52, 0.62), tones, strict=True))
    base = nodes.ramp(flow, *stops, constant=bool(rng.random() < 0.6))
    return nodes.finish(base, 0.4)


def ground(rng, kind: str):
    """Return outdoor ground: "grass", "soil", "gravel", "asphalt" or "concrete"."""
    nodes = _Nodes(kind)
    vector = nodes.mapped("Object")
    tone = {
        "grass": lambda: color(rng, (0.19, 0.29), (0.45, 0.75), (0.12, 0.34)),
        "soil": lambda: color(rng, (0.05, 0.1), (0.35, 0.6), (0.12, 0.35)),
        "gravel": lambda: color(rng, (0.05, 0.14), (0.03, 0.25), (0.3, 0.6)),
        "asphalt": lambda: color(rng, (0.5, 0.7), (0.0, 0.1), (0.05, 0.18)),
        "concrete": lambda: color(rng, (0.05, 0.15), (0.02, 0.15), (0.35, 0.65)),
    }[kind]()
    broad = nodes.noise(0.35, vector, 3)
    fine = nodes.noise({"grass": 25, "soil": 18, "gravel": 60}.get(kind, 90), vector, 6)
    near = nodes.ramp(fine, (0.3, shaded(tone, 0.45)), (0.7, shaded(tone, 1.5)))
    patches = nodes.ramp(broad, (0.35, (0.65, 0.62, 0.6)), (0.65, (1.15, 1.1, 1.0)))
    return nodes.finish(nodes.mix(0.8, near, patches, "MULTIPLY"), 0.95, bump=fine, strength=0.6)


def foliage(rng, autumn=0.1):
    """Return leaf green, or sometimes fall colors, with variation between leaves."""
    nodes = _Nodes("foliage")
    hue = (0.03, 0.13) if rng.random() < autumn else (0.2, 0.33)
    tone = color(rng, hue, (0.5, 0.8), (0.12, 0.4))
    scatter = nodes.noise(9, nodes.mapped("Object"), 3)
    base = nodes.ramp(scatter, (0.3, shaded(tone, 0.5)), (0.7, shaded(tone, 1.6)))
    return nodes.finish(base, 0.6)


def bark(rng):
    """Return tree bark."""
    nodes = _Nodes("bark")
    tone = color(rng, (0.04, 0.1), (0.15, 0.5), (0.1, 0.4))
    grain = nodes.noise(6, nodes.mapped("Object", (4, 4, 0.6)), 6)
    base = nodes.ramp(grain, (0.35, shaded(tone, 0.4)), (0.65, shaded(tone, 1.3)))
    return nodes.finish(base, 0.95, bump=grain, strength=0.9)


def glow(rgb, strength: float):
    """Return an emissive material for lamps and screens."""
    nodes = _Nodes("glow")
    nodes.surface.inputs["Emission Color"].default_value = (*rgb, 1)
    nodes.surface.inputs["Emission Strength"].default_value = strength
    return nodes.finish(rgb, 0.5)


def photograph(rng, plain_share=0.25):
    """Return a printed photograph, filling 0..1 of the UVs modulo a tile of half to two meters.

    A `plain_share` of them, and all where no photographs are installed, are a painting instead.
    """
    paths = photographs()
    if not paths or rng.random() < plain_share:
        return picture(rng)
    nodes = _Nodes("photograph")
    tile = 1 / rng.uniform(0.3, 1.5)
    shift = (*rng.uniform(0, 1, 2), 0.0)
    coordinates = nodes.add("ShaderNodeTexCoord").outputs["UV"]
    vector = nodes.add(
        "ShaderNodeMapping", {"Vector": coordinates, "Scale": (tile, tile, 1), "Location": shift}
    ).outputs["Vector"]
    node = nodes.add("ShaderNodeTexImage", {"Vector": vector}, extension="MIRROR")
    node.image = bpy.data.images.load(str(rng.choice(paths)), check_existing=True)
    return nodes.finish(node.outputs["Color"], rng.uniform(0.15, 0.7))


def photographed_surface(rng):
    """Return a wall or ground that is a photograph of one in the tone of another material."""
    paths = surfaces()
    tone = color(rng, saturation=(0.02, 0.45), value=(0.3, 0.9))
    if not paths:
        return paint(rng, tone)
    nodes = _Nodes("photographed surface")
    size = 1 / rng.uniform(0.8, 2.5)
    vector = nodes.mapped("UV", (size, size, 1), rng.uniform(0, 2 * np.pi))
    node = nodes.add("ShaderNodeTexImage", {"Vector": vector}, extension="MIRROR")
    node.image = bpy.data.images.load(str(rng.choice(paths)), check_existing=True)
    base = nodes.mix(1.0, node.outputs["Color"], shaded(tone, 1.6), "MULTIPLY")
    return nodes.finish(base, 0.9, bump=node.outputs["Color"], strength=0.3)


def printed(rng):
    """Return the print of a package: bands, blots or a photograph, matte or glossy."""
    if rng.random() < 0.3:
        return photograph(rng)
    nodes = _Nodes("printed")
    tones = [color(rng, saturation=(0.0, 0.95), value=(0.05, 1.0)) for _ in range(4)]
    vector = nodes.mapped("Object", turn=rng.uniform(0, np.pi))
    if rng.random() < 0.5:
        bands = {"Vector": vector, "Scale": rng.uniform(2, 14), "Distortion": rng.uniform(0, 4)}
        factor = nodes.add("ShaderNodeTexWave", bands).outputs["Color"]
    else:
        factor = nodes.noise(rng.uniform(5, 40), vector, rng.uniform(0, 8))
    stops = list(zip((0.2, 0.45, 0.55, 0.7), tones, strict=True))
    base = nodes.ramp(factor, *stops, constant=True)
    return nodes.finish(base, rng.uniform(0.1, 0.7))


def label(rng):
    """Return the print of a package: fields, lines of writing and a round mark on a ground."""
    side = 128
    y, x = np.mgrid[:side, :side]
    pixels = np.empty((side, side, 4), np.float32)
    pixels[...] = (*color(rng, saturation=(0.0, 1.0), value=(0.2, 1.0)), 1)
    for _ in range(int(rng.integers(1, 5))):
        tone = color(rng, saturation=(0.0, 1.0), value=(0.05, 1.0))
        if rng.random() < 0.3:
            middle, radius = rng.uniform(0, side, 2), rng.uniform(0.08, 0.3) * side
            where = (x - middle[0]) ** 2 + (y - middle[1]) ** 2 < radius**2
        else:
            slope, at, wide = (
                rng.normal(0, 0.3),
                rng.uniform(0, side),
                rng.uniform(0.05, 0.4) * side,
            )
            along, across = (x, y) if rng.random() < 0.6 else (y, x)
            where = np.abs(across - at - slope * (along - side / 2)) < wide / 2
        pixels[where, :3] = tone
    for _ in range(int(rng.integers(2, 9))):
        tall, left = int(rng.integers(3, 18)), int(rng.integers(0, side // 2))
        top, long = int(rng.integers(0, side - tall)), int(rng.integers(side // 6, side))
        stroke = max(1, tall // 5)
        writing = rng.random((tall // stroke + 1, side // stroke + 1)) < 0.5
        writing = writing.repeat(stroke, 0).repeat(stroke, 1)[:tall, : min(long, side - left)]
        ink = color(rng, saturation=(0.0, 0.8), value=(0.0, 1.0))
        pixels[top : top + tall, left : left + writing.shape[1], :3][writing] = ink
    image = bpy.data.images.new("label", side, side)
    image.pixels.foreach_set(pixels.ravel())
    nodes = _Nodes("label")
    tile = 1 / rng.uniform(0.12, 0.35)
    vector = nodes.mapped("UV", (tile, tile, 1), rng.choice([0, 1, 2, 3]) * np.pi / 2)
    node = nodes.add("ShaderNodeTexImage", {"Vector": vector})
    node.image = image
    return nodes.finish(node.outputs["Color"], rng.uniform(0.1, 0.7))


def glass(rng):
    """Return clear or tinted glass, a surface to the depth pass; a thin pane bends no light."""
    nodes = _Nodes("glass")
    tint = (
        (1.0, 1.0, 1.0) if rng.random() < 0.6 else color(rng, saturation=(0.1, 0.6), value=(0.7, 1))
    )
    nodes.surface.inputs["Transmission Weight"].default_value = 1.0
    nodes.surface.inputs["IOR"].default_value = rng.choice([1.02, 1.1, 1.45])
    return nodes.finish(tint, rng.choice([0.0, 0.0, 0.15]))


def mirror(rng):
    """Return a mirror or polished metal."""
    return plain((rng.uniform(0.75, 0.95),) * 3, rng.uniform(0.0, 0.08), 1.0)
