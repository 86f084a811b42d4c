"""Runs in the engine's environment: imports the given packages and prints the results.

The last line of its output is JSON: `versions`, `errors`, `damaged`, `build`, `devices` and
`faults`.
"""

import importlib
import json
import sys
from importlib import metadata

# Modules to import for packages whose own `import` is lazy.
MODULES = {
    "pillow": "PIL.Image",
    "pillow-heif": "pillow_heif",
    "diffusers": "diffusers.pipelines.pipeline_utils",
    "transformers": "transformers.modeling_utils",
    "safetensors": "safetensors.torch",
}


def main(names):
    """Print versions, errors and devices."""
    versions, errors = {}, {}
    for name in names:
        try:
            importlib.import_module(MODULES.get(name, name))
            versions[name] = metadata.version(name)
        except Exception as error:  # any exception of a broken package is a result
            errors[name] = f"{type(error).__name__}: {error}".partition("\n")[0]
    found = {"versions": versions, "errors": errors, "damaged": find_damage()}
    found |= {"build": None, "devices": {}, "faults": {}}
    if "torch" in versions:
        found |= find_devices()
    print()
    print(json.dumps(found))


def find_damage():
    """Return packages with files that are missing or differ in size from the installation."""
    damaged = {}
    for distribution in metadata.distributions():
        for file in distribution.files or []:
            if file.size is None or file.suffix == ".pyc":
                continue
            try:
                size = file.locate().stat().st_size
            except OSError:
                size = None
            if size != file.size:
                damaged.setdefault(distribution.metadata["Name"], str(file))
    return damaged


def find_devices():
    """Return PyTorch's build, its working devices, best first, and its failing devices."""
    import torch

    build = "cuda" if torch.version.cuda else "rocm" if torch.version.hip else "cpu"
    devices, faults = {}, {}
    if torch.cuda.is_available():
        devices["cuda"] = torch.cuda.get_device_name()
    if torch.backends.mps.is_available():
        devices["mps"] = "Apple silicon"
    devices["cpu"] = f"{torch.get_num_threads()} threads"
    for device in list(devices):
        try:
            # A build without code for this card fails only when something runs on it.
            torch.ones(2, device=device).sum().item()
        except RuntimeError as error:
            faults[device] = f"{devices.pop(device)}: {error}".partition("\n")[0]
    return {"build": build, "devices": devices, "faults": faults}


main(sys.argv[1:])
