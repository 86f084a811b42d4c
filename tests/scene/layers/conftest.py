import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from mathutils import Matrix  # noqa: E402

from sharpdepth_blender.scene import add_depth_result, frame_scene, own_paths  # noqa: E402
from sharpdepth_blender.scene.picture import image_values  # noqa: E402
from sharpdepth_blender.tasks import clean_plate_watch, layer_update  # noqa: E402
from tests.geometry.layers.street import street  # noqa: E402


@pytest.fixture
def handlers():
    """Files, undo and saving are followed, as in a session with the add-on."""
    own_paths.register()
    layer_update.register()
    clean_plate_watch.register()
    yield
    clean_plate_watch.unregister()
    layer_update.unregister()
    own_paths.unregister()


@pytest.fixture
def make_result(scene):
    """Add the live result of the street; the scene renders just its picture."""

    def make(width=128, height=72, sky=True, unit=1.0, depth=None):
        picture, z, intrinsics = street(width, height)
        if not sky:
            z = np.where(z == 0, np.float32(60), z)
        z = z if depth is None else depth(z)
        scene.unit_settings.scale_length = unit
        frame_scene(scene, intrinsics)
        rgb = np.round(255 * picture).astype(np.uint8)
        result = add_depth_result(scene, rgb, z, z, intrinsics, name="street")
        bpy.context.view_layer.update()
        return result, picture

    return make


@pytest.fixture
def look(scene, tmp_path):
    """Render from the camera after it went right, up and forth, in meters: (H, W, 4) sRGB.

    Each pixel is one sample, somewhere within so many pixels about its middle.
    """

    def render(right=0.0, up=0.0, forth=0.0, width=0.01, transparent=True):
        settings = scene.render
        settings.engine = "CYCLES"
        settings.film_transparent = transparent
        settings.dither_intensity = 0
        scene.cycles.device = "CPU"
        scene.cycles.samples = 1
        scene.cycles.use_denoising = scene.cycles.use_adaptive_sampling = False
        scene.cycles.pixel_filter_type = "BOX"
        scene.cycles.filter_width = width
        scene.cycles.min_transparent_bounces = 16  # before it gambles on what goes on
        if hasattr(settings.image_settings, "media_type"):
            settings.image_settings.media_type = "IMAGE"
        settings.image_settings.file_format = "PNG"
        settings.image_settings.color_mode = "RGBA"
        settings.image_settings.color_depth = "16"
        settings.filepath = str(tmp_path / "look.png")
        camera, unit = scene.camera, scene.unit_settings.scale_length
        place = camera.matrix_world.copy()
        camera.matrix_world = place @ Matrix.Translation((right / unit, up / unit, -forth / unit))
        try:
            bpy.ops.render.render(write_still=True, scene=scene.name)
        finally:
            camera.matrix_world = place
        image = bpy.data.images.load(settings.filepath)
        try:
            image.colorspace_settings.is_data = True
            return image_values(image).copy()
        finally:
            bpy.data.images.remove(image)

    return render
