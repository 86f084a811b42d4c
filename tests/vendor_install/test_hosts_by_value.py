"""What the installer decides on machines that are not at hand."""

import pytest

from sharpdepth_blender.process.environment import interpreter_in
from sharpdepth_blender.process.install import platform_checks
from sharpdepth_blender.process.install.console import InstallError
from sharpdepth_blender.process.install.custom_python import is_older, mending_command, oldest
from sharpdepth_blender.process.install.inspection import explain_cards, pins
from sharpdepth_blender.process.install.pip_settings import (
    PipSettings,
    as_uv_environ,
    pip_settings,
)


@pytest.mark.parametrize(
    ("settings", "environ", "expected"),
    [
        (PipSettings(), {}, {}),
        (PipSettings(index_url="https://x.test"), {}, {"UV_DEFAULT_INDEX": "https://x.test"}),
        (PipSettings(index_url="https://x.test"), {"UV_INDEX_URL": "https://y.test"}, {}),
        (
            PipSettings(extra_index_urls=["https://x.test", "https://y.test"]),
            {},
            {
                "UV_INDEX": "https://x.test https://y.test",
                "UV_INDEX_STRATEGY": "unsafe-best-match",
            },
        ),
        (
            PipSettings(proxy="http://p.test:8080"),
            {},
            {"HTTPS_PROXY": "http://p.test:8080", "HTTP_PROXY": "http://p.test:8080"},
        ),
        (PipSettings(proxy="http://p.test"), {"all_proxy": "http://q.test"}, {}),
        (PipSettings(cert="/company.pem"), {}, {"SSL_CERT_FILE": "/company.pem"}),
        (PipSettings(cert="/company.pem"), {"SSL_CERT_FILE": "/mine.pem"}, {}),
    ],
)
def test_what_pip_was_told_is_told_to_uv(settings, environ, expected):
    assert as_uv_environ(settings, environ) == expected


def test_the_settings_of_pip_are_read_from_its_files_and_variables(tmp_path, monkeypatch):
    for name in ("PIP_FIND_LINKS", "PIP_CERT", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "pip.conf").write_text(
        "[global]\nindex-url = https://file.test/simple\nproxy = http://file.test\n"
        "extra-index-url = https://a.test\n    https://b.test\n[install]\nfind-links = /wheels\n"
    )
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    monkeypatch.setenv("PIP_INDEX_URL", "https://variable.test/simple")
    found = pip_settings()
    assert found.index_url == "https://variable.test/simple"
    assert found.extra_index_urls[-2:] == ["https://a.test", "https://b.test"]
    assert found.proxy == "http://file.test" and found.find_links == ["/wheels"]


def test_windows_takes_the_default_folder_and_no_endless_one():
    short = r"C:\Users\Somebody Else\AppData\Local\SharpDepth\engine"
    platform_checks.check_length(short, "win32", long_paths=False)
    long = "C:\\" + "projects\\" * 12 + "engine"
    with pytest.raises(InstallError, match="49 characters too long"):
        platform_checks.check_length(long, "win32", long_paths=False)
    platform_checks.check_length(long, "win32", long_paths=True)
    platform_checks.check_length(long, "linux", long_paths=False)


def test_a_conda_environment_of_windows_has_its_python_at_the_top(tmp_path):
    assert interpreter_in(tmp_path, "win32") == tmp_path / "Scripts" / "python.exe"
    (tmp_path / "python.exe").touch()
    assert interpreter_in(tmp_path, "win32") == tmp_path / "python.exe"


@pytest.mark.parametrize(
    ("build", "devices", "faults", "nvidia", "words"),
    [
        ("cuda", {"cuda": "RTX", "cpu": ""}, {}, True, None),
        ("cpu", {"cpu": ""}, {}, False, None),
        (None, {}, {}, True, None),
        ("rocm", {"cpu": ""}, {}, True, None),
        ("cuda", {"cpu": ""}, {}, True, "update its driver"),
        ("cpu", {"cpu": ""}, {}, True, "vendor_install.py --device cuda"),
        ("cuda", {"cpu": ""}, {"cuda": "GTX 900: no kernel image"}, True, "GTX 900.*driver"),
    ],
)
def test_a_card_that_is_not_used_is_explained(build, devices, faults, nvidia, words):
    warnings = explain_cards(build, devices, faults, nvidia)
    if words is None:
        assert warnings == []
    else:
        (warning,) = warnings
        import re

        assert re.search(words, warning)


def test_an_nvidia_driver_is_found_by_what_it_leaves(tmp_path, monkeypatch):
    assert not platform_checks.has_nvidia_card("linux", tmp_path)
    version = tmp_path / "proc" / "driver" / "nvidia" / "version"
    version.parent.mkdir(parents=True)
    version.touch()
    assert platform_checks.has_nvidia_card("linux", tmp_path)
    monkeypatch.setenv("SYSTEMROOT", str(tmp_path))
    assert not platform_checks.has_nvidia_card("win32")
    (tmp_path / "System32").mkdir()
    (tmp_path / "System32" / "nvcuda.dll").touch()
    assert platform_checks.has_nvidia_card("win32")


@pytest.mark.parametrize(
    ("version", "than", "older"),
    [
        ("2.6.0+cu124", "2.6", False),
        ("2.5.1", "2.6", True),
        ("2.13.0", "2.6", False),
        ("1.26.4", "1.26", False),
        ("2.14.0a0+git12", "2.6", False),
    ],
)
def test_versions_are_compared_by_number(version, than, older):
    assert is_older(version, than) is older


def test_a_python_of_the_users_own_is_told_what_to_install(tmp_path):
    command = mending_command(tmp_path / "a b" / "python", ["torch", "diffusers"])
    assert command.startswith(f'"{tmp_path / "a b" / "python"}" -m pip install "torch>=2.6" ')
    assert f'"diffusers>={pins()["diffusers"]}"' in command
    assert set(oldest()) == set(pins())
