"""Makes generated/accord_api, the client, from spec/openapi.yaml.

    python spec/generate.py            writes what has changed
    python spec/generate.py --check    writes nothing; shows what would change, and exits 1

The same spec, templates and tools give the same bytes; `nox -s generate` pins the tools.
"""

from __future__ import annotations

import argparse
import difflib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HERE = Path(__file__).resolve().parent
CLIENT = HERE.parent / "generated" / "accord_api"
# Templates import whatever some model may need (F401, I); the generator sorts unions by name, and
# None reads best at the end (RUF036).
LINT = ["check", "--select", "F401,I,RUF036", "--fix-only"]
LAYOUT = ["format", "--line-length", "100"]

Tree = dict[str, str]
"""The files of a package: text by path, relative to the package and with forward slashes."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; see the module's docstring.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(description="Make generated/accord_api from spec/.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail on a change")
    parser.add_argument("--spec", type=Path, default=HERE, help="where openapi.yaml is")
    parser.add_argument("--client", type=Path, default=CLIENT, help="the package to make")
    options = parser.parse_args(arguments)

    wanted, found = build(options.spec), read(options.client)
    if options.check:
        return report(found, wanted)
    write(options.client, found, wanted)
    return 0


def build(spec: Path) -> Tree:
    """Make the package in a temporary folder and read it."""
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / CLIENT.name
        generate(spec, package)
        # For statuses that the spec does not document: with `default`, there are none.
        (package / "errors.py").unlink()
        (package / "py.typed").touch()
        (package / "openapi.json").write_text(bundle(spec / "openapi.yaml"), encoding="utf-8")
        tidy(package)
        return read(package)


def generate(spec: Path, package: Path) -> None:
    """Run the generator. A warning is a failure: it means that a part of the spec was left out."""
    run(
        *("openapi_python_client", "generate", "--meta", "none", "--fail-on-warning"),
        *("--path", spec / "openapi.yaml", "--config", spec / "generator.yaml"),
        *("--custom-template-path", spec / "templates", "--output-path", package),
    )


def bundle(path: Path) -> str:
    """Give the spec as JSON, so that nothing needs YAML at run time."""
    document: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def tidy(package: Path) -> None:
    """Format the package, with no configuration but our own."""
    for command in (LINT, LAYOUT):
        run("ruff", *command, "--isolated", "--no-cache", "--target-version", "py311", package)


def run(module: str, *arguments: str | Path) -> None:
    """Run a Python module of this environment; when it fails, show its output and exit 1."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    if done.returncode:
        sys.exit(f"{module} failed:\n{done.stdout}{done.stderr}")


def read(package: Path) -> Tree:
    """Read the files of a package, but not what Python caches beside them."""
    paths = (path for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {path.relative_to(package).as_posix(): path.read_text("utf-8") for path in paths}


def write(package: Path, found: Tree, wanted: Tree) -> None:
    """Bring a package from what was found in it to what is wanted, touching only what differs."""
    for name in found.keys() - wanted.keys():
        (package / name).unlink()
    for name, text in wanted.items():
        if found.get(name) != text:
            (package / name).parent.mkdir(parents=True, exist_ok=True)
            (package / name).write_text(text, encoding="utf-8")


def report(found: Tree, wanted: Tree) -> int:
    """Print how a package differs from what is wanted.

    Returns:
        1 when it differs, else 0.
    """
    lines = list(differences(found, wanted))
    if lines:
        lines.append(
            "\ngenerated/ is not what spec/ gives: run `nox -s generate`, commit the result.\n"
        )
    sys.stdout.writelines(lines)
    return int(bool(lines))


def differences(found: Tree, wanted: Tree) -> Iterator[str]:
    """Give the lines of a unified diff, from what is committed to what the spec gives."""
    for name in sorted(found.keys() | wanted.keys()):
        old, new = (tree.get(name, "").splitlines(keepends=True) for tree in (found, wanted))
        path = f"generated/accord_api/{name}"
        yield from difflib.unified_diff(old, new, f"{path} (committed)", f"{path} (from spec/)")


if __name__ == "__main__":
    sys.exit(main())
