"""After Effects: a script that makes a composition of cards before a camera that moves."""

import json
import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from mathutils import Matrix

from ...geometry import Intrinsics
from .path import Pose, turns
from .sheet import Sheet

# Pixels of After Effects' space in a meter.
_PIXELS = 100.0
# To x right, y down and z away from the viewer.
_TO_AE = Matrix(((1, 0, 0), (0, 0, -1), (0, 1, 0)))
# What lies on a card's, or in a camera's, own axes likewise.
_TURNED = Matrix.Diagonal((1, -1, -1))
# Angles about z are turned by first, then y, then x.
_ORDER: Final = "ZYX"

_HEAD = """\
// Run it by File > Scripts > Run Script File; it finds the pictures in the folder beside it.
(function () {
    var folder = new File($.fileName).parent.fsName;
    app.beginUndoGroup("SharpDepth");
"""
_TAIL = """\
    app.endUndoGroup();
}());
"""


def after_effects_script(
    name: str, sheets: Sequence[Sheet], shot: Sequence[Pose], size: Intrinsics, fps: float
) -> str:
    """Write a script for After Effects CS6 and later: a card for each sheet, and a camera.

    Pictures are `layers/NAME.png` beside the script, with straight alpha. A meter is 100 pixels; x
    goes right, y down, z away. A camera sees a point (x, y, z) in its space at (W / 2 + zoom x / z,
    H / 2 + zoom y / z). Orientations turn about z first, then y, then x. A relief is a card at its
    middle depth. Cameras there have no lens shift: with one, the camera is in a composition of its
    own, whose middle is the optical axis, and which lies where that axis is. Pixels are square; a
    picture of others is as wide as it is seen.

    Args:
        name: Of the composition.
        sheets: Cards; the nearest first.
        shot: The camera that renders, at each frame.
        size: Of the rendered frame; its focal lengths tell the pixel aspect.
        fps: Frames a second.

    Returns:
        The text of the file, ASCII.
    """
    aspect = size.fy / size.fx
    width, height = max(1, round(size.width * aspect)), size.height
    axes = [(p.intrinsics.cx * aspect, p.intrinsics.cy) for p in shot]
    times = [(pose.frame - shot[0].frame) / fps for pose in shot]
    script = _Script(shot[0].frame / fps, len(shot) / fps, fps)
    middle = (width / 2, height / 2)
    shifted = any(math.dist(axis, middle) > 1e-3 for axis in axes)
    inner = width, height
    if shifted:
        inner = _around(width, [x for x, _ in axes]), _around(height, [y for _, y in axes])
    script.add_composition("comp", f"{name} space" if shifted else name, inner)
    for sheet in reversed(sheets):
        _add_card(script, sheet)
    script.do(f'camera = comp.layers.addCamera("Camera", {_list([side / 2 for side in inner])})')
    script.do("camera.autoOrient = AutoOrientType.NO_AUTO_ORIENT")
    places = [_place(pose.matrix) for pose in shot]
    angles = _turns([pose.matrix for pose in shot])
    script.set("camera", "ADBE Transform Group", "ADBE Position", times, places)
    script.set("camera", "ADBE Transform Group", "ADBE Orientation", times, angles)
    zooms = [(pose.intrinsics.fy,) for pose in shot]
    script.set("camera", "ADBE Camera Options Group", "ADBE Camera Zoom", times, zooms)
    if shifted:
        script.add_composition("frame", name, (width, height))
        script.do("layer = frame.layers.add(comp)")
        script.set("layer", "ADBE Transform Group", "ADBE Position", times, axes)
        script.do("frame.openInViewer()")
    else:
        script.do("comp.openInViewer()")
    return script.text()


class _Script:
    def __init__(self, start: float, duration: float, fps: float) -> None:
        self._start, self._duration, self._fps = start, duration, fps
        self._lines = ["var comp, frame, item, layer, camera"]

    def do(self, statement: str) -> None:
        self._lines.append(statement)

    def add_composition(self, variable: str, name: str, size: tuple[int, int]) -> None:
        width, height = size
        time = f"{_number(self._duration)}, {_number(self._fps)}"
        what = f"{json.dumps(name)}, {width}, {height}, 1, {time}"
        self.do(f"{variable} = app.project.items.addComp({what})")
        self.do(f"{variable}.displayStartTime = {_number(self._start)}")

    def set(
        self,
        layer: str,
        group: str,
        name: str,
        times: Sequence[float],
        values: Sequence[Sequence[float]],
    ) -> None:
        """Give a property its values, with a key for each where they differ."""
        way = f'{layer}.property("{group}").property("{name}")'
        table = np.array(values)
        written = [_list(value) if len(value) > 1 else _number(value[0]) for value in values]
        if (np.ptp(table, axis=0) <= 1e-9 * np.maximum(1, np.abs(table[0]))).all():
            self.do(f"{way}.setValue({written[0]})")
        else:
            self.do(f"{way}.setValuesAtTimes({_list(times)}, [{', '.join(written)}])")

    def text(self) -> str:
        return "".join([_HEAD, *(f"    {line};\n" for line in self._lines), _TAIL])


def _add_card(script: _Script, sheet: Sheet) -> None:
    corners = sheet.corners()
    width, height = sheet.intrinsics.width, sheet.intrinsics.height
    across = float(np.linalg.norm(corners[1] - corners[0])) * _PIXELS / width
    upwards = float(np.linalg.norm(corners[3] - corners[0])) * _PIXELS / height
    middle = Matrix.Translation(corners.mean(0).tolist())
    file = json.dumps(f"/layers/{sheet.stem}.png")
    script.do(f"item = app.project.importFile(new ImportOptions(new File(folder + {file})))")
    script.do("item.mainSource.alphaMode = AlphaMode.STRAIGHT")
    script.do("layer = comp.layers.add(item)")
    script.do(f"layer.name = {json.dumps(sheet.obj.name)}")
    script.do("layer.threeDLayer = true")
    script.do("layer.outPoint = comp.duration")
    material = 'layer.property("ADBE Material Options Group")'
    script.do(f'{material}.property("ADBE Accepts Lights").setValue(0)')
    for name, value in (
        ("ADBE Anchor Point", (width / 2, height / 2, 0.0)),
        ("ADBE Position", _place(middle)),
        ("ADBE Scale", (100 * across, 100 * upwards, 100.0)),
        ("ADBE Orientation", _turns([sheet.matrix])[0]),
    ):
        script.set("layer", "ADBE Transform Group", name, [0.0], [value])


def _place(matrix: Matrix) -> tuple[float, ...]:
    x, y, z = matrix.translation.to_tuple()
    return x * _PIXELS, -z * _PIXELS, y * _PIXELS


def _turns(matrices: Sequence[Matrix]) -> list[tuple[float, float, float]]:
    """Orientations in degrees."""
    return turns([_TO_AE @ matrix.to_3x3() @ _TURNED for matrix in matrices], _ORDER)


def _around(side: int, axes: Sequence[float]) -> int:
    """The side of a frame about an axis, wherever it goes, that covers one from 0 to `side`.

    Its pixels lie on those of that frame where the axis is on a whole or half pixel.
    """
    needed = math.ceil(2 * max(max(axis, side - axis) for axis in axes) - 1e-6)
    return needed + int(round(2 * axes[0]) - needed) % 2


def _list(values: Sequence[float]) -> str:
    return "[" + ", ".join(map(_number, values)) + "]"


def _number(value: float) -> str:
    return f"{value:.9g}"
