"""我的导出: files that the viewer asked for, how far they are, and the way to fetch them."""

from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.core.errors import RuleError
from yijiaan.engines.tabular.actions import take_export
from yijiaan.engines.tabular.queries import list_exports

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@staff_only
@never_cache
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """The list, or its rows alone for the page that asks every other second while one is being written."""
    exports = list(list_exports(request.actor))  # type: ignore[attr-defined]
    template = "portal/exports.html" + ("#rows" if request.htmx else "")  # type: ignore[attr-defined]
    return render(request, template, {"exports": exports, "is_going": any(export.is_going for export in exports)})


@staff_only
@never_cache
@require_safe
def fetch(request: HttpRequest, export_id: UUID) -> HttpResponseBase:
    """The file itself."""
    try:
        export = take_export(actor=request.actor, export_id=export_id)  # type: ignore[attr-defined]
    except RuleError as error:
        messages.info(request, error.message)
        return redirect("portal:exports")
    return FileResponse(export.path.open("rb"), as_attachment=True, filename=export.file_name, content_type=XLSX)
