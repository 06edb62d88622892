from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.core.errors import NotFound, RuleError
from yijiaan.core.scope import system
from yijiaan.core.web import apply_rule_error
from yijiaan.engines.jobs.permissions import RETRY
from yijiaan.engines.jobs.queries import list_troubled_jobs
from yijiaan.operations import actions, permissions
from yijiaan.operations.forms import DaysForm
from yijiaan.operations.metrics import may_read, write_metrics
from yijiaan.operations.queries import list_backups, list_kept, list_purges, list_signs

MOST = 20


@staff_only
@never_cache
@require_safe
def state(request: HttpRequest) -> HttpResponse:
    """运行情况: what works, what does not, and what to do about it."""
    actor = request.actor  # type: ignore[attr-defined]
    signs = list_signs(actor)
    context = {
        "signs": signs,
        "troubles": sum(sign.kind == "late" for sign in signs),
        "jobs": list_troubled_jobs(actor)[:MOST],
        "may_retry": actor.may(RETRY),
        "backups": list_backups(actor)[:MOST],
        "may_keep": actor.may(permissions.KEEP),
    }
    return render(request, "operations/state.html", context)


@staff_only
@require_POST
def retry(request: HttpRequest, job_id: int) -> HttpResponse:
    """重做."""
    try:
        actions.retry_job(actor=request.actor, job_id=job_id)  # type: ignore[attr-defined]
    except RuleError as error:
        messages.warning(request, error.message)
    else:
        messages.success(request, "已放回队列，一会儿就做；做成了，这里就看不到它了。")
    return redirect("operations:state")


@staff_only
@never_cache
@require_safe
def retention(request: HttpRequest) -> HttpResponse:
    """资料保存多久: each kind, and what was deleted."""
    actor = request.actor  # type: ignore[attr-defined]
    purges = list_purges(actor)[:MOST]
    kept = list_kept(actor)
    labels = {line.kind.code: line.kind.label for line in kept}
    lines = [(labels.get(purge.kind, purge.kind), purge) for purge in purges]
    return render(
        request, "operations/retention.html", {"kept": kept, "purges": lines, "may_keep": actor.may(permissions.KEEP)}
    )


@staff_only
@never_cache
@require_http_methods(["GET", "POST"])
def set_retention(request: HttpRequest, kind: str) -> HttpResponse:
    """One kind's number of days."""
    actor = request.actor  # type: ignore[attr-defined]
    actor.require(permissions.KEEP)
    line = next((line for line in list_kept(actor) if line.kind.code == kind), None)
    if line is None:
        raise NotFound
    form = DaysForm(request.POST) if request.method == "POST" else DaysForm(initial={"days": line.days})
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_retention(actor=actor, kind=kind, days=form.cleaned_data["days"])
        except RuleError as error:
            apply_rule_error(form, error)
        else:
            messages.success(request, f"已记下：“{line.kind.label}”的保存期限。今晚起按新的期限清理。")
            return redirect("operations:retention")
    return render(request, "operations/set_retention.html", {"line": line, "form": form})


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for a monitoring machine, in Prometheus' text format; to everybody else there is no such page."""
    if not may_read(request):
        raise NotFound
    return HttpResponse(write_metrics(system("metrics")), content_type="text/plain; version=0.0.4; charset=utf-8")
