"""The command `sharpdepth models`, against a server on the loopback that stands in for the hub."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from sharpdepth_blender.cli import models as command_line
from sharpdepth_blender.library import LICENSES, MEASURED, PRESETS, USES, WEIGHTS, LibraryError
from sharpdepth_blender.library.properties import abilities, cost, licenses, proposal, published
from sharpdepth_blender.tasks.online import check_online_access
from tests.library.loopback import Fault
from tests.library.served import TINY, small_files

REPOSITORY = Path(__file__).resolve().parents[2]
NAME = "depth-anything-v2-indoor-small"
TRIED = command_line._tried
REPOSITORY_OF_IT = WEIGHTS[NAME].source.repository
COMMERCIAL = {True: "commercial use: yes", False: "commercial use: no"}


@pytest.fixture
def given(tmp_path):
    """A folder with small files of the weights `NAME`."""
    folder = tmp_path / "Käufe 绘图"
    folder.mkdir()
    for name, data in small_files(WEIGHTS[NAME]).items():
        (folder / name).write_bytes(data)
    return folder


def assert_refused(outcome, kind, *words):
    assert outcome.code == 1
    last = outcome.stderr.splitlines()[-1]
    assert last.startswith("sharpdepth: ") and all(word in last for word in words), last
    assert "Traceback" not in outcome.stderr
    if outcome.report is not None:
        assert outcome.report["error"]["kind"] == kind


def entry(report, name, what="weights"):
    return next(entry for entry in report[what] if entry["name"] == name)


def test_the_list_says_everything_within_80_columns(models, places):
    *lines, library = models().stdout.splitlines()
    assert max(map(len, lines)) < 80
    assert library == f"Library: {places.library}, empty"
    heads = {line.split()[0]: line for line in lines if line.startswith("  ") and line[2] != " "}
    text = " ".join(" ".join(lines).split())
    for each in [*PRESETS.values(), *WEIGHTS.values()]:
        assert each.purpose in text and each.name in heads
    for weights in WEIGHTS.values():
        assert f"({weights.license}): {LICENSES[weights.license]}" in text
        assert abilities(weights) in text and f"published figures: {published(weights)}" in text
        assert cost(weights.name) in text
    for use in USES.values():
        assert proposal(use) in text
    presets = " ".join(lines).partition("Weights, for")[0]
    assert all(licenses(preset) in " ".join(presets.split()) for preset in PRESETS.values())
    for preset in PRESETS.values():
        allowed = all(weights.commercial for weights in preset.weights)
        _, _, after = presets.partition(f"  {preset.name} ")
        assert after.partition("commercial use: ")[2].split()[0] == ("yes" if allowed else "no")
    assert (
        heads["unidepth-v1-vitl14"].split()[1:] == "1.4 GB not installed commercial use: no".split()
    )
    assert "6.6 GB to download" in presets


def test_the_list_for_programs_agrees_with_what_is_here(models, places, given):
    before = models("--json").report
    assert before["folder"] == str(places.library) and before["bytes"] == 0
    assert entry(before, "preview", "presets")["installed"] is True
    assert entry(before, "preview")["where"] == "bundled"
    paper = entry(before, "sharpdepth", "presets")
    assert paper["installed"] is False and paper["commercial"] is False
    assert paper["download"] == sum(weights.size for weights in PRESETS["sharpdepth"].weights)
    assert paper["licences"] == ["BSD-3-Clause-Clear", "CC-BY-NC-4.0"]
    assert entry(before, NAME)["where"] is None and entry(before, NAME)["commercial"] is True

    assert models("add", NAME, given).code == 0
    after = models("--json").report
    there = entry(after, NAME)
    assert there["where"] == "library" and there["folder"] == str(places.library / NAME)
    assert there["bytes"] == sum(path.stat().st_size for path in given.iterdir())
    assert after["bytes"] >= there["bytes"]
    assert entry(after, "moge-2-vitl-normal")["gives"] == ["sky", "normals", "lens"]
    assert entry(after, "preview")["seconds"] == MEASURED["preview"].seconds
    less = entry(before, "sharpdepth-open", "presets")["download"] - WEIGHTS[NAME].size
    assert entry(after, "sharpdepth-open", "presets")["download"] == less


def test_weights_in_the_cache_of_the_hub_are_listed_and_stay_there(models, places):
    weights = WEIGHTS[NAME]
    repository = places.cache / f"models--{weights.source.repository.replace('/', '--')}"
    snapshot = repository / "snapshots" / weights.source.revision
    snapshot.mkdir(parents=True)
    for name, data in small_files(weights).items():
        (snapshot / name).write_bytes(data)
    there = entry(models("--json").report, NAME)
    assert there["where"] == "hub cache" and there["folder"] == str(snapshot)
    assert models("get", NAME).code == 0  # nothing to ask
    assert_refused(models("remove", NAME, "--json"), "refused", "hub's cache")
    assert (snapshot / "config.json").exists()


def test_without_a_terminal_a_download_needs_a_yes(models, hub, places):
    outcome = models("get", "sharpdepth", "--json")
    assert_refused(outcome, "declined", "models get sharpdepth --yes")
    shown = " ".join(outcome.stderr.split())
    for weights in PRESETS["sharpdepth"].weights:
        assert f"{weights.name}, about" in shown and str(weights.source) in shown
        assert f"license {weights.license}, {COMMERCIAL[weights.commercial]}" in shown
    assert str(places.library) in shown and "5.2 GB" in shown and "1.4 GB" in shown
    assert hub.requests == [] and not places.library.exists()


def test_a_preset_is_fetched_whole_and_then_never_again(models, hub, places):
    outcome = models("get", "sharpdepth-open", "--yes", "--json")
    assert outcome.code == 0, outcome.stderr
    assert [each["name"] for each in outcome.report["weights"]] == ["sharpdepth-v1.0", NAME]
    for each in outcome.report["weights"]:
        assert each["folder"] == str(places.library / each["name"])
    unet = "unet/diffusion_pytorch_model.safetensors"
    assert (places.library / "sharpdepth-v1.0" / unet).read_bytes() == (TINY / unet).read_bytes()
    assert entry(models("--json").report, "sharpdepth-open", "presets")["installed"] is True

    hub.requests.clear()
    again = models("get", "sharpdepth-open")
    assert again.code == 0 and again.stderr == "" and hub.requests == []
    assert f"{NAME} is installed: 3.0 MB in {places.library / NAME}" in again.stdout

    assert models("verify", "sharpdepth-open").stdout.count(" is intact: ") == 2


def test_another_folder_is_used_and_the_user_told_how_to_find_it(models, hub, places, tmp_path):
    other = tmp_path / "other"
    outcome = models("--folder", other, "get", NAME, "--yes")
    assert outcome.code == 0 and (other / NAME / "config.json").exists()
    assert f"set SHARPDEPTH_MODELS to {other}" in outcome.stdout
    assert not places.library.exists()
    assert entry(models("--folder", other, "--json").report, NAME)["where"] == "library"
    assert models("remove", NAME, "--folder", other).code == 0
    assert not (other / NAME).exists()


def test_the_hub_switched_off(models, hub, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert_refused(models("get", NAME, "--yes", "--json"), "offline", "HF_HUB_OFFLINE")
    assert hub.requests == []


def test_a_hub_that_has_it_not(models, hub, places):
    hub.files.clear()
    outcome = models("get", NAME, "--yes", "--json")
    assert_refused(outcome, "not_found", REPOSITORY_OF_IT, "404")
    assert entry(models("--json").report, NAME)["where"] is None


@pytest.mark.parametrize("task", [["get"], ["add"], ["remove"], ["verify"]])
def test_unknown_names_are_answered_with_those_that_come_near(models, places, task):
    path = ["."] if task == ["add"] else []
    words = [*task, "depth-anything-indoor-smal", *path, "--json"]
    assert_refused(models(*words), "unknown_weights", "depth-anything-indoor-smal", NAME)
    words[1] = "zzzz"
    assert_refused(models(*words), "unknown_weights", "zzzz", "`sharpdepth models` lists")


def test_a_preset_where_weights_are_meant(models, places):
    outcome = models("add", "sharpdepth", ".", "--json")
    assert_refused(outcome, "unknown_weights", "sharpdepth-v1.0 and unidepth-v1-vitl14")


def test_a_preset_is_removed_but_for_what_another_needs(models, hub, places):
    for name in ("sharpdepth", "sharpdepth-open"):
        assert models("get", name, "--yes").code == 0
    outcome = models("remove", "sharpdepth", "--json")
    assert [each["name"] for each in outcome.report["removed"]] == ["unidepth-v1-vitl14"]
    assert outcome.report["kept"] == [{"name": "sharpdepth-v1.0", "preset": "sharpdepth-open"}]
    again = models("remove", "sharpdepth")
    assert again.stdout == "sharpdepth-v1.0 kept: the preset sharpdepth-open needs it\n"
    assert models("remove", "sharpdepth-open").stdout.count(" removed: ") == 2
    assert_refused(models("remove", "sharpdepth-open", "--json"), "weights_missing")


def test_weights_from_a_folder_are_verified_and_removed(models, places, given):
    assert models("add", NAME, given).code == 0
    outcome = models("verify", "--json")
    assert [each["name"] for each in outcome.report["weights"]] == ["preview", NAME]

    file = places.library / NAME / "model.safetensors"
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    assert_refused(models("verify", "--json"), "damaged", NAME, "model.safetensors")
    file.unlink()
    assert_refused(models("verify"), "", NAME)

    outcome = models("remove", NAME, "--json")
    (removed,) = outcome.report["removed"]
    assert removed["name"] == NAME and removed["bytes"] > 0
    assert not (places.library / NAME).exists()
    assert_refused(models("remove", NAME, "--json"), "weights_missing", NAME)


def test_pickles_are_refused_by_name(models, places, given):
    (given / "model.safetensors").rename(given / "pytorch_model.bin")
    assert_refused(models("add", NAME, given, "--json"), "refused", "pytorch_model.bin")
    assert not (places.library / NAME).exists()


def test_without_an_engine_the_list_and_remove_still_work(models, places, given, monkeypatch):
    assert models("add", NAME, given).code == 0
    monkeypatch.setenv("SHARPDEPTH_ENGINE", str(places.library / "nowhere"))
    assert models().code == 0
    assert models("get", NAME).code == 0  # it is there
    assert_refused(models("verify", "--json"), "engine_missing", "vendor_install.py")
    assert models("remove", NAME).code == 0


@pytest.mark.parametrize(
    "binary, online, override, words",
    [
        ("", False, False, None),
        ("/usr/bin/blender", True, False, None),
        ("/usr/bin/blender", True, True, None),
        ("/usr/bin/blender", False, False, "Allow Online Access in Preferences"),
        ("/usr/bin/blender", False, True, "--offline-mode"),
    ],
)
def test_blender_s_word_on_the_network(binary, online, override, words):
    app = SimpleNamespace(binary_path=binary, online_access=online, online_access_override=override)
    if words is None:
        check_online_access(app)
        return
    with pytest.raises(LibraryError, match=words) as caught:
        check_online_access(app)
    assert caught.value.kind == "offline"


def test_nothing_is_fetched_where_blender_may_not_go_online(models, hub, monkeypatch):
    app = SimpleNamespace(
        binary_path="/usr/bin/blender", online_access=False, online_access_override=False
    )
    monkeypatch.setattr(command_line, "check_online_access", lambda: check_online_access(app))
    assert_refused(models("get", NAME, "--yes", "--json"), "offline", "--online-mode")
    assert hub.requests == []


@pytest.mark.parametrize("answer, fetched", [("n", False), ("", False), ("Y", True)])
def test_a_person_at_a_terminal_is_asked(hub, places, answer, fetched):
    try:
        master, slave = pty.openpty()
    except OSError:  # as in a container without devpts
        pytest.skip("this system has no pseudo-terminals")
    process = subprocess.Popen(
        [sys.executable, "-m", "sharpdepth_blender", "models", "get", NAME],
        cwd=REPOSITORY, stdin=slave, stdout=slave, stderr=slave,
        env={**os.environ, "COLUMNS": "80"},
    )  # fmt: skip
    os.close(slave)
    said = read_until(master, "[y/N] ")
    assert "Apache-2.0" in said and hub.requests == []
    os.write(master, f"{answer}\n".encode())
    said = read_until(master, None)
    assert process.wait(60) == (0 if fetched else 1), said
    assert ("Nothing was downloaded." in said) != fetched
    assert (places.library / NAME).exists() == fetched
    assert ("3.0 MB of 3.0 MB" in said) == fetched


def read_until(master, end):
    """What is written to a terminal, up to some words or to the end."""
    said = ""
    while end is None or end not in said:
        try:
            piece = os.read(master, 10_000)
        except OSError:  # as Linux says it when the last writer has gone
            piece = b""
        if not piece:
            break
        said += piece.decode()
    return said


def test_an_interrupted_download_goes_on_the_next_time(models, hub, places):
    path = f"/{REPOSITORY_OF_IT}/model.safetensors"
    hub.faults[path] = Fault(pause=0.1)
    process = subprocess.Popen(
        [sys.executable, "-m", "sharpdepth_blender", "models", "get", NAME, "--yes", "--json"],
        cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    until = time.monotonic() + 60
    while entry(models("--json").report, NAME)["partial"] < 1_000_000:
        assert time.monotonic() < until and process.poll() is None
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stdout + stderr
    assert json.loads(stdout.splitlines()[-1])["error"]["kind"] == "cancelled"
    assert "the partial download is kept" in stderr.splitlines()[-1]
    assert f"{NAME} " in models().stdout and " so far" in models().stdout

    hub.faults.clear()
    assert models("get", NAME, "--yes").code == 0
    (resumed,) = hub.ranges[path]
    assert int(resumed.removeprefix("bytes=").split("-")[0]) >= 1_000_000


@pytest.mark.parametrize(
    "words, said",
    [
        (["fetch"], "fetch"),
        (["get"], "NAME"),
        (["add", "depth-pro"], "PATH"),
        (["--yes"], "--yes"),
    ],
)
def test_words_that_make_no_sense(models, words, said):
    outcome = models(*words)
    assert outcome.code == 2 and said in outcome.stderr and outcome.stdout == ""


def test_help_names_the_tasks(models):
    said = models("--help").stdout
    assert all(task in said for task in ("get", "add", "remove", "verify", "--folder", "--json"))


@pytest.mark.parametrize("how", ["get", "add"])
def test_it_is_told_whether_weights_work(how, models, hub, given, monkeypatch):
    """What the loopback has is no network: the files are right, the test says what is wrong."""
    monkeypatch.setattr(command_line, "_tried", TRIED)
    outcome = models(*(["get", NAME, "--yes"] if how == "get" else ["add", NAME, given]), "--json")
    assert outcome.code == 0, outcome.stderr
    found = outcome.report["self_test"]
    assert found["right"] is False and found["words"].startswith("Self-test failed: ")
    assert entry(models("--json").report, NAME)["where"] == "library"


def test_what_one_picture_cannot_try_is_told_so(models, places, given, monkeypatch):
    monkeypatch.setattr(command_line, "_tried", TRIED)
    monkeypatch.setattr(command_line, "begin_self_test", lambda *_: None)
    outcome = models("add", NAME, given)
    assert outcome.code == 0
    assert f"note: {NAME} was not tried: a self-test has one picture, not a shot." in outcome.stdout
