"""A movie clip with tracks of known points, which Blender itself solves."""

from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np
from mathutils import Euler

from sharpdepth_blender.geometry.lens import Lens, distort
from sharpdepth_blender.scene.picture import new_picture
from tests.scene.sequence.shots import save_png

WIDTH, HEIGHT = 96, 72


@dataclass(frozen=True)
class TrackedShot:
    """The clip, and what is true of it.

    Attributes:
        clip: MovieClip of `count` frames.
        places: Frame of the clip -> (N, 2) where its markers are, pixels, v down.
        straight: The same without the distortion of the lens.
        depths: Frame of the clip -> (N,) z-depth.
        points: (N, 3) in the scene.
    """

    clip: bpy.types.MovieClip
    places: dict[int, np.ndarray]
    straight: dict[int, np.ndarray]
    depths: dict[int, np.ndarray]
    points: np.ndarray


def track(folder, tracks=30, frames=8, k1=0.0, seed=0):
    """Write `shot.0001.png` and so on, and set a marker on each frame for each point.

    The lens model is POLYNOMIAL.
    """
    folder = Path(folder)
    for number in range(1, frames + 1):
        rgb = np.random.default_rng(number).integers(60, 200, (HEIGHT, WIDTH, 3), dtype=np.uint8)
        save_png(folder / f"shot.{number:04d}.png", rgb)
    clip = bpy.data.movieclips.load(str(folder / "shot.0001.png"))
    lens = clip.tracking.camera
    lens.sensor_width, lens.focal_length, lens.k1 = 36, 35, k1
    focal = lens.focal_length_pixels
    rng = np.random.default_rng(seed)
    z = rng.uniform(4, 8, tracks)
    # Inside the picture at every frame, for the camera moves less than a quarter of it.
    points = np.stack(
        [rng.uniform(-0.3, 0.3, tracks) * z, rng.uniform(-0.2, 0.2, tracks) * z, -z], 1
    )
    made = [clip.tracking.tracks.new(name=f"Track {n}", frame=1) for n in range(tracks)]
    places, straight, depths = {}, {}, {}
    for number in range(1, frames + 1):
        way = (number - 1) / (frames - 1)
        place = np.array([0.8 * way - 0.4, 0.2 * np.sin(3 * way), -0.3 * way])
        turn = np.array(Euler((0.02 * way, 0.05 * way, 0.01 * way)).to_matrix())
        x, y, z = ((points - place) @ turn).T
        x, y, depths[number] = x / -z, y / -z, -z
        straight[number] = np.stack([WIDTH / 2 + focal * x, HEIGHT / 2 - focal * y], 1)
        x, y = distort(Lens("POLYNOMIAL", (k1, 0, 0)), x, y)
        places[number] = np.stack([WIDTH / 2 + focal * x, HEIGHT / 2 - focal * y], 1)
        for each, (u, v) in zip(made, places[number], strict=True):
            each.markers.insert_frame(number, co=(u / WIDTH, 1 - v / HEIGHT))
    return TrackedShot(clip, places, straight, depths, points)


def solve(shot):
    """Solve the clip's camera, as the user does it in the Movie Clip Editor."""
    tracking = shot.clip.tracking
    tracking.settings.use_keyframe_selection = False
    tracking.objects[0].keyframe_a, tracking.objects[0].keyframe_b = 1, max(shot.places)
    assert in_clip_editor(shot.clip, bpy.ops.clip.solve_camera) == {"FINISHED"}
    assert tracking.reconstruction.average_error < 0.01


def in_clip_editor(clip, operator, **options):
    """Call an operator of the Movie Clip Editor."""
    window = bpy.context.window_manager.windows[0]
    area = window.screen.areas[0]
    before, area.type = area.type, "CLIP_EDITOR"
    try:
        area.spaces.active.clip = clip
        region = next(each for each in area.regions if each.type == "WINDOW")
        with bpy.context.temp_override(window=window, area=area, region=region):
            return operator(**options)
    finally:
        area.type = before


def show_behind(camera, clip):
    """Make a clip the background of a camera that its solve moves."""
    shown = camera.data.background_images.new()
    shown.source, shown.clip = "MOVIE_CLIP", clip
    camera.data.show_background_images = True
    solver = camera.constraints.new("CAMERA_SOLVER")
    solver.use_active_clip, solver.clip = False, clip
    return shown


def plain_picture(width=WIDTH, height=HEIGHT):
    """An image of the clip's proportions which is not the clip."""
    rgb = np.full((height, width, 3), 128, np.uint8)
    return new_picture("Picture", rgb)
