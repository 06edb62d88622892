"""The address of a case. Lists name twenty of them: looking each up in the table of addresses would cost more than its row."""

from functools import lru_cache

from django.urls import get_urlconf, reverse


@lru_cache(maxsize=8)
def _around(name: str, urlconf: str | None) -> tuple[str, str]:
    before, _, after = reverse(name, args=["NUMBER"]).partition("NUMBER")
    return before, after


def case_path(number: str, deed: str = "case") -> str:
    """The address of a case, or of a deed on it (`sign`, `finish`)."""
    before, after = _around(f"cases:{deed}", get_urlconf())
    return f"{before}{number}{after}"
