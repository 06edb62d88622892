from django.apps import AppConfig

from yijiaan.ui.navigation import Entry, Face, register


class KnowledgeConfig(AppConfig):
    name = "yijiaan.knowledge"
    label = "knowledge"
    verbose_name = "知识库"

    def ready(self) -> None:
        from yijiaan.engines.journal.providers import Subject, name_subject, name_verbs  # noqa: PLC0415 - models load after apps
        from yijiaan.knowledge import filled_forms  # noqa: PLC0415 - models load after apps
        from yijiaan.knowledge.permissions import READ  # noqa: PLC0415

        filled_forms.register()
        name_verbs(
            {
                "knowledge.article_written": "写知识库文章",
                "knowledge.article_changed": "改知识库文章",
                "knowledge.article_published": "发布知识库文章",
                "knowledge.article_retired": "停用知识库文章",
            }
        )
        name_subject("knowledge.article", Subject("知识库文章"))
        register(Entry("knowledge:list", "知识库", "book-open", Face.DESK, READ, order=50))
