"""引擎: generic machines with tables, each used by two or more apps. They know no area, account or app, only four string keys."""
