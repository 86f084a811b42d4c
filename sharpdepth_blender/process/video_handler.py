"""Request handler of the child for windows of a shot."""

from .errors import naming_missing_packages
from .request import Request


class VideoModel:
    """The network for video of the last request, kept loaded for the next."""

    def __init__(self):
        self._wanted = None
        self._model = None

    def forget(self) -> None:
        """Unload the network."""
        self._wanted = self._model = None

    def look(self, request: Request) -> dict:
        """Answer a `video` request."""
        with naming_missing_packages():
            from .video_request import VideoRequest
        asked = request.read(VideoRequest)
        wanted = asked.model, asked.device
        if self._wanted != wanted:
            self.forget()  # first, because two may not fit into memory
            request.progress("start", 0.0, "Loading PyTorch")
            with naming_missing_packages():
                from ..engine.video import VideoDepth
            request.progress("load", 0.0, "Loading the model")
            self._model = VideoDepth.load(*wanted)
            self._wanted = wanted
        disparity = self._model.look(
            asked.pictures,
            lambda fraction: request.progress("video", fraction, "Looking at the shot"),
        )
        return {"arrays": {"disparity": request.save("disparity", disparity)}, "values": {}}
