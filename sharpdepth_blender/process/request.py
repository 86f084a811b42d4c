"""A request in the child: its fields, arrays, progress and cancellation."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from .errors import JobError


class Request:
    """A request, with methods to answer it.

    Args:
        message: The message with the request.
        send: Sends a message to the parent.

    Attributes:
        cancelled: Whether the parent has canceled it; set by the reader thread.
    """

    def __init__(self, message: dict, send: Callable[[dict], None]):
        self.cancelled = False
        self._message = message
        self._send = send

    def __getitem__(self, name: str):
        return self._message[name]

    @property
    def id(self) -> int:
        """Id assigned by the parent."""
        return self._message["id"]

    @property
    def folder(self) -> Path:
        """Folder for its arrays."""
        return Path(self._message["folder"])

    def answer(self, message: dict) -> None:
        """Send a message about this request."""
        self._send({**message, "id": self.id})

    def progress(self, stage: str, fraction: float, message: str, **more) -> None:
        """Report progress.

        Args:
            stage: As in `job.Progress`.
            fraction: 0..1.
            message: Text for the user.
            **more: Other fields of `job.Progress`; arrays by file name.

        Raises:
            JobError: `cancelled`, if it has been canceled in the meantime.
        """
        self.check_cancel()
        self.answer(
            {"type": "progress", "stage": stage, "fraction": fraction, "message": message, **more}
        )

    def check_cancel(self) -> None:
        """Raise if the parent has canceled the request.

        Raises:
            JobError: `cancelled`.
        """
        if self.cancelled:
            raise JobError("cancelled", "The job was canceled.")

    def read(self, kind: type):
        """Read the request as a dataclass, including arrays.

        Raises:
            JobError: `bad_message`, if the fields do not match; `disk_error`.
        """
        from .arrays import load_array
        from .wire import from_message

        return from_message(kind, self._message, partial(load_array, self.folder))

    def save(self, name: str, array) -> str:
        """Save an array for the parent and return its file name."""
        from .arrays import save_array

        return save_array(self.folder, name, array)
