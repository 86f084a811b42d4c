"""Generate: the picture that is asked for becomes a live depth mesh."""

import bpy

from ...api import begin_generate
from ...scene import SceneError
from ...scene.opened_images import opened_images
from ...scene.plates import UnreadableFile
from ...scene.source import open_image
from ...tasks.errors import NotReady
from ...tasks.generate import Generation
from ...tasks.inputs import depth_file, engine_options, find_tracks, read_source
from ...tasks.queue import run_task
from ...tasks.requirements import check_ready


def begin(context: bpy.types.Context, path: str = "", keep_both: bool = False) -> Generation:
    """Begin what the settings of the context's scene ask for; `Generation.step` carries it on.

    Args:
        context: Of the scene.
        path: Picture file that Blender cannot show, in place of what the settings name.
        keep_both: Whether to add another result, whatever the settings say.

    Raises:
        SceneError: There is no picture, no camera that could have taken it, no depth map, or no
            solved tracks.
        NotReady: The engine or the model is not installed.
    """
    settings = context.scene.sharpdepth
    picture, camera = (path, None) if path else read_source(context)
    metric_depth, tracks = depth_file(settings), find_tracks(context.scene)
    check_ready(settings)
    return begin_generate(
        picture,
        context.scene,
        camera=camera,
        fov=settings.degrees,
        metric_depth=metric_depth,
        metric_points=tracks,
        output=settings.output.title(),
        keep_both=keep_both or settings.keep_both,
        **engine_options(settings),
    )


class SHARPDEPTH_OT_generate(bpy.types.Operator):
    """`bpy.ops.sharpdepth.generate()`: takes its settings from `Scene.sharpdepth`.

    With a window it goes on beside the user's work; in background mode it returns when the result
    is there.
    """

    bl_idname = "sharpdepth.generate"
    bl_label = "Generate Depth Mesh"
    bl_description = (
        "Estimate how far everything in the picture is, and lay a mesh in true size under it. A "
        "live one of the same picture and camera gets the new depth. You can go on working "
        "meanwhile"
    )
    bl_options = {"REGISTER"}

    filepath: bpy.props.StringProperty(
        name="File",
        description="This picture file is taken in place of what the settings name, and becomes "
        "their image",
        subtype="FILE_PATH",
        options={"SKIP_SAVE", "HIDDEN"},
    )

    keep_both: bpy.props.BoolProperty(
        name="Keep Both",
        description="Make another result where there is one of the same picture and camera, as the "
        "setting of that name does",
        default=False,
        options={"SKIP_SAVE"},
    )

    def execute(self, context):
        """Begin, and in background mode go on to the end."""
        return run_task(self, lambda: _begin_with(context, self.filepath, self.keep_both))


def _begin_with(context, path, keep_both):
    """Begin with a file that becomes the settings' image, if Blender shows it and all goes well."""
    if not path:
        return begin(context, keep_both=keep_both)
    settings = context.scene.sharpdepth
    before = settings.source, settings.image
    with opened_images():
        try:
            settings.image = open_image(path)
        except UnreadableFile:
            return begin(context, path, keep_both)
        settings.source = "IMAGE"
        try:
            return begin(context, keep_both=keep_both)
        except (SceneError, NotReady):
            settings.source, settings.image = before
            raise
