"""Pictures that Blender alone reads."""

from .errors import EngineError


def read_picture(path):
    raise EngineError("unknown_format", f"{path} is of an unknown format.")
