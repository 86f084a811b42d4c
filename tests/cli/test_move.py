"""Check Move as its users call it: from the command line, by the operator."""

import json
from types import SimpleNamespace

import bpy
import pytest

import sharpdepth_blender
from sharpdepth_blender.cli.check_move import parse_move
from sharpdepth_blender.cli.errors import UsageError
from sharpdepth_blender.cli.main import main
from sharpdepth_blender.scene import save_blend
from tests.scene.moving_shot import make_moving_shot

ONCE = pytest.mark.skipif(bpy.app.version < (5, 0), reason="about words, not about Blender")


@pytest.fixture
def shot():
    return make_moving_shot()


@pytest.fixture
def call(capfd):
    """Run `sharpdepth check-move WORDS` in this process, and answer as `run` does."""

    def call_command(*words):
        code = main(["check-move", *map(str, words)])
        said = capfd.readouterr()
        report = json.loads(said.out.splitlines()[-1]) if "--json" in words else None
        return SimpleNamespace(code=code, report=report, stdout=said.out, stderr=said.err)

    return call_command


def test_the_command(shot, run, call, tmp_path):
    path, folder = tmp_path / "shöt.blend", tmp_path / "new" / "pictures"
    save_blend(path)
    before = path.read_bytes()
    outcome = run(
        "check-move", path, "--step", 5, "--json", "--pictures", folder, "--limit", 0.2
    )  # fmt: skip
    assert outcome.code == 1, outcome.stderr
    report = outcome.report
    assert [each["frame"] for each in report["frames"]] == [1, 6, 11] == [1, 6, report["worst"]]
    assert report["frames"][0]["hole"] == 0
    assert abs(report["frames"][-1]["hole"] - 0.25) <= 1 / 90
    assert report["over_limit"] == [11] and report["camera"] == "Shot"
    assert len(outcome.stdout.splitlines()) == 1  # Blender's own words are not the result's
    assert len(list(folder.iterdir())) == 3
    assert path.read_bytes() == before

    outcome = call(path, "--frames", "10-11", "--limit", 0.3)
    assert outcome.code == 0, outcome.stderr
    assert "frames 10 to 11: 2 checked at 90 x 60 pixels" in outcome.stdout
    assert "     11    2" in outcome.stdout and "missing" not in outcome.stdout


@ONCE
def test_the_command_says_what_is_wrong(shot, call, tmp_path):
    path = tmp_path / "shot.blend"
    outcome = call(path, "--json")
    assert outcome.code == 1 and outcome.report["error"]["kind"] == "unreadable"
    path.write_text("no scene")
    assert "cannot be opened" in call(path).stderr
    shot.camera = None
    save_blend(path)
    outcome = call(path, "--json")
    assert outcome.code == 1 and outcome.report["error"]["kind"] == "bad_camera"
    assert "has no object Nobody" in call(path, "--camera", "Nobody").stderr
    assert "Wall is not a camera" in call(path, "--camera", "Wall").stderr
    assert call(path, "--camera", "Shot", "--frames", "1").code == 0


@ONCE
@pytest.mark.parametrize(
    "words",
    [
        ["shot.png"],
        ["a.blend", "--frames", "9-3"],
        ["a.blend", "--frames", "all"],
        ["a.blend", "--step", "0"],
        ["a.blend", "--stretch", "0"],
        ["a.blend", "--limit", "2"],
        [],
    ],
)
def test_words_that_make_no_sense(words):
    with pytest.raises(UsageError):
        parse_move(words)


@ONCE
def test_frames_as_words():
    for text, frames in {"7": (7, 7), "1-24": (1, 24), "-5--2": (-5, -2), "-3-4": (-3, 4)}.items():
        assert parse_move(["a.blend", f"--frames={text}"]).frames == frames


@pytest.fixture
def registered():
    sharpdepth_blender.register()
    yield
    sharpdepth_blender.unregister()


def test_the_operator(shot, registered, tmp_path):
    assert bpy.ops.sharpdepth.check_move(step=10, folder=str(tmp_path)) == {"FINISHED"}
    lines = [line.body for line in bpy.data.texts["SharpDepth Check Move"].lines]
    assert "frames 1 to 11: 2 checked" in lines[0] and "holes only" in lines[2]
    image = bpy.data.images["SharpDepth Check Move"]
    assert image.size[:] == (90, 60) and image.packed_file
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "coverage.0001.png", "coverage.0011.png",
    ]  # fmt: skip
    assert bpy.ops.sharpdepth.check_move(start=4, end=4) == {"FINISHED"}
    assert len(bpy.data.texts) == 1 and "frames 4 to 4" in bpy.data.texts[0].lines[0].body
    with pytest.raises(RuntimeError, match="before they start"):
        bpy.ops.sharpdepth.check_move(start=4, end=1)
    shot.camera.data.type = "PANO"
    with pytest.raises(RuntimeError, match="panoramic"):
        bpy.ops.sharpdepth.check_move(start=4, end=4)
    assert len(bpy.data.scenes) == 1
    shot.camera = None
    assert not bpy.ops.sharpdepth.check_move.poll()
