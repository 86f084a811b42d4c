"""A layout that notes what a panel draws, and refuses what Blender's own would refuse."""

import bpy

_RNA = bpy.types.UILayout.bl_rna
_INSIDE = ("row", "column", "box", "split", "column_flow", "grid_flow")


class Layout:
    """Stands in for a UILayout, which only a window makes.

    Attributes:
        drawn: (function, its first words) of all that was drawn, in order.
    """

    def __init__(self, drawn=None):
        object.__setattr__(self, "drawn", [] if drawn is None else drawn)

    def __setattr__(self, name, value):
        assert name in _RNA.properties, f"a layout has no {name}"

    def __getattr__(self, name):
        function = _RNA.functions[name]

        def draw(*words, **named):
            _check_call(function, words, named)
            self.drawn.append((name, *words, *(named[k] for k in ("text",) if k in named)))
            if name in _INSIDE:
                return Layout(self.drawn)
            return _Properties(words[0]) if name == "operator" else None

        return draw

    @property
    def text(self):
        """All that can be read, as one string."""
        return "\n".join(str(word) for call in self.drawn for word in call[1:])

    def operators(self):
        """Names of the operators that have a button."""
        return [call[1] for call in self.drawn if call[0] == "operator"]

    def props(self):
        """Names of the properties that are shown."""
        return [call[2] for call in self.drawn if call[0] == "prop"]


class _Properties:
    """Of an operator's button."""

    def __init__(self, operator):
        room, name = operator.split(".")
        object.__setattr__(self, "_rna", getattr(getattr(bpy.ops, room), name).get_rna_type())

    def __setattr__(self, name, value):
        assert name in self._rna.properties, f"{self._rna.identifier} has no {name}"


def _check_call(function, words, named):
    known = function.parameters
    for name, value in named.items():
        # Translation is taken out of these by Blender's own Python.
        assert name in known or name in ("text_ctxt", "translate"), (function.identifier, name)
        if name == "icon":
            assert value in known["icon"].enum_items, f"there is no icon {value}"
    texts = [named["text"]] if "text" in named else []
    assert all(isinstance(text, str) for text in texts), texts
    if function.identifier in ("prop", "template_ID"):
        data, name = words
        if name.startswith('["'):
            data.path_resolve(name)  # raises where there is none
            return
        assert name in data.bl_rna.properties, f"{data.bl_rna.identifier} has no {name}"
