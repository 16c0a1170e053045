"""Files and functions stay short enough to read."""

import ast

from tests.rules.house import APPS, ROOT, files

FILE_LINES = 400
FUNCTION_LINES = 60


def test_no_file_is_over_400_lines():
    kinds = (".py", ".html", ".js", ".css")
    paths = files(*APPS, "tests", "benchmarks", "templates", "static", kinds=kinds)
    lines = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in paths}

    too_long = {path: length for path, length in lines.items() if length > FILE_LINES}

    assert too_long == {}


def test_no_function_is_over_60_lines():
    too_long = {
        f"{path.relative_to(ROOT)}: {node.name}": length
        for path in files(*APPS, "tests", "benchmarks")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES
    }

    assert too_long == {}
