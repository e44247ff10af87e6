"""Who imports whom, read from the source; `python -m tests.architecture` draws it in docs/architecture.md."""

import ast
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "architecture.md"
_BEGIN = "<!-- imports: written by `python -m tests.architecture` -->\n"
_END = "<!-- end of imports -->"


@cache
def modules() -> dict[str, Path]:
    """Every module of the app by its dotted name."""
    files = [
        ROOT / "app.py",
        ROOT / "main.py",
        *ROOT.glob("pages/**/*.py"),
        *ROOT.glob("cnn/**/*.py"),
    ]
    result = {}
    for path in files:
        parts = path.relative_to(ROOT).with_suffix("").parts
        result[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return result


def imports(source: str, everywhere: bool) -> Iterator[str]:
    """Dotted names that a source imports: everywhere in it, or only when it is itself imported."""
    waiting: list[ast.AST] = [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = str(node.module) if node.level == 0 else "." * node.level
            yield package
            yield from (f"{package}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node) if everywhere else [])
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            waiting.extend(node.body if everywhere else [])
            waiting.extend(node.orelse)
        else:
            waiting.extend(ast.iter_child_nodes(node))


@cache
def imports_of(name: str, everywhere: bool = True) -> frozenset[str]:
    """What a module imports, by dotted names."""
    return frozenset(imports(modules()[name].read_text("utf-8"), everywhere))


@cache
def own_imports(name: str, everywhere: bool) -> set[str]:
    """The app's own modules among the imports of one of them."""
    return {imported for imported in imports_of(name, everywhere) if imported in modules()} - {name}


@cache
def loaded_with(name: str) -> set[str]:
    """A module and all of the app's own that are loaded when it is imported."""
    loaded: set[str] = set()
    waiting = [name]
    while waiting:
        module = waiting.pop()
        if module not in loaded:
            loaded.add(module)
            waiting.extend(own_imports(module, everywhere=False))
    return loaded


def roots(names: frozenset[str]) -> set[str]:
    """The packages that dotted names belong to."""
    return {name.split(".")[0] for name in names}


def layer_of(name: str) -> str | None:
    """The part of the app a module belongs to: "pages", "ui", "training", "operations", ..."""
    parts = name.split(".")
    if parts[0] in ("app", "pages"):
        return "pages"
    return parts[1] if len(parts) > 1 else None


def ui_folder_of(name: str) -> str | None:
    """The folder of `cnn/ui` a module belongs to; None outside of it."""
    parts = name.split(".")
    return parts[2] if parts[:2] == ["cnn", "ui"] and len(parts) > 2 else None


def arrows(group_of: Callable[[str], str | None]) -> set[tuple[str, str]]:
    """Which groups of modules import from which others."""
    pairs = {
        (group_of(name), group_of(imported))
        for name in modules()
        for imported in own_imports(name, everywhere=True)
    }
    return {(start, end) for start, end in pairs if start and end and start != end}


def diagram() -> str:
    """The arrows between the parts of the app, and between the folders of `cnn/ui`, as Mermaid."""
    lines = []
    for title, group_of in (("The parts", layer_of), ("Inside `cnn/ui/`", ui_folder_of)):
        drawn = (f"  {start} --> {end}" for start, end in sorted(arrows(group_of)))
        lines += [f"{title}:", "", "```mermaid", "flowchart TD", *drawn, "```", ""]
    return "\n".join(lines)


def document(text: str) -> str:
    """The text of docs/architecture.md with its diagram as the imports are now."""
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n{diagram()}\n{_END}{after}"


if __name__ == "__main__":
    DOCUMENT.write_text(document(DOCUMENT.read_text("utf-8")), "utf-8")
