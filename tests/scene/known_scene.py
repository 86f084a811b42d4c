"""A scene of known geometry: Blender renders it, and rays find it by formula."""

from dataclasses import dataclass

import bpy
import numpy as np

from sharpdepth_blender.scene import read_depth_exr


@dataclass
class Plane:
    point: np.ndarray
    normal: np.ndarray

    def hit(self, origin, directions):
        return ((self.point - origin) @ self.normal) / (directions @ self.normal)

    def distance(self, points):
        return np.abs((points - self.point) @ self.normal)

    def build(self):
        normal = self.normal
        side = np.cross(normal, [0.3, 0.5, 0.8])
        side /= np.linalg.norm(side)
        corners = [
            self.point + 2000 * (a * side + b * np.cross(normal, side))
            for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))
        ]
        return corners, [(0, 1, 2, 3)]


@dataclass
class Box:
    low: np.ndarray
    high: np.ndarray

    def hit(self, origin, directions):
        with np.errstate(divide="ignore"):
            one, two = (self.low - origin) / directions, (self.high - origin) / directions
        near, far = np.minimum(one, two).max(-1), np.maximum(one, two).min(-1)
        return np.where(near <= far, near, np.inf)

    def distance(self, points):
        middle, half = (self.low + self.high) / 2, (self.high - self.low) / 2
        beyond = np.abs(points - middle) - half
        outside = np.linalg.norm(np.maximum(beyond, 0), axis=-1)
        return np.abs(outside + np.minimum(beyond.max(-1), 0))

    def build(self):
        corners = [
            [(self.low, self.high)[k][axis] for axis, k in enumerate(bits)]
            for bits in np.ndindex(2, 2, 2)
        ]
        return corners, [
            (0, 1, 3, 2),
            (4, 6, 7, 5),
            (0, 4, 5, 1),
            (2, 3, 7, 6),
            (0, 2, 6, 4),
            (1, 5, 7, 3),
        ]


@dataclass
class Ball:
    """A sphere, finely enough faceted that facets miss it by under 1e-4 of its depth."""

    center: np.ndarray
    radius: float

    def hit(self, origin, directions):
        squared = (directions**2).sum(-1)
        half = directions @ (origin - self.center)
        root = half**2 - squared * (((origin - self.center) ** 2).sum() - self.radius**2)
        with np.errstate(invalid="ignore"):
            return np.where(root > 0, (-half - np.sqrt(root)) / squared, np.inf)

    def distance(self, points):
        return np.abs(np.linalg.norm(points - self.center, axis=-1) - self.radius)

    def build(self, rings=120, sectors=240):
        polar = np.linspace(0, np.pi, rings + 1)[:, None]
        around = np.linspace(0, 2 * np.pi, sectors, endpoint=False)
        unit = np.stack(
            np.broadcast_arrays(
                np.sin(polar) * np.cos(around), np.sin(polar) * np.sin(around), np.cos(polar)
            ),
            -1,
        ).reshape(-1, 3)
        row, column = np.mgrid[:rings, :sectors]
        right = (column + 1) % sectors
        quads = np.stack(
            [
                row * sectors + column,
                (row + 1) * sectors + column,
                (row + 1) * sectors + right,
                row * sectors + right,
            ],
            -1,
        ).reshape(-1, 4)
        return self.center + self.radius * unit, quads


def _unit(*vector):
    vector = np.array(vector, float)
    return vector / np.linalg.norm(vector)


# World coordinates: the tests' cameras stand near the origin, 1.5 above the ground, and look
# along +y. A level ground, a slanted one, a wall; balls and boxes at several depths.
THINGS = [
    Plane(np.array([0, 0, -1.5]), _unit(0, 0, 1)),
    Plane(np.array([-6, 10, -1.5]), _unit(0.9, -0.2, 0.35)),
    Plane(np.array([0, 40, 0]), _unit(0.3, -1, 0)),
    Ball(np.array([0.6, 4, -0.3]), 0.7),
    Ball(np.array([-1.5, 9, 1.2]), 1.6),
    Box(np.array([-1.4, 3, -1.5]), np.array([-0.7, 3.6, 0.1])),
    Box(np.array([2, 7, -1.5]), np.array([3.5, 8, 2])),
]


def build_scene(scene):
    """Put the things into the scene."""
    for thing in THINGS:
        corners, faces = thing.build()
        mesh = bpy.data.meshes.new(type(thing).__name__)
        mesh.from_pydata([tuple(c) for c in corners], [], [tuple(map(int, f)) for f in faces])
        scene.collection.objects.link(bpy.data.objects.new(mesh.name, mesh))


def cast(origin, directions):
    """Distance factor along each ray to the nearest thing, and which thing."""
    hits = np.stack([thing.hit(origin, directions) for thing in THINGS])
    hits = np.where(hits > 1e-6, hits, np.inf)
    return hits.min(0), hits.argmin(0)


def distance(points):
    """Distance of points to the nearest thing."""
    return np.min([thing.distance(points) for thing in THINGS], axis=0)


def frame_rays(scene, camera, width, height):
    """World rays through the pixel centers, from Blender's own frame of the camera."""
    render = scene.render
    asked = render.resolution_x, render.resolution_y, render.resolution_percentage
    # `view_frame` knows nothing of the percentage, which cuts the size down to whole pixels.
    render.resolution_x, render.resolution_y, render.resolution_percentage = width, height, 100
    corners = np.array([corner[:] for corner in camera.data.view_frame(scene=scene)])
    render.resolution_x, render.resolution_y, render.resolution_percentage = asked
    right_top, right_bottom, left_bottom, left_top = corners
    x = (np.arange(width) + 0.5) / width
    y = (np.arange(height) + 0.5) / height
    rays = (
        left_top
        + x[None, :, None] * (right_top - left_top)
        + y[:, None, None] * (left_bottom - left_top)
    )
    matrix = np.array(camera.matrix_world.normalized())
    return matrix[:3, 3], rays @ matrix[:3, :3].T


def render_z(scene, path):
    """Render the Z pass of the scene's camera as depth, one exact sample at each pixel center."""
    render = scene.render
    render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.cycles.use_denoising = False
    scene.cycles.pixel_filter_type = "BOX"
    scene.cycles.filter_width = 0.01  # the least that Cycles takes
    scene.view_layers[0].use_pass_z = True
    if hasattr(scene, "compositing_node_group"):  # 5.0 and later
        tree = bpy.data.node_groups.new("Depth", "CompositorNodeTree")
        tree.interface.new_socket("Image", in_out="OUTPUT", socket_type="NodeSocketColor")
        scene.compositing_node_group = tree
        target = tree.nodes.new("NodeGroupOutput")
    else:
        scene.use_nodes = True
        tree = scene.node_tree
        tree.nodes.clear()
        target = tree.nodes.new("CompositorNodeComposite")
    source = tree.nodes.new("CompositorNodeRLayers")
    source.scene = scene
    tree.links.new(source.outputs["Depth"], target.inputs["Image"])
    render.image_settings.file_format = "OPEN_EXR"
    render.image_settings.color_depth = "32"
    render.filepath = str(path)
    bpy.ops.render.render(write_still=True, scene=scene.name)
    return read_depth_exr(path)
