"""The command `sharpdepth export`."""

import json
import os

import pytest

bpy = pytest.importorskip("bpy")

from sharpdepth_blender.cli.main import main  # noqa: E402
from sharpdepth_blender.scene import save_blend  # noqa: E402
from sharpdepth_blender.scene.exr import exr_channels  # noqa: E402
from sharpdepth_blender.scene.layers import layer_objects, split_result  # noqa: E402
from tests.scene.export.plate import add_plate  # noqa: E402

pytestmark = pytest.mark.usefixtures("addon")


def add_wall(scene):
    mesh = bpy.data.meshes.new("Wall")
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (1, 1, 0)], [], [(0, 1, 2)])
    wall = bpy.data.objects.new("Wall", mesh)
    scene.collection.objects.link(wall)
    return wall


@pytest.fixture
def scene_file(scene, tmp_path):
    add_plate(scene, "portrait, shifted")
    add_wall(scene)
    path = tmp_path / "shot é.blend"
    save_blend(path)
    return path


def command(capfd, *words):
    code = main(["export", *map(str, words)])
    said = capfd.readouterr()
    report = json.loads(said.out.splitlines()[-1]) if "--json" in words else None
    return code, report, said


def test_everything_at_once(scene_file, tmp_path, capfd):
    content = scene_file.read_bytes()
    files = {
        name: str(tmp_path / f"out {name}.{suffix}")
        for name, suffix in (
            ("depth", "exr"), ("exr", "exr"), ("ply", "ply"), ("usd", "usd"), ("abc", "abc"),
            ("gltf", "glb"), ("chan", "chan"), ("splats", "splat.ply"), ("package", "pack"),
        )
    }  # fmt: skip
    words = [word for name, path in files.items() for word in (f"--{name}", path)]
    code, report, said = command(capfd, scene_file, *words, "--json")
    assert code == 0, said.err
    assert report["files"] == files
    assert (report["objects"], report["cameras"]) == (
        ["Plate é 1 depth mesh"],
        ["Plate é 1 camera"],
    )
    assert sorted(note.split(" lacks ")[0] for note in report["notes"]) == [
        "out chan.chan", "out gltf.glb", "out gltf.glb", "out package.pack", "out package.pack",
    ]  # fmt: skip
    assert {each.name for each in tmp_path.iterdir()} == {
        scene_file.name, "textures", *(os.path.basename(path) for path in files.values()),
    }  # fmt: skip
    assert scene_file.read_bytes() == content
    assert len(exr_channels(files["depth"])) == 3 and len(exr_channels(files["exr"])) == 9


def test_a_number_of_faces(scene_file, tmp_path, capfd):
    words = ("--gltf", tmp_path / "a.glb", "--ply", tmp_path / "a.ply", "--faces", 90)
    code, report, said = command(capfd, scene_file, *words, "--json")
    assert code == 0, said.err
    (note,) = (each for each in report["notes"] if "faces" in each)
    assert note.startswith("a.glb lacks relief of Plate é 1 depth mesh finer than ")
    assert int(note.split(" faces")[0].split()[-1]) <= 90


def test_named_objects_and_a_camera(scene_file, tmp_path, capfd):
    path = tmp_path / "a.usda"
    code, report, said = command(
        capfd, scene_file, "--object", "Wall", "--object", "Plate é 1 depth mesh",
        "--camera", "Plate é 1 camera",
        "--usd", path, "--json",
    )  # fmt: skip
    assert code == 0, said.err
    assert report["objects"] == ["Wall", "Plate é 1 depth mesh"]
    assert '"Wall"' in path.read_text()
    code, _, said = command(capfd, scene_file, "--object", "Wall", "--ply", tmp_path / "a.ply")
    assert code == 0 and said.out == f"wrote {tmp_path / 'a.ply'}\n"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--exr", "a.png"], 2, "must end in .exr"),
        ([], 2, "a file to write"),
        (["--object", "A", "--object", "B", "--exr", "a.exr"], 2, "one --object"),
        (["--object", "Nobody", "--exr", "a.exr"], 1, "no object Nobody"),
        (["--object", "Wall", "--exr", "a.exr"], 1, "Wall is no depth result"),
        (["--camera", "Wall", "--chan", "a.chan"], 1, "Wall is not a camera"),
        (["--exr", "none/a.exr"], 1, "does not exist"),
        (["--package", "none/a"], 1, "does not exist"),
        (["--exr", "a.exr", "--faces", "9"], 2, "--faces is for"),
    ],
)
def test_what_makes_no_sense(words, code, said, scene_file, tmp_path, capfd, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found, _, spoken = command(capfd, scene_file, *words)
    assert (found, spoken.out) == (code, "")
    assert said in spoken.err.casefold() or said in spoken.err
    assert spoken.err.count("\n") == 1
    assert os.listdir(tmp_path) == [scene_file.name]


def test_two_results_and_none(scene, tmp_path, capfd):
    for _ in range(2):
        add_plate(scene)
    save_blend(tmp_path / "two.blend")
    code, _, said = command(capfd, tmp_path / "two.blend", "--exr", tmp_path / "a.exr")
    assert code == 1 and "2 depth results" in said.err
    code, _, said = command(capfd, tmp_path / "two.blend", "--chan", tmp_path / "a.chan")
    assert code == 0, said.err
    bpy.ops.wm.read_factory_settings(use_empty=True)
    save_blend(tmp_path / "none.blend")
    code, _, said = command(capfd, tmp_path / "none.blend", "--chan", tmp_path / "a.chan")
    assert code == 1 and "no camera" in said.err
    code, _, said = command(capfd, tmp_path / "none.blend", "--exr", tmp_path / "a.exr")
    assert code == 1 and "no depth result" in said.err


def test_layers_by_their_empty(scene, tmp_path, capfd):
    rig = split_result(scene, add_plate(scene), count=2, move=0.1)
    layers = [obj.name for obj in layer_objects(rig)]
    for obj in scene.objects:
        obj.select_set(obj == rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.sharpdepth.export_usd(filepath=str(tmp_path / "button.usda"))
    save_blend(tmp_path / "layers.blend")
    code, report, said = command(
        capfd, tmp_path / "layers.blend", "--object", rig.name, "--usd", tmp_path / "words.usda",
        "--json",
    )  # fmt: skip
    assert code == 0, said.err
    assert report["objects"] == layers and len(layers) > 2
    for name in ("button", "words"):
        text = (tmp_path / f"{name}.usda").read_text()
        assert text.count("def Mesh") == len(layers)
    code, _, said = command(
        capfd,
        tmp_path / "layers.blend",
        "--object",
        "Plate é 1 camera",
        "--gltf",
        tmp_path / "a.glb",
    )
    assert code == 1 and said.err == "sharpdepth: Plate é 1 camera is not a mesh.\n"
