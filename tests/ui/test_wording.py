"""What the user reads: whole sentences, and ones that Blender can look up in its language."""

import ast
from pathlib import Path

import bpy
import pytest

import sharpdepth_blender
from sharpdepth_blender.scene.live import surface_group
from sharpdepth_blender.tasks.results import SHARPDEPTH_PG_result
from sharpdepth_blender.ui import operators, panels
from sharpdepth_blender.ui.layer_settings import SHARPDEPTH_PG_layers
from sharpdepth_blender.ui.settings import SHARPDEPTH_PG_settings

PACKAGE = Path(sharpdepth_blender.__file__).parent


@pytest.fixture
def registered():
    sharpdepth_blender.register()
    yield
    sharpdepth_blender.unregister()


def tooltips():
    """(where, text) of everything of ours that Blender shows a tooltip of."""
    kinds = [
        SHARPDEPTH_PG_settings,
        SHARPDEPTH_PG_result,
        SHARPDEPTH_PG_layers,
        *operators._CLASSES,
    ]
    for kind in kinds:
        if issubclass(kind, bpy.types.Operator):
            yield kind.__name__, kind.bl_description
        for prop in kind.bl_rna.properties:
            if prop.identifier in kind.__annotations__ and not prop.is_hidden:
                yield f"{kind.__name__}.{prop.identifier}", prop.description
                for item in getattr(prop, "enum_items", ()):
                    yield f"{kind.__name__}.{prop.identifier}.{item.identifier}", item.description
    for socket in surface_group().interface.items_tree:
        if socket.item_type == "SOCKET" and socket.in_out == "INPUT" and socket.name != "Geometry":
            yield f"modifier.{socket.name}", socket.description


def test_tooltips_are_sentences(registered):
    found = list(tooltips())
    assert len(found) > 40
    for where, text in found:
        # Blender adds the full stop.
        assert len(text.split()) >= 4 and text[0].isupper() and text[-1] not in ".!", (where, text)


def test_panels_are_in_both_sidebars():
    assert {kind.bl_space_type for kind in panels._CLASSES} == {"VIEW_3D", "IMAGE_EDITOR"}
    for kind in panels._CLASSES:
        assert kind.bl_category == "SharpDepth"
        closed = "DEFAULT_CLOSED" in getattr(kind, "bl_options", ())
        assert closed == hasattr(kind, "bl_parent_id")


def test_no_sentence_is_composed_before_it_is_translated():
    """An f-string cannot be looked up: it has to be a template that is filled in afterwards."""
    wrong = []
    rooms = [PACKAGE / name for name in ("scene", "tasks", "cli", "ui")]
    for path in (each for room in rooms for each in room.glob("**/*.py")):
        if path.parent.name == "cli" and path.stem.startswith("models"):  # for a terminal
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                wrong += [f"{path.name}:{node.lineno}" for each in _shown(node) if _composed(each)]
    assert wrong == []


def _shown(call):
    """Arguments of a call that the user gets to read."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if name == "report":
        yield from call.args[1:]
    elif name in ("pgettext_rpt", "pgettext_iface", "poll_message_set"):
        yield from call.args
    elif name in (
        "SceneError",
        "CameraError",
        "DepthFileError",
        "LayersError",
        "NotReady",
        "ProjectionError",
        "SaveError",
        "ScaleError",
        "SequenceError",
        "SourceError",
        "TracksError",
    ):
        yield from call.args[:1]
    elif name in ("label", "operator", "prop", "menu"):
        if not any(k.arg == "translate" for k in call.keywords):
            yield from (k.value for k in call.keywords if k.arg == "text")


def _composed(node):
    return isinstance(node, ast.JoinedStr)
