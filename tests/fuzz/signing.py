"""What Schemathesis loads beside a document: it signs requests, so that they come past the check of the signature.

Half of them are given a listed symbol, and most the time of now and a sound `recvWindow`, to reach what is behind
those; the others stay as generated. Which ones depends on the request alone.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import time
import zlib
from urllib.parse import urlsplit

import schemathesis

KEY, SECRET = os.environ["FUZZ_API_KEY"], os.environ["FUZZ_API_SECRET"].encode()
SYMBOLS = json.loads(os.environ["FUZZ_SYMBOLS"])


class Signed:
    """Signs a prepared request of `requests`."""

    def __call__(self, request):
        """Return the request with key, and where it has a timestamp or a signature, with a sound one."""
        parts = urlsplit(request.url)
        pairs = [tuple(pair.partition("=")[::2]) for pair in parts.query.split("&") if pair]
        signed = any(name in {"timestamp", "signature"} for name, _ in pairs)
        pairs = [(name, value) for name, value in pairs if name != "signature"]
        chance = zlib.crc32(request.url.encode())
        sound = {}
        if chance & 1:
            symbol = next(value for root, value in reversed(SYMBOLS.items()) if parts.path.startswith(root))
            sound |= {"symbol": symbol, "pair": symbol.partition("_")[0]}
        if signed and chance & 14:
            sound |= {"timestamp": str(int(time.time() * 1000)), "recvWindow": "5000"}
            pairs += [] if any(name == "timestamp" for name, _ in pairs) else [("timestamp", "")]
        pairs = [(name, sound.get(name, value)) for name, value in pairs]
        text = "&".join(f"{name}={value}" for name, value in pairs)
        if signed:
            text += f"&signature={hmac.new(SECRET, text.encode(), hashlib.sha256).hexdigest()}"
        request.url = parts._replace(query=text).geturl()
        request.headers["X-MBX-APIKEY"] = KEY
        return request


schemathesis.auth.set_from_requests(Signed())
