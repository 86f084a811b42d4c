"""Filling: what layers show where the picture does not, invented or painted."""

import os
from collections.abc import Sequence
from typing import Any

import bpy

from ..geometry.layers import FILLS
from ..process import Engine
from ..scene import SceneError
from ..scene.layers import (
    NUMBER,
    HandOver,
    LayersError,
    clean_files,
    clean_plate,
    is_layers,
    layer_objects,
)
from ..scene.layers import hand_over as write_layer
from ..scene.layers import new_clean_plate as make_clean_plate
from ..scene.layers import take_back as take_answer
from ..scene.linked import check_local
from ..tasks import following
from ..tasks.fill_layers import ModelChoice, begin_fill
from ..tasks.hand_over import HandedOver
from ..tasks.session import get_engine
from .script import Show, current_scene, see_through


def fill_layers(
    layers: Sequence[bpy.types.Object] | None = None,
    scene: bpy.types.Scene | None = None,
    *,
    kind: str = "TEXTURE",
    model: str | os.PathLike | None = None,
    engine: Engine | None = None,
    show: Show = lambda fraction, message: None,
    **settings: Any,
) -> list[str]:
    """Choose what layers show where the picture does not show them, and make it.

    Args:
        layers: Objects of layers, or empties for all of theirs; None for all of the scene.
        scene: Of the layers; None for the current one.
        kind: `SMOOTH`: their colors, carried on with their grain; `TEXTURE`: patches of them and of
            what is behind them; `MODEL`: what an inpainting model makes of it.
        model: Name of its weights, or its folder in the format of diffusers.
        engine: `process.Engine`, None for this session's; smooth needs none.
        show: Called with a fraction in 0..1 and a sentence while it goes on.
        **settings: Of `tasks.fill_layers.ModelChoice`: prompt, steps, seed, device, precision.

    Returns:
        A sentence for everything that was not done as one would expect.

    Raises:
        SceneError: There are no layers, or a picture of theirs is gone.
        JobError: The engine is missing, reports an error, or died.
        ValueError: There is no such kind, or a model is missing or not asked for.
    """
    scene = scene or current_scene()
    check_fill(kind, model)
    choice = ModelChoice(model, **settings) if model is not None else None
    notes: list[str] = []
    for rig, numbers in chosen_layers(layers, scene).items():
        check_local(rig)
        task = begin_fill(rig, kind, engine or get_engine(), numbers, choice)
        if task is not None:
            see_through(task, show)
            notes += [note for note in task.notes if note not in notes]
    return notes


def hand_over(
    layer: bpy.types.Object,
    folder: str | os.PathLike,
    *,
    words: str = "",
    command: Sequence[str] = (),
    show: Show = lambda fraction, message: None,
) -> HandOver:
    """Give a layer with its mask to another tool, and with a command take its answer back.

    Args:
        layer: One of `split_layers`.
        folder: For a picture, a mask and a note.
        words: What is wanted, for the note; empty for a general sentence.
        command: Program and arguments, run without a shell, in which `{picture}`, `{mask}`,
            `{note}` and `{answer}` become the paths of the files; it writes the answer. Empty to
            leave the files to the user, and `take_back` to take the answer.
        show: Called with a fraction in 0..1 and a sentence while it goes on.

    Returns:
        Paths of the files: picture, mask, note, and answer, where that is expected.

    Raises:
        SceneError: It is no layer, a file cannot be written, or the command fails or its answer
            does not fit.
    """
    if not command:
        return write_layer(layer, folder, words)
    check_local(layer)
    task = HandedOver(layer, os.fspath(folder), command, words)
    see_through(task, show)
    return task.files


def take_back(layer: bpy.types.Object, answer: str | os.PathLike) -> None:
    """Take the answer to what `hand_over` wrote onto a layer's clean plate, as if painted.

    Args:
        layer: The same layer.
        answer: Picture of the size of the one that was handed over; of it the pixels are taken that
            the mask asked for.

    Raises:
        SceneError: It is no layer, or the answer cannot be read or has another size.
    """
    following.ensure_registered()
    take_answer(layer, answer)


def check_fill(kind: str, model: str | os.PathLike | None) -> None:
    """Raise a ValueError where `fill_layers` cannot be asked for this."""
    if kind not in FILLS:
        raise ValueError(f"A fill is one of {', '.join(FILLS)}, not {kind}.")
    if (model is not None) != (kind == "MODEL"):
        raise ValueError("A fill by a model needs its name or folder, and another one has none.")


def chosen_layers(
    layers: Sequence[bpy.types.Object] | None, scene: bpy.types.Scene
) -> dict[bpy.types.Object, list[int]]:
    """The ids of layers that are meant, by their empties; arguments as of `fill_layers`."""
    chosen: dict[bpy.types.Object, list[int]] = {}
    for obj in scene.objects if layers is None else layers:
        rig = obj if is_layers(obj) else obj.parent
        if not is_layers(rig) or (obj != rig and NUMBER not in obj.keys()):
            if layers is None:
                continue
            raise LayersError("{obj} is no layer.", obj=obj.name)
        own = [each[NUMBER] for each in layer_objects(rig)] if obj == rig else [obj[NUMBER]]
        found = chosen.setdefault(rig, [])
        found += [number for number in own if number not in found]
    if not chosen:
        raise LayersError("The scene {scene} has no layers.", scene=scene.name)
    return chosen


def new_clean_plate(layer: bpy.types.Object, **settings: Any) -> bpy.types.Image:
    """Give a layer an image to paint on, over its picture, that no cut touches.

    Args:
        layer: One of `split_layers`; a clean plate that it has stays.
        **settings: Of `scene.layers.new_clean_plate`: folder, existing.

    Returns:
        The image, transparent, in the layer's frame, float; what is painted on it counts by its
        alpha.

    Raises:
        SceneError: It is no layer, is linked, or a file of that name is there and to be refused.
    """
    following.ensure_registered()
    return make_clean_plate(layer, **settings)


def save_clean_plate(layer: bpy.types.Object, existing: clean_files.Existing = "BESIDE") -> str:
    """Write a layer's clean plate to its file, or pack it where the .blend has not been saved.

    Args:
        layer: One of `split_layers`.
        existing: Where another program has changed the file: `BESIDE` writes another one, which is
            the plate's from then on, `OVERWRITE` writes over it, `REFUSE` raises an error.

    Returns:
        Path of the file, empty where it is packed.

    Raises:
        SceneError: There is no clean plate, it cannot be written, or the file was changed.
    """
    plate = clean_plate(layer)
    if plate is None:
        raise SceneError("{obj} has no clean plate.", obj=layer.name)
    check_local(plate)
    if existing == "BESIDE" and clean_files.is_changed_outside(plate):
        return clean_files.save_beside(plate)
    clean_files.save_plate(plate, overwrite=existing == "OVERWRITE")
    return clean_files.plate_path(plate)
