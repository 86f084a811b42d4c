"""Notes: sentences for the user about a set of layers, kept on its empty.

Layers and images are kept as such, so that a sentence names them as they are called now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import bpy
from bpy.app.translations import pgettext_rpt

from .clean_files import plate_path
from .layer_root import NUMBER, layer_objects

# Custom property of the empty.
_NOTES = "sharpdepth_layers_note"


@dataclass(frozen=True)
class Note:
    """A sentence for the user.

    Attributes:
        text: With places in braces for the values; {path} is for the file of an image.
        values: Text, numbers and images.
        layer: Id of the layer that {layer} stands for; None where values tell that, or there is
            none. Its object is not kept, as nobody could delete that then.
    """

    text: str
    values: Mapping[str, str | int | bpy.types.Image] = field(default_factory=dict)
    layer: int | None = None

    def sentence(self, rig: bpy.types.Object) -> str:
        """The sentence as it is now."""
        words: dict[str, str | int] = {}
        for key, value in self.values.items():
            if isinstance(value, bpy.types.Image):
                words["path"] = plate_path(value) or pgettext_rpt("packed")
                value = value.name
            words[key] = value
        for obj in layer_objects(rig):
            if obj[NUMBER] == self.layer:
                words["layer"] = obj.name
        return pgettext_rpt(self.text).format(**words)


def note_of(text: str, obj: bpy.types.Object, **values: str | int | bpy.types.Image) -> Note:
    """A note about a layer that stays, which {layer} stands for."""
    return Note(text, {"layer": obj.name, **values}, obj[NUMBER])


def add_notes(rig: bpy.types.Object, notes: Sequence[Note]) -> None:
    """Store notes on a rig, after those that it has already."""
    told = notes_of(rig)
    keep_notes(rig, [*told, *(each for each in notes if each not in told)])


def keep_notes(rig: bpy.types.Object, notes: Sequence[Note]) -> None:
    """Store notes on a rig in place of those that it has."""
    rig[_NOTES] = {
        str(index): {
            "text": note.text,
            "values": dict(note.values),
            **({} if note.layer is None else {"layer": note.layer}),
        }
        for index, note in enumerate(notes)
    }


def notes_of(rig: bpy.types.Object) -> list[Note]:
    """The notes of a rig, but for those about images that are gone."""
    kept = rig.get(_NOTES, {})
    if isinstance(kept, str):  # in a file of before
        kept = {"0": {"text": kept.replace("{", "{{").replace("}", "}}")}} if kept else {}
    notes = [
        Note(each["text"], dict(each.get("values", {}).items()), each.get("layer"))
        for _, each in sorted(kept.items(), key=lambda item: int(item[0]))
    ]
    return [note for note in notes if None not in note.values.values()]


def layers_note(rig: bpy.types.Object) -> str:
    """Sentences for the user about a rig, or nothing."""
    return " ".join(note.sentence(rig) for note in notes_of(rig))
