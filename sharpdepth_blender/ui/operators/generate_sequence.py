"""Generate sequence: every frame of a shot becomes depth, and all of them one live object."""

import bpy

from ...api import begin_sequence
from ...scene.sequence import SequenceError
from ...scene.uids import find_by_uid
from ...tasks.generate_sequence import SequenceGeneration, add_sequence_object
from ...tasks.inputs import engine_options, find_tracks, read_source
from ...tasks.queue import run_task
from ...tasks.requirements import check_ready


def begin(context: bpy.types.Context) -> SequenceGeneration:
    """Begin what the settings of the context's scene ask for; `step` carries it on.

    Raises:
        SceneError: There is no sequence, no camera that could have taken it, no such folder, or a
            frame without solved tracks.
        NotReady: The engine or the model is not installed.
    """
    scene = context.scene
    settings = scene.sharpdepth
    if settings.has_map:
        raise SequenceError("A depth map is of one picture: choose another Model or Metric Depth.")
    if settings.sequence_folder.startswith("//") and not bpy.data.filepath:
        raise SequenceError("Save the file first: the folder of the sequence lies beside it.")
    source, camera = read_source(context)
    tracks = find_tracks(scene)
    check_ready(settings)
    uid, output, keep_both = scene.session_uid, settings.output.title(), settings.keep_both
    return begin_sequence(
        source,
        bpy.path.abspath(settings.sequence_folder),
        scene,
        camera=camera,
        frames=frame_numbers(scene),
        fov=settings.degrees,
        tracks=tracks,
        window=settings.window,
        on_finish=lambda generation: _show(uid, generation, output, keep_both),
        **engine_options(settings),
    )


def frame_numbers(scene: bpy.types.Scene) -> list[int]:
    """The frames that the scene plays: its preview range where it has one, else its range."""
    if scene.use_preview_range:
        return [*range(scene.frame_preview_start, scene.frame_preview_end + 1)]
    return [*range(scene.frame_start, scene.frame_end + 1)]


def _show(uid, generation, output, keep_both):
    scene = find_by_uid(bpy.data.scenes, uid)
    if scene is None:
        raise SequenceError(
            "The scene that {name} was meant for has been deleted.", name=generation.name
        )
    add_sequence_object(scene, generation, output, keep_both)


class SHARPDEPTH_OT_generate_sequence(bpy.types.Operator):
    """`bpy.ops.sharpdepth.generate_sequence()`: takes its settings from `Scene.sharpdepth`.

    With a window it goes on beside the user's work; in background mode it returns when the result
    is there.
    """

    bl_idname = "sharpdepth.generate_sequence"
    bl_label = "Generate Depth Sequence"
    bl_description = (
        "Estimate the depth of every frame of the scene's range, steady it over time, and show it "
        "by one object that follows the frame. What is finished already is not made again"
    )
    bl_options = {"REGISTER"}

    def execute(self, context):
        """Begin, and in background mode go on to the end."""
        return run_task(self, lambda: begin(context))
