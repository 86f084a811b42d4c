"""Reasons why a .blend file cannot be rendered; each message is one sentence for the user."""


class StudioError(RuntimeError):
    """The .blend file, or the open scene, cannot provide the requested frames."""


class NoCameraError(StudioError):
    """The scene has no perspective camera."""


class TooFewFramesError(StudioError):
    """There are fewer frames than splits, which must not share any."""


class UnsavedFileError(StudioError):
    """Several processes cannot render a file that is not saved."""


class NothingSeenError(StudioError):
    """Nothing near the cameras of the shots is close enough to have a depth."""


class OtherFramesError(StudioError):
    """The folder contains frames from another source or with other settings."""


class BlendFileError(StudioError):
    """Blender cannot open the file."""
