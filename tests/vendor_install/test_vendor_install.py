"""The installer's decisions, by value, and its faults, on a folder that only looks installed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import vendor_install
from sharpdepth_blender.process.environment import interpreter_in
from sharpdepth_blender.process.install import inspection, packager, wheels
from sharpdepth_blender.process.install.console import CommandError, Console, InstallError, explain
from sharpdepth_blender.process.install.inspection import Inspection, compare, inspect, pins
from sharpdepth_blender.process.install.pip_settings import PipSettings
from sharpdepth_blender.process.install.place import check_place, locked
from sharpdepth_blender.process.install.record import FILE, Record, read_record

ROOT = Path(vendor_install.__file__).parent


def run(capsys, *arguments):
    """Exit code, stdout and stderr of the command line."""
    code = vendor_install.main([str(word) for word in arguments])
    return code, *capsys.readouterr()


@pytest.fixture
def installed(tmp_path):
    """A folder with a record that says complete, and this Python as its interpreter."""
    folder = tmp_path / "Zoë's engine"
    python = interpreter_in(folder)
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    devices = {"cpu": "8 threads"}
    Record(pins(), "auto", True, pins(), devices, 1_018_000_000).write(folder)
    return folder


def test_pins_are_exact():
    assert set(pins()) == {
        "torch",
        "diffusers",
        "transformers",
        "numpy",
        "pillow",
        "pillow-heif",
        "safetensors",
        "huggingface_hub",
        "accelerate",
        "psutil",
    }
    assert all(version.replace(".", "").isdigit() for version in pins().values())


@pytest.mark.parametrize(
    "device, system, machine, backend",
    [
        ("auto", "linux", "x86_64", "auto"),
        ("cuda", "linux", "x86_64", "auto"),
        ("cuda", "win32", "AMD64", "auto"),
        ("cpu", "win32", "AMD64", "cpu"),
        ("cpu", "linux", "aarch64", "cpu"),
        ("auto", "darwin", "arm64", None),
        ("rocm", "linux", "x86_64", "auto"),
        ("cpu", "darwin", "arm64", None),
        ("mps", "darwin", "arm64", None),
    ],
)
def test_torch_backend(device, system, machine, backend):
    assert vendor_install.torch_backend(device, system, machine) == backend


@pytest.mark.parametrize(
    "device, system, machine, word",
    [
        ("mps", "linux", "x86_64", "only available on Macs"),
        ("mps", "win32", "AMD64", "only available on Macs"),
        ("cuda", "darwin", "arm64", "no CUDA"),
        ("auto", "darwin", "x86_64", "Intel"),
    ],
)
def test_devices_that_a_machine_cannot_have(device, system, machine, word):
    with pytest.raises(InstallError, match=word):
        vendor_install.torch_backend(device, system, machine)


def test_pythons():
    for minor in (11, 12, 13, 14):
        vendor_install.check_python((3, minor), True)
    for version, bits in [((3, 10), True), ((3, 15), True), ((3, 12), False)]:
        with pytest.raises(InstallError, match=rf"this is 3\.{version[1]}"):
            vendor_install.check_python(version, bits)


def test_find_links(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    here = str(tmp_path / "w")
    (tmp_path / "w").mkdir()
    monkeypatch.setattr(wheels, "pip_settings", lambda: PipSettings(["/configured"]))
    both = {"PIP_FIND_LINKS": "/a /b", "UV_FIND_LINKS": "/a,/with space, https://x.example/y"}
    assert wheels.find_links("w", both) == [here]
    assert wheels.find_links(None, both) == ["/a", "/with space", "https://x.example/y", "/b"]
    assert wheels.find_links(None, {"PIP_FIND_LINKS": "w"}) == [here]
    assert wheels.find_links(None, {"UV_FIND_LINKS": "/a"}) == ["/a", "/configured"]
    assert wheels.find_links(None, {}) == ["/configured"]
    with pytest.raises(InstallError, match="Folder not found: .*nowhere"):
        wheels.find_links("nowhere", {})


def test_find_links_of_pip_s_configuration(tmp_path, monkeypatch):
    (tmp_path / "pip.conf").write_text("[global]\nfind-links = /one\n    /two\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    assert wheels.find_links(None, {}) == ["/one", "/two"]


@pytest.mark.parametrize(
    "line, sentence",
    [
        ("  cause: dns error", "Cannot reach the package index"),
        ("WARNING: Retrying after NewConnectionError(...)", "Cannot reach the package index"),
        ("error: failed to copy: No space left on device (os error 28)", "disk is full"),
        ("error: There is not enough space on the disk. (os error 112)", "disk is full"),
        ("invalid peer certificate: UnknownIssuer", "not trusted"),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed", "not trusted"),
        ("error: Access is denied. (os error 5)", "Blender is closed"),
        ("error: no such option", "Installation failed: error: no such option"),
        ("Segmentation fault", "Installation failed: Segmentation fault"),
    ],
)
def test_a_failed_program_is_explained_in_a_sentence(line, sentence):
    assert sentence in explain(
        ["Resolved 3 packages", line, "hint: see above"][: 2 + ("error" in line)]
    )


def test_a_program_s_words_are_kept(tmp_path, capsys):
    console = Console(tmp_path / "log")
    code = "import sys; print('Grüße'); print('error: broken', file=sys.stderr); sys.exit(3)"
    with pytest.raises(CommandError, match="error: broken"):
        console.run([sys.executable, "-X", "utf8", "-c", code])
    with pytest.raises(CommandError, match="Installation failed"):
        console.run([tmp_path / "none"])
    log = (tmp_path / "log").read_text(encoding="utf-8")
    assert "Grüße\n" in log and "error: broken\n" in log
    assert "  Grüße\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    "version, fit",
    [
        ("uv 0.13.9 (x86_64-unknown-linux-gnu)\n", True),
        ("uv 1.0.0", True),
        ("uv 0.9.30 (Homebrew)", False),
        ("", False),
        ("something else 9.9", False),
    ],
)
def test_old_uvs_are_left_alone(version, fit):
    assert packager.uv_is_new_enough(version) is fit


def test_a_python_without_venv_names_the_package(tmp_path, monkeypatch):
    monkeypatch.setattr(packager, "find_uv", lambda: None)
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name: None if name == "ensurepip" else object()
    )
    with pytest.raises(InstallError, match=r"package python3\.\d+-venv"):
        packager.make_environment(Console(tmp_path / "log"), tmp_path)


class FakePackager:
    """Has some wheels in a folder, and an index with everything."""

    chooses_build = True

    def __init__(self, here):
        self.here = here
        self.calls = []

    def install(self, options, *, backend, quiet):
        words = [Path(word).name for word in options if not str(word).startswith("--")]
        wanted = "packages" if "requirements.lock" in words else "torch"
        if wanted == "packages":
            assert "--require-hashes" in options and "--no-deps" in options
        if "--no-index" in options and wanted not in self.here:
            raise CommandError(["not found"])
        if "--dry-run" not in options:
            self.calls.append((wanted, "--no-index" in options, backend))


@pytest.mark.parametrize(
    "here, calls",
    [
        (
            ["packages", "torch"],
            [("packages", True, None), ("torch", True, None), ("torch", False, None)],
        ),
        (["torch"], [("packages", False, None), ("torch", True, None), ("torch", False, None)]),
        (["packages"], [("packages", True, None), ("torch", False, "auto")]),
        ([], [("packages", False, None), ("torch", False, "auto")]),
    ],
)
def test_what_a_folder_of_wheels_has_is_not_asked_of_the_index(tmp_path, here, calls):
    fake = FakePackager(here)
    vendor_install.fill(Console(tmp_path / "log"), fake, ["/wheels"], "auto")
    assert fake.calls == calls
    fake = FakePackager(here)
    vendor_install.fill(Console(tmp_path / "log"), fake, [], "cpu")
    assert fake.calls == [("packages", False, None), ("torch", False, "cpu")]


def test_places_that_belong_to_others(tmp_path):
    blender = tmp_path / "blender" / "5.0"
    for name in ("python/lib", "scripts", "datafiles"):
        (blender / name).mkdir(parents=True)
    extension = tmp_path / "extensions" / "sharpdepth_blender"
    extension.mkdir(parents=True)
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").touch()
    for folder, word in [
        (blender / "python", "inside Blender"),
        (blender / "python" / "lib" / "engine", "inside Blender"),
        (blender / "engine", "inside Blender"),
        (tmp_path / "lib" / "site-packages" / "engine", "another Python"),
        (extension / "engine", "updates replace"),
        (mine, "did not create"),
        (mine / "thesis.txt", "is a file"),
    ]:
        with pytest.raises(InstallError, match=word):
            check_place(folder, extension)
    (extension / "tests").mkdir()
    (tmp_path / "empty").mkdir()
    for folder in (extension / "build" / "engine", tmp_path / "empty", tmp_path / "new" / "er"):
        check_place(folder, extension)


def test_a_second_run_does_nothing(installed, capsys, monkeypatch):
    monkeypatch.setattr(packager, "find_uv", lambda: pytest.fail("it goes to work"))
    code, out, err = run(capsys, "--into", installed)
    assert (code, err) == (0, "")
    for text in (str(installed), "1,018 MB", "cpu (8 threads)", f"torch {pins()['torch']}"):
        assert text in out
    assert f"SHARPDEPTH_ENGINE to {installed}" in out


@pytest.mark.parametrize("change", ["incomplete", "pins", "device", "no Python", "torn record"])
def test_what_is_not_whole_is_made_anew(installed, capsys, monkeypatch, change):
    record = read_record(installed)
    if change == "incomplete":
        record.complete = False
    elif change == "pins":
        record.pins["torch"] = "2.0.0"
    elif change == "device":
        record.device = "cpu"
    elif change == "no Python":
        interpreter_in(installed).unlink()
    record.write(installed)
    if change == "torn record":
        (installed / FILE).write_text('{"pins": ')
    (installed / "half a package").mkdir()

    def make_environment(console, folder):
        left = {path.name for path in folder.iterdir()}
        assert left == {FILE, "install.log", "install.lock"}
        assert not read_record(folder).complete
        raise InstallError("That is enough.")

    monkeypatch.setattr(vendor_install, "make_environment", make_environment)
    code, out, err = run(capsys, "--into", installed)
    assert code == 1
    assert err == f"That is enough.\nThe log is {installed / 'install.log'}\n"


def test_two_at_once(tmp_path, capsys):
    folder = tmp_path / "engine"
    folder.mkdir()
    Record({}, "auto").write(folder)
    with locked(folder):
        code, _, err = run(capsys, "--into", folder)
    assert code == 1 and "Another installation is running" in err


def test_check_finds_what_is_missing_and_has_it_mended(installed, tmp_path, capsys):
    interpreter_in(installed).unlink()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", installed], check=True)
    code, _, err = run(capsys, "--into", installed, "--check")
    assert code == 1 and "Run vendor_install.py to install it." in err
    for name in set(pins()) - {"pillow-heif"}:  # without which the engine works
        assert f"{name} cannot be imported: ModuleNotFoundError" in err
    assert not read_record(installed).complete
    code, _, err = run(capsys, "--into", installed, "--check")
    assert code == 1 and "incomplete or broken" in err
    code, _, err = run(capsys, "--into", tmp_path / "none", "--check")
    assert code == 1 and "No engine environment found" in err


def test_an_interpreter_that_does_not_work(installed):
    python = interpreter_in(installed)
    python.unlink()
    assert "bin/python: No such file" in inspect(installed).problems[0]
    python.write_text("#!/bin/sh\necho No Python at C: >&2\nexit 103\n")
    python.chmod(0o755)
    assert inspect(installed).problems == [f"{python} does not work: No Python at C:."]


def test_versions_are_compared_without_the_build():
    wanted = {"torch": "2.13.0", "numpy": "2.4.6"}
    assert compare({"torch": "2.13.0+cu130", "numpy": "2.4.6"}, wanted) == []
    assert compare({"torch": "2.12.0+cpu"}, wanted) == ["torch is 2.12.0+cpu instead of 2.13.0."]


def test_remove_takes_only_what_it_made(installed, tmp_path, capsys):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").touch()
    (installed / "link").symlink_to(outside)
    code, out, err = run(capsys, "--into", installed, "--remove")
    assert (code, out, err) == (0, f"Removed {installed}\n", "")
    assert not installed.exists() and (outside / "file").exists()
    code, _, err = run(capsys, "--into", outside, "--remove")
    assert code == 1 and "was not created by this installer" in err and (outside / "file").exists()


def test_a_place_that_cannot_be_written(capsys, tmp_path):
    (tmp_path / "file").touch()
    code, out, err = run(capsys, "--into", tmp_path / "file" / "engine")
    assert code == 1 and "Cannot write to" in err and "log" not in err


def test_the_environment_that_make_built():
    engine = Path(os.environ["SHARPDEPTH_ENGINE"])
    if read_record(engine) is None:
        pytest.skip("the engine was made by other means")
    found = inspect(engine)
    assert found.problems == [] and "cpu" in found.devices
    assert json.loads((engine / FILE).read_text())["complete"]


def test_a_device_that_pytorch_does_not_find(tmp_path, capsys, monkeypatch):
    found = Inspection([], {**pins(), "torch": "2.13.0+cpu"}, {"cpu": "8 threads"})
    monkeypatch.setattr(
        vendor_install, "make_environment", lambda *_: FakePackager(["packages", "torch"])
    )
    monkeypatch.setattr(vendor_install, "torch_backend", lambda *_: "auto")
    monkeypatch.setattr(vendor_install, "inspect", lambda _: found)
    code, _, err = run(capsys, "--into", tmp_path / "engine", "--device", "cuda")
    assert code == 1 and "PyTorch 2.13.0+cpu found no cuda device" in err
    assert not read_record(tmp_path / "engine").complete
    code, out, _ = run(capsys, "--into", tmp_path / "engine")
    assert code == 0 and "torch 2.13.0+cpu" in out
    record = read_record(tmp_path / "engine")
    assert record.complete and record.devices == found.devices and record.size > 0


def test_what_the_engine_works_without_is_no_problem(monkeypatch):
    answer = {
        "versions": {"torch": "2.13.0"}, "damaged": {}, "build": "cpu", "devices": {"cpu": "1"},
        "errors": {"pillow-heif": "ModuleNotFoundError", "numpy": "ImportError"}, "faults": {},
    }  # fmt: skip
    done = SimpleNamespace(stdout=json.dumps(answer), stderr="", returncode=0)
    monkeypatch.setattr(inspection.subprocess, "run", lambda *_, **__: done)
    monkeypatch.setattr(inspection, "has_nvidia_card", lambda: False)
    found = inspection.inspect_interpreter(Path("python"))
    assert found.problems == ["numpy cannot be imported: ImportError."]
    assert found.missing == ["numpy"]
    assert found.warnings == ["pillow-heif is not installed, so HEIC pictures cannot be read."]
