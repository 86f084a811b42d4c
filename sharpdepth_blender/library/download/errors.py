"""What a network says, as a sentence."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from httpx2 import HTTPError, TimeoutException
from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, OfflineModeIsEnabled

from ..errors import LibraryError


@contextmanager
def naming_network_faults(source) -> Iterator[None]:
    """Turn what a network says into a sentence.

    Raises:
        LibraryError: `offline`, `not_found` or `connection`.
    """
    source = f"{str(source)[0].upper()}{str(source)[1:]}"
    try:
        yield
    except OfflineModeIsEnabled as error:
        raise LibraryError(
            "offline",
            "Downloads are switched off by HF_HUB_OFFLINE: unset it, or add the weights "
            "from a folder with `sharpdepth models add`.",
        ) from error
    except HfHubHTTPError as error:
        code = error.response.status_code
        if code in (401, 403, 404, 410) or isinstance(error, EntryNotFoundError):
            kind, what = "not_found", f"does not have it, or not for everybody (HTTP {code})."
        else:
            kind, what = "connection", f"answers with HTTP {code}; try later."
        raise LibraryError(kind, f"{source} {what}") from error
    except (HTTPError, ConnectionError, ssl.SSLError) as error:
        what = "cannot be reached"
        if isinstance(error, TimeoutException):
            what = "did not answer in time"
        elif "CERTIFICATE" in str(error).upper():
            what = "cannot be trusted: its certificate, or a proxy's, is unknown to this system"
        raise LibraryError(
            "connection",
            f"{source} {what}; what has arrived is kept: try again, name a mirror in HF_ENDPOINT, "
            "or add files from a folder with `sharpdepth models add`.",
        ) from error
