"""Runs in the engine's environment: imports each package named and prints what came of it.

The last line of its output is JSON: `versions`, `errors` and `devices`.
"""

import importlib
import json
import sys
from importlib import metadata

# Where the package's own `import` puts the work off, the module that does it.
MODULES = {
    "pillow": "PIL.Image",
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
        except Exception as error:  # whatever a broken package raises is the finding
            errors[name] = f"{type(error).__name__}: {error}".partition("\n")[0]
    devices = find_devices() if "torch" in versions else {}
    print()
    print(json.dumps({"versions": versions, "errors": errors, "devices": devices}))


def find_devices():
    """Devices that PyTorch computes on, best first, and what each is."""
    import torch

    devices = {}
    if torch.cuda.is_available():
        devices["cuda"] = torch.cuda.get_device_name()
    if torch.backends.mps.is_available():
        devices["mps"] = "Apple silicon"
    devices["cpu"] = f"{torch.get_num_threads()} threads"
    for device in list(devices):
        try:
            # A build without code for this very card fails only when something runs.
            torch.ones(2, device=device).sum().item()
        except RuntimeError as error:
            print(f"{device}: {error}", file=sys.stderr)
            del devices[device]
    return devices


main(sys.argv[1:])
