"""Where a case stands in the Allure report: a case keeps its place there, whichever run or machine wrote it."""

from __future__ import annotations

import hashlib
import uuid

#: Allure 3 knows a result's page by the digest of the result's identifier.
_CASES = uuid.UUID("6f4a6f0e-7d0c-4b0a-9d58-5a5f3f3f5b3e")


def result_uuid(target: str, case: str) -> str:
    """Return the identifier that the Allure result of a case has, which would be another one in every run."""
    return str(uuid.uuid5(_CASES, f"{target} {case}"))


def allure_page(target: str, case: str) -> str:
    """Return the fragment of the case's page in the report: `allure/index.html#` and this."""
    return hashlib.md5(result_uuid(target, case).encode(), usedforsecurity=False).hexdigest()
