"""Archives from strangers: the good one is unpacked, every bad one is refused with a sentence."""

import io
import tarfile
from pathlib import Path

import pytest

from sharpdepth_blender.library import LibraryError, archive
from sharpdepth_blender.library.archive import unpack
from tests.library.loopback import safetensors

GOOD = {
    "sharpdepth/unet/config.json": b"{}",
    "sharpdepth/unet/diffusion_pytorch_model.safetensors": safetensors(1, 100_000),
    "sharpdepth/vae/config.json": b"{}",
}


@pytest.fixture
def pack(tmp_path):
    """Pack files, and members of other kinds, and cut the archive into parts."""

    def pack(files=GOOD, extra=(), parts=3):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            for name, data in files.items():
                member = tarfile.TarInfo(name)
                member.size = len(data)
                member.mode = 0o4777
                archive.addfile(member, io.BytesIO(data))
            for member in extra:
                archive.addfile(member, io.BytesIO(b"x" * member.size))
        data = buffer.getvalue()
        length = len(data) // parts + 1
        paths = []
        for n in range(parts):
            paths.append(tmp_path / f"a.tar.gz.part-a{'abc'[n]}")
            paths[-1].write_bytes(data[n * length : (n + 1) * length])
        return paths

    return pack


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


def files_in(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


@pytest.mark.parametrize("parts", [1, 2, 3])
@pytest.mark.parametrize("home", ["sharpdepth/", "", "./checkpoints/sharpdepth/"])
def test_the_model_comes_to_the_top(pack, folder, report, parts, home):
    files = {name.replace("sharpdepth/", home): data for name, data in GOOD.items()}
    assert unpack(pack(files, parts=parts), folder, report) == []
    assert files_in(folder) == [
        "unet/config.json", "unet/diffusion_pytorch_model.safetensors", "vae/config.json",
    ]  # fmt: skip
    name = "unet/diffusion_pytorch_model.safetensors"
    assert (folder / name).read_bytes() == GOOD["sharpdepth/" + name]
    assert (folder / name).stat().st_mode & 0o7111 == 0  # no setuid, nothing to run
    assert report[-1][0] <= report[-1][1]


def test_pickles_are_left_out_and_named(pack, folder, report):
    files = GOOD | {"sharpdepth/unet/diffusion_pytorch_model.bin": b"p", "sharpdepth/run.sh": b"s"}
    (note,) = unpack(pack(files), folder, report)
    assert "diffusion_pytorch_model.bin was skipped" in note
    assert not any(name.endswith((".bin", ".sh")) for name in files_in(folder))


@pytest.mark.parametrize(
    "name",
    [
        "/etc/evil.json",
        "../evil.json",
        "sharpdepth/../../evil.json",
        "C:\\evil.json",
        "sharpdepth/a:b.json",
        "sharpdepth/aux.json",
        "sharpdepth/COM1/x.json",
        "sharpdepth/trailing./x.json",
    ],
)
def test_names_that_reach_out_or_that_a_system_does_not_take(pack, folder, report, name, tmp_path):
    with pytest.raises(LibraryError, match="was not unpacked") as error:
        unpack(pack({name: b"{}"} | GOOD), folder, report)
    assert error.value.kind == "refused"
    assert not list(tmp_path.glob("**/*evil*")) and not Path("/etc/evil.json").exists()


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE]
)
def test_links_and_devices(pack, folder, report, kind):
    member = tarfile.TarInfo("sharpdepth/unet/link.json")
    member.type, member.linkname = kind, "/etc/passwd"
    with pytest.raises(LibraryError, match="not a regular file") as error:
        unpack(pack(extra=[member]), folder, report)
    assert error.value.kind == "refused"


@pytest.mark.parametrize("twin", ["sharpdepth/unet/config.json", "sharpdepth/UNET/Config.json"])
def test_the_same_name_twice(pack, folder, report, twin):
    member = tarfile.TarInfo(twin)
    member.size = 2
    with pytest.raises(LibraryError, match="twice"):
        unpack(pack(extra=[member]), folder, report)


def test_a_bomb_stops_early(pack, folder, report, monkeypatch):
    monkeypatch.setattr(archive, "LARGEST", 1_000_000)
    bomb = {"sharpdepth/bomb.json": bytes(50_000_000)}
    with pytest.raises(LibraryError, match="unpacks to more than"):
        unpack(pack(bomb | GOOD), folder, report)
    assert sum(path.stat().st_size for path in folder.rglob("*.json")) == 0


def test_too_many_files(pack, folder, report, monkeypatch):
    monkeypatch.setattr(archive, "MOST_FILES", 2)
    with pytest.raises(LibraryError, match="more than 2 files"):
        unpack(pack(), folder, report)


def damage_missing(paths):
    return paths[:2]


def damage_order(paths):
    return [paths[1], paths[0], paths[2]]


def damage_cut(paths):
    paths[2].write_bytes(paths[2].read_bytes()[:-40])
    return paths


def damage_byte(paths):
    data = bytearray(paths[1].read_bytes())
    data[len(data) // 2] ^= 0xFF
    paths[1].write_bytes(data)
    return paths


def damage_checksum(paths):
    data = bytearray(paths[2].read_bytes())
    data[-6] ^= 0xFF
    paths[2].write_bytes(data)
    return paths


def damage_all(paths):
    paths[0].write_bytes(b"<html>Not found</html>" * 100)
    return paths[:1]


@pytest.mark.parametrize(
    "damage",
    [damage_missing, damage_order, damage_cut, damage_byte, damage_checksum, damage_all],
)
def test_parts_that_are_not_whole(pack, folder, report, damage):
    with pytest.raises(LibraryError, match="remove it and download it again") as error:
        unpack(damage(pack()), folder, report)
    assert error.value.kind == "damaged"


@pytest.mark.parametrize("models", [0, 2])
def test_not_one_model_in_it(pack, folder, report, models):
    files = {f"{n}/unet/config.json": b"{}" for n in range(models)} or {"x/a.json": b"{}"}
    with pytest.raises(LibraryError, match=f"{models} model folders"):
        unpack(pack(files), folder, report)


def test_a_cancel_gets_through(pack, folder):
    def cancel(done, total, message):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        unpack(pack(), folder, cancel)
