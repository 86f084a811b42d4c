"""Nuke: a script that projects layers from where their plate was taken, and a camera that moves."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from ...geometry import Intrinsics
from .chan import ORDER
from .path import Pose, turns, y_up
from .sheet import Sheet

# Grid of the node graph.
_ACROSS, _DOWN = 160, 90
# How far cameras of the script see, nearest and farthest, in meters.
NEAR, FAR = 0.01, 100000.0


def nuke_script(
    sheets: Sequence[Sheet], shot: Sequence[Pose], size: Intrinsics, fps: float, lens: float
) -> str:
    """Write a script for Nuke 12 and later: a projection for each sheet, and a render of them all.

    Every sheet is read from `layers/NAME.exr` beside the script, its overscan becomes its format,
    and a camera where the plate was taken projects it onto a card or onto `geometry/NAME.obj`.
    Everything is in meters, y up.

    A camera of Nuke sees a point (x, y, -z) in its space at u = (1 + 2 focal / haperture x / z -
    win_translate.u) W / 2 and so upwards, in the same unit, from the middle of the frame: offsets
    of both axes are in halves of its width.

    Args:
        sheets: To be projected; the nearest first.
        shot: The camera that renders, at each frame.
        size: Of the rendered frame; its focal lengths tell the pixel aspect.
        fps: Frames a second.
        lens: Focal length in millimeters of the cameras that project.

    Returns:
        The text of the file.
    """
    first, last = shot[0].frame, shot[-1].frame
    script = _Script()
    script.add(
        "Root",
        inputs=0,
        first_frame=first,
        last_frame=last,
        frame=first,
        lock_range="true",
        fps=f"{fps:.9g}",
        format=f'"{size.width} {size.height} 0 0 {size.width} {size.height} '
        f'{size.fy / size.fx:.9g} SharpDepth"',
    )
    for column, sheet in enumerate(sheets):
        left, top, _, height = sheet.frame
        k = sheet.intrinsics
        box = -left, height + top - k.height, k.width - left, height + top
        camera = Pose(first, sheet.matrix, k, lens, sheet.distance)
        script.add_camera(f"Projector_{sheet.stem}", [camera], column, 2)
        script.add(
            "Read",
            inputs=0,
            file_type="exr",
            file=_beside(f"layers/{sheet.stem}.exr"),
            name=f"Read_{sheet.stem}",
            place=(column, 0),
        )
        script.add(
            "Crop",
            box="{" + " ".join(map(str, box)) + "}",
            reformat="true",
            name=f"Frame_{sheet.stem}",
            place=(column, 1),
        )
        script.add("Project3D2", inputs=2, name=f"Project_{sheet.stem}", place=(column, 3))
        if sheet.relief is None:
            script.add(
                "Card2", inputs=1, **_card(sheet), name=f"Card_{sheet.stem}", place=(column, 4)
            )
        else:
            script.add(
                "ReadGeo2",
                inputs=1,
                file=_beside(f"geometry/{sheet.stem}.obj"),
                name=f"Relief_{sheet.stem}",
                place=(column, 4),
            )
        script.keep(sheet.stem)
    script.add_camera("Camera", shot, len(sheets), 5)
    for sheet in reversed(sheets):
        script.bring(sheet.stem)
    script.add("Scene", inputs=len(sheets), name="Layers", place=(0, 5))
    script.push("0")
    script.add("ScanlineRender", inputs=3, name="Render", place=(0, 6))
    return script.text()


class _Script:
    """Lines of a script: nodes take their inputs from a stack, the first one from its top."""

    def __init__(self) -> None:
        self._lines = ["version 12.0 v1"]

    def add(self, kind: str, place: tuple[int, int] | None = None, **knobs: str | float) -> None:
        if place is not None:
            knobs |= {"xpos": place[0] * _ACROSS, "ypos": place[1] * _DOWN}
        self._lines += [f"{kind} {{", *(f" {name} {value}" for name, value in knobs.items()), "}"]

    def add_camera(self, name: str, path: Sequence[Pose], column: int, row: int) -> None:
        matrices = [pose.y_up for pose in path]
        frames = [pose.frame for pose in path]

        def each(of: Callable[[Pose], float]) -> str:
            return _curves(frames, [(of(pose),) for pose in path])

        self.add(
            "Camera2",
            inputs=0,
            rot_order=ORDER,
            translate=_curves(frames, [matrix.translation.to_tuple() for matrix in matrices]),
            rotate=_curves(frames, turns(matrices, ORDER)),
            focal=each(lambda pose: pose.lens),
            haperture=each(lambda pose: pose.lens * pose.intrinsics.width / pose.intrinsics.fx),
            vaperture=each(lambda pose: pose.lens * pose.intrinsics.height / pose.intrinsics.fy),
            near=NEAR,
            far=FAR,
            win_translate=_curves(frames, [_offset(pose.intrinsics) for pose in path]),
            focal_point=each(lambda pose: pose.focus),
            name=name,
            place=(column, row),
        )

    def keep(self, name: str) -> None:
        """Name what is on top of the stack."""
        self._lines.append(f"set {name} [stack 0]")

    def bring(self, name: str) -> None:
        self.push(f"${name}")

    def push(self, what: str) -> None:
        self._lines.append(f"push {what}")

    def text(self) -> str:
        return "\n".join([*self._lines, ""])


def _beside(path: str) -> str:
    """A path relative to the script, which Nuke finds while it is open."""
    return rf'"\[file dirname \[value root.name]]/{path}"'


def _offset(k: Intrinsics) -> tuple[float, float]:
    """Offset of the optical axis, in halves of the frame's width."""
    return 1 - 2 * k.cx / k.width, (2 * k.cy - k.height) * k.fx / k.fy / k.width


def _curves(frames: Sequence[int], values: Sequence[Sequence[float]]) -> str:
    """A knob: numbers, or curves of those that change."""
    fields = []
    for numbers in zip(*values, strict=True):
        if np.ptp(numbers) <= 1e-9 * max(1.0, abs(numbers[0])):
            fields.append(f"{numbers[0]:.9g}")
        else:
            keys = (f"x{frame} {n:.9g}" for frame, n in zip(frames, numbers, strict=True))
            fields.append("{curve " + " ".join(keys) + "}")
    if len(fields) == 1 and not fields[0].startswith("{"):
        return fields[0]
    return "{" + " ".join(fields) + "}"


def _card(sheet: Sheet) -> dict[str, Any]:
    """A card of one unit in its place; without its picture's aspect, which its scale has."""
    corners = sheet.corners()
    x, y, z = corners.mean(0)
    across = float(np.linalg.norm(corners[1] - corners[0]))
    upwards = float(np.linalg.norm(corners[3] - corners[0]))
    return {
        "rows": 1,
        "columns": 1,
        "image_aspect": "false",
        "rot_order": ORDER,
        "translate": _numbers((x, z, -y)),
        "rotate": _numbers(turns([y_up(sheet.matrix)], ORDER)[0]),
        "scaling": _numbers((across, upwards, 1.0)),
    }


def _numbers(values: Iterable[float]) -> str:
    return "{" + " ".join(f"{value:.9g}" for value in values) + "}"
