"""Checklists: what is looked at, asked and measured, in versions, and what was found each time.

Tables: `Template`, `Version`, `Item` (a template is changed by a new version), `Run` (one version over one subject, which stays on
it), `Answer`. Deeds: `write_template`, `switch_template`, `start_run`, `answer_items`, `finish_run`. What becomes of an item that
failed is the business of the app that owns the subject.
"""
