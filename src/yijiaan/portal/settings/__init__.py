"""设置: one list-and-form page a kind of setting, each over the actions of the app that owns it, with its history.

`pages.SettingPage` is the shape; every module beside it is one kind; `views` and three templates serve them all.
"""
