"""What pip has been told of indexes, proxies and certificates, for programs that do not read it."""

import ast
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..environment import spawn_options


@dataclass(frozen=True)
class PipSettings:
    """Settings of pip that decide from where packages come.

    Attributes:
        find_links: Places with wheels.
        index_url: The package index in place of the public one.
        extra_index_urls: Further ones.
        proxy: URL of a proxy.
        cert: File of certificates to be trusted.
    """

    find_links: list[str] = field(default_factory=list)
    index_url: str | None = None
    extra_index_urls: list[str] = field(default_factory=list)
    proxy: str | None = None
    cert: str | None = None


def pip_settings() -> PipSettings:
    """Settings of pip's configuration files and variables; the latter count more.

    Empty where this Python has no pip.
    """
    # Not `get`: pip 23 does not find there what it lists here.
    command = [sys.executable, "-X", "utf8", "-m", "pip", "config", "list"]
    answer = subprocess.run(command, capture_output=True, encoding="utf-8", **spawn_options())
    found = {}
    for source in ("global", "install", ":env:"):
        lines = re.findall(rf"^{source}\.([\w-]+)=(.+)$", answer.stdout, re.MULTILINE)
        found |= {name: str(ast.literal_eval(value)) for name, value in lines}
    return PipSettings(
        found.get("find-links", "").split(),
        found.get("index-url"),
        found.get("extra-index-url", "").split(),
        found.get("proxy"),
        found.get("cert"),
    )


def as_uv_environ(settings: PipSettings, environ: Mapping[str, str]) -> dict[str, str]:
    """Environment variables by which uv does what pip was told, beside those that are set."""
    wanted = {
        "UV_DEFAULT_INDEX": settings.index_url,
        "UV_INDEX": " ".join(settings.extra_index_urls),
        # pip takes the best version of all indexes; whatever comes is compared with its hash.
        "UV_INDEX_STRATEGY": "unsafe-best-match" if settings.extra_index_urls else None,
        "SSL_CERT_FILE": settings.cert,
        "HTTPS_PROXY": settings.proxy,
        "HTTP_PROXY": settings.proxy,
    }
    said = {name.upper() for name, value in environ.items() if value}
    # Who has told uv itself where packages are does not need pip's word.
    if said & {"UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL"}:
        said |= {"UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_STRATEGY"}
    if "ALL_PROXY" in said:
        said |= {"HTTPS_PROXY", "HTTP_PROXY"}
    return {name: value for name, value in wanted.items() if value and name not in said}
