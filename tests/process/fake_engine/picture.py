"""Pictures that are `.npy` files."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np

from .errors import EngineError


def read_picture(path):
    if not Path(path).exists():
        raise EngineError("bad_image", f"There is no file {path}.")
    return SimpleNamespace(
        rgb=np.load(path),
        turned=False,
        converted=False,
        focal_35mm=35.0,
        full_size=None,
        notes=[Path(path).name],
        depth=None,
        around=False,
    )
