"""Names that shots really have, and which of their digits are the frame's."""

import os

import bpy
import numpy as np
import pytest

from sharpdepth_blender.scene.plates import SourceError, read_image
from sharpdepth_blender.scene.plates.numbering import numbered, numbering_of, spans
from sharpdepth_blender.scene.sequence import Frames, SequenceError, picture_sequence
from sharpdepth_blender.scene.source import Source
from tests.scene.sequence.shots import save_png


def write(folder, *names):
    """Each file has the gray of its place."""
    for place, name in enumerate(names):
        save_png(folder / name, np.full((6, 8, 3), 20 + 10 * place, np.uint8))


def shown(scene, image, numbers):
    """Places of the files that are read for some frames."""
    frames = Frames(scene, Source(image), None, numbers, fov=50)
    return [round((int(frames.read(each).rgb[0, 0, 0]) - 20) / 10) for each in numbers]


SHOTS = {
    "a version after the frame": ("sh010_####_v003.png", [8, 9, 10],
                                  ["sh010_0008_v003.png", "sh010_0009_v003.png",
                                   "sh010_0010_v003.png"]),
    "a color space after the frame": ("plate.####.rec709.png", [1001, 1002],
                                      ["plate.1001.rec709.png", "plate.1002.rec709.png"]),
    "unpadded beyond its digits": ("a.###.png", [998, 999, 1000, 1001, 1002],
                                   [f"a.{n}.png" for n in range(998, 1003)]),
    "padded beyond its digits": ("a.####.png", [9998, 9999, 10000, 10001, 10002],
                                 [f"a.{n}.png" for n in range(9998, 10003)]),
    "below zero as Nuke writes it": ("a.####.png", [-5, -1, 0, 12],
                                     ["a.-005.png", "a.-001.png", "a.0000.png", "a.0012.png"]),
    "below zero as Blender writes it": ("a####.png", [-5, 0], ["a-0005.png", "a0000.png"]),
    "without padding": ("a.#.png", [-1, 0, 9, 10], ["a.-1.png", "a.0.png", "a.9.png", "a.10.png"]),
    "a hyphen": ("sh-###.png", [1, 2], ["sh-001.png", "sh-002.png"]),
}  # fmt: skip


@pytest.mark.parametrize("name", SHOTS)
def test_files_by_their_pattern(name, scene, tmp_path):
    pattern, numbers, files = SHOTS[name]
    write(tmp_path, *files)
    write(tmp_path, "a.x.png", "b.0001.png", "a.00007.png", "plate.1001.rec2020.png")
    image, found = picture_sequence(tmp_path / pattern)
    assert found == numbers
    assert shown(scene, image, numbers) == list(range(len(numbers)))


@pytest.mark.parametrize(
    "files",
    [
        [f"a.{n}.png" for n in range(998, 1003)],
        [f"a.{n}.png" for n in range(9998, 10003)],
        ["a.-005.png", "a.-004.png", "a.0000.png", "a.0001.png"],
        ["sh-001.png", "sh-002.png", "sh-003.png"],
        ["sh010_v1_0001.png", "sh010_v1_0002.png"],
    ],
)
def test_files_by_any_one_of_them(files, scene, tmp_path):
    write(tmp_path, *files)
    first = None
    for each in files:
        image, numbers = picture_sequence(tmp_path / each)
        first = first or image.filepath
        assert len(numbers) == len(files) and image.filepath == first
        assert shown(scene, image, numbers) == list(range(len(files)))


def test_the_last_digits_count_as_for_blender(scene, tmp_path):
    write(tmp_path, "sh_0001_v001.png", "sh_0001_v002.png", "sh_0002_v001.png")
    image, numbers = picture_sequence(tmp_path / "sh_0001_v001.png")
    assert numbers == [1, 2] and shown(scene, image, numbers) == [0, 1]
    image, numbers = picture_sequence(tmp_path / "sh_####_v001.png")
    assert numbers == [1, 2] and shown(scene, image, numbers) == [0, 2]


def test_what_was_taken_is_named(tmp_path):
    write(tmp_path, "plate.0001.rec709.png", "plate.0002.rec709.png", "a.1.png", "a.01.png",
          "a.2.png")  # fmt: skip
    with pytest.raises(SequenceError, match=r"no others like plate.0001.rec###.png. Give the name"):
        picture_sequence(tmp_path / "plate.0001.rec709.png")
    for name in ("a.1.png", "a.01.png", "a.2.png"):
        with pytest.raises(SequenceError, match="both frame 1: give the name with #"):
            picture_sequence(tmp_path / name)
    assert picture_sequence(tmp_path / "a.#.png")[1] == [1, 2]
    with pytest.raises(SequenceError, match="single picture"):
        picture_sequence(tmp_path / "a.##.png")
    with pytest.raises(SourceError, match="more than one run"):
        picture_sequence(tmp_path / "a.#.##.png")
    assert [image.name for image in bpy.data.images] == ["a.1.png"]


def test_of_a_doubled_number_blenders_file_is_shown(scene, tmp_path):
    write(tmp_path, "a.1.png", "a.01.png", "a.02.png")
    for name, place in (("a.01.png", 1), ("a.1.png", 0)):
        image = bpy.data.images.load(str(tmp_path / name))
        image.source = "SEQUENCE"
        assert (int(read_image(image, scene, 1).rgb[0, 0, 0]) - 20) // 10 == place


def test_blenders_own_names():
    assert numbered("/f/a.0001.png", 10002) == "/f/a.10002.png"
    assert numbered("/f/a_001_v02.png", 7) == "/f/a_001_v07.png"
    assert numbered("/f/a.0001.png", -3) == "/f/a.0000.png"
    assert numbered("/f/a.png", 3) == "/f/a.png"
    assert numbering_of("a²١.png") is None  # digits of other scripts are no numbers of files


def test_numbers_in_a_sentence():
    assert spans([]) == "" and spans([4]) == "4"
    assert spans([-2, -1, 0, 5, 7, 8]) == "-2 to 0, 5, 7 to 8"
    assert spans(range(0, 40, 2)) == "0, 2, 4, 6, 8, 10, 12, 14, ..."


def test_names_of_any_bytes_and_of_another_computer(scene, tmp_path):
    folder = os.path.join(tmp_path, os.fsdecode(b"caf\xe9"))
    os.makedirs(folder)
    write(tmp_path, "a.0001.png", "a.0002.png")
    for number in (1, 2):
        os.rename(tmp_path / f"a.000{number}.png",
                  os.path.join(folder, os.fsdecode(b"pl\xff.000%d.png" % number)))  # fmt: skip
    for pattern in (b"pl\xff.####.png", b"pl\xff.0002.png"):
        image, numbers = picture_sequence(os.path.join(folder, os.fsdecode(pattern)))
        assert numbers == [1, 2] and shown(scene, image, numbers) == [0, 1]
    write(tmp_path, "b.0001.png", "b.0002.png")
    image, numbers = picture_sequence(f"/{tmp_path}/b.####.png")
    assert shown(scene, image, numbers) == [0, 1]
