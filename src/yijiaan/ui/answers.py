"""How a deed leads on: to the next page, whether its form stood on a page or in a dialog over one."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect


def lead_on(request: HttpRequest, url: str) -> HttpResponse:
    """To the page that follows. A dialog is told the address only, so that its message is shown there and not fetched away."""
    if request.headers.get("X-Dialog"):
        return HttpResponse(status=204, headers={"X-Location": url})
    return HttpResponseRedirect(url)
