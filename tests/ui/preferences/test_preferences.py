"""The preferences' values, and the operators of their boxes in background mode."""

import os
import sys
import time
from types import SimpleNamespace

import bpy
import pytest

import sharpdepth_blender
from sharpdepth_blender.library import WEIGHTS
from sharpdepth_blender.process.environment import interpreter_in
from sharpdepth_blender.process.install.inspection import pins
from sharpdepth_blender.process.install.record import Record
from sharpdepth_blender.tasks import online, queue, session
from sharpdepth_blender.tasks.get_weights import WeightsTask
from sharpdepth_blender.tasks.install_engine import InstallTask
from sharpdepth_blender.tasks.prefs import ADDON, DEFAULTS, get_preferences
from sharpdepth_blender.tasks.status import find_environment, forget, list_weights
from sharpdepth_blender.ui.preferences.consent import describe_license
from tests.library.served import small_files

NAME = "depth-anything-v2-indoor-small"


@pytest.fixture(scope="module", autouse=True)
def registered():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    sharpdepth_blender.register()
    yield
    sharpdepth_blender.unregister()


@pytest.fixture
def preferences(tmp_path):
    """The add-on in Blender's list, with a library of its own."""
    addon = bpy.context.preferences.addons.new()
    addon.module = ADDON
    addon.preferences.models = str(tmp_path / "library")
    yield addon.preferences
    bpy.context.preferences.addons.remove(addon)
    session.close_engine()
    forget()


@pytest.fixture
def offline(monkeypatch):
    """Blender's user has not allowed online access."""
    blender = SimpleNamespace(
        binary_path="/blender", online_access=False, online_access_override=False
    )
    ask = online.check_online_access
    monkeypatch.setattr(online, "check_online_access", lambda: ask(blender))
    return blender


@pytest.fixture
def given(tmp_path):
    """A folder with small files of the weights `NAME`."""
    folder = tmp_path / "Käufe 绘图"
    folder.mkdir()
    for name, data in small_files(WEIGHTS[NAME]).items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture
def made(tmp_path):
    """An environment's folder with a record, as the installer leaves it."""

    def make(**changes):
        folder = tmp_path / "engine"
        python = interpreter_in(folder)
        python.parent.mkdir(parents=True)
        python.touch()
        Record(**{"pins": pins(), "device": "cpu", "complete": True} | changes).write(folder)
        return folder

    return make


def script(tmp_path, text):
    path = tmp_path / "vendor_install.py"
    path.write_text(text, encoding="utf-8")
    return {"python": sys.executable, "script": path}


def finish(work, seconds=20.0):
    until = time.monotonic() + seconds
    while not work.over:
        work.step()
        assert time.monotonic() < until
        time.sleep(0.02)


def test_without_the_addon_in_blenders_list_the_defaults_hold():
    assert get_preferences() is DEFAULTS
    assert (DEFAULTS.engine, DEFAULTS.models, DEFAULTS.device) == ("", "", "auto")


def test_blenders_preferences_have_the_same_defaults(preferences):
    assert get_preferences() == preferences
    preferences.property_unset("models")
    for name, value in vars(DEFAULTS).items():
        assert getattr(preferences, name) == value


def test_paths_become_absolute(preferences):
    preferences.engine = "~/engine"
    assert preferences.engine == os.path.expanduser("~/engine")


def test_another_folder_is_another_engine(preferences, tmp_path):
    first = session.get_engine()
    assert session.get_engine() is first
    preferences.models = str(tmp_path / "other")
    assert session.get_engine() is not first


def test_an_environment_is_told_by_its_files(made, tmp_path):
    assert find_environment(str(tmp_path / "engine")).state == "missing"
    folder = made()
    found = find_environment(str(folder))
    assert (found.state, found.place) == ("installed", folder)
    assert find_environment(str(found.python)).place == folder
    Record(pins(), "cpu").write(folder)
    assert find_environment(str(folder)).state == "broken"
    Record({"torch": "1.0"}, "cpu", complete=True).write(folder)
    assert find_environment(str(folder)).state == "outdated"
    found = find_environment(sys.executable)
    assert found.state == "foreign" and str(found.place) == sys.executable


def test_without_an_engine_there_is_a_sentence(preferences, tmp_path):
    preferences.engine = str(tmp_path / "nothing")
    with pytest.raises(RuntimeError, match="The engine is not installed"):
        bpy.ops.sharpdepth.engine_check()
    assert queue.latest("engine").error == "The engine is not installed."
    with pytest.raises(RuntimeError, match="Install the engine first"):
        bpy.ops.sharpdepth.weights_get(name=NAME)


def test_the_real_engine_is_checked(preferences):
    assert bpy.ops.sharpdepth.engine_check() == {"FINISHED"}
    assert queue.latest("engine").outcome == "The engine works."
    assert any("torch" in line for line in queue.latest("engine").lines)


def test_offline_nothing_is_downloaded_and_the_reason_is_said(preferences, offline, made):
    for operator, words in ((bpy.ops.sharpdepth.engine_install, {}),
                            (bpy.ops.sharpdepth.weights_get, {"name": NAME})):  # fmt: skip
        with pytest.raises(RuntimeError, match="turn on Allow Online Access"):
            operator(**words)
    work = WeightsTask(NAME)
    assert "Allow Online Access" in work.error and work.over
    preferences.engine = str(made(complete=False))
    work = InstallTask("repair")
    assert "Allow Online Access" in work.error and work.over
    offline.online_access_override = True
    assert "--offline-mode" in online.why_offline()
    offline.online_access = True
    assert online.why_offline() == ""


def test_installing_tells_its_stages_and_its_end(preferences, tmp_path):
    preferences.engine = str(tmp_path / "engine")
    work = InstallTask(
        "install", **script(tmp_path, "import sys; print('Making it', sys.argv[1:])")
    )
    assert not work.over
    finish(work)
    assert work.outcome == "The engine is installed." and work.error is None
    assert work.lines == [f"Making it {['--into', preferences.engine, '--device', 'auto']}"]


def test_a_failed_installation_says_why_until_the_next(preferences, tmp_path):
    preferences.engine = str(tmp_path / "engine")
    work = InstallTask("install", **script(tmp_path, "raise SystemExit('The disk is full.')"))
    finish(work)
    assert (work.error, work.outcome) == ("The disk is full.", "")
    work = InstallTask("install", **script(tmp_path, ""))
    assert work.error is None
    finish(work)


def test_an_installer_that_cannot_be_started_says_so(preferences, tmp_path):
    preferences.engine = str(tmp_path / "engine")
    work = InstallTask("install", python=str(tmp_path / "no python"))
    assert work.error.startswith("Cannot start the installer") and work.over


def test_repair_installs_for_the_same_device_only_what_the_check_finds_broken(
    preferences, made, tmp_path
):
    folder = made()
    preferences.engine = str(folder)
    text = (
        "import sys, pathlib\n"
        f"log = pathlib.Path({str(tmp_path / 'log')!r})\n"
        "log.open('a').write(' '.join(sys.argv[3:]) + ';')\n"
        "sys.exit('broken' if '--check' in sys.argv and not {sound} else 0)\n"
    )
    for sound, expected in ((True, "--check;"), (False, "--check;--device cpu;")):
        (tmp_path / "log").unlink(missing_ok=True)
        work = InstallTask("repair", **script(tmp_path, text.format(sound=sound)))
        finish(work)
        assert work.outcome == "The engine works." and work.error is None
        assert (tmp_path / "log").read_text() == expected


def test_cancel_stops_the_installer(preferences, tmp_path):
    preferences.engine = str(tmp_path / "engine")
    work = InstallTask("install", **script(tmp_path, "import time; time.sleep(100)"))
    work.cancel()
    assert work.over
    assert "Canceled" in work.outcome and work.error is None


def test_removing_the_engine_removes_its_folder(preferences, made):
    folder = made()
    preferences.engine = str(folder)
    assert bpy.ops.sharpdepth.engine_remove() == {"FINISHED"}
    assert not folder.exists()


def test_a_python_of_the_users_own_is_left_alone(preferences):
    preferences.engine = sys.executable
    for task in ("install", "repair", "remove"):
        work = InstallTask(task)
        assert "is not changed" in work.error and work.over


@pytest.mark.parametrize("chosen", ["", "model.safetensors"], ids=["folder", "file"])
def test_weights_are_added_and_removed(preferences, given, tmp_path, chosen):
    path = os.path.join(given, chosen)  # of a folder with a separator, as Blender gives it
    assert bpy.ops.sharpdepth.weights_add(name=NAME, filepath=path) == {"FINISHED"}
    said = queue.latest("weights").outcome
    assert said.startswith(f"Installed {NAME} (") and "Self-test failed: " in said  # no network
    assert queue.latest("weights").level == "WARNING"
    entry = next(each for each in list_weights() if each.weights.name == NAME)
    assert entry.installed.where == "library"
    assert entry.installed.folder == tmp_path / "library" / NAME
    assert bpy.ops.sharpdepth.weights_remove(name=NAME) == {"FINISHED"}
    assert "freed" in queue.latest("weights").outcome
    assert not entry.installed.folder.exists()
    assert next(each for each in list_weights() if each.weights.name == NAME).installed is None
    with pytest.raises(RuntimeError, match="are not installed"):
        bpy.ops.sharpdepth.weights_remove(name=NAME)


def test_a_folder_without_the_files_is_refused(preferences, given):
    for path in given.iterdir():
        path.unlink()
    with pytest.raises(RuntimeError, match=NAME):
        bpy.ops.sharpdepth.weights_add(name=NAME, filepath=str(given))
    assert queue.latest("weights").error and not queue.is_busy("weights")


def test_weights_are_downloaded_with_what_can_be_told(preferences, hub):
    work = WeightsTask(NAME)
    seen = []
    until = time.monotonic() + 60
    while not work.over:
        work.step()
        assert time.monotonic() < until
        seen.append(work.message)
        time.sleep(0.01)
    assert work.error is None
    assert work.outcome.startswith(f"Installed {NAME} (")
    assert any(" of " in message for message in seen), set(seen)


def test_a_cancelled_delivery_is_no_error(preferences, given):
    work = WeightsTask(NAME, str(given))
    work.cancel()
    finish(work)
    assert "Canceled" in work.outcome and work.error is None


def test_a_cancelled_self_test_leaves_what_was_installed(preferences, given):
    work = WeightsTask(NAME, str(given))
    until = time.monotonic() + 60
    while not work.message.startswith("Self-test"):
        work.step()
        assert time.monotonic() < until and not work.over
        time.sleep(0.01)
    work.cancel()
    finish(work)
    assert work.outcome.startswith(f"Installed {NAME} (") and work.error is None
    assert work.outcome.endswith("The self-test was canceled.")


def test_an_unknown_name_is_refused(preferences):
    assert "nothing" in WeightsTask("nothing").error


def test_the_license_is_said_in_plain_words():
    for weights in WEIGHTS.values():
        said = describe_license(weights)
        assert weights.license in said
        assert ("not for commercial use" in said) != weights.commercial


@pytest.mark.parametrize("busy", ["engine", "weights", "scene"])
def test_weights_wait_for_the_installer_and_for_what_is_generated(busy, monkeypatch):
    from sharpdepth_blender.ui.preferences import weights_operators

    monkeypatch.setattr(weights_operators, "why_no_download", lambda: "")
    monkeypatch.setattr(weights_operators, "why_no_engine", lambda: "")
    operators = (
        weights_operators.SHARPDEPTH_OT_weights_get,
        weights_operators.SHARPDEPTH_OT_weights_add,
    )
    assert [operator.why_not() for operator in operators] == ["", ""]
    monkeypatch.setattr(queue, "_running", [SimpleNamespace(kind=busy)])
    assert all(operator.why_not() for operator in operators)
