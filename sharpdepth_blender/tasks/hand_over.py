"""Hand over: a layer goes to a command line of the user's, and its answer comes back."""

import subprocess
import tempfile
import threading
from collections.abc import Sequence
from typing import IO

import bpy
from bpy.app.translations import pgettext_rpt

from ..scene import SaveError, SceneError
from ..scene.errors import reason
from ..scene.layers import LayersError, hand_over, take_back
from ..scene.uids import find_by_uid
from .task import Task

PLACEHOLDERS = ("picture", "mask", "note", "answer")
_LAST = 2000  # bytes of what a command said, of which the last line is told
_PATIENCE = 5.0  # seconds for a command that is stopped, before it is killed


class HandedOver(Task):
    """A layer that a command of the user's fills.

    Args:
        obj: Layer.
        folder: Folder for the files.
        command: Program and arguments, no shell; `{picture}`, `{mask}`, `{note}` and `{answer}` in
            them become the paths of the files. It writes the answer, and ends with 0.
        words: As of `hand_over`.

    Attributes:
        files: Of the layer.

    Raises:
        SceneError: The layer cannot be handed over, or the command cannot be started.
    """

    kind = "fill"
    undo = "Hand Over"

    def __init__(self, obj: bpy.types.Object, folder: str, command: Sequence[str], words: str = ""):
        super().__init__(obj.name)
        check_command(command)
        self.uid = obj.session_uid
        self.notes: list[str] = []
        self.files = hand_over(obj, folder, words)
        try:
            self.files.answer.unlink(missing_ok=True)  # that of a former time is none
        except OSError as error:
            raise SaveError.of(self.files.answer, error) from error
        self._said = _unnamed_file()
        paths = {name: str(getattr(self.files, name)) for name in PLACEHOLDERS}
        try:
            self._process = subprocess.Popen(
                [_filled_in(word, paths) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=self._said,
                stderr=subprocess.STDOUT,
                cwd=self.files.picture.parent,
            )
        except OSError as error:
            self._said.close()
            if not self.files.picture.is_file():
                raise SaveError.of(self.files.picture, "it is gone again.") from error
            raise LayersError(
                "The command {program} cannot be started: {why}",
                program=command[0],
                why=f"{error.strerror or error}.",
            ) from error
        self.message = pgettext_rpt("Waiting for {program}").format(program=command[0])

    def cancel(self) -> None:
        """Stop the command; the layer stays as it is."""
        if self._process.poll() is None:
            self._process.terminate()
            # On a thread, as the window would stand still; Blender waits for it when it is closed.
            threading.Thread(target=_see_end, args=(self._process,)).start()
        super().cancel()

    def _go_on(self):
        code = self._process.poll()
        if code is None:
            return
        if code != 0:
            said = self._last_line()
            sentence = pgettext_rpt("The command for {name} ended with {code}: {said}").format(
                name=self.name, code=code, said=said or pgettext_rpt("it said nothing.")
            )
            self._fail(SceneError("{said}", said=sentence), sentence)
            return
        obj = find_by_uid(bpy.data.objects, self.uid)
        if obj is not None and not self.files.answer.is_file():
            raise LayersError(
                "The command for {name} wrote no answer {path}.",
                name=self.name,
                path=self.files.answer,
            )
        if obj is not None:
            take_back(obj, self.files.answer)
        self.fraction = 1.0
        self._end()

    def _last_line(self) -> str:
        size = self._said.seek(0, 2)
        self._said.seek(max(0, size - _LAST))
        lines = self._said.read().decode(errors="replace").strip().splitlines()
        return lines[-1].strip() if lines else ""

    def _end(self):
        super()._end()
        self._said.close()


def _unnamed_file() -> IO[bytes]:
    try:
        return tempfile.TemporaryFile()
    except OSError as error:
        why = reason(error)
        raise SaveError("There is no room for temporary files: {why}", why=why) from error


def _see_end(process: subprocess.Popen[bytes]) -> None:
    """Wait for a command that was asked to stop, and kill it if it does not."""
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def check_command(command: Sequence[str]) -> None:
    """Raise unless a command says where its answer goes.

    Raises:
        LayersError: It is empty, or lacks a place for the picture or the answer.
    """
    for name in ("picture", "answer"):
        if not any(f"{{{name}}}" in word for word in command[1:]):
            raise LayersError("The command needs {place} among its arguments.", place=f"{{{name}}}")


def _filled_in(word: str, paths: dict[str, str]) -> str:
    for name, path in paths.items():
        word = word.replace(f"{{{name}}}", path)
    return word
