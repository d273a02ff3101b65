"""Counts the requirements that each conformance suite checks, by area of the protocol.

    python3 compare.py [--suite FILE] [--public DIR] [--page FILE [--update]]

`rows.tsv` says which requirements of this project's catalogue each check of another suite judges:
a requirement is named if a violation of it makes the check fail. Without options the table is
printed. `--page` compares it with the one on a page, and `--update` writes it there. `--public`
compares the scenarios in `rows.tsv` with those that the installed public suite lists.
"""

from __future__ import annotations

import argparse
import csv
import io
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent
REVISION = "2025-06-18"
BEGIN = "<!-- begin: written by interoperability/suites/compare.py -->\n"
END = "<!-- end -->\n"
# The columns of the table, by the name of the suite in rows.tsv.
SUITES = {
    "public-0.1": "public 0.1.16",
    "public-0.2": "public 0.2.0-alpha.12",
    "mcp-compliance": "mcp-compliance 0.16.4",
    "trace-validator": "mcp-trace-validator 0.6.0",
}
# Areas whose parts are counted together.
JOINED = ("authorization", "base", "lifecycle", "transport/http")


def read_table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))


def observable() -> dict[str, str]:
    """Returns the area of each requirement that can be observed at a server."""
    catalogue = PROJECT / "conformance/requirements" / f"{REVISION}.tsv"
    rows = read_table(catalogue.read_text())
    return {row["id"]: joined(row["area"]) for row in rows if row["server_testable"] == "yes"}


def joined(area: str) -> str:
    for name in JOINED:
        if area == name or area.startswith(f"{name}/"):
            return name
    return area


def checked_here(suite: str) -> set[str]:
    """Returns the requirements that this project's suite checks."""
    command = [suite, "list", "requirements", "--format", "tsv"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {row["id"] for row in read_table(output) if row["checks"]}


def checked_elsewhere(areas: dict[str, str]) -> dict[str, set[str]]:
    """Returns the requirements that the other suites check."""
    checked: dict[str, set[str]] = {name: set() for name in SUITES}
    for row in read_table((HERE / "rows.tsv").read_text()):
        rows = set() if row["rows"] == "-" else set(row["rows"].split())
        unknown = rows - areas.keys()
        if row["suite"] not in checked or unknown:
            sys.exit(f"rows.tsv: {row['suite']}, {row['check']}: unknown suite or rows {unknown}")
        checked[row["suite"]] |= rows
    return checked


def table(suite: str) -> str:
    areas = observable()
    columns = {"this suite": checked_here(suite) & areas.keys()}
    columns |= {SUITES[name]: rows for name, rows in checked_elsewhere(areas).items()}
    lines = [
        f"| area | requirements | {' | '.join(columns)} |",
        f"|---|{'---:|' * (len(columns) + 1)}",
    ]

    def line(title: str, rows: set[str]) -> str:
        counts = (len(rows & column) for column in columns.values())
        return f"| {title} | {len(rows)} | {' | '.join(map(str, counts))} |"

    for area in sorted(set(areas.values())):
        lines.append(line(area, {row for row in areas if areas[row] == area}))
    lines.append(line("all", set(areas)))
    return "\n".join(lines) + "\n"


def lacking(suite: str, listed: str) -> set[str]:
    """Returns the scenarios of a revision that are in only one of rows.tsv and the suite's list."""
    scenarios = {
        match[1]
        for match in re.finditer(r"^  - (\S+) \[([^]]*)\]$", listed, re.MULTILINE)
        if REVISION in match[2].split(",")
    }
    rows = read_table((HERE / "rows.tsv").read_text())
    known = {row["check"] for row in rows if row["suite"] == suite}
    return scenarios ^ {check for check in known if not check.startswith("(")}


def agrees_with_public(folder: Path) -> bool:
    agrees = True
    for suite in ("public-0.1", "public-0.2"):
        package = suite.replace("public", "conformance")
        modules = folder / "node_modules"
        command = [modules / "node/bin/node", modules / package / "dist/index.js", "list", "--server"]
        listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        if difference := lacking(suite, listed):
            print(f"{suite}: in rows.tsv or in the suite, not in both: {difference}", file=sys.stderr)
            agrees = False
    return agrees


def agrees_with_page(page: Path, counted: str, update: bool) -> bool:
    text = page.read_text()
    before, rest = text.split(BEGIN)
    on_page, after = rest.split(END)
    if on_page == counted:
        return True
    if update:
        page.write_text(before + BEGIN + counted + END + after)
        return True
    print(f"{page}: the table is out of date: run compare.py --page {page} --update", file=sys.stderr)
    return False


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--suite", default="wasi-mcp-conformance", help="this project's suite")
    parser.add_argument("--public", type=Path, metavar="DIR", help="the folder public-suite")
    parser.add_argument("--page", type=Path)
    parser.add_argument("--update", action="store_true", help="write the table into the page")
    options = parser.parse_args()
    counted = table(options.suite)
    agrees = not options.public or agrees_with_public(options.public)
    if options.page:
        agrees = agrees_with_page(options.page, counted, options.update) and agrees
    else:
        print(counted, end="")
    return 0 if agrees else 1


if __name__ == "__main__":
    sys.exit(main())
