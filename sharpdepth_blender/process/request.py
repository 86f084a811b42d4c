"""One request, as the child works on it: what it asks for, its arrays, its progress, its end."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from .errors import JobError


class Request:
    """A request and the way back to whoever asked.

    Args:
        message: That asked.
        send: Takes a message for the parent.

    Attributes:
        cancelled: Whether the parent has said so; set by the thread that reads.
    """

    def __init__(self, message: dict, send: Callable[[dict], None]):
        self.cancelled = False
        self._message = message
        self._send = send

    def __getitem__(self, name: str):
        return self._message[name]

    @property
    def id(self) -> int:
        """Number that the parent gave it."""
        return self._message["id"]

    @property
    def folder(self) -> Path:
        """Of its arrays."""
        return Path(self._message["folder"])

    def answer(self, message: dict) -> None:
        """Send something about this request."""
        self._send({**message, "id": self.id})

    def progress(self, stage: str, fraction: float, message: str, **more) -> None:
        """Tell how far it is.

        Args:
            stage: As in `job.Progress`, like what follows.
            fraction: 0..1.
            message: For a person.
            **more: Fields of `job.Progress`, an array by its file's name.

        Raises:
            JobError: `cancelled`, when it has been meanwhile.
        """
        self.check_cancel()
        self.answer(
            {"type": "progress", "stage": stage, "fraction": fraction, "message": message, **more}
        )

    def check_cancel(self) -> None:
        """Give up when the parent has said so.

        Raises:
            JobError: `cancelled`.
        """
        if self.cancelled:
            raise JobError("cancelled", "The job was cancelled.")

    def read(self, kind: type):
        """All of it as a dataclass, with its arrays.

        Raises:
            JobError: `bad_message`, when it is none of that kind; `disk_error`.
        """
        from .arrays import load_array
        from .wire import from_message

        return from_message(kind, self._message, partial(load_array, self.folder))

    def save(self, name: str, array) -> str:
        """Write an array for the parent; its file's name."""
        from .arrays import save_array

        return save_array(self.folder, name, array)
