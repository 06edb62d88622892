"""What ./run, ./test and ./yijiaan do. Standard library only: it runs before anything is installed.

serve         ./run: set up, start database, worker and web, watch over them
command       ./yijiaan: Django's command line with the right environment
check         ./test: every check, one summary
installation  virtual environment, locked packages, browser libraries, system packages
postgres      the embedded PostgreSQL          children     child processes that are watched and restarted
places        folders and files of a clone     environment  what the Django processes get to know
say           what the person at the terminal reads
prepare       the one module that runs inside Django: migrations, demo, static files in one process

This file and the three scripts keep to syntax that old Pythons can read, so that those get a sentence, not a traceback.
"""

import importlib
import os
import sys

LEAST = (3, 11)


def start(command: str) -> None:
    """Run a command of this package as a script; needs Python 3.11 and looks for one if this is older."""
    if sys.version_info < LEAST:
        _hand_over_to_newer_python()
    sys.exit(importlib.import_module("launch." + command).main(sys.argv[1:]))


def _hand_over_to_newer_python() -> None:
    for minor in range(19, LEAST[1] - 1, -1):
        for folder in os.environ.get("PATH", "").split(os.pathsep):
            python = os.path.join(folder, "python3.%d" % minor)  # noqa: PTH118, UP031
            # a shim that only says "not installed" must not be taken for an interpreter
            if os.access(python, os.X_OK) and os.system("'%s' -c '' >/dev/null 2>&1" % python) == 0:  # noqa: S605, UP031
                os.execv(python, [python] + sys.argv)  # noqa: RUF005, S606
    sys.stderr.write(
        "驿家安需要 Python 3.11 或更新的版本，这里只有 %d.%d：请先安装，例如 apt-get install python3.11。\n"  # noqa: UP031
        % sys.version_info[:2]
    )
    sys.exit(1)
