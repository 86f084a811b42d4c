"""The command `sharpdepth layers`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy")

from sharpdepth_blender.cli.main import main  # noqa: E402
from sharpdepth_blender.scene import save_blend  # noqa: E402
from sharpdepth_blender.scene.layers import (  # noqa: E402
    clean_plate,
    layer_objects,
    layers_cut,
    read_plate,
)
from tests.scene.layers.street_result import add_result  # noqa: E402

REPOSITORY = Path(__file__).resolve().parents[2]


pytestmark = pytest.mark.usefixtures("addon")


@pytest.fixture
def scene_file(tmp_path):
    add_result()
    path = tmp_path / "shot.blend"
    save_blend(path)
    return path


def command(capfd, *words):
    code = main(["layers", *map(str, words)])
    said = capfd.readouterr()
    return code, said.out, said.err


def test_command_writes_the_split_scene(scene_file, tmp_path, capfd):
    out = tmp_path / "out.blend"
    code, said, _ = command(
        capfd, scene_file, "-o", out, "--thresholds", "2.5,10", "--kind", "card", "--move", 0.25,
        "--edge", 2, "--json",
    )  # fmt: skip
    report = json.loads(said.splitlines()[-1])
    assert code == 0 and report["thresholds"] == [2.5, 10]
    assert [each["kind"] for each in report["layers"]] == ["CARD"] * 3 + ["SKY"]
    names = [each["name"] for each in report["layers"]]
    assert names == ["street layer 1", "street layer 2", "street layer 3", "street sky"]
    assert sum(each["share"] for each in report["layers"]) == pytest.approx(1)
    bpy.ops.wm.open_mainfile(filepath=str(out))
    rig = bpy.data.objects["street layers"]
    cut = layers_cut(rig)
    assert (cut.thresholds, cut.move, cut.layers[0].edge) == ((2.5, 10), 0.25, 2)
    assert bpy.data.objects["street depth mesh"].hide_render
    assert read_plate(rig).picture.shape == (54, 96, 3)
    bpy.ops.wm.open_mainfile(filepath=str(scene_file))
    assert "street layers" not in bpy.data.objects


def test_splitting_again_keeps_and_tells_what_the_layers_have(layers_file, tmp_path, capfd):
    changed, out = tmp_path / "changed.blend", tmp_path / "out.blend"
    one = ("--layer", "street layer 2", "--edge", 9, "--kind", "card", "--choke", 2)
    assert change(capfd, layers_file, "-o", changed, *one)[0] == 0
    code, said, _ = command(capfd, changed, "-o", out, "--json")
    report = json.loads(said.splitlines()[-1])
    assert code == 0 and report["thresholds"] == [3.6, 10.5] and report["move"] == 0.2
    assert [each["edge"] for each in report["layers"]] == [3, 9, 3, 3]
    assert [each["kind"] for each in report["layers"]] == ["RELIEF", "CARD", "RELIEF", "SKY"]
    assert "edge" not in report and "fill" not in report
    code, said, _ = command(capfd, changed, "-o", out, "--edge", 5, "--kind", "relief", "--json")
    layers = json.loads(said.splitlines()[-1])["layers"]
    assert code == 0 and {(each["edge"], each["choke"]) for each in layers} == {(5, 0), (5, 2)}
    assert "CARD" not in {each["kind"] for each in layers}


def test_command_tells_people_what_it_did(scene_file, tmp_path):
    out = tmp_path / "out.blend"
    finished = subprocess.run(
        [sys.executable, "-m", "sharpdepth_blender", "layers", scene_file, "-o", out],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr
    lines = finished.stdout.splitlines()
    assert lines[0].startswith("street depth mesh: 5 layers in the collection street layers")
    assert "street sky: " in finished.stdout and lines[-1] == f"wrote {out}"


@pytest.mark.parametrize(
    "words, sentence",
    [
        (("--count", "9"), "from 2 to 8"),
        (("--thresholds", "3,2"), "ascending"),
        (("--thresholds", "0,2"), "ascending"),
        (("--thresholds", "1,2", "--count", "3"), "not allowed with"),
        (("--move", "-1"), "positive"),
        (("--sky", "-1"), "0 or more"),
        (("--edge", "33"), "from 0 to 32"),
    ],
)
def test_words_that_make_no_sense(words, sentence, scene_file, tmp_path, capfd):
    code, _, said = command(capfd, scene_file, "-o", tmp_path / "out.blend", *words)
    assert code == 2 and sentence in said and len(said.splitlines()) == 1


def test_scenes_that_cannot_be_split(scene_file, tmp_path, capfd):
    out = tmp_path / "out.blend"
    for words, sentence in (
        ((tmp_path / "none.blend",), "cannot be opened"),
        ((scene_file, "--object", "tree"), "no object tree"),
        ((scene_file, "--object", "street camera"), "no live depth result"),
        ((scene_file, "--thresholds", "50,60", "--sky", "55"), "cannot be cut so"),
    ):
        code, _, said = command(capfd, *words, "-o", out)
        assert code == 1 and sentence in said and not out.exists()
    bpy.ops.wm.open_mainfile(filepath=str(scene_file))
    add_result(name="again")
    save_blend(scene_file)
    code, _, said = command(capfd, scene_file, "-o", out)
    assert code == 1 and "2 live depth results" in said
    code, _, _ = command(capfd, scene_file, "-o", out, "--object", "again depth mesh")
    assert code == 0
    bpy.ops.wm.read_factory_settings(use_empty=True)
    save_blend(scene_file)
    code, _, said = command(capfd, scene_file, "-o", out)
    assert code == 1 and "has no live depth result" in said


def test_command_says_why_it_proposes_a_kind(scene_file, tmp_path, capfd):
    out = tmp_path / "out.blend"
    code, said, _ = command(capfd, scene_file, "-o", out, "--count", 2, "--kind", "proposed")
    assert code == 0
    lines = [line for line in said.splitlines() if line.startswith("street layer")]
    assert len(lines) == 2 and all("% of the picture; " in line for line in lines)
    assert not any(": relief" in line for line in lines)


@pytest.fixture
def layers_file(scene_file, tmp_path, capfd):
    out = tmp_path / "layers.blend"
    code, _, _ = command(capfd, scene_file, "-o", out, "--thresholds", "3.6,10.5", "--move", 0.2)
    assert code == 0
    return out


def change(capfd, *words):
    code = main(["layer", *map(str, words)])
    said = capfd.readouterr()
    return code, said.out, said.err


def test_command_changes_one_layer(layers_file, tmp_path, capfd):
    out, one = tmp_path / "out.blend", ("--layer", "street layer 2")
    code, said, _ = change(
        capfd, layers_file, "-o", out, *one, "--split", 6, "--edge", 5, "--extension", 2,
        "--choke", -1, "--kind", "card", "--hide", "--name", "Wall", "--json",
    )  # fmt: skip
    report = json.loads(said.splitlines()[-1])
    assert code == 0
    names = [(each["name"], each["up to"], each["kind"]) for each in report["layers"]]
    assert names == [
        ("street layer 1", 3.6, "RELIEF"), ("Wall", 6, "CARD"), ("street layer 3", 10.5, "CARD"),
        ("street layer 4", None, "RELIEF"), ("street sky", None, "SKY"),
    ]  # fmt: skip
    wall = report["layers"][1]
    assert (wall["edge"], wall["choke"], wall["extension"], wall["hidden"]) == (5, -1, 2, True)
    bpy.ops.wm.open_mainfile(filepath=str(out))
    assert bpy.data.objects["Wall"].hide_render
    again = tmp_path / "again.blend"
    code, said, _ = change(capfd, out, "-o", again, "--layer", "Wall", "--show", "--merge")
    assert code == 0 and "Wall: card" in said and "street layer 4" not in said
    code, said, _ = change(capfd, again, "-o", out, "--layer", "Wall", "--move-by", 1)
    lines = [line for line in said.splitlines() if "of the picture" in line]
    assert code == 0 and lines[1].startswith("street layer 2") and lines[2].startswith("Wall")
    for how in ([], ["halves"]):
        code, said, _ = change(
            capfd, layers_file, "-o", out, "--layer", "street layer 1", "--split", *how
        )
        assert code == 0 and "street layer 4" in said


def test_what_one_layer_cannot_do(layers_file, tmp_path, capfd):
    out = tmp_path / "out.blend"
    for words, number, sentence in (
        (("--layer", "street layer 2", "--split", 40), 1, "not across 40 m"),
        (("--layer", "street sky", "--split"), 1, "no depth"),
        (("--layer", "street layer 3", "--merge"), 1, "no layer behind"),
        (("--layer", "street camera", "--hide"), 1, "no layer"),
        (("--layer", "nobody", "--hide"), 1, "no object nobody"),
        (("--layer", "street layer 1", "--edge", 33), 2, "from 0 to 32"),
        (("--layer", "street layer 1", "--split", "0"), 2, "in meters, 'gap'"),
        (("--layer", "street layer 1", "--split", "--merge"), 2, "not allowed with"),
        (("--hide",), 2, "--layer"),
    ):
        code, _, said = change(capfd, layers_file, "-o", out, *words)
        assert code == number and sentence in said and not out.exists(), said


@pytest.mark.skipif("SHARPDEPTH_ENGINE" not in os.environ, reason="needs the engine")
def test_layers_are_filled_with_texture(scene_file, tmp_path, capfd):
    out = tmp_path / "out.blend"
    words = ("--thresholds", "3.6,10.5", "--move", 0.2, "--fill", "texture", "--json")
    code, said, err = command(capfd, scene_file, "-o", out, *words)
    assert code == 0, err
    assert {each["fill"] for each in json.loads(said.splitlines()[-1])["layers"]} == {"TEXTURE"}
    bpy.ops.wm.open_mainfile(filepath=str(out))
    rig = bpy.data.objects["street layers"]
    assert {each.fill for each in layers_cut(rig).layers} == {"TEXTURE"}
    assert all("sharpdepth_layer_texture" in obj.keys() for obj in layer_objects(rig)[1:])


def test_layers_are_handed_over(scene_file, tmp_path, capfd):
    out, folder = tmp_path / "out.blend", tmp_path / "handed"
    words = ("--thresholds", "3.6,10.5", "--move", 0.2, "--hand-over", folder, "--json")
    code, said, err = command(capfd, scene_file, "-o", out, *words)
    assert code == 0, err
    pictures = json.loads(said.splitlines()[-1])["files"]["handed over"]
    assert len(pictures) == 4 and all(Path(each).is_file() for each in pictures)
    tool = f'"{sys.executable}" -c "import shutil, sys; shutil.copy(*sys.argv[1:])"'
    words = (*words, "--command", f"{tool} {{picture}} {{answer}}")
    code, _, err = command(capfd, scene_file, "-o", out, *words)
    assert code == 0, err
    bpy.ops.wm.open_mainfile(filepath=str(out))
    found = [clean_plate(obj) for obj in layer_objects(bpy.data.objects["street layers"])]
    assert len(found) == 4 and all(found)
    code, said, err = command(capfd, out, "-o", tmp_path / "again.blend", *words)
    assert code == 0, err  # all of them are painted, so that none is left to hand over
    assert json.loads(said.splitlines()[-1])["files"]["handed over"] == []


@pytest.mark.parametrize(
    "words, said",
    [
        (("--fill", "model"), "name or folder"),
        (("--fill-model", "x"), "name or folder"),
        (("--command", "tool {picture} {answer}"), "--hand-over"),
        (("--hand-over", "x", "--command", "tool {picture}"), "{answer}"),
        (("--hand-over", "x", "--command", "tool 'x"), "quotation"),
    ],
)
def test_fills_that_make_no_sense_are_refused(scene_file, tmp_path, capfd, words, said):
    code, _, err = command(capfd, scene_file, "-o", tmp_path / "out.blend", *words)
    assert code == 2 and said in err and not (tmp_path / "out.blend").exists()
