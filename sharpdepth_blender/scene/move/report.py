"""Report: the shares of each frame that a camera move leaves bare, in figures and in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import bpy
import numpy as np
from bpy.app.translations import pgettext_rpt

from ..layers import NUMBER, is_layers
from ..layers.layer_root import plate_token
from ..picture import new_picture
from .state import move_state

_NAME = "SharpDepth Check Move"
# Custom property of the text and the image that the report is kept in.
_MARK = "sharpdepth_move"
# Custom property of the text: the state of the scene when it was checked.
_STATE = "sharpdepth_move_state"
# And which layers its lines tell of, by the numbers of the lines.
_LAYERS = "sharpdepth_move_layers"
# As many numbers of frames as a sentence can list.
_LISTED = 17
# A share of the frame up to which nothing need be done about it.
LIMIT = 0.001

_Block = TypeVar("_Block", bound=bpy.types.ID)


@dataclass(frozen=True)
class Coverage:
    """How much of a frame is not as it should be, in shares of its pixels.

    Attributes:
        frame: Its number.
        hole: Nothing is there; the world does not count.
        unpainted: A surface is there that no picture is painted on, or not from where it is seen.
        stretched: A picture is drawn out too far.
        invented: A layer shows what was filled in where no picture shows it, and nobody has painted
            it since.
    """

    frame: int
    hole: float
    unpainted: float
    stretched: float
    invented: float

    @property
    def missing(self) -> float:
        """The share that shows no picture, and no paint."""
        return self.hole + self.unpainted + self.invented


@dataclass(frozen=True)
class PaintHere:
    """What a move shows of a layer that nobody has seen or painted.

    Attributes:
        layer: Name of its object.
        pixels: How many of its own picture's pixels that are, over the whole move.
        share: The same as a share of them all.
    """

    layer: str
    pixels: int
    share: float

    def line(self) -> str:
        """The line of a report about it, at whose end the layer is named."""
        return pgettext_rpt("Paint here: {share}% of {layer}").format(
            share=f"{100 * self.share:.3g}", layer=self.layer
        )


@dataclass(frozen=True)
class MoveReport:
    """What a camera move shows of a set-up.

    Attributes:
        camera: Name of the shot camera, that of the first frame where markers switch it.
        size: (width, height) in pixels at which frames were checked.
        stretch: Pixels of the frame that a pixel of a picture may be drawn over.
        pictures: How many pictures were found that are painted on something.
        frames: A `Coverage` for each frame, in order.
        layers: A `PaintHere` for each layer, the nearest of each set first.
        unknown: Names of sets of layers whose picture or depth is gone, so that nobody knows what
            was invented.
        fine: Width and height at which invented pixels were looked for; None for the same.
        moving: Names of sets of layers whose masks are animated, all of which was checked with the
            masks of one frame.
        masked_at: That frame.
    """

    camera: str
    size: tuple[int, int]
    stretch: float
    pictures: int
    frames: tuple[Coverage, ...]
    layers: tuple[PaintHere, ...] = ()
    unknown: tuple[str, ...] = ()
    fine: tuple[int, int] | None = None
    moving: tuple[str, ...] = ()
    masked_at: int = 0

    @property
    def worst(self) -> Coverage:
        """The `Coverage` of the frame that lacks most, or has most that is stretched."""
        return max(self.frames, key=lambda each: (round(each.missing, 6), each.stretched))

    def most(self, kind: str) -> Coverage:
        """The `Coverage` with the largest share of a `kind`, an attribute of it."""
        return max(self.frames, key=lambda each: getattr(each, kind))

    def above(self, kind: str, share: float = LIMIT) -> list[int]:
        """Numbers of the frames of which more than a share is `kind`."""
        return [each.frame for each in self.frames if getattr(each, kind) > share]

    def summary(self) -> list[str]:
        """Lines of the report that say what to look at."""
        width, height = self.size
        lines = [
            pgettext_rpt(
                "Camera {camera}, frames {first} to {last}: {count} checked{which} at {width} x "
                "{height} pixels"
            ).format(
                camera=self.camera,
                first=self.frames[0].frame,
                last=self.frames[-1].frame,
                count=len(self.frames),
                which=self._which(),
                width=width,
                height=height,
            )
            + self._finer(),
            self._line(pgettext_rpt("Holes"), "hole"),
        ]
        if not self.pictures:
            words = "No pictures found on the objects; checked for holes only"
            return [*lines, pgettext_rpt(words)]
        stretched = pgettext_rpt("Stretched more than {limit} times").format(
            limit=f"{self.stretch:g}"
        )
        return [
            *lines,
            self._line(pgettext_rpt("Without paint"), "unpainted"),
            *self._invented(),
            self._line(stretched, "stretched"),
        ]

    def lines(self) -> list[str]:
        """The whole report, with a table of the frames."""
        heads = ("holes", "unpainted", "invented", "stretched")
        table = [f"{'frame':>7}" + "".join(f"{head:>11}" for head in heads)]
        for each in self.frames:
            shares = (each.hole, each.unpainted, each.invented, each.stretched)
            table.append(f"{each.frame:7d}" + "".join(f"{100 * share:10.3f}%" for share in shares))
        return [*self.summary(), "", *table]

    def _which(self) -> str:
        """Which frames were looked at, where those between were not."""
        numbers = [each.frame for each in self.frames]
        if numbers == list(range(numbers[0], numbers[-1] + 1)):
            return ""
        if len(numbers) <= _LISTED:
            return f" ({', '.join(map(str, numbers))})"
        first, last = (", ".join(map(str, some)) for some in (numbers[:3], numbers[-2:]))
        return f" ({first} ... {last})"

    def _finer(self) -> str:
        if self.fine is None:
            return ""
        width, height = self.fine
        text = pgettext_rpt(", invented ones at {width} x {height}")
        return text.format(width=width, height=height)

    def _invented(self) -> list[str]:
        """What was invented, and where to paint for it."""
        if not (self.layers or self.unknown):
            return []
        lines = []
        wanted = [each for each in self.layers if each.pixels]
        if self.layers:
            title = pgettext_rpt("Invented, not painted")
            if wanted and not self.most("invented").invented:
                lines.append(pgettext_rpt("{title}: less than a pixel").format(title=title))
            else:
                lines.append(self._line(title, "invented"))
        lines += [each.line() for each in wanted]
        for name in self.moving:
            lines.append(
                pgettext_rpt(
                    "The masks of {rig} move: all frames were checked with those of frame {frame}"
                ).format(rig=name, frame=self.masked_at)
            )
        for name in self.unknown:
            lines.append(
                pgettext_rpt(
                    "The picture or the depth of {rig} is gone: what was invented is not known"
                ).format(rig=name)
            )
        return lines

    def _line(self, title: str, kind: str) -> str:
        most = self.most(kind)
        share = getattr(most, kind)
        if share == 0:
            return pgettext_rpt("{title}: none").format(title=title)
        line = pgettext_rpt("{title}: up to {share}% of the frame, at frame {frame}").format(
            title=title, share=f"{100 * share:.3g}", frame=most.frame
        )
        frames = _ranges(self.above(kind), [each.frame for each in self.frames])
        if not frames:
            return line
        more = pgettext_rpt("more than {share}% at frames {frames}")
        return f"{line}; {more.format(share=f'{100 * LIMIT:g}', frames=frames)}"


def keep_report(
    report: MoveReport,
    picture: np.ndarray,
    scene: bpy.types.Scene,
) -> bpy.types.Image:
    """Keep a report in the file: a text, and the worst frame's picture as a packed image.

    They take the place of those of an earlier report. With it goes the state of what was checked,
    by which `changed_since` tells what has changed.

    Args:
        report: Of the frames that are checked.
        picture: (H, W, 3) uint8 sRGB of the worst frame.
        scene: That was checked.

    Returns:
        The image.
    """
    text = _kept(bpy.data.texts) or bpy.data.texts.new(_NAME)
    text[_MARK], text[_STATE] = True, {"scene": scene.name, **move_state(scene)}
    lines = report.lines()
    text[_LAYERS] = _layers_of(lines, report, scene)
    text.clear()
    text.write("\n".join(lines) + "\n")
    before, image = _kept(bpy.data.images), new_picture(_NAME, picture)
    if before is not None:
        before.user_remap(image)  # in the Image Editor, too
        bpy.data.images.remove(before)
    image[_MARK] = True
    image.name = _NAME
    return image


def changed_since() -> list[str]:
    """Names of the parts that changed since the scene of the kept report was checked.

    Returns:
        Of `move_state`, none where there is no report or its scene is gone.
    """
    text = _kept(bpy.data.texts)
    kept = text.get(_STATE) if text else None
    scene = bpy.data.scenes.get(kept["scene"]) if kept else None
    if scene is None:
        return []
    return [name for name, told in move_state(scene).items() if kept.get(name) != told]


def kept_lines() -> list[str]:
    """The lines of the report in this file that say what to look at, empty where there is none.

    Layers are named as they are called now.
    """
    text = _kept(bpy.data.texts)
    lines = [line.body for line in text.lines] if text else []
    lines = lines[: lines.index("")] if "" in lines else lines
    told = text.get(_LAYERS, {}) if text else {}
    if told:
        names = {_identity(obj): obj.name for obj in bpy.data.objects if is_layers(obj.parent)}
        for number, (name, identity) in told.items():
            now = names.get(identity, name)
            if int(number) < len(lines) and now != name:
                lines[int(number)] = lines[int(number)].removesuffix(name) + now
    return lines


def _layers_of(
    lines: Sequence[str], report: MoveReport, scene: bpy.types.Scene
) -> dict[str, list[str]]:
    """By the number of each line about a layer that layer's name and identity."""
    found: dict[str, list[str]] = {}
    for each in report.layers:
        if each.pixels and (obj := scene.objects.get(each.layer)):
            found[str(lines.index(each.line()))] = [each.layer, _identity(obj)]
    return found


def _identity(obj: bpy.types.Object) -> str:
    """What tells a layer from others, whatever it is called; others' objects have none."""
    rig = obj.parent
    return f"{plate_token(rig)} {obj.get(NUMBER)}" if is_layers(rig) else ""


def _kept(datablocks: Iterable[_Block]) -> _Block | None:
    return next(
        (each for each in datablocks if _MARK in each.keys() and each.library is None), None
    )


def _ranges(frames: Sequence[int], checked: Sequence[int]) -> str:
    """Frame numbers as `1-4, 9`; a dash runs over neighbors among those that were checked."""
    order = {frame: place for place, frame in enumerate(checked)}
    runs: list[list[int]] = []
    for frame in frames:
        if runs and order[frame] == order[runs[-1][1]] + 1:
            runs[-1][1] = frame
        else:
            runs.append([frame, frame])
    return ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in runs)
