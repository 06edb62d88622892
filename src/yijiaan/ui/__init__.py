"""界面组件: the four shells, the ui kit, and everything a page needs around its own content. No tables.

Shells: `ui/desk.html`, `ui/field.html`, `ui/resident.html`, and `ui/gate.html` for the pages before a post is chosen.
Kit: tags and filters of `templatetags/kit.py` (a template builtin), styles in `static/yj/css/`, behaviour in
`static/yj/ui/`.
Apps add themselves to the menus through `navigation.register`, and to the bell through `navigation.provide_unread`.
Third-party browser files come from node_modules through the allow list in `assets.py`, never from a copy here.
"""
