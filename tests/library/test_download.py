"""Downloads from a loopback server: each ends right or with one sentence, and leaves no ruins."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import threading
import time
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

pytest.importorskip("huggingface_hub")
from huggingface_hub import constants, hf_hub_url

from sharpdepth_blender.library import Hub, Library, LibraryError, Release
from sharpdepth_blender.library.download import get, sources
from tests.library.loopback import COMMIT, Fault, Host, safetensors

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "golden" / "tiny_sharpdepth"
MODEL = "/someone/small/model.safetensors"
SIZE = 3_000_000


def use_hub(monkeypatch, url):
    """What HF_ENDPOINT does when the library is imported; other tests set the variable itself."""
    monkeypatch.setattr(sources, "hf_hub_url", partial(hf_hub_url, endpoint=url))


@pytest.fixture
def hub(monkeypatch):
    with Host() as host:
        files = {"config.json": b'{"model": 1}', "model.safetensors": safetensors(1, SIZE)}
        host.publish("someone/small", files)
        use_hub(monkeypatch, host.url)
        monkeypatch.setattr(
            "time.sleep", lambda seconds, sleep=time.sleep: sleep(min(seconds, 0.05))
        )
        yield host


def assert_nothing_of(weights, library):
    assert library.installed(weights) is None
    assert not library.place(weights).exists()
    assert not list(library.folder.glob("**/.*.json"))


def assert_whole(weights, library, host):
    folder = library.find(weights)
    for name in weights.files:
        assert (folder / name).read_bytes() == host.files[f"/someone/small/{name}"]
    assert not list(library.folder.glob(".partial/small/*"))


def test_a_download_lands_whole_recorded_and_reported(hub, weights, library, report):
    installed = get(weights, library, report)
    assert_whole(weights, library, hub)
    record = json.loads((installed.folder / "sharpdepth.json").read_text())
    assert record["revision"] == COMMIT and set(record["files"]) == set(weights.files)
    done = [entry[0] for entry in report if entry[1]]
    assert done == sorted(done) and len(done) > 3
    assert report[-1][0] == report[-1][1] == installed.size and "Checking" in report[-1][2]
    assert any("model.safetensors" in message for _, _, message in report)
    library.verify(weights, report)


def _convert(path, folder):
    (folder / "config.json").write_bytes(b"{}")
    (folder / "model.safetensors").write_bytes(safetensors(1, int(path.read_text())))


def test_a_published_pickle_is_converted_and_not_kept(hub, weights, library, report):
    hub.publish("someone/pickled", {"model.pt": b"5000"})
    weights = replace(weights, source=Hub("someone/pickled", "main"), pickle="model.pt")
    installed = get(weights, library, report, _convert)
    there = sorted(path.name for path in installed.folder.iterdir())
    assert there == ["config.json", "model.safetensors", "sharpdepth.json"]
    digest = hashlib.sha256(b"5000").hexdigest()
    assert installed.notes == (f"Converted from model.pt, SHA-256 {digest}, which was not kept.",)
    assert any("Converting model.pt" in message for _, _, message in report)
    assert not list(library.folder.glob("**/*.pt"))
    library.verify(weights, report)


def test_a_pickle_that_cannot_be_converted_leaves_nothing(hub, weights, library, report):
    hub.publish("someone/pickled", {"model.pt": b"none"})
    weights = replace(weights, source=Hub("someone/pickled", "main"), pickle="model.pt")
    with pytest.raises(ValueError, match="none"):
        get(weights, library, report, _convert)
    assert_nothing_of(weights, library)
    with pytest.raises(LibraryError, match="nothing that reads it safely") as caught:
        get(weights, library, report)
    assert caught.value.kind == "refused"


def test_what_is_there_is_not_downloaded_again(hub, weights, library, report):
    get(weights, library, report)
    hub.requests.clear()
    get(weights, library, report)
    assert hub.requests == []


def test_nothing_is_asked_of_the_network_by_looking(hub, weights, library):
    with pytest.raises(LibraryError, match="models get small"):
        library.find(weights)
    assert hub.requests == []


@pytest.mark.parametrize("times", [1, 3])
def test_a_cut_is_mended_within_one_download(hub, weights, library, report, times):
    hub.faults[MODEL] = Fault(cut=1_500_000, times=times)
    get(weights, library, report)
    assert_whole(weights, library, hub)
    assert len(hub.ranges[MODEL]) >= 1
    assert hub.served[MODEL] < 2 * SIZE  # and not from the beginning


def test_a_download_that_was_cancelled_goes_on_where_it_was(hub, weights, library, report):
    class Cancelled(Exception):
        pass

    def cancel(done, total, message):
        if done > 2_000_000:
            raise Cancelled

    with pytest.raises(Cancelled):
        get(weights, library, cancel)
    assert_nothing_of(weights, library)
    before = hub.served[MODEL]
    get(weights, library, report)
    assert_whole(weights, library, hub)
    assert hub.ranges[MODEL] and int(hub.ranges[MODEL][0][6:-1]) >= 2_000_000
    assert hub.served[MODEL] - before < SIZE - 1_500_000


def test_a_cancel_of_the_last_check_costs_no_download(hub, weights, library, report):
    def cancel(done, total, message):
        if "Checking" in message:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        get(weights, library, cancel)
    assert_nothing_of(weights, library)
    before = dict(hub.served)
    get(weights, library, report)
    assert_whole(weights, library, hub)
    assert hub.served == before


def test_a_half_file_of_another_content_is_not_continued(hub, weights, library, report):
    def stop(done, total, message):
        if done > 2_000_000:
            raise InterruptedError

    with pytest.raises((InterruptedError, LibraryError)):
        get(weights, library, stop)
    hub.files[MODEL] = safetensors(2, SIZE)
    get(weights, library, report)
    assert_whole(weights, library, hub)


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_a_wrong_hash_is_refused_and_the_file_deleted(hub, weights, library, report, name):
    length = 64 if name.endswith("safetensors") else 40
    hub.faults[f"/someone/small/{name}"] = Fault(etag="0" * length)
    with pytest.raises(LibraryError, match=f"{name} arrived with another hash") as error:
        get(weights, library, report)
    assert error.value.kind == "wrong_hash"
    assert_nothing_of(weights, library)
    hub.faults.clear()
    get(weights, library, report)
    assert_whole(weights, library, hub)


LIES = {
    "nothing": b"",
    "a web page": b"<html>Sign in to this network</html>",
    "zeros": bytes(SIZE),
    "a pickle": b"\x80\x04cposix\nsystem\n.",
    "half of it": safetensors(1, SIZE)[: SIZE // 2],
    "more than it": safetensors(1, SIZE) + b"more",
    "other weights": safetensors(2, SIZE),
}


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_another_content_than_the_one_that_is_published(hub, weights, library, report, name, lie):
    hub.faults[f"/someone/small/{name}"] = Fault(body=LIES[lie])
    with pytest.raises(LibraryError, match=f"{name} arrived") as error:
        get(weights, library, report)
    assert error.value.kind in ("wrong_hash", "connection") and "\n" not in str(error.value)
    assert_nothing_of(weights, library)
    hub.faults.clear()
    get(weights, library, report)
    assert_whole(weights, library, hub)


@pytest.mark.parametrize("gone", ["library", "staging"])
def test_the_folder_goes_meanwhile(hub, weights, library, report, gone):
    """As by `models remove`, or by hand."""
    folder = library.folder if gone == "library" else library.download_folder(weights)

    def remove(done, total, message):
        if done > 1_000_000 and folder.exists():
            shutil.rmtree(folder)

    with pytest.raises(LibraryError, match="Cannot write to") as error:
        get(weights, library, remove)
    assert "\n" not in str(error.value)
    assert_nothing_of(weights, library)
    get(weights, library, report)
    assert_whole(weights, library, hub)


@pytest.mark.parametrize(
    ("status", "kind"), [(404, "not_found"), (401, "not_found"), (503, "connection")]
)
def test_what_the_host_refuses_is_a_sentence(hub, weights, library, report, status, kind):
    hub.faults[MODEL] = Fault(status=status)
    with pytest.raises(LibraryError, match=f"{status}") as error:
        get(weights, library, report)
    assert error.value.kind == kind and "\n" not in str(error.value)
    assert_nothing_of(weights, library)


def test_a_host_that_stalls_times_out(hub, weights, library, report, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_DOWNLOAD_TIMEOUT", 0.3)
    hub.faults[MODEL] = Fault(pause=1.0)
    with pytest.raises(LibraryError, match="did not answer in time.*is kept") as error:
        get(weights, library, report)
    assert error.value.kind == "connection"
    assert_nothing_of(weights, library)


def test_a_slow_host_is_only_slow(hub, weights, library, report):
    hub.faults[MODEL] = Fault(pause=0.02)
    get(weights, library, report)
    assert_whole(weights, library, hub)


def test_a_slow_line_shows_and_is_cancelled_within_a_tenth_of_a_megabyte(
    hub, weights, library, report
):
    hub.faults[MODEL] = Fault(pause=0.01)

    def cancel(done, total, message):
        report(done, total, message)
        if done > 500_000:
            raise InterruptedError

    with pytest.raises((InterruptedError, LibraryError)):
        get(weights, library, cancel)
    done = [entry[0] for entry in report if entry[1]]
    assert max(b - a for a, b in zip(done, done[1:], strict=False)) <= 100_000


def test_a_host_that_only_sends_whole_files_is_asked_again(hub, weights, library, report):
    hub.faults[MODEL] = Fault(cut=1_500_000, whole=True)
    get(weights, library, report)
    assert_whole(weights, library, hub)
    assert hub.ranges[MODEL]


def test_no_host_at_all(weights, library, report, monkeypatch):
    use_hub(monkeypatch, "http://127.0.0.1:9")
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with pytest.raises(LibraryError, match="cannot be reached") as error:
        get(weights, library, report)
    assert error.value.kind == "connection"


def test_a_disk_that_is_too_small_is_noticed_before_the_first_byte(
    hub, weights, library, report, monkeypatch
):
    usage = type("Usage", (), {"free": 50_000_000})
    monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
    with pytest.raises(LibraryError, match="are free") as error:
        get(weights, library, report)
    assert error.value.kind == "disk_full"
    assert hub.served == {}


def test_a_disk_that_fills_up_meanwhile(hub, weights, library, report, full_disk):
    with full_disk(1_000_000), pytest.raises(LibraryError, match="full") as error:
        get(weights, library, report)
    assert error.value.kind == "disk_full"
    assert_nothing_of(weights, library)
    get(weights, library, report)
    assert_whole(weights, library, hub)
    assert hub.ranges[MODEL]  # what had arrived was not thrown away


def test_a_folder_that_cannot_be_written(hub, weights, tmp_path, report):
    (tmp_path / "file").write_text("")
    with pytest.raises(LibraryError) as error:
        get(weights, Library(tmp_path / "file"), report)
    assert error.value.kind == "not_writable"


def test_two_downloads_at_once_in_one_process(hub, weights, library):
    hub.faults[MODEL] = Fault(pause=0.02)
    heard = [[], []]
    threads = [
        threading.Thread(target=get, args=(weights, library, lambda *now, h=h: h.append(now)))
        for h in heard
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert_whole(weights, library, hub)
    assert hub.served[MODEL] < 1.5 * SIZE
    assert sum(any("Waiting" in now[2] for now in each) for each in heard) == 1


DOWNLOAD = """
import sys
from sharpdepth_blender.library import Hub, LibraryError, Library, Weights
from sharpdepth_blender.library.download import get
weights = Weights("small", "", Hub("someone/small", "main"),
                  ("config.json", "model.safetensors"), 0, "MIT", True, "")
try:
    print(get(weights, Library(sys.argv[1]), lambda *now: None).where)
except LibraryError as error:
    print(error.kind, error)
"""


def start(library, **variables):
    environ = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.Popen(
        [sys.executable, "-c", DOWNLOAD, library.folder],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_processes_at_once(hub, weights, library):
    hub.faults[MODEL] = Fault(pause=0.02)
    children = [start(library, HF_ENDPOINT=hub.url) for _ in range(2)]
    answers = [child.communicate(timeout=60) for child in children]
    assert [out.strip() for out, _ in answers] == ["library"] * 2, answers
    assert_whole(weights, library, hub)
    assert hub.served[MODEL] < 1.5 * SIZE


@pytest.mark.parametrize("there", [False, True])
def test_removed_by_another_process_while_one_downloads(hub, weights, library, report, there):
    """It ends with a sentence and leaves nothing, and the next download is whole."""
    if there:
        get(weights, library, report)
        (library.place(weights) / "config.json").unlink()
        hub.served.clear()
    hub.faults[MODEL] = Fault(pause=0.02)
    child = start(library, HF_ENDPOINT=hub.url)
    while hub.served.get(MODEL, 0) < 1_000_000:
        assert child.poll() is None, child.communicate()
    while child.poll() is None:
        with suppress(LibraryError):  # there is nothing, or it was made anew at that moment
            library.remove(weights)
    said, errors = child.communicate()
    assert said.startswith("not_writable Cannot write to") and not errors, (said, errors)
    assert_nothing_of(weights, library)
    hub.faults.clear()
    get(weights, library, report)
    assert_whole(weights, library, hub)


def test_a_process_killed_midway_is_continued_by_the_next(hub, weights, library, report):
    hub.faults[MODEL] = Fault(pause=0.05)
    child = start(library, HF_ENDPOINT=hub.url)
    while hub.served.get(MODEL, 0) < 2_000_000:
        assert child.poll() is None, child.communicate()
        time.sleep(0.02)
    child.kill()
    child.communicate()
    assert_nothing_of(weights, library)
    hub.faults.clear()
    get(weights, library, report)
    assert_whole(weights, library, hub)
    assert hub.ranges[MODEL]


def test_the_offline_switch(hub, library):
    out, _ = start(library, HF_ENDPOINT=hub.url, HF_HUB_OFFLINE="1").communicate(timeout=60)
    assert out.startswith("offline") and "models add" in out
    assert hub.requests == []


def test_a_proxy_is_used(library):
    with Host() as proxy:
        proxy.publish(
            "someone/small",
            {"config.json": b"{}", "model.safetensors": safetensors(1, 1000)},
        )
        out, err = start(
            library, HF_ENDPOINT="http://hub.invalid", HTTP_PROXY=proxy.url, http_proxy=proxy.url
        ).communicate(timeout=60)
        assert out.strip() == "library", err
        assert len(proxy.requests) == 4, proxy.requests  # two files, asked for and fetched


def test_what_the_hubs_cache_has_is_used_without_a_request(hub, weights, library, report):
    repository = Path(os.environ["HF_HOME"]) / "hub" / "models--someone--small"
    snapshot = repository / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(COMMIT)
    for name in weights.files:
        (snapshot / name).write_bytes(hub.files[f"/someone/small/{name}"])
    installed = get(weights, library, report)
    assert (installed.where, installed.folder) == ("hub cache", snapshot)
    assert hub.requests == []


def test_a_branch_is_pinned_by_its_first_download(hub, weights, library, report):
    get(weights, library, report)
    library.remove(weights)
    hub.requests.clear()
    get(weights, library, report)
    assert all(f"/resolve/{COMMIT}/" in each for each in hub.requests)
    library.remove(weights)
    hub.files[MODEL] = safetensors(9, SIZE)  # the same commit, with other content
    with pytest.raises(LibraryError, match="has changed since") as error:
        get(weights, library, report)
    assert error.value.kind == "wrong_hash"
    assert_nothing_of(weights, library)


# The paper's checkpoint: a release in three parts


@pytest.fixture
def release(monkeypatch, tmp_path, weights):
    """The tiny model, packed and cut as the paper's is, and the weights that name it."""
    packed = tmp_path / "sharpdepth.tar.gz"
    with tarfile.open(packed, "w:gz") as archive:
        archive.add(TINY, "sharpdepth")
    data = packed.read_bytes()
    third = len(data) // 3
    pieces = [data[:third], data[third : 2 * third], data[2 * third :]]
    names = tuple(f"sharpdepth.tar.gz.part-a{letter}" for letter in "abc")
    with Host() as host:
        for name, piece in zip(names, pieces, strict=True):
            host.files[f"/someone/paper/releases/download/v1/{name}"] = piece
        monkeypatch.setenv("SHARPDEPTH_RELEASES", host.url)
        monkeypatch.setattr("time.sleep", lambda seconds: None)
        files = ("unet/config.json", "unet/diffusion_pytorch_model.safetensors")
        source = Release("someone/paper", "v1", names)
        yield host, replace(weights, name="paper", source=source, files=files)


def test_a_release_in_three_parts_is_a_model_folder(release, library, report):
    host, weights = release
    hub_path = next(path for path in host.files if path.endswith("part-ab"))
    host.faults[hub_path] = Fault(cut=100_000, times=2)
    installed = get(weights, library, report)
    for path in TINY.rglob("*.safetensors"):
        assert (installed.folder / path.relative_to(TINY)).read_bytes() == path.read_bytes()

    from sharpdepth_blender.engine.pipeline import SharpDepthPipeline

    assert SharpDepthPipeline.from_pretrained(installed.folder).config.processing_resolution == 768


def test_a_release_that_lacks_a_part(release, library, report):
    host, weights = release
    del host.files[next(path for path in host.files if path.endswith("part-ac"))]
    with pytest.raises(LibraryError) as error:
        get(weights, library, report)
    assert error.value.kind == "not_found"
    assert_nothing_of(weights, library)


def test_a_release_whose_part_is_another(release, library, report):
    host, weights = release
    path = next(path for path in host.files if path.endswith("part-ab"))
    host.files[path] = host.files[path][::-1]
    with pytest.raises(LibraryError) as error:
        get(weights, library, report)
    assert error.value.kind == "damaged"
    assert_nothing_of(weights, library)
