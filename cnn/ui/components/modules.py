"""The JavaScript modules and style sheets in static/, which Streamlit serves as they are."""

import hashlib
import json
import re
from functools import cache
from pathlib import Path

from cnn.ui.common import theme

FOLDER = Path(__file__).parents[3] / "static"
_LOADER = Path(__file__).with_name("loader.js")
_IMPORT = re.compile(r'(?<=\bfrom ")\.[^"]+(?=";$)', re.MULTILINE)


def style(name: str) -> str:
    """The style sheet of a component for a page without a server, with the app's colors."""
    return f"{theme.css_variables()}\n{(FOLDER / f'{name}.css').read_text('utf-8')}"


def loader(name: str) -> str:
    """The script that Streamlit sends with a component's messages; see loader.js."""
    settings = [name, modules_of(name), _version()]
    call = ", ".join(json.dumps(setting) for setting in settings)
    return f"{_LOADER.read_text('utf-8')}\nexport default loaded({call});\n"


@cache
def modules_of(name: str) -> tuple[str, ...]:
    """The module of a component and all that it imports, by their paths in static/."""
    waiting, found = [f"{name}.js"], set()
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting += [_path(file, specifier) for specifier in _IMPORT.findall(_source(file))]
    return tuple(sorted(found))


def with_bare_imports(file: str) -> str:
    """A module that imports the others by their paths in static/, as an import map names them.

    A page without a server has its modules in data: URLs, to which nothing is relative.
    """
    return _IMPORT.sub(lambda match: _path(file, match[0]), _source(file))


def _path(file: str, specifier: str) -> str:
    """The path in static/ of what a file imports: "../colors.js" of network/strip.js is colors.js."""
    return (FOLDER / file).parent.joinpath(specifier).resolve().relative_to(FOLDER).as_posix()


def _source(file: str) -> str:
    return (FOLDER / file).read_text("utf-8")


@cache
def _version() -> str:
    """Another one whenever a module or a style sheet changes."""
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted([*FOLDER.rglob("*.js"), *FOLDER.rglob("*.css")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()
