"""What the knowledge base says beside a question, with one click to answer by it: two apps of one floor meet here."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from yijiaan.cases.models import Case, Kind
from yijiaan.core.scope import Actor
from yijiaan.knowledge.queries import find_articles

MOST = 3


def knowledge_panel(request: HttpRequest, actor: Actor, *, case: Case, said: str) -> SafeString | str:
    """Articles that an open question may mean."""
    if case.kind != Kind.ENQUIRY or not case.is_open or not actor.may("knowledge.read"):
        return ""
    articles = find_articles(actor, question=f"{case.title} {said}", most=MOST)
    if not articles:
        return ""
    context = {
        "articles": articles,
        "may_answer": case.status == "received" and actor.may("cases.answer_enquiry"),
        "answer_url": reverse("cases:answer_enquiry", args=[case.number]),
        "version": case.version,
    }
    return render_to_string("knowledge/panel.html", context, request=request)
