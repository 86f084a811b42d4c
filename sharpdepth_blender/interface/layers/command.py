"""The command `sharpdepth layers`: a result of a scene becomes layers in a new scene."""

import time
from argparse import Namespace

from ...scene import SceneError, is_result, save_blend
from ...scene.layers import SHARE, layer_objects, layers_cut, split_result
from ...scene.live import find_modifier
from ...scene.opening import object_named, open_blend
from ..outputs import check_outputs
from ..quiet import quiet
from ..terminal import ProgressBar


def run_layers(arguments: Namespace, bar: ProgressBar) -> tuple[dict, str]:
    """Split what the command line asks for.

    Args:
        arguments: From `parse_layers`.
        bar: For what takes long.

    Returns:
        The report for `--json`, and the same for people.

    Raises:
        BadInput: The scene cannot be written there.
        SceneError: The scene cannot be opened, has no such result, or cannot be split or written.
    """
    started = time.perf_counter()
    check_outputs([arguments.blend])
    with quiet():
        scene = open_blend(arguments.scene)
        result = _result(scene, arguments.object)
        bar.show(0.2, f"Splitting {result.name}")
        rig = split_result(
            scene,
            result,
            count=arguments.count,
            thresholds=arguments.thresholds,
            sky=arguments.sky,
            cards=arguments.cards,
            move=arguments.move,
            edge=arguments.edge,
        )
        bar.show(0.8, "Saving the scene")
        save_blend(arguments.blend)
    cut = layers_cut(rig)
    layers = [{"name": obj.name, "share": obj[SHARE]} for obj in layer_objects(rig)]
    report = {
        "scene": str(arguments.scene),
        "object": result.name,
        "collection": rig.users_collection[0].name,
        "thresholds": list(cut.thresholds),
        "sky": cut.sky,
        "cards": cut.cards,
        "move": cut.move,
        "edge": cut.edge,
        "layers": layers,
        "seconds": time.perf_counter() - started,
        "files": {"blend": str(arguments.blend)},
    }
    return report, _text(report)


def _result(scene, name):
    """The live result of that name, or the only one of the scene."""
    if name is not None:
        return object_named(scene, name)
    found = [obj for obj in scene.objects if is_result(obj) and find_modifier(obj)]
    if not found:
        raise SceneError("The scene {scene} has no live depth result.", scene=scene.name)
    if len(found) > 1:
        raise SceneError(
            "The scene {scene} has {count} live depth results: name one by --object.",
            scene=scene.name,
            count=len(found),
        )
    return found[0]


def _text(report: dict) -> str:
    thresholds = ", ".join(f"{each:.2f} m" for each in report["thresholds"])
    kind = "cards" if report["cards"] else "relief"
    lines = [
        f"{report['object']}: {len(report['layers'])} layers of {kind} in the collection "
        f"{report['collection']}, {report['seconds']:.1f} s",
        f"parted at {thresholds}; edges of {report['edge']} pixels; "
        f"the camera may move {report['move']:g} m",
        *(f"{each['name']}: {each['share']:.1%} of the picture" for each in report["layers"]),
        f"wrote {report['files']['blend']}",
    ]
    return "\n".join(lines)
