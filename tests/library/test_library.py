import os
from dataclasses import replace
from pathlib import Path

import pytest

from sharpdepth_blender.library import WEIGHTS, Hub, Library, LibraryError
from sharpdepth_blender.library.place import default_folder, hub_cache
from tests.library.loopback import COMMIT, safetensors
from tests.library.served import TINY, packed

HOME = Path("/home/somebody")


@pytest.mark.parametrize(
    ("platform", "environ", "expected"),
    [
        ("linux", {}, "/home/somebody/.local/share/sharpdepth/models"),
        ("linux", {"XDG_DATA_HOME": "/data"}, "/data/sharpdepth/models"),
        ("linux", {"XDG_DATA_HOME": "data"}, "/home/somebody/.local/share/sharpdepth/models"),
        ("darwin", {}, "/home/somebody/Library/Application Support/SharpDepth/models"),
        ("win32", {}, "/home/somebody/AppData/Local/SharpDepth/models"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/SharpDepth/models"),
        ("linux", {"HF_HOME": "/big/hf"}, "/big/hf/sharpdepth"),
        ("linux", {"HF_HOME": "/big/hf", "SHARPDEPTH_MODELS": "/mine"}, "/mine"),
    ],
)
def test_where_the_library_is(platform, environ, expected):
    assert default_folder(platform, environ, HOME) == Path(expected)


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, "/home/somebody/.cache/huggingface/hub"),
        ({"XDG_CACHE_HOME": "/cache"}, "/cache/huggingface/hub"),
        ({"HF_HOME": "/hf"}, "/hf/hub"),
        ({"HF_HOME": "/hf", "HF_HUB_CACHE": "/hub"}, "/hub"),
    ],
)
def test_where_the_hubs_cache_is(environ, expected):
    assert hub_cache(environ, HOME) == Path(expected)


@pytest.fixture
def given(tmp_path):
    """A folder as a user may have it, with more in it than is wanted."""
    folder = tmp_path / "given folder é"
    folder.mkdir()
    (folder / "config.json").write_text('{"model": 1}')
    (folder / "model.safetensors").write_bytes(safetensors(1, 5000))
    (folder / "README.md").write_text("hello")
    (folder / "pytorch_model.bin").write_bytes(b"a pickle")
    return folder


def test_a_folder_is_copied_recorded_and_found(library, weights, given, report):
    installed = library.add(weights, given, report)
    assert (installed.where, installed.folder) == ("library", library.folder / "small")
    assert sorted(path.name for path in installed.folder.iterdir()) == [
        "config.json", "model.safetensors", "sharpdepth.json",
    ]  # fmt: skip
    assert library.find(weights) == installed.folder
    assert library.verify(weights, report) == installed
    assert report[-1][0] == installed.size


def test_adding_again_replaces(library, weights, given, report):
    library.add(weights, given, report)
    (given / "model.safetensors").write_bytes(safetensors(2, 6000))
    installed = library.add(weights, given, report)
    assert (installed.folder / "model.safetensors").stat().st_size > 6000
    library.verify(weights, report)


def test_a_model_folder_brings_its_text_encoder_along(library, weights, report):
    tiny = Path(__file__).resolve().parents[1] / "golden" / "tiny_sharpdepth"
    paper = replace(WEIGHTS["sharpdepth-v1.0"], name="paper")
    installed = library.add(paper, tiny, report)
    for path in tiny.rglob("*"):
        if path.is_file():
            assert (installed.folder / path.relative_to(tiny)).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_a_folder_without_a_file(library, weights, given, report, name):
    (given / name).unlink()
    (given / "pytorch_model.bin").unlink()
    with pytest.raises(LibraryError, match=f"lacks {name}") as error:
        library.add(weights, given, report)
    assert error.value.kind == "weights_missing"


def test_a_published_pickle_in_a_folder_is_converted(library, weights, tmp_path, report):
    def convert(path, folder):
        for name in weights.files:
            (folder / name).write_bytes((given / name).read_bytes())

    weights = replace(weights, pickle="model.pt")
    given = tmp_path / "published"
    given.mkdir()
    (given / "model.pt").write_bytes(b"anything")
    (given / "config.json").write_bytes(b"{}")
    (given / "model.safetensors").write_bytes(safetensors(1, 100))
    installed = library.add(weights, given, report, convert)
    assert "Converted from model.pt" in installed.notes[0]
    assert (given / "model.pt").exists() and not (installed.folder / "model.pt").exists()


@pytest.mark.parametrize("name", ["model.bin", "model.pt", "model.PTH", "m.ckpt", "m.pkl"])
def test_pickles_are_refused_by_name(library, weights, given, report, name):
    (given / "pytorch_model.bin").unlink()
    (given / "model.safetensors").rename(given / name)
    with pytest.raises(LibraryError, match=f"{name} was refused") as error:
        library.add(weights, given, report)
    assert error.value.kind == "refused"
    assert library.installed(weights) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"1234567",
        b"\xff" * 100,
        safetensors(1, 5000)[:-1],
        safetensors(1, 5000) + b"x",
        (50).to_bytes(8, "little") + b"{" * 50,
        b"\x80\x04\x95" + b"a pickle by another name" * 10,
    ],
)
def test_safetensors_that_are_none(library, weights, given, report, content):
    (given / "model.safetensors").write_bytes(content)
    with pytest.raises(LibraryError, match="model.safetensors is damaged") as error:
        library.add(weights, given, report)
    assert error.value.kind == "damaged"
    assert library.installed(weights) is None and not list(library.folder.glob(".partial/*"))


def test_a_folder_that_is_not_there(library, weights, tmp_path, report):
    with pytest.raises(LibraryError, match="Folder not found: .*nowhere"):
        library.add(weights, tmp_path / "nowhere", report)


def test_a_cancelled_copy_leaves_nothing(library, weights, given):
    def cancel(done, total, message):
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        library.add(weights, given, cancel)
    assert library.installed(weights) is None and not list(library.folder.glob(".partial/*"))


def test_a_full_disk(library, weights, given, report, full_disk):
    with full_disk(1000), pytest.raises(LibraryError, match="full") as error:
        library.add(weights, given, report)
    assert error.value.kind == "disk_full"
    assert library.installed(weights) is None


def test_one_flipped_byte_is_found(library, weights, given, report):
    path = library.add(weights, given, report).folder / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.write_bytes(data)
    with pytest.raises(LibraryError, match="model.safetensors of the weights small") as error:
        library.verify(weights, report)
    assert error.value.kind == "damaged"


def test_a_file_that_is_gone_is_named(library, weights, given, report):
    (library.add(weights, given, report).folder / "config.json").unlink()
    with pytest.raises(LibraryError, match="config.json of the weights small is missing") as error:
        library.verify(weights, report)
    assert error.value.kind == "damaged"


def test_what_was_half_removed_is_not_found(library, weights, given, report):
    folder = library.add(weights, given, report).folder
    (folder / "sharpdepth.json").unlink()
    assert library.installed(weights) is None
    assert library.remove(weights) > 5000
    assert not folder.exists()


def test_remove_says_what_it_cannot(library, weights):
    with pytest.raises(LibraryError, match="small are not installed") as error:
        library.remove(weights)
    assert error.value.kind == "weights_missing"
    with pytest.raises(LibraryError, match="come with the add-on") as error:
        library.remove(WEIGHTS["preview"])
    assert error.value.kind == "refused"


def test_bundled_weights_verify(library, report):
    assert library.verify(WEIGHTS["preview"], report).where == "bundled"
    with pytest.raises(LibraryError, match="are included in the add-on"):
        library.add(WEIGHTS["preview"], "/tmp", report)


@pytest.fixture
def cache(weights, given):
    """The hub's cache as its library lays it out: blobs by their hash, links in a snapshot."""
    import hashlib

    repository = Path(os.environ["HF_HOME"]) / "hub" / "models--someone--small"
    snapshot = repository / "snapshots" / COMMIT
    for folder in (repository / "blobs", repository / "refs", snapshot):
        folder.mkdir(parents=True)
    (repository / "refs" / "main").write_text(COMMIT)
    for name in weights.files:
        data = (given / name).read_bytes()
        blob = repository / "blobs" / hashlib.sha256(data).hexdigest()
        blob.write_bytes(data)
        (snapshot / name).symlink_to(os.path.relpath(blob, snapshot))
    return snapshot


@pytest.mark.parametrize("revision", ["main", COMMIT])
def test_the_hubs_cache_is_used_as_it_is(library, weights, cache, report, revision):
    weights = replace(weights, source=Hub("someone/small", revision))
    assert library.find(weights) == cache
    assert library.verify(weights, report).where == "hub cache"
    with pytest.raises(LibraryError, match="are in the hub's cache") as error:
        library.remove(weights)
    assert error.value.kind == "refused"


def test_a_hub_cache_of_another_revision_or_with_a_hole_is_not(library, weights, cache):
    other = replace(weights, source=Hub("someone/small", "f" * 40))
    assert library.installed(other) is None
    (cache / "config.json").unlink()
    assert library.installed(weights) is None


def test_a_damaged_hub_cache_is_found(library, weights, cache, report):
    blob = (cache / "model.safetensors").resolve()
    blob.write_bytes(safetensors(3, 5000))
    with pytest.raises(LibraryError, match="model.safetensors"):
        library.verify(weights, report)


def test_the_library_comes_before_the_hubs_cache(library, weights, cache, given, report):
    library.add(weights, given, report)
    assert library.installed(weights).where == "library"


def test_names_of_the_folder_are_kept(tmp_path):
    assert Library(tmp_path / "a b é").folder == tmp_path / "a b é"


@pytest.mark.parametrize("given", ["folder", "file"])
def test_a_published_pickle_may_have_any_name(library, weights, tmp_path, report, given):
    """Models come as `model.pt` by the dozen, so that people rename them."""
    weights = replace(weights, pickle="model.pt")
    path = tmp_path / "given" / "MoGe 2 (large).pth"
    path.parent.mkdir()
    path.write_bytes(b"a pickle")

    def convert(source, folder):
        assert source == path
        (folder / "config.json").write_bytes(b"{}")
        (folder / "model.safetensors").write_bytes(safetensors(1, 5000))

    library.add(weights, path if given == "file" else path.parent, report, convert)
    assert not any(each.suffix == ".pth" for each in library.find(weights).iterdir())
    library.remove(weights)
    (path.parent / "other.pt").write_bytes(b"somebody else's")
    if given == "folder":
        with pytest.raises(LibraryError, match="refused"):
            library.add(weights, path.parent, report, convert)
    else:
        library.add(weights, path, report, convert)


def test_one_of_the_files_stands_for_its_folder(library, weights, tmp_path, report):
    (tmp_path / "config.json").write_bytes(b"{}")
    (tmp_path / "model.safetensors").write_bytes(safetensors(1, 5000))
    installed = library.add(weights, tmp_path / "model.safetensors", report)
    assert (installed.folder / "config.json").read_bytes() == b"{}"


def test_a_release_may_be_in_one_piece(library, tmp_path, report):
    release = replace(WEIGHTS["sharpdepth-v1.0"], files=("unet/config.json",), name="release")
    whole = tmp_path / "sharpdepth.tar.gz"
    whole.write_bytes(b"".join(packed(TINY)))
    installed = library.add(release, whole, report)
    assert (installed.folder / "unet/config.json").is_file()
