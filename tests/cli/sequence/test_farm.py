"""The job type of Flamenco 3 under Node, and what it compiles as it is run by workers."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.scene.sequence.shots import files_of

NODE = shutil.which("node") or shutil.which("nodejs")
SCRIPT = Path(__file__).parents[3] / "farm" / "flamenco" / "sharpdepth_sequence.js"
pytestmark = pytest.mark.skipif(NODE is None, reason="there is no Node here")


def submit(**settings):
    """Compile a job; its type and its tasks."""
    finished = subprocess.run(
        [NODE, Path(__file__).with_name("manager.js"), SCRIPT],
        input=json.dumps({"name": "a job", "created": "2026-01-01", "settings": settings}),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    if finished.returncode:
        raise ValueError(finished.stderr)
    return json.loads(finished.stdout)


def example(**changes):
    given = {"blendfile": "/shots/a b.flamenco.blend", "depth_root": "/shots",
             "depth_folder": "/shots/depth é", "frames": "1-24", "chunk_size": 10}  # fmt: skip
    return given | changes


def test_the_settings_are_of_flamencos_kinds():
    kind = submit(**example())["type"]
    assert kind["label"]
    keys = [each["key"] for each in kind["settings"]]
    assert len(set(keys)) == len(keys)
    known = {"key", "type", "subtype", "choices", "propargs", "description", "label", "default",
             "eval", "evalInfo", "visible", "required", "editable"}  # fmt: skip
    for each in kind["settings"]:
        assert set(each) <= known and each["type"] in ("string", "int32", "float", "bool")
        assert each.get("visible", "visible") in ("visible", "hidden", "submission", "web")
        assert each.get("subtype", "dir_path") in ("file_path", "dir_path", "file_name")
        assert "choices" not in each or each["type"] == "string"
        assert "choices" not in each or each["default"] in each["choices"]
        if "eval" in each:
            compile(each["eval"], each["key"], "eval")


def test_a_task_for_each_chunk_and_one_that_waits_for_all():
    *chunks, last = submit(**example())["tasks"]
    assert [each["name"] for each in chunks] == ["depth-1-10", "depth-11-20", "depth-21-24"]
    assert last["dependencies"] == [each["name"] for each in chunks]
    assert not any(each["dependencies"] for each in chunks)
    for task in [*chunks, last]:
        (command,) = task["commands"]
        assert task["type"] == "blender" and command["name"] == "exec"
        assert set(command["parameters"]) == {"exe", "args"}
        assert command["parameters"]["exe"] == "{blender}"
        words = command["parameters"]["args"]
        assert words[:4] == ["--command", "sharpdepth", "sequence", "/shots/a b.flamenco.blend"]
        assert all(isinstance(word, str) for word in words)
    assert "/shots/depth é/a b-depth.blend" in last["commands"][0]["parameters"]["args"]


@pytest.mark.parametrize(
    "changes", [{"frames": ""}, {"frames": "9-"}, {"chunk_size": 0}, {"depth_folder": ""}]
)
def test_what_cannot_be_compiled_is_refused(changes):
    with pytest.raises(ValueError, match="Error"):
        submit(**example(**changes))


def test_what_it_compiles_makes_the_shot(run, shot, tmp_path):
    """Each task's words as a worker runs them, in the order that their dependencies allow."""
    frames = "1-5,8,9"
    given = example(blendfile=str(shot), depth_folder=str(tmp_path / "farm"), frames=frames,
                    chunk_size=3)  # fmt: skip
    tasks = submit(**given)["tasks"]
    assert [each["name"] for each in tasks[:-1]] == ["depth-1-3", "depth-4,5,8", "depth-9"]
    done = []
    for task in [tasks[2], tasks[0], tasks[1], tasks[3]]:
        assert set(task["dependencies"]) <= set(done)
        words = task["commands"][0]["parameters"]["args"]
        assert words[:3] == ["--command", "sharpdepth", "sequence"]
        outcome = run(*words[3:])
        assert outcome.code == 0, outcome.stderr
        done.append(task["name"])
    assert (tmp_path / "farm" / "shot-depth.blend").is_file()
    (tmp_path / "farm" / "shot-depth.blend").unlink()
    assert run(shot, "--into", tmp_path / "alone", "--frames", frames).code == 0
    assert files_of(tmp_path / "farm") == files_of(tmp_path / "alone")
