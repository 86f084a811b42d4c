"""What all readers have in common."""

import subprocess
import sys
from importlib import import_module

import numpy as np
import pytest

from training.datasets import KINDS, DatasetError, Sample, open_dataset
from training.datasets.sample import Dataset, between


class Letters(Dataset):
    pattern = "*.txt"

    def _read(self, entry):
        if entry.stem == "bad":
            raise IndexError("a mistake of the reader")
        return entry.read_text()


def test_entries_are_listed_at_once_and_read_one_by_one(tmp_path):
    for name in ("b", "a", "c"):
        (tmp_path / f"{name}.txt").write_text(name)
    letters = Letters(tmp_path)
    assert len(letters) == 3 and list(letters) == ["a", "b", "c"]
    (tmp_path / "a.txt").write_text("changed")
    assert letters[0] == "changed" and letters[-1] == "c"
    with pytest.raises(IndexError):
        letters[3]


def test_a_readers_own_mistake_does_not_end_the_loop(tmp_path):
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "bad.txt").touch()
    with pytest.raises(IndexError, match="mistake"):
        list(Letters(tmp_path))


def test_an_empty_folder_says_what_it_lacks_and_a_missing_one_that_it_is_missing(tmp_path):
    with pytest.raises(DatasetError, match=r"contains no \*\.txt"):
        Letters(tmp_path)
    with pytest.raises(DatasetError, match="folder not found: .*nowhere"):
        Letters(tmp_path / "nowhere")


def test_a_kind_that_is_not_there(tmp_path):
    with pytest.raises(DatasetError, match="'kity'.*kitti"):
        open_dataset("kity", tmp_path)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_refuses_an_empty_folder(tmp_path, kind):
    for library in {"nyu": ["h5py", "scipy"], "spring": ["h5py"], "ibims": ["scipy"]}.get(kind, []):
        pytest.importorskip(library)
    pytest.importorskip("PIL")
    assert issubclass(getattr(import_module(f"training.datasets.{kind}"), KINDS[kind]), Dataset)
    with pytest.raises(DatasetError):
        open_dataset(kind, tmp_path)


@pytest.mark.parametrize("what", ["depth", "valid", "edges"])
def test_a_picture_and_its_maps_have_one_size(what):
    maps = {
        "depth": np.zeros((3, 4), np.float32),
        "valid": np.zeros((3, 4), bool),
        "edges": np.zeros((3, 4), bool),
    }
    maps[what] = maps[what].T
    with pytest.raises(DatasetError, match=f"here: the picture is 4 x 3, but {what} is 3 x 4"):
        Sample(
            name="here", scene="here", rgb=np.zeros((3, 4, 3), np.uint8), intrinsics=None, **maps
        )


def test_both_ends_of_a_range_are_outside():
    depth = np.array([0, 1e-3, 0.00101, 9.999, 10, 11, np.nan, np.inf], np.float32)
    assert between(depth, 1e-3, 10.0).tolist() == [0, 0, 1, 1, 0, 0, 0, 0]


@pytest.mark.parametrize("module", ["kitti", "pictures", "rendered"])
def test_no_reader_imports_torch_or_bpy(module):
    pytest.importorskip("PIL")
    code = (
        f"import sys, training.datasets.{module}; assert not {{'torch', 'bpy'}} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
