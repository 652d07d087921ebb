"""TLS with a certificate made at run time: clients that trust its authority get through, others do not."""

from __future__ import annotations

import ssl

import aiohttp
import pytest
from cryptography import x509

from wireproof.venue.serving.certificate import certify
from wireproof.venue.serving.server import Venue


def test_it_is_for_this_machine_and_for_the_names():
    [loaded] = x509.load_pem_x509_certificates(certify(["venue", "10.0.0.1"]).authority.encode())
    assert loaded.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert certify().authority != certify().authority


async def test_a_venue_over_tls(keys):
    """REST, the WebSocket API and streams; only for who trusts the authority, and without a word of plain HTTP."""
    async with Venue(keys=keys, tls=True) as venue:
        trusting = ssl.create_default_context(cadata=venue.authority)
        trusting.verify_flags |= ssl.VERIFY_X509_STRICT  # the default since Python 3.13
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusting)) as http:
            for host in ("127.0.0.1", "localhost"):
                async with http.get(f"https://{host}:{venue.port}/fapi/v1/time") as answer:
                    assert answer.status == 200
            async with http.ws_connect(venue.ws_api_url) as socket:
                await socket.send_json({"id": 1, "method": "session.status"})
                assert (await socket.receive_json(timeout=5))["status"] == 200
            async with http.ws_connect(f"{venue.addresses.roots['usdm']['public']}/ws/btcusdt@depth5@100ms") as stream:
                assert (await stream.receive_json(timeout=5))["e"] == "depthUpdate"
        assert venue.ws_api_url.startswith("wss://127.0.0.1:")
        async with aiohttp.ClientSession() as wary:
            with pytest.raises(aiohttp.ClientConnectorCertificateError):
                await wary.get(f"{venue.rest_url}/fapi/v1/time")
