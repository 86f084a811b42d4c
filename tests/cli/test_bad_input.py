"""Whatever is wrong: one sentence, an exit code, no traceback, and nothing left behind."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

BLENDERS_OWN = {"could not get a list of mounted file-systems"}
REPOSITORY = Path(__file__).resolve().parents[2]


def assert_one_sentence(run, words, code=1):
    assert run.code == code, run.stdout + run.stderr
    said = [line for line in run.stderr.splitlines() if line not in BLENDERS_OWN]
    assert len(said) == 1 and said[0].startswith("sharpdepth: "), run.stderr
    assert words in said[0]
    assert "Traceback" not in run.stdout + run.stderr


@pytest.mark.parametrize(
    "name, words",
    [
        ("missing.png", "File not found"),
        ("a_folder.png", "is a folder"),
        ("empty.png", "is an empty file"),
        ("truncated.jpg", "damaged or truncated"),
        ("text.png", "is not a picture"),
        ("one_pixel.png", "at least 2 x 2"),
        ("strip.png", "at least 2 x 2"),
    ],
)
def test_pictures_that_are_none(run, pictures, tmp_path, name, words):
    outcome = run(pictures / name, "-o", tmp_path / "out.blend", "--json")
    assert_one_sentence(outcome, words)
    assert name in outcome.stderr
    assert outcome.report["error"]["kind"] == "bad_image"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "value, words",
    [
        (np.nan, "measures nothing"),
        (0, "measures nothing"),
    ],
)
def test_metric_depth_with_bad_values(run, pictures, tmp_path, value, words):
    np.save(tmp_path / "depth.npy", np.full((48, 72), value, np.float32))
    outcome = run(
        pictures / "plain.png", "-o", tmp_path / "out.blend",
        "--metric-depth", tmp_path / "depth.npy", "--json",
    )  # fmt: skip
    assert_one_sentence(outcome, words)
    assert outcome.report["error"]["kind"] == "bad_depth"
    assert [path.name for path in tmp_path.iterdir()] == ["depth.npy"]


def test_metric_depth_of_another_shape(run, pictures, tmp_path):
    np.save(tmp_path / "depth.npy", np.ones((48, 71), np.float32))
    outcome = run(
        pictures / "plain.png", "-o", tmp_path / "out.blend",
        "--metric-depth", tmp_path / "depth.npy",
    )  # fmt: skip
    assert_one_sentence(outcome, "proportions")


@pytest.mark.parametrize("content", [b"", b"no array", b"\x93NUMPY\x01\x00v\x00{'descr': '<f4'"])
@pytest.mark.parametrize("name", ["depth.npy", "depth.exr"])
def test_metric_depth_file_that_is_broken(run, pictures, tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    outcome = run(
        pictures / "plain.png", "-o", tmp_path / "out.blend", "--metric-depth", tmp_path / name
    )
    assert_one_sentence(outcome, name)


@pytest.mark.parametrize(
    "name, text, words",
    [
        ("points.csv", "", "is empty"),
        ("points.csv", "x,y,z\n", "holds no points"),
        ("points.csv", "1,2,3\n", "--points-are"),
        ("points.csv", "x,y,z\n0,0,4\n", "--fov"),
        ("points.csv", "u,v,depth\n1,2,nan\n", "no point that the picture shows"),
        ("points3D.bin", "", "has no images.bin in its folder"),
    ],
)
def test_points_that_are_none(run, pictures, tmp_path, name, text, words):
    (tmp_path / name).write_text(text)
    outcome = run(
        pictures / "plain.png", "-o", tmp_path / "out.blend",
        "--metric-points", tmp_path / name, "--json",
    )  # fmt: skip
    assert_one_sentence(outcome, words)
    assert name in outcome.stderr and outcome.report["error"]["kind"] == "bad_depth"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_pickled_depth_is_refused(run, pictures, tmp_path):
    np.save(tmp_path / "depth.npy", np.array([{"a": 1}], object), allow_pickle=True)
    outcome = run(
        pictures / "plain.png", "-o", tmp_path / "out.blend",
        "--metric-depth", tmp_path / "depth.npy",
    )  # fmt: skip
    assert_one_sentence(outcome, "depth.npy")


@pytest.mark.parametrize(
    "flag, place, words",
    [
        ("-o", "nowhere/out.blend", "does not exist"),
        ("-o", "folder.blend", "is a folder"),
        ("--depth", "nowhere/out.exr", "does not exist"),
        ("--points", "nowhere/out.ply", "does not exist"),
        ("-o", "/proc/out.blend", "cannot be written"),
    ],
)
def test_output_that_cannot_be_written(run, pictures, tmp_path, flag, place, words):
    (tmp_path / "folder.blend").mkdir()
    blend = [] if flag == "-o" else ["-o", tmp_path / "out.blend"]
    outcome = run(pictures / "plain.png", *blend, flag, tmp_path / place)
    assert_one_sentence(outcome, words)
    assert [path.name for path in tmp_path.iterdir()] == ["folder.blend"]


def test_picture_is_never_overwritten(run, pictures, tmp_path):
    depth = tmp_path / "depth.exr"
    depth.write_bytes(b"mine")
    outcome = run(
        pictures / "plain.png", "-o", tmp_path / "out.blend",
        "--metric-depth", depth, "--depth", depth,
    )  # fmt: skip
    assert_one_sentence(outcome, "both input and output")
    assert depth.read_bytes() == b"mine"


def test_unknown_model(run, pictures, tmp_path):
    outcome = run(
        pictures / "plain.png", "-o", tmp_path / "out.blend", "--model", "nonesuch", "--json"
    )
    assert_one_sentence(outcome, "nonesuch")
    assert "preview" in outcome.stderr
    assert outcome.report["error"]["kind"] == "unknown_model"


def test_device_that_is_not_there(run, pictures, tmp_path):
    outcome = run(pictures / "plain.png", "-o", tmp_path / "out.blend", "--device", "mps")
    assert_one_sentence(outcome, "mps")


def test_engine_that_is_not_installed(run, pictures, tmp_path):
    outcome = run(
        pictures / "plain.png", "-o", tmp_path / "out.blend", "--json",
        environ={"SHARPDEPTH_ENGINE": str(tmp_path / "nowhere")},
    )  # fmt: skip
    assert_one_sentence(outcome, "vendor_install.py")
    assert outcome.report["error"]["kind"] == "engine_missing"


@pytest.mark.parametrize(
    "words, said",
    [
        ([], "PICTURE"),
        (["x.png"], "-o"),
        (["x.png", "-o", "out.png"], ".blend"),
        (["x.png", "-o", "out.blend", "--fov", "nan"], "degrees"),
        (["x.png", "-o", "out.blend", "--fov", "180"], "degrees"),
        (["x.png", "-o", "out.blend", "--intrinsics", "1,2,3"], "four numbers"),
        (["x.png", "-o", "out.blend", "--intrinsics", "nan,1,2,3"], "four numbers"),
        (["x.png", "-o", "out.blend", "--intrinsics", "1,1,2,3", "--fov", "50"], "--fov"),
        (["x.png", "-o", "out.blend", "--step", "0"], "must be an integer"),
        (["x.png", "-o", "out.blend", "--seed", "x"], "must be an integer"),
        (["x.png", "-o", "out.blend", "--output", "cards"], "points"),
        (["x.png", "-o", "out.blend", "--detail", "all"], "tiles"),
        (["x.png", "-o", "out.blend", "--metric-points", "points.xyz"], ".csv or .txt"),
        (["x.png", "-o", "out.blend", "--points-scale", "0"], "positive number"),
        (
            ["x.png", "-o", "out.blend", "--metric-points", "a.csv", "--metric-depth", "b.exr"],
            "not allowed with argument",
        ),
        (["x.png", "-o", "out.blend", "--color"], "--color"),
    ],
)
def test_words_that_make_no_sense(run, words, said):
    assert_one_sentence(run(*words), said, code=2)


@pytest.mark.parametrize("size", [4_000, 20_000])
def test_disk_full(run, pictures, tmp_path, full_disk, size):
    """The first limit stops the arrays on their way from the engine, the second the .blend."""
    (tmp_path / "out.blend").write_bytes(b"as it was")
    with full_disk(size):
        outcome = run(pictures / "plain.png", "-o", tmp_path / "out.blend")
    assert outcome.code == 1
    assert "Traceback" not in outcome.stdout + outcome.stderr
    assert outcome.stderr.splitlines()[-1].startswith("sharpdepth: ")
    assert (tmp_path / "out.blend").read_bytes() == b"as it was"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the child through /proc")
@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGINT])
def test_stopped_midway(pictures, tmp_path, stop):
    """The engine is killed, or the user presses Ctrl+C, while the model loads."""
    command = subprocess.Popen(
        [sys.executable, "-m", "sharpdepth_blender", pictures / "plain.png",
         "-o", tmp_path / "out.blend"],
        cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    child = wait_for_engine(command)
    os.kill(child if stop == signal.SIGKILL else command.pid, stop)
    stdout, stderr = command.communicate(timeout=60)
    assert command.returncode == (1 if stop == signal.SIGKILL else 130), stdout + stderr
    said = [line for line in stderr.splitlines() if line not in BLENDERS_OWN]
    assert len(said) == 1 and said[0].startswith("sharpdepth: ")
    assert not list(tmp_path.iterdir())
    assert not Path(f"/proc/{child}").exists()


def wait_for_engine(command):
    """Process id of the engine, once it has begun to load PyTorch."""
    for _ in range(600):
        time.sleep(0.1)
        for task in Path(f"/proc/{command.pid}/task").iterdir():
            with suppress(OSError):  # threads and children may end while they are looked at
                for child in (task / "children").read_text().split():
                    if "torch" in Path(f"/proc/{child}/maps").read_text():
                        return int(child)
    raise AssertionError("the engine never loaded PyTorch")
