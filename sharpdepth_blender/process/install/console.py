"""Console output and subprocesses of the installer, all logged to a file."""

import subprocess
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from ..environment import spawn_options

WRONG_HASH = (
    "The hash of a downloaded package differs from the lock file: it is damaged, or its source "
    "cannot be trusted. It was not installed."
)

# Lowercase output of uv, pip and operating systems, and the corresponding message for the user.
_CAUSES = {
    ("hash mismatch", "do not match the hashes", "hashes are required"): WRONG_HASH,
    ("no space left on device", "os error 28", "os error 112", "not enough space on the disk"): (
        "The disk is full."
    ),
    ("certificate", "cert_"): (
        "The connection is not trusted: this system does not know the certificate of the package "
        "index or of a proxy."
    ),
    (
        "dns error",
        "error sending request",
        "connection refused",
        "connection reset",
        "newconnectionerror",
        "nameresolutionerror",
        "network is unreachable",
        "timed out",
        "proxyerror",
        "tunnel error",
        "proxy authentication",
    ): (
        "Cannot reach the package index, and no wheels folder contains the missing packages: "
        "connect to the network, or specify a folder with --find-links."
    ),
    ("access is denied", "os error 5)", "permission denied", "os error 13"): (
        "No permission to write a file: check that you own the folder and that Blender is closed."
    ),
}


class InstallError(Exception):
    """The installation cannot go on; `str` is a sentence."""


class CommandError(InstallError):
    """A program failed."""

    def __init__(self, lines: Sequence[str]):
        super().__init__(explain(lines))


class Console:
    """Prints, runs programs, and keeps a log of both.

    Args:
        log: File to add to.
    """

    def __init__(self, log: Path):
        self._log = log
        self._write(f"\n==== {datetime.now():%Y-%m-%d %H:%M:%S}")

    def say(self, text: str) -> None:
        """Print and log a message."""
        print(text, flush=True)
        self._write(text)

    def run(
        self,
        command: Sequence[str | Path],
        *,
        quiet: bool = False,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        """Run a program to completion; its output is logged and, unless `quiet`, shown.

        Args:
            command: Program and arguments.
            quiet: Log only.
            environ: Additional environment variables.

        Raises:
            CommandError: The program failed or could not be started.
        """
        words = [str(word) for word in command]
        options = spawn_options()
        options["env"] |= environ or {}
        self._write(f"$ {subprocess.list2cmdline(words)}")
        lines = []
        try:
            with subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                cwd=self._log.parent,
                **options,
            ) as process:
                for line in process.stdout:
                    lines.append(line.rstrip())
                    self._write(lines[-1])
                    if not quiet:
                        print(f"  {lines[-1]}", flush=True)
        except OSError as error:
            raise CommandError([str(error)]) from error
        if process.returncode != 0:
            raise CommandError(lines)

    def _write(self, text: str) -> None:
        with self._log.open("a", encoding="utf-8", errors="replace") as log:
            log.write(f"{text}\n")


def explain(lines: Sequence[str]) -> str:
    """Return a sentence about why a program failed, from its output."""
    text = "\n".join(lines).lower()
    for signs, sentence in _CAUSES.items():
        if any(sign in text for sign in signs):
            return sentence
    errors = [line for line in lines if "error" in line.lower()] or lines[-1:] or ["no output"]
    return f"Installation failed: {errors[0].strip()}"
