"""What the documents name is there: pages, pictures, flags, buttons and labels."""

import re
from contextlib import suppress
from pathlib import Path

import pytest

from sharpdepth_blender.cli.main import main

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENTS = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
COMMANDS = (
    "", "models", "project", "layers", "layer", "paint", "check-move", "sequence", "export",
)  # fmt: skip
# Of other programs: Blender, the installer and the training.
OTHERS = {
    "--check", "--command", "--config", "--enable", "--find-links", "--online-mode",
    "--output-dir", "--python", "--remove", "--set", "--source-dir", "--yes",
}  # fmt: skip
# Bold or slanted, of Blender's own or of no program.
NAMES = {
    "Render",
    "Color Management",
    "Horizontal",
    "Lock Interface",
    "NAME layers",
    "Save As",
    "SharpDepth",
}
# Pictures of photographs, and of the computer that they were taken on.
KEPT = re.compile(r"(beside_\w+\.jpg|preferences\.png)$")


@pytest.fixture(scope="module")
def texts():
    return {path: path.read_text() for path in DOCUMENTS}


def test_links_and_pictures(texts):
    for path, text in texts.items():
        for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
            assert link.startswith("http") or (path.parent / link).exists(), (path.name, link)


def test_every_picture_is_made_by_the_script(texts):
    script = (REPOSITORY / "docs" / "pictures.py").read_text()
    shown = {name for text in texts.values() for name in re.findall(r"images/([\w.]+)", text)}
    assert shown
    for name in shown:
        assert KEPT.match(name) or f'"{name}"' in script or f'"{Path(name).stem}"' in script, name


def test_flags(texts, capsys):
    for command in COMMANDS:
        with suppress(SystemExit):
            main([*command.split(), "--help"])
    known = set(re.findall(r"--[a-z][a-z-]*", capsys.readouterr().out)) | OTHERS
    for path, text in texts.items():
        assert set(re.findall(r"(?<!-)--[a-z][a-z-]*", text)) <= known, path.name


def test_names_of_buttons_and_labels(texts):
    files = [*(REPOSITORY / "sharpdepth_blender").rglob("*.py")]
    source = "".join(path.read_text() for path in files)
    source += (REPOSITORY / "sharpdepth_blender" / "library" / "catalogue.toml").read_text()
    for path, text in texts.items():
        for found in re.findall(r"(?<!\*)\*{1,2}([A-Z][A-Za-z ▸]+[A-Za-z])\*{1,2}(?!\*)", text):
            for name in found.split(" ▸ "):
                assert name in NAMES or name in source, (path.name, found)
