"""Why a .blend file cannot be rendered as it is; each message is one sentence for the user."""


class StudioError(RuntimeError):
    """The .blend file, or what is open in Blender, does not give the frames that are asked for."""


class NoCameraError(StudioError):
    """The scene has no perspective camera to look through."""


class TooFewFramesError(StudioError):
    """There are fewer frames than splits that must not share one."""


class UnsavedFileError(StudioError):
    """Several processes are to render what only this one has in memory."""


class NothingSeenError(StudioError):
    """Nothing is near enough to the shots' cameras to have a depth."""


class OtherFramesError(StudioError):
    """The folder holds frames that were rendered from something else, or otherwise."""


class BlendFileError(StudioError):
    """Blender cannot open the file."""
