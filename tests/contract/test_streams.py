"""Every variant of every market stream, and its control commands: subscribed to and watched."""

import pytest


@pytest.mark.asyncio(loop_scope="session")
async def test_stream(case, verdict):
    """The messages have the documented structure, pace and order."""
    await verdict(case)


test_stream.case_kinds = ("stream",)
