"""Errors of the scene room: a message is one sentence for the user, a kind one word for code."""


class SceneError(Exception):
    """What was asked cannot be done in Blender; the message says why."""

    kind = "scene"


class CameraError(SceneError):
    """There is no camera, or it has no pinhole intrinsics."""

    kind = "bad_camera"


class DepthFileError(SceneError):
    """A depth file cannot be read."""

    kind = "bad_depth"


class SaveError(SceneError):
    """A file cannot be written; what stood there before still stands."""

    kind = "unwritable"

    @classmethod
    def of(cls, path, error):
        """Say why `path` cannot be written, in the words of the system or of Blender."""
        return cls(f"The file {path} cannot be written: {reason(error)}")


def reason(error):
    """What went wrong, in one sentence of the operating system or of Blender."""
    words = (getattr(error, "strerror", None) or str(error)).strip().removeprefix("Error: ")
    return words if words.endswith(".") else words + "."
