"""What SECURITY.md says of the source."""

import ast
from pathlib import Path

import pytest

from sharpdepth_blender.library import WEIGHTS

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted([*(ROOT / "sharpdepth_blender").rglob("*.py"), ROOT / "vendor_install.py"])
# Modules that turn data into code, or listen to the network.
FORBIDDEN = {"pickle", "cPickle", "dill", "marshal", "shelve", "code", "socket", "socketserver"}
FORBIDDEN |= {"http.server", "xmlrpc", "asyncio"}
# Classes of ours whose method of that name takes a folder.
OURS = {"SharpDepthPipeline", "MarigoldPipeline", "LotusPipeline"}
EXECUTES = {"eval", "exec", "compile", "__import__"}


def calls(tree):
    """Every call: its name as written, and its keyword arguments."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), {each.arg: each.value for each in node.keywords}


@pytest.fixture(scope="module")
def trees():
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}


def test_there_are_sources(trees):
    assert len(trees) > 300


def test_nothing_imports_what_runs_data_or_listens(trees):
    # For the error of a file that is none.
    allowed = {"moge/checkpoint.py": {"pickle"}, "video_depth/checkpoint.py": {"pickle"}}
    for path, tree in trees.items():
        names = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names.add(node.module)
        exceptions = next((each for end, each in allowed.items() if str(path).endswith(end)), set())
        assert not names & FORBIDDEN - exceptions, path


def test_nothing_is_evaluated_or_given_to_a_shell(trees):
    for path, tree in trees.items():
        for name, keywords in calls(tree):
            assert name not in EXECUTES and name not in {"os.system", "os.popen"}, path
            assert not {"shell", "trust_remote_code"} & keywords.keys(), path


def test_arrays_and_weights_are_read_without_what_would_run(trees):
    found = 0
    for path, tree in trees.items():
        for name, keywords in calls(tree):
            if name in {"np.load", "np.save"}:
                assert ast.unparse(keywords["allow_pickle"]) == "False", path
                found += 1
            elif name == "torch.load":
                assert ast.unparse(keywords["weights_only"]) == "True", path
                found += 1
            elif name.endswith(".from_pretrained"):
                owner = name.removesuffix(".from_pretrained")
                if owner not in OURS:
                    assert ast.unparse(keywords["local_files_only"]) == "True", path
                    found += 1
    assert found >= 9


def test_every_pickle_that_is_read_is_named():
    """With the test that holds how it is read."""
    told = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    converters = {each.converter for each in WEIGHTS.values() if each.pickle}
    names = {each.pickle for each in WEIGHTS.values() if each.pickle}
    assert len(converters) == 2
    for name in names:
        assert f"`{name}`" in told
    for converter in converters:
        test = f"tests/engine/{converter}/test_checkpoint.py"
        assert f"`{test}`" in told and (ROOT / test).is_file()
