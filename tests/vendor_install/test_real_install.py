"""A whole installation, cut in the middle, finished, broken, found out and removed."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "vendor_install.py"


def run(folder, *options):
    command = [sys.executable, SCRIPT, "--into", folder, *options]
    return subprocess.run(command, capture_output=True, encoding="utf-8")


@pytest.mark.slow
def test_a_life_of_an_environment(tmp_path):
    folder = tmp_path / "Künstler & Söhne" / "engine"
    command = [sys.executable, SCRIPT, "--into", folder]
    first = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    until = time.monotonic() + 300
    while not list(folder.glob("[lL]ib/**/torch/*")):
        assert first.poll() is None and time.monotonic() < until
        time.sleep(0.05)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    answer = run(folder, "--check")
    assert answer.returncode == 1 and "half made" in answer.stderr

    answer = run(folder)
    assert answer.returncode == 0, answer.stderr
    assert "The engine is installed" in answer.stdout

    before = time.monotonic()
    assert run(folder).returncode == 0
    assert time.monotonic() - before < 2
    assert run(folder, "--check").returncode == 0

    shutil.rmtree(next(folder.glob("[lL]ib/**/torch/nn")))
    answer = run(folder, "--check")
    assert answer.returncode == 1 and "torch cannot be imported" in answer.stderr

    assert run(folder, "--remove").returncode == 0
    assert not folder.exists()


@pytest.mark.slow
def test_pip_alone(tmp_path):
    """Where uv cannot be had; the lock file is pip's as well."""
    stub = (
        "from sharpdepth_blender.process.install import packager as p; p.find_uv = lambda: None; "
    )
    stub += "p.UV = '0.0.0'; import vendor_install as v; "  # a version that no index has
    code = f"{stub} raise SystemExit(v.main(['--into', {str(tmp_path / 'engine')!r}]))"
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=SCRIPT.parent, capture_output=True, encoding="utf-8"
    )
    assert answer.returncode == 0, answer.stderr
    assert "pip does its work" in answer.stdout and "cannot be chosen" not in answer.stderr
    assert run(tmp_path / "engine", "--check").returncode == 0


@pytest.fixture
def wheels(tmp_path):
    """A folder with every wheel of the lock file, and of PyTorch, for this Python."""
    folder = tmp_path / "wheels"
    lock = SCRIPT.parent / "sharpdepth_blender" / "process" / "install" / "requirements.lock"
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder]
    subprocess.run([*pip, "--require-hashes", "-r", lock], check=True)
    torch = lock.with_suffix(".txt").read_text().split()[0]
    subprocess.run([*pip, torch], check=True)
    return folder


@pytest.mark.slow
def test_a_folder_of_wheels_and_no_network_no_git(tmp_path, wheels, monkeypatch):
    """A proxy that is not there stands for no network; PATH has nothing but Python."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("PIP_FIND_LINKS", "UV_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    assert shutil.which("git") is None
    answer = run(tmp_path / "engine", "--find-links", wheels)
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.slow
def test_a_wheel_that_was_changed_is_refused(tmp_path, wheels, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    wheel = next(wheels.glob("idna-*.whl"))
    wheel.write_bytes(wheel.read_bytes() + b"x")
    answer = run(tmp_path / "engine", "--find-links", wheels)
    assert answer.returncode == 1 and "another hash" in answer.stderr
    assert run(tmp_path / "engine", "--check").returncode == 1


@pytest.mark.slow
def test_a_proxy_is_used_and_its_refusal_is_a_sentence(tmp_path, monkeypatch):
    import threading
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    asked = []

    class Proxy(BaseHTTPRequestHandler):
        def do_CONNECT(self):
            asked.append(self.path)
            self.send_error(407, "Proxy Authentication Required")

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("PIP_PROXY", f"http://127.0.0.1:{server.server_port}")  # not uv's own word
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    answer = run(tmp_path / "engine")
    server.shutdown()
    server.server_close()
    assert asked and answer.returncode == 1
    assert "index cannot be reached" in answer.stderr
