"""A server on the loopback that stands in for the hub and for a host of releases."""

import hashlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "0123456789abcdef0123456789abcdef01234567"
PIECE = 1 << 16


@dataclass
class Fault:
    """What goes wrong with one file.

    Attributes:
        status: Answered in place of the file.
        cut: Bytes of an answer after which the connection breaks.
        times: How often that happens.
        etag: Told in place of the true one.
        pause: Seconds before each piece of an answer.
        whole: Whether all of it is sent, whatever part is asked for.
        body: Sent in place of the true content, under the true one's hash.
    """

    status: int = 0
    cut: int = 0
    times: int = 1
    etag: str = ""
    pause: float = 0.0
    whole: bool = False
    body: bytes | None = None


@dataclass
class Host:
    """Files by their path, and what was asked for.

    Attributes:
        files: `/owner/name/file` of a repository, or the whole path of a release's part.
        faults: By the same path.
        served: Bytes of the bodies that were sent, by path.
        ranges: Value of each Range header that came, by path.
        requests: Method and path of everything that came.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)
    served: dict[str, int] = field(default_factory=dict)
    ranges: dict[str, list[str]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    commit: str = COMMIT
    url: str = ""

    def __enter__(self):
        host = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_HEAD(self):
                host.answer(self, body=False)

            def do_GET(self):
                host.answer(self, body=True)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def publish(self, repository: str, files: dict[str, bytes]) -> None:
        """Put files into a repository of the hub."""
        self.files |= {f"/{repository}/{name}": data for name, data in files.items()}

    def answer(self, request, body: bool) -> None:
        """Answer one request as the hub does: `/owner/name/resolve/revision/file`."""
        path = request.path.partition("?")[0]
        if "://" in path:  # asked as a proxy
            path = "/" + path.split("/", 3)[3]
        self.requests.append(f"{request.command} {path}")
        words = path.split("/")
        if words[3:4] == ["resolve"]:
            path = "/".join([*words[:3], *words[5:]])
        fault = self.faults.get(path, Fault())
        data = self.files.get(path)
        if data is None or fault.status:
            request.send_response(fault.status or 404)
            request.send_header("X-Error-Code", "EntryNotFound" if not fault.status else "")
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        true = data
        data = data if fault.body is None else fault.body
        start = 0
        if wanted := request.headers.get("Range"):
            self.ranges.setdefault(path, []).append(wanted)
            start = 0 if fault.whole else int(wanted.removeprefix("bytes=").split("-")[0])
        request.send_response(206 if start else 200)
        if start:
            request.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        request.send_header("Content-Length", str(len(data) - start))
        request.send_header("X-Repo-Commit", self.commit)
        etag = hashlib.sha256(true).hexdigest()
        if not path.endswith(".safetensors"):  # what git keeps itself is told by git's own hash
            etag = hashlib.sha1(b"blob %d\0" % len(true) + true).hexdigest()
        request.send_header("ETag", f'"{fault.etag or etag}"')
        request.end_headers()
        if body:
            self._send(request, path, data[start:], fault)

    def _send(self, request, path, data, fault):
        limit = len(data)
        if fault.cut and fault.times:
            fault.times -= 1
            limit = min(limit, fault.cut)
        try:
            for begin in range(0, limit, PIECE):
                threading.Event().wait(fault.pause)  # `time.sleep` is the tests' to change
                piece = data[begin : min(begin + PIECE, limit)]
                request.wfile.write(piece)
                self.served[path] = self.served.get(path, 0) + len(piece)
        except OSError:
            pass  # the other side has had enough
        if limit < len(data):
            request.close_connection = True
            request.connection.shutdown(2)


def safetensors(seed: int, count: int) -> bytes:
    """A file with one tensor of `count` bytes, another content for another seed."""
    header = {"weight": {"dtype": "U8", "shape": [count], "data_offsets": [0, count]}}
    head = json.dumps(header).encode()
    block = hashlib.sha512(str(seed).encode()).digest()
    body = (block * (count // len(block) + 1))[:count]
    return len(head).to_bytes(8, "little") + head + body
