"""Frames of a shot: killed and gone on with, spread over processes, and never half written."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import bpy
import numpy as np
import pytest

from sharpdepth_blender.cli.main import main
from sharpdepth_blender.cli.sequence import parse_sequence
from sharpdepth_blender.scene import read_depth_exr
from sharpdepth_blender.ui.operators.generate_sequence import frame_numbers
from tests.scene.sequence.shots import FRAMES, depths_of, files_of, save_png

FEW = ("--frames", "1-6")


@pytest.fixture(scope="session")
def made(shot, installed, tmp_path_factory):
    """Function that makes frames in one go, for comparing with."""

    def made(name, *words):
        folder = tmp_path_factory.mktemp(name)
        environ = {"SHARPDEPTH_ENGINE": sys.executable, "FAKE_LOG": str(folder / "log")}
        subprocess.run(
            [sys.executable, "-m", "sharpdepth_blender", "sequence", shot, *words,
             "--into", folder / "out"],
            cwd=installed, env={**os.environ, **environ}, check=True, capture_output=True,
            timeout=240,
        )  # fmt: skip
        return folder

    return made


@pytest.fixture(scope="session")
def whole(made):
    """Folder of all 24 frames."""
    return made("whole")


@pytest.fixture(scope="session")
def few(made):
    """Folder of six of them."""
    return made("few", *FEW)


def test_a_gap_is_named_and_held(run, shot, tmp_path):
    for number in (1, 2, 5, 6):
        shutil.copy(shot.parent / f"plate.{number:04d}.png", tmp_path / f"sh_{number:04d}_v2.png")
    words = (tmp_path / "sh_####_v2.png", "--into", tmp_path / "out", "--fov", "50")
    first = run(*words, "--chunk", "1-3")
    assert first.code == 0, first.stderr
    assert (first.report["made"], first.report["steady"]) == (2, False)
    outcome = run(*words, "-o", tmp_path / "out.blend")
    assert outcome.code == 0, outcome.stderr
    assert (outcome.report["made"], outcome.report["skipped"]) == (2, 2)
    gap = "Frames without a picture, where the nearest one is held: 3 to 4."
    assert outcome.report["notes"][0] == gap
    files = files_of(tmp_path / "out")
    for kind in ("depth.{:04d}.exr", "metric.{:04d}.exr", "picture.{:04d}.png"):
        for number, nearest in ((3, 2), (4, 5)):
            assert files[kind.format(number)] == files[kind.format(nearest)]
    beyond = run(*words, "--frames", "4-9")
    assert beyond.code == 1 and "Frame 7 is missing" in beyond.stderr


def test_frames_below_zero_are_no_option():
    words = ["a.####.png", "--into", "out", "--frames", "-12-3", "--chunk", "-3"]
    arguments = parse_sequence(words)
    assert arguments.frames == [*range(-12, 4)] and arguments.chunk == [-3]


def test_a_shot_that_begins_below_zero(run, shot, tmp_path):
    for number in (1, 2, 3):
        target = tmp_path / f"a.{number - 3:04d}.png"
        shutil.copy(shot.parent / f"plate.{number:04d}.png", target)
    words = (tmp_path / "a.####.png", "--into", tmp_path / "out", "--fov", "50")
    outcome = run(*words, "--chunk", "-2--1")
    assert outcome.code == 0 and outcome.report["made"] == 2, outcome.stderr
    outcome = run(*words, "-o", tmp_path / "out.blend")
    assert outcome.code == 0 and outcome.report["frames"] == [-2, 0], outcome.stderr
    assert read_depth_exr(tmp_path / "out" / "depth.0998.exr").any()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "out.blend"))
    scene = bpy.context.scene
    assert frame_numbers(scene) == [-2, -1, 0] and scene.frame_current == -2
    (obj,) = [each for each in scene.objects if each.type == "MESH"]
    for number in (0, -1, -2):
        scene.frame_set(number)
        there = obj.evaluated_get(bpy.context.evaluated_depsgraph_get())
        assert len(there.data.polygons) > 1000


def test_the_files_of_a_shot(whole):
    names = set(files_of(whole / "out"))
    for number in range(1, FRAMES + 1):
        assert {f"depth.{number:04d}.exr", f"metric.{number:04d}.exr"} <= names
        assert {f"picture.{number:04d}.png", f"raw/{number:04d}.npz"} <= names
    assert len(names) == 4 * FRAMES + 3  # settings.json, steady.json, shot.json; nothing else
    shot = json.loads((whole / "out" / "shot.json").read_text())
    assert [each["frame"] for each in shot["frames"]] == [*range(1, FRAMES + 1)]
    assert shot["cuts"] == [] and shot["camera_ignored"] == []
    places = np.array([each["matrix"] for each in shot["frames"]])[:, :3, 3]
    np.testing.assert_allclose(places[-1], (0.02 * 23, 0.03 * 23, 0.005 * 23), atol=1e-5)


def test_killed_at_frame_10_and_finished_by_the_same_call(shot, whole, start, run, tmp_path):
    words = (shot, "--into", tmp_path / "out")
    process = start(*words, seconds=0.15)
    until = time.monotonic() + 120
    while not (tmp_path / "out" / "raw" / "0010.npz").exists():
        assert process.poll() is None and time.monotonic() < until
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert not (tmp_path / "out" / "shot.json").exists()
    done = len(list((tmp_path / "out" / "raw").glob("*.npz")))
    assert 10 <= done < FRAMES
    outcome = run(*words)
    assert outcome.code == 0, outcome.stderr
    assert outcome.asked == outcome.report["made"] == FRAMES - done
    assert without_leftovers(tmp_path / "out") == files_of(whole / "out")


def without_leftovers(folder):
    """Files of a sequence, without one that was being written when the process was killed."""
    return {k: v for k, v in files_of(folder).items() if not os.path.basename(k).startswith(".")}


def test_killed_while_it_steadies(shot, whole, start, run, tmp_path):
    shutil.copytree(whole / "out", tmp_path / "out")
    for path in (tmp_path / "out").glob("*.exr"):
        path.unlink()
    (tmp_path / "out" / "shot.json").unlink()
    process = start(shot, "--into", tmp_path / "out")
    until = time.monotonic() + 120
    while not (tmp_path / "out" / "depth.0010.exr").exists():
        assert process.poll() is None and time.monotonic() < until
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    outcome = run(shot, "--into", tmp_path / "out")
    assert outcome.code == 0 and outcome.asked == 0, outcome.stderr
    assert without_leftovers(tmp_path / "out") == files_of(whole / "out")


def test_what_killed_processes_left_goes_after_an_hour(shot, few, run, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(few / "out", out)
    old, new = out / "raw" / ".0123456789ab.npz", out / ".ba9876543210.exr"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    assert run(shot, *FEW, "--into", out).code == 0
    assert new.exists() and not old.exists()


def test_two_processes_on_two_chunks(shot, whole, start, run, tmp_path):
    out = tmp_path / "out"
    both = [start(shot, "--into", out, "--chunk", each) for each in ("1-12", "13-24")]
    for process in both:
        _, said = process.communicate(timeout=240)
        assert process.returncode == 0, said
    outcome = run(shot, "--into", out, "-o", tmp_path / "out.blend")
    assert outcome.code == 0 and outcome.asked == 0, outcome.stderr
    assert files_of(out) == files_of(whole / "out")
    assert len(start.log.read_text().splitlines()) == FRAMES


def test_chunks_in_any_order_and_any_pieces(shot, few, run, tmp_path):
    out = tmp_path / "out"
    outcome = run(shot, *FEW, "--into", out, "--chunk", "5-6,2")
    assert outcome.code == 0 and not outcome.report["steady"], outcome.stderr
    assert not list(out.glob("*.exr"))
    outcome = run(shot, *FEW, "--into", out, "--chunk", "1,3,4")  # finds that all are there
    assert outcome.code == 0 and outcome.report["steady"], outcome.stderr
    assert files_of(out) == files_of(few / "out")


def test_frames_that_are_not_whole_are_made_again(shot, few, run, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(few / "out", out)

    def harm(name, how):
        content = bytearray((out / name).read_bytes())
        if how == "half":
            content = content[: len(content) // 2]
        elif how == "flipped":
            content[len(content) // 2] ^= 255
        (out / name).write_bytes(b"" if how == "empty" else content)

    harm("raw/0001.npz", "half")
    harm("raw/0002.npz", "flipped")
    harm("raw/0003.npz", "empty")
    harm("picture.0004.png", "half")
    (out / "picture.0005.png").unlink()
    harm("depth.0006.exr", "half")
    harm("metric.0005.exr", "empty")
    (out / "depth.0004.exr").unlink()
    outcome = run(shot, *FEW, "--into", out)
    assert outcome.code == 0 and outcome.asked == 5, outcome.stderr
    assert files_of(out) == files_of(few / "out")


@pytest.mark.parametrize(
    "words, sentence",
    [(("--seed", "1"), "seed 0, not 1"), (("--detail", "off"), "detail edges, not off")],
)
def test_other_settings_are_refused(words, sentence, shot, few, run, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(few / "out", out)
    before = files_of(out)
    outcome = run(shot, *FEW, "--into", out, *words)
    assert outcome.code == 1 and outcome.report["error"]["kind"] == "bad_sequence"
    assert sentence in outcome.stderr and outcome.asked == 0
    assert files_of(out) == before


def test_another_window_steadies_anew(shot, few, run, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(few / "out", out)
    outcome = run(shot, *FEW, "--into", out, "--window", "0")
    assert outcome.code == 0 and outcome.asked == 0, outcome.stderr
    for number in (1, 4):
        with np.load(out / "raw" / f"{number:04d}.npz") as raw:
            np.testing.assert_array_equal(
                read_depth_exr(out / f"depth.{number:04d}.exr"), raw["depth"]
            )
    assert run(shot, *FEW, "--into", out).code == 0
    assert files_of(out) == files_of(few / "out")


def test_a_camera_that_was_solved_anew(shot, few, run, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(few / "out", out)
    bpy.ops.wm.open_mainfile(filepath=str(shot))
    bpy.context.scene.camera.data.lens = 60
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "other.blend"), copy=True)
    outcome = run(tmp_path / "other.blend", *FEW, "--into", out, "--chunk", "3")
    assert outcome.code == 0 and outcome.asked == 1, outcome.stderr


def test_files_without_a_blend(shot, run, start, tmp_path):
    pattern, blend = shot.with_name("plate.####.png"), tmp_path / "a.blend"
    outcome = run(pattern, "--frames", "5-8", "--into", tmp_path / "out", "-o", blend)
    assert outcome.code == 0 and outcome.asked == 4, outcome.stderr
    assert outcome.stdout.count("\n") == 1  # Blender's own words are not for stdout
    # What the model finds in the first frame counts for all.
    assert len(set(start.log.read_text().split()[1:])) == 1
    shown = json.loads((tmp_path / "out" / "shot.json").read_text())
    assert len({json.dumps(each["intrinsics"]) for each in shown["frames"]}) == 1
    bpy.ops.wm.open_mainfile(filepath=str(blend))
    scene = bpy.context.scene
    assert (scene.frame_start, scene.frame_end) == (5, 8) and scene.camera
    again = run(pattern, "--frames", "5-8", "--into", tmp_path / "two", "--chunk", "7")
    assert again.code == 0 and again.asked == 2
    for number in (5, 7):
        one, two = (tmp_path / each / "raw" / f"{number:04d}.npz" for each in ("out", "two"))
        assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize(
    "words, sentence",
    [
        (["none.blend"], "cannot be opened"),
        (["none.####.png"], "no files like"),
        (["plate.0001.png", "--frames", "20-30"], "Frame 25 is missing"),
        (["shot.blend", "--frames", "9-2"], "ends before it begins"),
        (["shot.blend", "--frames", "1-x"], "must be a frame range"),
        (["shot.blend", "--frames", "1-4", "--chunk", "5"], "is not in the shot"),
        (["shot.blend", "--source", "clip"], "no movie clip"),
        (["shot.blend", "--source", "Nobody"], "no image named"),
    ],
)
def test_mistakes_are_named(words, sentence, shot, tmp_path, capsys):
    code = main(["sequence", str(shot.with_name(words[0])), *words[1:], "--into", str(tmp_path)])
    said = capsys.readouterr().err
    assert code in (1, 2) and sentence in said and "Traceback" not in said, said


def test_a_fault_of_the_engine_is_named(shot, run, tmp_path):
    outcome = run(shot, "--into", tmp_path / "out", "--model", "unknown")
    assert outcome.code == 1 and "no model" in outcome.stderr and "Traceback" not in outcome.stderr


def test_a_cut_is_told(run, tmp_path):
    rng = np.random.default_rng(0)
    scenes = [rng.integers(0, 256, (9, 12, 3)).repeat(6, 0).repeat(6, 1) for _ in range(2)]
    for number in range(1, 9):
        save_png(tmp_path / f"a.{number:02d}.png", scenes[number > 5].astype(np.uint8))
    outcome = run(tmp_path / "a.##.png", "--into", tmp_path / "out", "--fov", "50")
    assert outcome.code == 0 and outcome.report["cuts"] == [6], outcome.stderr
    depth = depths_of(tmp_path / "out")
    within, across = np.abs(np.diff(np.log(depth), axis=0)).mean((1, 2))[[3, 4]]
    assert within < 0.02 < 0.15 < across


def test_interrupted_it_keeps_what_is_whole(shot, start, run, tmp_path):
    out = tmp_path / "out"
    process = start(shot, "--into", out, "--json", seconds=0.2)
    while not (out / "raw" / "0003.npz").exists():
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130 and "finished frames are kept" in stderr
    assert json.loads(stdout.splitlines()[-1])["error"]["kind"] == "cancelled"
    assert not [name for name in files_of(out) if os.path.basename(name).startswith(".")]


def test_names_of_any_bytes_and_paths_of_another_computer(run, shot, tmp_path):
    """From the pictures to the exports; no name is lost, and nothing ends in a traceback."""
    folder = os.path.join(tmp_path, os.fsdecode(b"caf\xe9"))
    os.makedirs(folder)
    for number in (1, 2):
        name = os.fsdecode(b"pl\xff.%04d.png" % number)
        shutil.copy(shot.parent / f"plate.{number:04d}.png", os.path.join(folder, name))
    pattern = f"/{folder}/{os.fsdecode(b'pl' + bytes([255]))}.####.png"
    out, blend = f"/{folder}/out", f"/{folder}/{os.fsdecode(b'sc' + bytes([255]))}.blend"
    outcome = run(pattern, "--into", out, "--fov", "50", "-o", blend)
    assert outcome.code == 0, outcome.stderr
    names = os.listdir(os.path.join(folder, "out"))
    assert "depth.0002.exr" in names and "shot.json" in names
    endings = {"exr": "exr", "ply": "ply", "usd": "usda", "abc": "abc", "gltf": "glb",
               "chan": "chan"}  # fmt: skip
    files = {flag: f"/{folder}/{os.fsdecode(b'e' + bytes([255]))}.{ending}"
             for flag, ending in endings.items()}  # fmt: skip
    words = [word for flag, path in files.items() for word in (f"--{flag}", path)]
    assert main(["export", blend, *words]) == 0
    assert all(os.path.getsize(path) > 20 for path in files.values())
    nothing = run(f"{folder}/none.####.png", "--into", out)
    assert nothing.code == 1 and "Traceback" not in nothing.stderr
    assert "There are no files like" in nothing.stderr
