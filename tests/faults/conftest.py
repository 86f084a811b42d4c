"""What has to hold whatever a file, a process or a user does: the same checks for every case."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
MOST_MEMORY = 400 << 20  # bytes that a case may take beyond what was taken before it
# Errors that the user can mend; any other is a bug.
MENDABLE = {"JobError", "SceneError", "LibraryError", "EngineError", "BadInput", "UsageError"}


@dataclass(frozen=True)
class Outcome:
    """What came of a case: a sentence and its kind, or else a value."""

    sentence: str = ""
    kind: str = ""
    value: Any = None


def assert_sentence(text: str) -> None:
    """One sentence, for somebody who does not program."""
    assert text.endswith((".", "?")) and not text.endswith(".."), text
    assert "\n" not in text.replace("a\nb.png", "") and 10 < len(text) < 700, text
    assert not re.search(r"Traceback|\b\w+(Error|Exception)\b|0x[0-9a-f]{6}|(?<!['\w])b'", text), (
        text
    )


class Watch:
    """What there is of files, processes, memory and data-blocks before something is tried."""

    def __init__(self, folders: list[Path], pids: Callable[[], list[int]]):
        self._folders = folders
        self.files, self.processes = self._see_files(), children()
        self.open_files = open_files()
        self.blocks = data_blocks()
        for pid in pids():
            Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak begins anew
        self._memory = {pid: memory(pid, "VmRSS") for pid in pids()}

    def check(self, writes: set[Path]) -> None:
        before = {path: what for path, what in self.files.items() if path not in writes}
        after = {path: what for path, what in self._see_files().items() if path not in writes}
        assert after == before
        assert children() <= self.processes, "a process is left"
        assert open_files() <= self.open_files, "a file is left open"
        for pid, taken in self._memory.items():
            if Path(f"/proc/{pid}").exists():
                more = memory(pid, "VmHWM") - taken
                assert more < MOST_MEMORY, f"{more >> 20} MB were taken"

    def check_blocks(self) -> None:
        assert data_blocks() == self.blocks, "the scene has changed"

    def _see_files(self):
        found = {}
        for folder in self._folders:
            for path in folder.rglob("*"):
                facts = path.lstat()
                content = () if path.is_dir() else (facts.st_size, facts.st_mtime_ns)
                found[path] = facts.st_mode, *content
        return found


def children() -> set[int]:
    """Processes that this one has started, and theirs."""
    found, new = set(), {os.getpid()}
    while new:
        pids = set()
        for pid in new:
            try:
                for task in Path(f"/proc/{pid}/task").iterdir():
                    pids |= {int(each) for each in (task / "children").read_text().split()}
            except OSError:
                pass  # it has ended
        new, found = pids - found, found | pids
    return found


def open_files() -> int:
    """How many files this process has open, but for movies, which Blender keeps while it shows."""
    links = [Path("/proc/self/fd", each) for each in os.listdir("/proc/self/fd")]
    return sum(link.is_symlink() and not os.readlink(link).endswith(".gif") for link in links)


def memory(pid: int, which: str) -> int:
    """Bytes of a process, from its status."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{which}:\s+(\d+)", text).group(1)) << 10


def blocks() -> list:
    """Everything in the open file; nothing outside Blender."""
    bpy = sys.modules.get("bpy")
    if bpy is None:
        return []
    kinds = [getattr(bpy.data, kind) for kind in dir(bpy.data)]
    return [
        block for kind in kinds if isinstance(kind, bpy.types.bpy_prop_collection) for block in kind
    ]


def data_blocks() -> list[tuple]:
    """Kinds, names and users of everything in the open file."""
    return [(block.id_type, block.name, block.users) for block in blocks()]


def remove_new(known: set[int]) -> None:
    """Remove what was made since, but what Blender or the add-on share."""
    new = [block for block in blocks() if block.session_uid not in known]
    if new:
        sys.modules["bpy"].data.batch_remove(new)


@pytest.fixture
def own_temporary(tmp_path, monkeypatch):
    """The temporary folder of this process, for this test alone."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def harmless(tmp_path, own_temporary, capfd):
    """Try something hostile: a sentence or a value comes of it, and nothing is left behind.

    The answer is a function of what is to be tried. It is told what may be written, which other
    folders to watch, the processes whose memory counts, and what is to be checked of a value. What
    was made in Blender goes again.
    """
    if sys.platform != "linux":
        pytest.skip("looks at processes as Linux tells of them")

    def attempt(
        action: Callable[[], Any],
        writes: tuple[Path, ...] = (),
        folders: tuple[Path, ...] = (),
        pids: Callable[[], list[int]] = lambda: [os.getpid()],
        checks: Callable[[Any], None] | None = None,
    ) -> Outcome:
        uids = {block.session_uid for block in blocks()}
        watch = Watch([tmp_path, *folders], pids)
        try:
            outcome = Outcome(value=action())
        except Exception as error:
            names = {each.__name__ for each in type(error).__mro__}
            if not names & MENDABLE or getattr(error, "kind", "") == "internal":
                raise
            assert_sentence(str(error))
            outcome = Outcome(str(error), error.kind)
        watch.check(set() if outcome.sentence else set(writes))
        if outcome.sentence:
            watch.check_blocks()
        elif checks is not None:
            checks(outcome.value)
        remove_new(uids)
        said = capfd.readouterr()
        assert "Traceback" not in said.out + said.err, said.out + said.err
        return outcome

    return attempt


def assert_told(outcome: Outcome, words: str) -> None:
    """The sentence has these words in it; where there are none, there is a sound result."""
    if words:
        assert words in outcome.sentence, outcome
    else:
        assert outcome.value is not None, outcome


STANDING = "It stood before"


@pytest.fixture
def standing(reader, tmp_path_factory):
    """A file with a result in it, which nothing that fails may touch."""
    import bpy

    from sharpdepth_blender import api
    from sharpdepth_blender.geometry import png_content

    if STANDING not in bpy.data.objects:
        import numpy as np

        bpy.ops.wm.read_factory_settings(use_empty=True)
        path = tmp_path_factory.mktemp("standing") / "plate.png"
        path.write_bytes(b"".join(png_content(np.zeros((9, 12, 3), np.uint8))))
        api.generate(path, engine=reader).name = STANDING
    return bpy.data.objects[STANDING]


@pytest.fixture(scope="session")
def drawn(tmp_path_factory):
    """Folder of the pictures of `hostile_pictures`, which Pillow draws: that is the engine's."""
    folder = tmp_path_factory.mktemp("hostile")
    python = Path(os.environ["SHARPDEPTH_ENGINE"]) / "bin" / "python"
    script = Path(__file__).with_name("hostile_pictures.py")
    subprocess.run([python, script, folder], check=True, cwd=REPOSITORY)
    return folder


@pytest.fixture(scope="session")
def reader(tmp_path_factory):
    """A real engine that reads pictures, and takes each of them for a slope, without a network."""
    import numpy as np

    from sharpdepth_blender.process import Engine
    from sharpdepth_blender.process.job import DepthResult, Job

    class Reader(Engine):
        def infer(self, rgb, metric_depth=None, intrinsics=None, **_):
            height, width = rgb.shape[:2]
            slope = np.repeat(np.linspace(2, 3, height, dtype=np.float32)[:, None], width, axis=1)
            if metric_depth is not None:
                slope = np.asarray(metric_depth, np.float32)
            focal = float(max(height, width))
            job = Job({}, {})
            job.finish(
                DepthResult(
                    slope, slope, np.zeros_like(slope), 1.0, 0.0,
                    intrinsics or (focal, focal, width / 2, height / 2),
                    {}, {}, [], "preview", "cpu",
                )
            )  # fmt: skip
            return job

    with pytest.MonkeyPatch.context() as patch, Reader() as engine:
        patch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("reader")))
        with pytest.raises(Exception, match="not found"):
            engine.read_picture("/nothing here").wait()  # so that it has started
        yield engine
