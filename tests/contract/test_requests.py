"""Every documented variant of every request: sent, answered, compared with its documented example."""

import pytest


@pytest.mark.asyncio(loop_scope="session")
async def test_request(case, verdict):
    """The answer has the documented structure."""
    await verdict(case)


test_request.case_kinds = ("documented", "signature")
