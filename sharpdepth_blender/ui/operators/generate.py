"""Generate: the picture that is asked for becomes a live depth mesh."""

from contextlib import contextmanager

import bpy

from ...scene import SceneError
from ...scene.plates import SourceError
from ...tasks.errors import NotReady
from ...tasks.generate import Generation
from ...tasks.inputs import find_tracks, read_depth_map, read_shot
from ...tasks.prefs import get_preferences
from ...tasks.queue import run_task
from ...tasks.requirements import check_ready
from ...tasks.session import get_engine


def begin(context: bpy.types.Context) -> Generation:
    """Begin what the settings of the context's scene ask for; `Generation.step` carries it on.

    Raises:
        SceneError: There is no picture, no camera that could have taken it, no depth map, or no
            solved tracks.
        NotReady: The engine or the model is not installed.
    """
    settings = context.scene.sharpdepth
    shot = read_shot(context)
    metric_depth = read_depth_map(settings, shot)
    metric_points = None
    if tracks := find_tracks(context.scene):
        points, notes = tracks.points(context.scene.frame_current)
        metric_points = tracks.points_of(shot, points)
        shot = shot.noting((tracks.note, *notes))
    check_ready(settings)
    return Generation(
        get_engine(),
        context.scene,
        shot,
        model=settings.model,
        estimator=settings.chosen_estimator,
        metric_depth=metric_depth,
        metric_points=metric_points,
        device=get_preferences().device,
        detail=settings.detail.lower(),
        output=settings.output.title(),
    )


class SHARPDEPTH_OT_generate(bpy.types.Operator):
    """`bpy.ops.sharpdepth.generate()`: takes its settings from `Scene.sharpdepth`.

    With a window it goes on beside the user's work; in background mode it returns when the result
    is there.
    """

    bl_idname = "sharpdepth.generate"
    bl_label = "Generate Depth Mesh"
    bl_description = (
        "Estimate how far everything in the picture is, and lay a mesh in true size under it. You "
        "can go on working meanwhile"
    )
    bl_options = {"REGISTER"}

    filepath: bpy.props.StringProperty(
        name="File",
        description="This picture file is taken in place of what the settings name, and becomes "
        "their image",
        subtype="FILE_PATH",
        options={"SKIP_SAVE", "HIDDEN"},
    )

    def execute(self, context):
        """Begin, and in background mode go on to the end."""

        def begin_with_file():
            with _taking(context.scene.sharpdepth, self.filepath):
                return begin(context)

        return run_task(self, begin_with_file)


@contextmanager
def _taking(settings, path):
    """Have the settings name a picture file, unless what is done with it fails."""
    if not path:
        yield
        return
    before, images = (settings.source, settings.image), set(bpy.data.images)
    try:
        try:
            settings.image = bpy.data.images.load(path, check_existing=True)
        except RuntimeError as error:
            raise SourceError("The picture {path} cannot be read.", path=path) from error
        settings.source = "IMAGE"
        yield
    except (SceneError, NotReady):
        settings.source, settings.image = before
        bpy.data.batch_remove(set(bpy.data.images) - images)
        raise
