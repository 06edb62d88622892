"""知识库 for staff, and 办事指南 for everybody."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yijiaan.accounts.access import staff_only
from yijiaan.accounts.queries import PUBLIC, public_actor
from yijiaan.areas.queries import get_door
from yijiaan.core.errors import Conflict, NotFound, RuleError
from yijiaan.core.scope import Actor
from yijiaan.core.web import apply_rule_error
from yijiaan.knowledge import actions
from yijiaan.knowledge.forms import ArticleForm
from yijiaan.knowledge.models import Article
from yijiaan.knowledge.queries import find_articles, get_article, list_articles
from yijiaan.ui.paging import page_of

FIELDS = (
    "title", "aliases", "answer", "who_may", "documents", "place", "how_long", "steps", "phone", "source", "source_on",
    "valid_until",
)  # fmt: skip


@staff_only
@never_cache
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """All articles that the viewer may read, or those that hold some words."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("knowledge.read")
    words = request.GET.get("q", "").strip()[:80]
    page = page_of(request, list_articles(actor, words=words), keys=("title", "id"))
    likely = find_articles(actor, question=words) if words and not page.rows else []
    context = {"page": page, "words": words, "likely": likely, "may_write": actor.may("knowledge.write")}
    return render(request, "knowledge/list.html", context)


@staff_only
@never_cache
@require_safe
def article(request: HttpRequest, article_id: UUID) -> HttpResponse:
    """One article."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("knowledge.read")
    found = get_article(actor, article_id=article_id)
    may_write = actor.may("knowledge.write") and (found.unit_id == actor.unit_id or actor.covers(found.area_id))
    context = {"article": found, "parts": parts_of(found), "may_write": may_write}
    return render(request, "knowledge/article.html", context)


@staff_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, article_id: UUID | None = None) -> HttpResponse:
    """Write an article, or change one."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require("knowledge.write")
    found = get_article(actor, article_id=article_id) if article_id else None
    initial: dict[str, Any] = {}
    if found is not None:
        initial = {name: getattr(found, name) for name in FIELDS} | {
            "area": found.area_id,
            "seen_version": found.version,
        }
    form = ArticleForm(request.POST if request.method == "POST" else None, actor=actor, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            written = actions.write_article(
                actor=actor,
                facts=form.facts(),
                article_id=found.id if found else None,
                seen_version=form.cleaned_data["seen_version"] if found else None,
            )
        except RuleError as error:
            apply_rule_error(form, error)
        except Conflict as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"“{written.title}”存好了{'' if found else '，还是草稿，看过再发布'}。")
            return redirect("knowledge:article", written.id)
    return render(request, "knowledge/edit.html", {"form": form, "article": found}, status=422 if form.errors else 200)


@staff_only
@require_POST
def move(request: HttpRequest, article_id: UUID, name: str) -> HttpResponse:
    """发布 and 停用."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    deeds = {
        "publish": (actions.publish_article, "发布了，群众查得到。"),
        "retire": (actions.retire_article, "停用了。"),
    }
    if name not in deeds:
        raise NotFound
    deed, said = deeds[name]
    try:
        deed(actor=actor, article_id=article_id)
    except RuleError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, said)
    return redirect("knowledge:article", article_id)


@require_safe
def guides(request: HttpRequest, token: str) -> HttpResponse:
    """办事指南 of a town: what others look for, and an answer to a question in plain words."""
    area = get_door(PUBLIC, token=token)
    actor = public_actor(area.code, "snap_report")
    words = request.GET.get("q", "").strip()[:80]
    found = find_articles(actor, question=words, most=10) if words else []
    if words and not found:
        found = list(list_articles(actor, words=words)[:10])
    shown = found if words else list(list_articles(actor)[:50])
    return render(request, "knowledge/guides.html", {"area": area, "words": words, "articles": shown})


@require_safe
def guide(request: HttpRequest, token: str, article_id: UUID) -> HttpResponse:
    """One guide, for everybody."""
    area = get_door(PUBLIC, token=token)
    found = get_article(public_actor(area.code, "snap_report"), article_id=article_id)
    return render(request, "knowledge/guide.html", {"area": area, "article": found, "parts": parts_of(found)})


def parts_of(article: Article) -> list[tuple[str, list[str]]]:
    """What an article says, heading by heading, a line each; what it does not say is left out."""
    named = (
        ("谁能办", article.who_may), ("带什么", article.documents), ("去哪里", article.place), ("怎么办", article.steps),
        ("多久办好", article.how_long),
    )  # fmt: skip
    return [(label, [line for line in text.splitlines() if line.strip()]) for label, text in named if text.strip()]
