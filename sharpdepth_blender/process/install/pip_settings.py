"""pip's settings for indexes, proxies and certificates, for programs that do not read them."""

import ast
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..environment import spawn_options


@dataclass(frozen=True)
class PipSettings:
    """pip settings that determine the source of packages.

    Attributes:
        find_links: Wheel locations.
        index_url: Package index instead of the public one.
        extra_index_urls: Additional indexes.
        proxy: URL of a proxy.
        cert: File with trusted certificates.
    """

    find_links: list[str] = field(default_factory=list)
    index_url: str | None = None
    extra_index_urls: list[str] = field(default_factory=list)
    proxy: str | None = None
    cert: str | None = None


def pip_settings() -> PipSettings:
    """Read the settings from pip's configuration files and, with precedence, variables.

    Empty if this Python has no pip.
    """
    # Not `get`: pip 23 does not find settings there that it lists here.
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
    """Return environment variables that give uv the settings of pip, unless already set."""
    wanted = {
        "UV_DEFAULT_INDEX": settings.index_url,
        "UV_INDEX": " ".join(settings.extra_index_urls),
        # pip takes the best version from all indexes; hashes are verified in any case.
        "UV_INDEX_STRATEGY": "unsafe-best-match" if settings.extra_index_urls else None,
        "SSL_CERT_FILE": settings.cert,
        "HTTPS_PROXY": settings.proxy,
        "HTTP_PROXY": settings.proxy,
    }
    said = {name.upper() for name, value in environ.items() if value}
    # Settings for uv itself take precedence over pip's.
    if said & {"UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL"}:
        said |= {"UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_STRATEGY"}
    if "ALL_PROXY" in said:
        said |= {"HTTPS_PROXY", "HTTP_PROXY"}
    return {name: value for name, value in wanted.items() if value and name not in said}
