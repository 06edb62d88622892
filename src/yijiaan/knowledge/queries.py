from uuid import UUID

from django.db.models import QuerySet

from yijiaan.core.bigrams import normal, pairs
from yijiaan.core.scope import Actor
from yijiaan.knowledge.models import Article

MOST_FOUND = 20
MOST_ASKED = 80  # characters of a question
LEAST_SHARE = 0.34
NOISE = pairs(normal("怎么办理需要什么材料去哪里可以吗请问一下我想问"))


def list_articles(actor: Actor, *, words: str = "") -> QuerySet[Article]:
    """What the actor may read, by title; with words those that hold them, each word somewhere."""
    articles = Article.objects.visible_to(actor).select_related("unit", "area").order_by("title", "id")
    for word in _normal_words(words):
        wanted = pairs(word)
        articles = articles.filter(marks__contains=sorted(wanted)) if wanted else articles
        articles = articles.filter(words__contains=word)
    return articles


def _normal_words(words: str) -> list[str]:
    """The words of a search."""
    return [part for part in (normal(word) for word in words.replace("\0", " ").split()) if part][:6]


def find_articles(actor: Actor, *, question: str, most: int = 5) -> list[Article]:
    """Published articles that a question in plain words may mean, likeliest first: by the pairs of characters that they share,
    those apart that every question holds."""
    asked = pairs(normal(question.replace("\0", "")[:MOST_ASKED])) - NOISE
    if not asked:
        return []
    rows = Article.objects.visible_to(actor).filter(status="published", marks__overlap=sorted(asked))
    scored = []
    for article in rows.select_related("unit", "area")[:200]:
        heading = pairs(normal(article.title)) | pairs(normal(article.aliases))
        shared = asked & set(article.marks)
        share = len(shared) / len(asked) + len(asked & heading) / max(len(heading), 1)
        if share >= LEAST_SHARE:
            scored.append((share, article))
    scored.sort(key=lambda line: (-line[0], line[1].title))
    return [article for _, article in scored[:most]]


def get_article(actor: Actor, *, article_id: UUID) -> Article:
    """One article that the actor may read; NotFound otherwise."""
    article: Article = Article.objects.select_related("unit", "area").get_visible(actor, id=article_id)
    return article
