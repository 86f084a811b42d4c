"""Wording of the UI, errors and documentation: Blender's style, American spelling, translatable."""

import ast
import builtins
import re
from functools import cache
from pathlib import Path

import bpy
import pytest

import sharpdepth_blender
from sharpdepth_blender.scene.live import surface_group
from sharpdepth_blender.tasks.results import SHARPDEPTH_PG_result
from sharpdepth_blender.ui import operators, panels
from sharpdepth_blender.ui.layer_settings import SHARPDEPTH_PG_layer, SHARPDEPTH_PG_layers
from sharpdepth_blender.ui.preferences.addon import SharpDepthPreferences
from sharpdepth_blender.ui.settings import SHARPDEPTH_PG_settings

PACKAGE = Path(sharpdepth_blender.__file__).parent
REPOSITORY = PACKAGE.parent
LONGEST_LABEL = 90  # characters

# Words that stay in lower case within Blender's title case.
SMALL_WORDS = set("a an and as at by for from in into of on or per the to with".split())

# Beginnings of words in British spelling; the American ones differ within them.
BRITISH = re.compile(
    r"\b(colour|metre|millimetre|centre|licence|grey|neighbour|behaviour|favour|honour|flavour"
    r"|analyse|initialis|normalis|optimis|recognis|organis|visualis|stabilis|minimis|maximis"
    r"|summaris|synchronis|serialis|specialis|utilis|customis|digitis|labelled"
    r"|modelled|modelling|travelled|artefact|defence|learnt|whilst|aluminium|distil(s?)\b)",
    re.IGNORECASE,
)


@pytest.fixture
def registered():
    sharpdepth_blender.register()
    yield
    sharpdepth_blender.unregister()


def shown():
    """Yield (where, label, tooltip) of all our operators, properties, enum items and sockets."""
    kinds = [
        SHARPDEPTH_PG_settings,
        SHARPDEPTH_PG_result,
        SHARPDEPTH_PG_layers,
        SHARPDEPTH_PG_layer,
        SharpDepthPreferences,
        *operators._CLASSES,
    ]
    for kind in kinds:
        if issubclass(kind, bpy.types.Operator):
            yield kind.__name__, kind.bl_label, kind.bl_description
        for prop in kind.bl_rna.properties:
            if prop.identifier in kind.__annotations__ and not prop.is_hidden:
                where = f"{kind.__name__}.{prop.identifier}"
                yield where, prop.name, prop.description
                for item in getattr(prop, "enum_items", ()):
                    yield f"{where}.{item.identifier}", item.name, item.description
    for socket in surface_group().interface.items_tree:
        if socket.item_type == "SOCKET" and socket.in_out == "INPUT" and socket.name != "Geometry":
            yield f"modifier.{socket.name}", socket.name, socket.description


def test_tooltips_are_in_blenders_style(registered):
    found = list(shown())
    assert len(found) > 60
    for where, _, tooltip in found:
        assert tooltip and (tooltip[0].isupper() or tooltip[0].isdigit()), (where, tooltip)
        assert tooltip[-1] not in ".!", (where, tooltip)  # Blender adds the full stop


def is_title_case(label):
    """Whether a label is capitalized as in Blender; words with dots or hyphens are names."""
    words = [word for word in re.split(r"[\s/()]+", label) if word.isalpha()]
    small = [word for word in words if word.islower()]  # glTF is a name
    return words[:1] != small[:1] and all(word in SMALL_WORDS for word in small)


def test_the_title_case_check_knows_blenders_labels():
    for label in ("Set Scale", "Field of View", "New Camera with Field of View", "Depth (.exr)"):
        assert is_title_case(label)
    for label in ("Set scale", "Sky beyond", "field of View"):
        assert not is_title_case(label)


def test_labels_are_in_blenders_style(registered):
    labels = [(where, label) for where, label, _ in shown()]
    labels += [(kind.__name__, kind.bl_label) for kind in panels._CLASSES]
    names = {item.identifier for item in _enum_items("model", "estimator")}
    for where, label in labels:
        assert label and label[-1] not in ".!:" and len(label) <= LONGEST_LABEL, (where, label)
        assert label in names or is_title_case(label), (where, label)


def _enum_items(*names):
    """Items of enumerations in the settings: those of the catalogue are shown by identifier."""
    for name in names:
        yield from SHARPDEPTH_PG_settings.bl_rna.properties[name].enum_items


def test_no_line_of_a_layout_is_too_long():
    for path, call in _calls(PACKAGE / "ui"):
        if _called(call) in ("label", "operator", "prop", "menu"):
            for keyword in call.keywords:
                text = _text(keyword.value) if keyword.arg == "text" else ""
                assert len(text) <= LONGEST_LABEL, f"{path.name}:{call.lineno}"


def test_panels_are_in_both_sidebars():
    assert {kind.bl_space_type for kind in panels._CLASSES} == {"VIEW_3D", "IMAGE_EDITOR"}
    for kind in panels._CLASSES:
        assert kind.bl_category == "SharpDepth"
        closed = "DEFAULT_CLOSED" in getattr(kind, "bl_options", ())
        assert closed == hasattr(kind, "bl_parent_id")


def test_no_sentence_is_composed_before_it_is_translated():
    """An f-string cannot be looked up: it has to be a template that is filled in afterwards."""
    translated = {name for name in errors() if {"SceneError", "NotReady"} & set(_bases(name))}
    assert {"ProjectionError", "LayersError", "SequenceError", "SaveError"} <= translated
    wrong = []
    for path, call in _calls(*(PACKAGE / name for name in ("scene", "tasks", "cli", "ui"))):
        if path.parent.name == "cli" and path.stem.startswith("models"):  # for a terminal
            continue
        composed = [each for each in _shown(call, translated) if isinstance(each, ast.JoinedStr)]
        wrong += [f"{path.name}:{call.lineno}"] * len(composed)
    assert wrong == []


def test_errors_are_sentences():
    """The message of every error of ours: those made from ValueError are for other code."""
    sentences = {name for name in errors() if _bases(name)[-1] == "Exception"}
    assert {"EngineError", "JobError", "LibraryError", "SceneError", "BadInput"} <= sentences
    count = 0
    for path, call in _calls(PACKAGE, REPOSITORY / "vendor_install.py"):
        if _called(call) in sentences - {"BadMessage"}:
            for text in (_text(each) for each in call.args):
                if len(text.split()) >= 3 and "\n" not in text:
                    count += 1
                    where = f"{path.name}:{call.lineno}", text
                    assert text[0].isupper() or text[0] in "{`\0" or text[0].isdigit(), where
                    assert text[-1] in ".:?!”\0}", where
    assert count > 100


def test_spelling_is_american():
    wrong = []
    for path in (*PACKAGE.glob("**/*.py"), *REPOSITORY.glob("training/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            text = _text(node)
            if " " in text:  # else a key or an identifier
                wrong += [f"{path.name}:{node.lineno}: {word}" for word in british(text)]
    pages = [*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/*.md"), REPOSITORY / "training"]
    for path in pages:
        page = path / "README.md" if path.is_dir() else path
        if page.exists():
            text = re.sub(r"^    .*$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
            wrong += [f"{page.name}: {word}" for word in british(text)]
    assert wrong == []


def british(text):
    """Return the words of a text in British spelling, outside of code and addresses."""
    prose = re.sub(r"`[^`]*`|https?://\S+", "", text)
    return [match.group() for match in BRITISH.finditer(prose)]


def test_the_spelling_check_knows_both_spellings():
    assert british("Grey colours in metres; a `colour` was labelled") == [
        "Grey",
        "colour",
        "metre",
        "labelled",
    ]
    assert british("Gray colors in meters; it was labeled, distilled, normalized") == []


@cache
def errors() -> dict[str, str]:
    """Return the exception classes that the project defines, with the name of their base."""
    bases = {}
    for path in (*PACKAGE.glob("**/*.py"), *REPOSITORY.glob("training/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and node.bases:
                bases[node.name] = getattr(node.bases[0], "id", "")
    return {name: base for name, base in bases.items() if _is_exception(name, bases)}


def _is_exception(name, bases):
    while name in bases:
        name = bases[name]
    kind = getattr(builtins, name, None)
    return isinstance(kind, type) and issubclass(kind, Exception)


def _bases(name):
    """Return an exception of ours with its bases, up to Python's own."""
    chain = [name]
    while chain[-1] in errors():
        chain.append(errors()[chain[-1]])
    return chain


def _calls(*places):
    """Yield (path, call) of all calls in files or folders."""
    for place in places:
        for path in [place] if place.is_file() else sorted(place.glob("**/*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    yield path, node


def _called(call):
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def _text(node):
    """Return the text of a string, with \\0 for what an f-string puts in; "" for other nodes."""
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) or "\0" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _shown(call, translated):
    """Yield the arguments of a call that are translated for the user."""
    name = _called(call)
    if name == "report":
        yield from call.args[1:]
    elif name in ("pgettext_rpt", "pgettext_iface", "poll_message_set"):
        yield from call.args
    elif name in translated:
        yield from call.args[:1]
    elif name in ("label", "operator", "prop", "menu"):
        if not any(k.arg == "translate" for k in call.keywords):
            yield from (k.value for k in call.keywords if k.arg == "text")
