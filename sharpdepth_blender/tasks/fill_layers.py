"""Fill layers: what layers do not show is made in the engine's process, beside the user's work."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import bpy
from bpy.app.translations import pgettext_rpt

from ..geometry.layers import Layer, fill_job
from ..process import Engine
from ..scene.layers import (
    NUMBER,
    Fill,
    change_layers,
    cut_layers,
    is_filled,
    is_layers,
    layer_objects,
    layers_cut,
    read_plate,
    show_fill,
)
from ..scene.linked import check_local
from ..scene.uids import find_by_uid
from .task import Task


@dataclass(frozen=True)
class ModelChoice:
    """An inpainting model and what it is asked for.

    Attributes:
        model: Name of weights, or a folder in the format of diffusers.
        prompt: What is to be there, in words.
        steps: Denoising steps.
        seed: Of the noise.
        device: As of `process.FillRequest`, like `precision`.
        precision: Likewise.
    """

    model: str | os.PathLike
    prompt: str = ""
    steps: int = 30
    seed: int = 0
    device: str = "auto"
    precision: str = "auto"


class LayerFill(Task):
    """Layers of a rig whose invented pixels are made anew, one after another.

    Until then they show what they showed. Where the cut changes meanwhile, the rest is left.

    Args:
        rig: Empty that holds layers.
        layers: What its cut makes, as of `cut_layers`.
        is_linear: Whether its picture is in linear light.
        engine: Engine; the child works there.
        numbers: Ids of the layers; those whose fill is kept already are passed over, if it is
            texture.
        choice: The model; None for texture.
        undo: Name of the step that undoes it; empty where it only follows the settings.

    Attributes:
        uid: Session uid of the rig.
        notes: Sentences about what was not done as one would expect.
    """

    kind = "fill"

    def __init__(
        self,
        rig: bpy.types.Object,
        layers: Sequence[Layer],
        is_linear: bool,
        engine: Engine,
        numbers: Sequence[int],
        choice: ModelChoice | None = None,
        undo: str = "",
    ):
        super().__init__(rig.name)
        self.uid = rig.session_uid
        self.notes: list[str] = []
        self._layers, self._is_linear, self._engine = list(layers), is_linear, engine
        self._choice, self._fill = choice, "MODEL" if choice else "TEXTURE"
        self._cut = layers_cut(rig)
        self._rest = [index for index, layer in enumerate(self._layers) if layer.id in set(numbers)]
        self._whole = max(1, len(self._rest))
        self._job = None
        self.undo = undo

    def cancel(self) -> None:
        """Stop; layers that are not finished stay as they are."""
        if self._job:
            self._job.cancel()
        super().cancel()

    def _go_on(self):
        rig = self._find()
        if rig is None or layers_cut(rig) != self._cut:
            self.cancel()
        elif self._job is not None:
            self._wait(rig)
        elif self._rest:
            self._begin(rig)
        else:
            self.fraction = 1.0
            self.outcome = "\n".join(self.notes)
            self._end()

    def _begin(self, rig):
        index = self._rest[0]
        layer = self._layers[index]
        obj = self._object(rig, layer)
        self._asked = job = fill_job(self._layers, index, self._is_linear)
        if obj is None or not job.hole.any() or not job.usable.any():
            self._rest.pop(0)
            return
        if self._choice is None and is_filled(obj, self._fill, job):
            self._rest.pop(0)
            self._show(rig, obj, layer, None)
            return
        self.message = pgettext_rpt("Filling {name}").format(name=obj.name)
        if self._choice is None:
            more = {"source": job.source, "usable": job.usable}
        else:
            more = vars(self._choice)
        self._job = self._engine.fill(job.values, job.known, job.hole, **more)

    def _wait(self, rig):
        done = self._job.done  # before the events, because none follow after the end
        for event in self._job.poll():
            finished = self._whole - len(self._rest)
            self.fraction = (finished + event.fraction * (event.stage == "fill")) / self._whole
            self.message = pgettext_rpt(event.message)
        if not done:
            return
        job, self._job = self._job, None
        result = job.wait()  # its error ends the task
        layer = self._layers[self._rest.pop(0)]
        if obj := self._object(rig, layer):
            self._show(rig, obj, layer, Fill(self._asked, result.values))
            self.notes += [note for note in result.notes if note not in self.notes]

    def _show(self, rig, obj, layer, fill):
        show_fill(rig, obj, layer, self._fill, fill)
        self._cut = layers_cut(rig)

    def _object(self, rig, layer):
        return next((each for each in layer_objects(rig) if each[NUMBER] == layer.id), None)

    def _find(self):
        rig = find_by_uid(bpy.data.objects, self.uid)
        return rig if is_layers(rig) else None


def begin_fill(
    rig: bpy.types.Object,
    kind: str,
    engine: Engine,
    numbers: Sequence[int] | None = None,
    choice: ModelChoice | None = None,
) -> LayerFill | None:
    """Begin to fill layers; each has that fill as soon as it is made, and the former until then.

    Args:
        rig: Empty that holds layers.
        kind: `SMOOTH`, which is done at once; `TEXTURE` or `MODEL`.
        engine: Engine.
        numbers: Ids of the layers; None for all of them.
        choice: The model, for `MODEL`.

    Returns:
        The task; None where there is nothing left to do.

    Raises:
        LayersError: An image is gone.
        LinkedError: They are linked from another file.
    """
    for each in (rig, *layer_objects(rig)):
        check_local(each)
    cut, plate = layers_cut(rig), read_plate(rig)
    chosen = {obj[NUMBER] for obj in layer_objects(rig)}
    chosen = chosen if numbers is None else chosen & set(numbers)
    if kind == "SMOOTH":
        for number in chosen:
            cut = cut.with_layer(number, fill=kind)
        change_layers(rig, cut, plate)
        return None
    layers = cut_layers(rig, cut, plate)
    return LayerFill(rig, layers, plate.is_linear, engine, sorted(chosen), choice, "Fill Layers")
