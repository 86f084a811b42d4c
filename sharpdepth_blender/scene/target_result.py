"""Target result: which of a scene's results is meant."""

import bpy

from .current_frame import follows_frame
from .errors import SceneError
from .live import find_modifier
from .modifier import get_input
from .result import MADE, is_result
from .taken import Taken, is_of, is_seen_by


def target_results(context: bpy.types.Context) -> list[bpy.types.Object]:
    """The results that the user may mean; one where that is clear.

    It is the active object if that is a result, else those that are selected, else the newest.
    """
    active = context.view_layer.objects.active
    if is_result(active):
        return [active]
    scene: bpy.types.Scene = context.scene  # type: ignore[assignment]  # never None
    everywhere = results_of(scene)
    newest = sorted(everywhere, key=lambda obj: obj.get(MADE, 0.0))[-1:]
    return [obj for obj in everywhere if obj.select_get()] or newest


def target_result(context: bpy.types.Context) -> bpy.types.Object | None:
    """The one of them; None where there is none, or nobody can tell which."""
    found = target_results(context)
    return found[0] if len(found) == 1 else None


def results_of(scene: bpy.types.Scene, live: bool = False) -> list[bpy.types.Object]:
    """All results of a scene, or those that are live."""
    found = [obj for obj in scene.objects if is_result(obj)]
    return [obj for obj in found if find_modifier(obj)] if live else found


def only_result(scene: bpy.types.Scene, live: bool = False) -> bpy.types.Object:
    """The only result of a scene, for who cannot select one.

    Raises:
        SceneError: There is none, or more than one.
    """
    found = results_of(scene, live)
    what = "live depth result" if live else "depth result"
    if not found:
        raise SceneError("The scene {scene} has no {what}.", scene=scene.name, what=what)
    if len(found) > 1:
        raise SceneError(
            "The scene {scene} has {count} {what}s: name the one that you mean.",
            scene=scene.name,
            count=len(found),
            what=what,
        )
    return found[0]


def results_taken(
    scene: bpy.types.Scene, taken: Taken, any_camera: bool = False, following: bool = False
) -> list[bpy.types.Object]:
    """Results of a scene that were made of a picture and through its camera, the newest first.

    Args:
        scene: Where they are.
        taken: The picture and its camera.
        any_camera: Whether those of another camera count, too.
        following: Whether those are meant that follow the frame, or else the others.
    """
    found = []
    for obj in results_of(scene):
        modifier = find_modifier(obj)
        picture = None
        if modifier is not None:
            picture = get_input(modifier, "Picture")
        if following != (modifier is not None and follows_frame(modifier)):
            continue
        if is_of(obj, taken, picture) and (any_camera or is_seen_by(obj, taken)):
            found.append(obj)
    return sorted(found, key=lambda obj: -obj.get(MADE, 0.0))
