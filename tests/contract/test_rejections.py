"""Every request with one fault at a time: refused with the documented status and code."""

import pytest


@pytest.mark.asyncio(loop_scope="session")
async def test_rejection(case, verdict):
    """The refusal has the documented envelope, status and code."""
    await verdict(case)


test_rejection.case_kinds = ("rejection",)
