from uuid import UUID

from django.db.models import QuerySet

from yijiaan.core.scope import Actor
from yijiaan.engines.todos.models import Todo


def list_open_todos(actor: Actor, *, subject_type: str = "", kinds: tuple[str, ...] = ()) -> QuerySet[Todo]:
    """Open duties that the actor may see, those due first at the head."""
    todos = Todo.objects.visible_to(actor).open()
    if subject_type:
        todos = todos.filter(subject_type=subject_type)
    if kinds:
        todos = todos.filter(kind__in=kinds)
    return todos.order_by("due_at", "id")


def list_todos_of(actor: Actor, *, county: str, subject_id: UUID) -> QuerySet[Todo]:
    """All duties of one subject, oldest first. The caller has made sure that the actor may see the subject."""
    return Todo.objects.filter(county=county, subject_id=subject_id).order_by("opened_at", "id")
