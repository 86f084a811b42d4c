"""Messages between parent and child: one JSON object per line, UTF-8.

The child begins with `{"type": "hello", "protocol": 6, "python": [3, 11, 7]}`. The parent asks
with `{"type": ..., "id": n, ...}`, where the type is `start`, `picture`, `infer`, `video`, `fill`,
`get_weights`, `add_weights` or `verify_weights`, and may send `{"type": "cancel", "id": n}`, of
which the child says at once that it was `heard`, also while the networks run. To each request it
answers with any number of `progress` messages and one `result` or `error`. All have the request's
id. An array goes as the name of a `.npy` file in the request's own folder. An `infer` has the
fields of `InferRequest`, a `video` those of `VideoRequest`, a `fill` those of `FillRequest`.
"""

import json

PROTOCOL = 6
LONGEST = 1 << 20  # bytes of a line; a longer one is no message


class BadMessage(Exception):
    """The line is not a valid message."""


def encode(message: dict) -> bytes:
    """Encode a message as a line."""
    return json.dumps(message).encode() + b"\n"


def decode(line: bytes) -> dict:
    """Decode the message in a line.

    Raises:
        BadMessage: The line is incomplete or not a JSON object with a `type`.
    """
    try:
        message = json.loads(line) if line.endswith(b"\n") else None
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise BadMessage(excerpt(line))
    return message


def excerpt(line: bytes) -> str:
    """The beginning of a line that is no message, for an error."""
    return line[:80].decode(errors="replace").strip()
