"""Files are written whole or not at all."""

import errno
import os
import stat

import pytest

from sharpdepth_blender.files import atomic_write, file_stem, unused_path


def test_a_new_file_takes_the_place_of_the_old_one(tmp_path):
    path = tmp_path / "note.json"
    for text in ("first", "second"):
        with atomic_write(path) as beside:
            assert (beside.parent, beside.suffix) == (tmp_path, ".json") and not beside.exists()
            beside.write_text(text)
        assert path.read_text() == text and os.listdir(tmp_path) == ["note.json"]


@pytest.mark.parametrize("fault", [KeyboardInterrupt, SystemExit, ValueError])
@pytest.mark.parametrize("old", [None, "old"])
def test_an_interrupted_write_leaves_what_was_there(tmp_path, fault, old):
    path = tmp_path / "note.json"
    if old:
        path.write_text(old)
    with pytest.raises(fault), atomic_write(path) as beside:
        beside.write_text("ha")
        raise fault
    assert os.listdir(tmp_path) == (["note.json"] if old else [])
    assert not old or path.read_text() == old


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a disk that is always full")
def test_a_full_disk_leaves_no_half_file_and_is_told(tmp_path):
    path = tmp_path / "note.json"
    path.write_text("old")
    with pytest.raises(OSError) as error, atomic_write(path) as beside:
        beside.symlink_to("/dev/full")
        beside.write_text("new")
    assert error.value.errno == errno.ENOSPC
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["note.json"]


def test_a_file_that_cannot_be_put_in_place_is_told(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError("held by another program")

    path = tmp_path / "note.json"
    path.write_text("old")
    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(PermissionError), atomic_write(path) as beside:
        beside.write_text("new")
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["note.json"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_permissions_are_kept_and_new_files_get_the_usual_ones(tmp_path):
    path, usual = tmp_path / "note.json", tmp_path / "usual"
    usual.touch()
    with atomic_write(path) as beside:
        beside.write_text("first")
    assert path.stat().st_mode == usual.stat().st_mode
    for mode in (0o600, 0o664):
        path.chmod(mode)
        with atomic_write(path) as beside:
            beside.write_text("again")
        assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_file_system_without_permissions_is_written_to(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError("no chmod here")

    path = tmp_path / "note.json"
    path.write_text("old")
    monkeypatch.setattr(os, "chmod", refuse)
    with atomic_write(path) as beside:
        beside.write_text("new")
    assert path.read_text() == "new"


def test_a_link_is_followed(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    target, link = tmp_path / "elsewhere" / "note.json", tmp_path / "link.json"
    target.write_text("old")
    try:
        link.symlink_to(target)
    except OSError:
        pytest.skip("this system lets nobody make links")
    with atomic_write(link) as beside:
        beside.write_text("new")
    assert link.is_symlink() and target.read_text() == "new"


def test_places_where_no_file_can_be_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="does not exist"), atomic_write(tmp_path / "a/b"):
        raise AssertionError
    with pytest.raises(IsADirectoryError, match="is a folder"), atomic_write(tmp_path):
        raise AssertionError


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("plate layer 1", "plate layer 1"), ("a/b\\c:d?", "a_b_c_d_"), ("CON", "_CON"),
        ("aux.png", "_aux.png"), ("console", "console"), ("end. ", "end"), ("", "_"),
        ("..", "_"), (".hidden", "_.hidden"), ("tab\tbell\a", "tab_bell_"), ("漢字", "漢字"),
        (100 * "漢", 40 * "漢"), ("l\udce4t", "l\ufffdt"),
    ],
)  # fmt: skip
def test_names_of_things_as_names_of_files(name, stem):
    assert file_stem(name) == stem


def test_a_path_that_is_not_there_yet(tmp_path):
    assert unused_path(tmp_path, "a", ".png") == tmp_path / "a.png"
    (tmp_path / "a.png").write_text("")
    (tmp_path / "a 2.png").symlink_to(tmp_path / "nowhere")
    assert unused_path(tmp_path, "a", ".png") == tmp_path / "a 3.png"
