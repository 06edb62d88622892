from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.base import ContentFile

from yijiaan.ui.assets import NODE_FILES, NodeFinder, Storage


@pytest.fixture
def folders(settings: Any, tmp_path: Path) -> Path:
    settings.NODE_MODULES = tmp_path / "node_modules"
    settings.STATIC_ROOT = tmp_path / "static"
    return tmp_path


def test_only_the_allow_list_is_served(folders: Path) -> None:
    source = folders / "node_modules" / "leaflet" / "dist" / "leaflet.js"
    source.parent.mkdir(parents=True)
    source.write_text("L")
    (source.parent / "leaflet-src.js").write_text("not ours to serve")
    finder = NodeFinder()
    assert finder.find("vendor/leaflet/leaflet.js") == str(source)
    assert finder.find("vendor/leaflet/leaflet.js", find_all=True) == [str(source)]
    assert finder.find("leaflet/dist/leaflet-src.js") == []
    assert finder.find("vendor/leaflet/leaflet-src.js", find_all=True) == []
    assert [public for public, _ in finder.list(None)] == ["vendor/leaflet/leaflet.js"]


def test_the_check_names_what_is_missing_unless_it_was_collected(folders: Path) -> None:
    finder = NodeFinder()
    assert {problem.obj for problem in finder.check()} == set(NODE_FILES)
    for public in NODE_FILES:
        path = folders / "static" / public
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("collected")
    assert finder.check() == []


def test_every_third_party_script_has_its_licence() -> None:
    homes = {public.split("/")[1] for public in NODE_FILES}
    assert {f"vendor/{home}/LICENSE" for home in homes} <= set(NODE_FILES)


def test_imports_of_our_modules_are_rewritten_and_those_in_third_party_comments_left(folders: Path) -> None:
    storage = Storage(location=str(folders / "static"), base_url="/static/")
    files = {
        "yj/ui/start.js": 'import { copy } from "./copy.js";\nexport { copy };\n',
        "yj/ui/copy.js": "export const copy = 1;\n",
        "vendor/x/x.js": '// import { a } from "./nowhere.js"\n//# sourceMappingURL=x.js.map\n',
    }
    for name, text in files.items():
        storage._save(name, ContentFile(text.encode()))
    done = list(storage.post_process({name: (storage, name) for name in files}))
    assert not [each for each in done if isinstance(each[2], Exception)]
    start = Path(storage.path(storage.stored_name("yj/ui/start.js"))).read_text()
    copy = Path(storage.stored_name("yj/ui/copy.js")).name
    assert copy != "copy.js"
    assert f'"./{copy}"' in start
    vendor = Path(storage.path(storage.stored_name("vendor/x/x.js"))).read_text()
    assert vendor == files["vendor/x/x.js"]


def test_tests_of_pages_use_plain_names() -> None:
    assert staticfiles_storage.url("yj/css/kit.css").endswith("yj/css/kit.css")
