"""What the Django processes get to know: an environment made of ours, the data folder and the database."""

import os
import secrets
from pathlib import Path

from launch.places import ROOT, SOURCE, Data, write_private
from launch.postgres import Server


def django_environment(data: Data, server: Server | None, *, url: str = "") -> dict[str, str]:
    """The environment of a Django process. `url` overrides the database (commands that need none)."""
    if not os.environ.get("YIJIAAN_SECRET_KEY") and not data.secret_key.exists():
        write_private(data.secret_key, secrets.token_urlsafe(48) + "\n")
    environment = {**os.environ}
    environment["DJANGO_SETTINGS_MODULE"] = "yijiaan.project.settings"
    environment["PYTHONPATH"] = os.pathsep.join([str(SOURCE), str(ROOT)])
    environment["PYTHONUTF8"] = "1"
    environment["YIJIAAN_VAR"] = str(data.root)
    if server is not None:
        environment["DATABASE_URL"] = server.url
        environment["YIJIAAN_POSTGRES_TOOLS"] = str(server.tools)
    elif url:
        environment["DATABASE_URL"] = url
    return environment


def external_database() -> bool:
    """Whether DATABASE_URL names a database of the operator's own."""
    return bool(os.environ.get("DATABASE_URL", "").strip())


def data_folder(chosen: str | None) -> Data:
    """The data folder: the option --data, else YIJIAAN_VAR, else var/ in the clone; made when it is not there."""
    named = chosen or os.environ.get("YIJIAAN_VAR", "").strip()
    data = Data(Path(named).expanduser().absolute() if named else ROOT / "var")
    data.make()
    return data
