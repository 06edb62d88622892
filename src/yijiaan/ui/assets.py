"""Third-party browser files by an allow list, and the hashed static storage."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage, Error
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

# public name -> file inside node_modules: the only third-party files that are collected, each with its licence beside it
NODE_FILES = {
    "vendor/htmx/htmx.min.js": "htmx.org/dist/htmx.min.js",
    "vendor/htmx/LICENSE": "htmx.org/LICENSE",
    "vendor/leaflet/leaflet.js": "leaflet/dist/leaflet.js",
    "vendor/leaflet/leaflet.css": "leaflet/dist/leaflet.css",
    "vendor/leaflet/images/layers.png": "leaflet/dist/images/layers.png",
    "vendor/leaflet/images/layers-2x.png": "leaflet/dist/images/layers-2x.png",
    "vendor/leaflet/images/marker-icon.png": "leaflet/dist/images/marker-icon.png",
    "vendor/leaflet/LICENSE": "leaflet/LICENSE",
    "vendor/echarts/echarts.js": "echarts/dist/echarts.esm.min.js",
    "vendor/echarts/LICENSE": "echarts/LICENSE",
    # not for browsers: what is printed on our side is set in it, and a built wheel has no node_modules
    "vendor/noto-sans-sc/regular.ttf": "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf",
    "vendor/noto-sans-sc/semibold.ttf": "@expo-google-fonts/noto-sans-sc/600SemiBold/NotoSansSC_600SemiBold.ttf",
    "vendor/noto-sans-sc/LICENSE": "@expo-google-fonts/noto-sans-sc/LICENSE_FONT",
}


class NodeStorage(FileSystemStorage):
    """Reads a public name from the place that the allow list gives it."""

    def path(self, name: str) -> str:
        """The file behind a public name."""
        return str(Path(self.location) / NODE_FILES.get(name, name))


class NodeFinder(BaseFinder):
    """Finds the files of the allow list in settings.NODE_MODULES."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        self.storage = NodeStorage(location=settings.NODE_MODULES)

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """Name what is missing; an installation whose files are already collected needs no node_modules."""
        return [
            Error(f"{source} is missing from {settings.NODE_MODULES}", hint="run: npm ci", id="ui.E001", obj=public)
            for public, source in NODE_FILES.items()
            if not (Path(settings.NODE_MODULES) / source).is_file()
            and not (Path(settings.STATIC_ROOT) / public).is_file()
        ]

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The file of a public name, or nothing."""
        found = [self.storage.path(path)] if path in NODE_FILES else []
        if find_all:
            return found
        return found[0] if found else []

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, NodeStorage]]:
        """Every file that exists; the check has named the others."""
        for public in NODE_FILES:
            if self.storage.exists(public):
                yield public, self.storage


class Storage(CompressedManifestStaticFilesStorage):
    """Hashed names and compressed copies. Imports are rewritten in our own modules only."""

    support_js_module_import_aggregation = True

    def url_converter(self, name: str, hashed_files: dict[str, str], template: str | None = None) -> Callable[..., str]:
        """Leave third-party scripts as they are: their comments hold text that looks like an import or a source map."""
        if name.endswith(".js") and not name.startswith("yj/"):
            return lambda match: match[0]
        return super().url_converter(name, hashed_files, template)
