"""What this project does to itself: `nox -s SESSION`, `nox -l` for the list.

Every session makes its own environment from constraints.txt and needs nothing else.
"""

from __future__ import annotations

from pathlib import Path

import nox

nox.needs_version = ">=2024.10"
nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = True
nox.options.reuse_venv = "yes"
nox.options.sessions = ["generate", "lint", "types", "tests"]

CODE = ["wrapper", "contracts", "tests", "spec", "benchmarks", "noxfile.py"]


def install(session: nox.Session, *what: str) -> None:
    """Install with the pinned versions."""
    session.install("--quiet", "--constraint", "constraints.txt", *what)


@nox.session
def generate(session: nox.Session) -> None:
    """Make generated/accord_api from spec/; `-- --check` only says whether it is up to date."""
    install(session, "openapi-python-client", "ruff", "pyyaml")
    session.run("python", "spec/generate.py", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests; arguments after `--` go to pytest."""
    install(session, ".[dev]")
    session.run("pytest", "--numprocesses=auto", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, and that the packages import each other only along the arrows."""
    install(session, "-e", ".[contracts]", "ruff", "import-linter")
    session.run("ruff", "check", *CODE)
    session.run("ruff", "format", "--check", *CODE)
    session.run("lint-imports")


@nox.session
def types(session: nox.Session) -> None:
    """Check types, strictly, as users of the packages see them too."""
    install(session, "-e", ".[dev]", "basedpyright")  # pytest and hypothesis are typed
    session.run("mypy")
    for folder in sorted(Path("tests").glob("[a-z]*/")):
        session.run("mypy", str(folder))  # one by one: folders have modules of one name
    session.run("basedpyright")  # pyright, whose node comes from PyPI, too


@nox.session
def check(session: nox.Session) -> None:
    """Run `accord check` as a user would: on the reference server, or on a URL after `--`."""
    install(session, ".[contracts]")
    session.run("accord", "check", *(session.posargs or ["--strict"]))


@nox.session
def selftest(session: nox.Session) -> None:
    """Try every rule on every fault, and some faults two at a time.

    `-- --write` remakes docs/fault-bank.md, its picture, and the evidence that the tests know;
    other arguments go to the command.
    """
    install(session, ".[contracts]")
    options = session.posargs
    if options == ["--write"]:
        session.run("python", "tests/contracts/evidence.py")
        options = ["--markdown", "docs/fault-bank.md", "--svg", "docs/fault-bank.svg"]
    session.run("accord", "selftest", *options)
    if not session.posargs:
        session.run("accord", "selftest", "--pairs", "20")


@nox.session
def servers(session: nox.Session) -> None:
    """Run the suite against servers that others wrote, and compare with what is known of them.

    Without arguments: mockllm, which is installed here, and every other known server that this
    machine has. With URLs after `--`: those.
    """
    install(session, ".[contracts]", "mockllm")
    session.run("python", "tests/servers/others.py", *session.posargs)


@nox.session
def mutants(session: nox.Session) -> None:
    """Make small mistakes in the rules, and see who notices; `-- --help` for the choices."""
    install(session, "-e", ".[dev]", "cosmic-ray")
    session.run("python", "tests/mutation/run.py", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Measure what Accord costs, beside httpx and openai-python; `-- --help` for the choices."""
    install(session, ".[aiohttp,contracts]", "openai")
    session.run("python", "benchmarks/run.py", *session.posargs)


@nox.session
def rivals(session: nox.Session) -> None:
    """Point other tools at the fault bank, and compare; `-- --help` for the choices."""
    install(session, ".[fuzz]", "openai")
    session.run("python", "benchmarks/rivals/run.py", *session.posargs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Measure how much of the fault bank fuzzing finds; `-- correct`: that it blames no one."""
    install(session, ".[fuzz]")
    script = "correct" if session.posargs[:1] == ["correct"] else "bank"
    session.run("python", f"tests/fuzz/{script}.py", *session.posargs[script == "correct" :])
