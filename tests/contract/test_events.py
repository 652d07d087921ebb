"""Every user-data event that can be provoked: its cause is triggered, the event awaited."""

import pytest


@pytest.mark.asyncio(loop_scope="session")
async def test_event(case, verdict):
    """The event comes in the documented order and has the documented structure."""
    await verdict(case)


test_event.case_kinds = ("event",)
