"""The zip that Blender builds, installed in a real Blender, does the whole job."""

import json
import re
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
GUIDE = REPOSITORY / "docs" / "scripting.md"


@pytest.fixture
def folder(installed):
    path = REPOSITORY / "build" / "hosts" / installed.suite / "with spaces é"
    path.mkdir(exist_ok=True)
    for old in path.iterdir():
        old.unlink()
    return path


def test_zip_holds_the_product_and_nothing_else(installed):
    names = zipfile.ZipFile(
        REPOSITORY / "build" / "hosts" / installed.suite / "sharpdepth_blender.zip"
    ).namelist()
    tops = {name.split("/")[0] for name in names}
    assert tops == {
        "blender_manifest.toml",
        "__init__.py",
        "README.md",
        "CHANGELOG.md",
        "LICENSE",
        "vendor_install.py",
        "farm",
        "sharpdepth_blender",
        "training",
    }
    assert "sharpdepth_blender/models/preview/model_index.json" in names
    assert "sharpdepth_blender/library/catalogue.toml" in names
    assert "sharpdepth_blender/process/install/requirements.lock" in names
    assert not [name for name in names if "__pycache__" in name]


def test_command_makes_mesh(installed, folder):
    picture = write_picture(folder / "plate.ppm")
    finished = installed.run(
        "blender", "--command", "sharpdepth", picture, "-o", folder / "out.blend",
        "--depth", folder / "out.exr", "--points", folder / "out.ply", "--fov", "50", "--json",
    )  # fmt: skip
    assert finished.returncode == 0, finished.stdout + finished.stderr
    report = json.loads(finished.stdout.splitlines()[-1])
    assert (report["width"], report["height"]) == (96, 64)
    assert report["faces"] > 0.5 * 96 * 64
    assert 0 < report["depth_min"] <= report["depth_median"] <= report["depth_max"]
    for path in report["files"].values():
        assert Path(path).stat().st_size > 1000
    checked = installed.run(
        "blender", "-b", folder / "out.blend", "--python-exit-code", "9", "--python-expr",
        f"import bpy; mesh, = bpy.data.meshes; assert len(mesh.polygons) == {report['faces']}",
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_scripts_reach_the_tools_as_the_guide_says(installed):
    (words,) = re.findall(r"^from bl_ext.*$", GUIDE.read_text("utf-8"), re.M)
    checked = installed.run(
        "blender", "-b", "--python-exit-code", "9", "--python-expr",
        f"{words}; print(sharpdepth.generate.__name__, 'is here')",
    )  # fmt: skip
    assert checked.returncode == 0 and "generate is here" in checked.stdout, checked.stderr


def test_a_live_result_is_projected_on_and_baked(installed, folder):
    """Where modifiers make the UV map, 5.2 has no active one and would bake nothing."""
    picture = write_picture(folder / "plate.ppm")
    live, baked = folder / "live.blend", folder / "baked.blend"
    for words in (
        [picture, "-o", live, "--live", "--fov", "50"],
        ["project", live, "-o", baked, "--bake", "32"],
    ):
        finished = installed.run("blender", "--command", "sharpdepth", *words)
        assert finished.returncode == 0, finished.stdout + finished.stderr
    checked = installed.run(
        "blender", "-b", baked, "--python-exit-code", "9", "--python-expr",
        "import bpy; image = bpy.data.images['plate depth mesh Baked']; "
        "assert max(image.pixels[:][3::4]) > 0.9",
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_bad_picture_is_one_sentence(installed, folder):
    (folder / "broken.jpg").write_bytes(b"not a picture")
    finished = installed.run(
        "blender", "--command", "sharpdepth", folder / "broken.jpg", "-o", folder / "out.blend"
    )
    assert finished.returncode == 1
    assert "broken.jpg" in finished.stderr
    assert finished.stderr.splitlines()[-1].startswith("sharpdepth: ")
    # Debian's 5.2 prints a traceback of its own at every start; ours would name a file of ours.
    assert "/sharpdepth_blender/" not in finished.stdout + finished.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["broken.jpg"]


def test_models_are_listed_and_none_is_fetched_while_blender_is_offline(installed):
    listed = installed.run("blender", "--command", "sharpdepth", "models", "--json")
    assert listed.returncode == 0, listed.stdout + listed.stderr
    found = json.loads(listed.stdout.splitlines()[-1])
    assert {"preview", "sharpdepth"} <= {preset["name"] for preset in found["presets"]}
    refused = installed.run(
        "blender", "--offline-mode", "--command", "sharpdepth", "models", "get", "metric", "--yes"
    )
    assert refused.returncode == 1
    assert "offline-mode" in refused.stderr.splitlines()[-1]


def test_blender_process_never_imports_torch(installed):
    finished = installed.run(
        "blender", "-b", "--python-exit-code", "9", "--python-expr",
        "import sys, addon_utils; "
        "assert addon_utils.check('bl_ext.user_default.sharpdepth_blender')[1]; "
        "assert not {'torch', 'diffusers', 'PIL'} & set(sys.modules)",
    )  # fmt: skip
    assert finished.returncode == 0, finished.stdout + finished.stderr


def write_picture(path):
    """A small picture with a horizon, in a format that needs no library."""
    rows = [bytes([40 + y, 90, 200 - 2 * y]) * 96 for y in range(64)]
    path.write_bytes(b"P6 96 64 255\n" + b"".join(rows))
    return path
