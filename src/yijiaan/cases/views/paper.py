"""打印: a case as a PDF."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from yijiaan.accounts.access import staff_only
from yijiaan.cases import actions
from yijiaan.cases.paths import case_path
from yijiaan.core.errors import RuleError
from yijiaan.ui.paper import write_pdf


@staff_only
@never_cache
@require_POST
def print_case(request: HttpRequest, number: str) -> HttpResponse:
    """The PDF in the window; with `look` what was opened on the page before stands in full."""
    try:
        look = UUID(request.POST["look"]) if request.POST.get("look") else None
    except ValueError:
        look = UUID(int=0)  # no look has it: the action says so
    try:
        values = actions.print_case(actor=request.actor, number=number, look=look)  # type: ignore[attr-defined]
    except RuleError as error:
        messages.warning(request, error.message)
        return redirect(case_path(number))
    response = HttpResponse(write_pdf("cases/dossier.typ", values), content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(False, f"事件 {number}.pdf") or "inline"
    return response
