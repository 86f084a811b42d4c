"""How large the extension is, with the model that comes with it."""

import os
import tomllib
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LARGEST = 60_000_000  # bytes


def shipped():
    """Paths of all files in the extension, by the rules of its manifest."""
    manifest = tomllib.loads((ROOT / "blender_manifest.toml").read_text(encoding="utf-8"))
    rules = manifest["build"]["paths_exclude_pattern"]

    def excluded(path):
        at_root, name = f"/{path.relative_to(ROOT).as_posix()}", path.name
        # A rule with a final slash is for folders alone; build may be a link to one.
        ends = ("", "/") if path.is_dir() else ("",)
        words = [(at_root if rule.startswith("/") else name, rule) for rule in rules]
        return any(fnmatch(word + end, rule) for word, rule in words for end in ends)

    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if not excluded(Path(folder, name))]
        yield from (path for name in files if not excluded(path := Path(folder, name)))


def test_the_extension_stays_small_even_before_it_is_packed():
    sizes = {path.relative_to(ROOT).as_posix(): path.stat().st_size for path in shipped()}
    assert "sharpdepth_blender/models/preview/unet/diffusion_pytorch_model.safetensors" in sizes
    assert {"__init__.py", "blender_manifest.toml"} <= sizes.keys()
    assert not [name for name in sizes if name.startswith(("tests/", "build/", ".git"))]
    assert sum(sizes.values()) <= LARGEST
