"""The documents say what the program does: every rule in its own words, links that lead somewhere, every setting, every
decision record with its parts.
"""

import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import domain
from api.settings import TABLE
from db.engine import READING
from domain.comparability import COVERED
from domain.facts import PAGE_CAPABILITIES
from domain.friction import HIGH_FROM, MODERATE_FROM, WEIGHTS
from domain.identity import CONFIDENCE
from domain.rules import Rule, registry
from domain.scales import WEIGHTS as RANKING_WEIGHTS
from domain.scorecard import SIGNALS
from domain.signals import TIE_PERCENT
from domain.verdict import MAX_WEIGHT, THRESHOLD_PERCENT
from domain.workload import PRESETS
from ingest.sources import SOURCES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
RECORDS = sorted((DOCS / "adr").iterdir())
PARTS = ["Context", "Decision", "Consequences", "Alternatives", "Enforced by"]


def _rules() -> dict[str, Rule]:
    """All rules that any module of the domain declares, registered ones first."""
    found = dict(registry())
    for module in pkgutil.iter_modules(domain.__path__):
        for rule in getattr(import_module(f"domain.{module.name}"), "RULES", ()):
            found.setdefault(rule.id, rule)
    return found


RULES = _rules()


def _without_code(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


def _anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them: lower case, no punctuation, hyphens for spaces."""
    headings = re.findall(r"^#+ (.+)$", _without_code(page.read_text()), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


def _rows(page: Path) -> list[list[str]]:
    """The cells of every line of every table."""
    lines = _without_code(page.read_text()).splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]


METHODOLOGY = _rows(DOCS / "methodology.md")


@pytest.mark.parametrize("id_", RULES)
def test_every_rule_stands_in_the_methodology_in_its_own_words(id_: str) -> None:
    rule = RULES[id_]
    told = [(row[1].split("<br>"), row[2]) for row in METHODOLOGY if f"`{id_}`" in row[0].split("<br>")]
    assert len(told) == 1, f"add a row: | `{id_}` | {rule.title} | {rule.text} |"
    titles, text = told[0]
    assert rule.title in titles
    assert text == rule.text


def test_the_registry_holds_every_rule() -> None:
    """A decision names rules by id, and the API looks them up there."""
    assert set(registry()) == set(RULES)


def test_the_methodology_names_no_rule_that_is_none() -> None:
    areas = {id_.partition(".")[0] for id_ in RULES}
    named = re.findall(r"`([a-z]+)\.([a-z-]+)`", (DOCS / "methodology.md").read_text())
    assert sorted({f"{area}.{name}" for area, name in named if area in areas} - RULES.keys()) == []


def test_every_rule_refers_to_a_heading_that_is_there() -> None:
    references = {rule.reference for rule in RULES.values()}
    broken = [
        reference
        for reference in sorted(references)
        if reference.partition("#")[2] not in _anchors(ROOT / reference.partition("#")[0])
    ]
    assert broken == []


def test_every_code_of_a_problem_is_explained() -> None:
    """Whatever a reader reports must say to a maintainer what it means and whether the value is taken."""
    texts = [path.read_text() for path in (ROOT / "ingest" / "sources").glob("*.py")]
    codes = {code for text in texts for code in re.findall(r"\.(?:count|add)\(\s*\"([a-z]+-[a-z-]+)\"", text)}
    explained = {row[0].strip("`"): row[1:] for row in _rows(DOCS / "data.md") if len(row) == 3}
    assert {"unknown-field", "bad-value", "dropped-row"} <= codes
    assert sorted(codes - explained.keys()) == []
    assert all(all(explained[code]) for code in codes)


def test_weights_points_and_presets_are_those_of_the_program() -> None:
    for signal in SIGNALS.values():
        assert [row[2] for row in METHODOLOGY if row[0] == signal.label] == [str(signal.weight)]
    assert [row[2] for row in METHODOLOGY if row[0] == "all rows"] == [str(sum(s.weight for s in SIGNALS.values()))]
    for severity, points in WEIGHTS.items():
        assert [severity.lower(), str(points)] in METHODOLOGY
    for key, weight in RANKING_WEIGHTS.items():
        assert [f"`{key}`", str(weight)] in METHODOLOGY
    for preset in PRESETS.values():
        counts = [
            [f"{n:,}" for n in (c.requests, c.input, c.cached_input, c.cache_write, c.output, c.reasoning)]
            + [str(c.batch_share), f"{c.cache_write_1h:,}", str(c.peak_share), str(c.retries)]
            for c in preset.workload.classes
        ]
        assert [row[1:] for row in METHODOLOGY if row[0].startswith(f"`{preset.key}`")] == counts


def test_thresholds_are_those_of_the_program() -> None:
    text = " ".join((DOCS / "methodology.md").read_text().split())
    for said in (
        f"better: {TIE_PERCENT} % or more",
        f"The threshold is {THRESHOLD_PERCENT} % of the sum of all weights",
        f"whole numbers from 0 to {MAX_WEIGHT:,}",
        f"`HIGH` from {HIGH_FROM} points on, `MODERATE` from {MODERATE_FROM}, and `LOW` below",
        f"they are the {len(COVERED) + len(PAGE_CAPABILITIES)} that evidence coverage counts",
    ):
        assert said in text


def test_every_source_and_method_stands_in_the_data_page() -> None:
    rows = _rows(DOCS / "data.md")
    for source in SOURCES.values():
        assert [row[2:4] for row in rows if row[0] == f"`{source.id}`"] == [[source.license, f"`{source.lineage}`"]]
    for method, confidence in CONFIDENCE.items():
        assert [float(row[2]) for row in rows if row[0] == f"`{method}`"] == [confidence]


def test_every_live_address_stands_in_the_data_page_with_its_reference() -> None:
    told = re.findall(
        r"^- `([^`]+)`: `([^`]+)`, said by \[[^]]+\]\(([^)]+)\)$", (DOCS / "data.md").read_text(), re.MULTILINE
    )
    lives = [(source.id, source.live.url, source.live.reference) for source in SOURCES.values() if source.live]
    assert sorted(told) == sorted(lives)


def test_what_a_role_has_to_say_behind_a_pooler_is_all_there() -> None:
    """Both to the pooler, which else refuses the connection, and to the role, without which searches find something else."""
    page = (DOCS / "operating.md").read_text()
    (ignored,) = re.findall(r"^ignore_startup_parameters = (.*)$", page, re.MULTILINE)
    told = dict(re.findall(r"^alter role llmref set (\S+) = (\S+);$", page, re.MULTILINE))
    limit = next(setting.default for setting in TABLE if setting.name == "STATEMENT_TIMEOUT_MS")
    assert told == {**READING, "statement_timeout": limit}
    assert set(ignored.split(", ")) == told.keys()


def test_every_problem_code_is_explained() -> None:
    source = "\n".join(path.read_text() for path in sorted((ROOT / "ingest" / "sources").glob("*.py")))
    codes = set(re.findall(r"report\.(?:count|add)\(\s*\"([a-z-]+)\"", source, flags=re.IGNORECASE))
    assert {"bad-value", "dropped-row", "unknown-field"} <= codes
    explained = {row[0].strip("`") for row in _rows(DOCS / "data.md")}
    assert sorted(codes - explained) == []


def _links(page: Path) -> Iterator[str]:
    for target in re.findall(r"\]\(([^)\s]+)\)", _without_code(page.read_text())):
        if not re.match(r"[a-z]+:", target):
            yield target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in _links(page):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in _anchors(file)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_files_and_tests_that_a_page_names_are_there(page: Path) -> None:
    text = _without_code(page.read_text())
    folders = "alembic|api|db|docs|domain|explorer|ingest|operations|schema|tests"
    named = set(re.findall(rf"`((?:{folders})/[\w./-]+\.\w+)(?:::(\w+))?`", text))
    gone = [file for file, _ in named if not (ROOT / file).is_file()]
    gone += [
        f"{file}::{test}"
        for file, test in named
        if test and (ROOT / file).is_file() and f"def {test}(" not in (ROOT / file).read_text()
    ]
    assert sorted(gone) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_no_chapter_is_left_to_be_written(page: Path) -> None:
    assert not re.search(r"\{\{[A-Z]|TODO|TBD|lorem ipsum", _without_code(page.read_text()))


@pytest.mark.parametrize("name", [setting.name for setting in TABLE])
def test_every_setting_stands_in_the_readme(name: str) -> None:
    settings = {row[0].strip("`"): row[1].strip("`") for row in _rows(ROOT / "README.md") if len(row) > 1}
    default = next(setting.default for setting in TABLE if setting.name == name)
    assert settings.get(name) == (default or "empty")


def test_decision_records_are_numbered_without_gaps() -> None:
    assert [record.name[:5] for record in RECORDS] == [f"{number:04}-" for number in range(1, len(RECORDS) + 1)]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_a_decision_record_has_its_parts(record: Path) -> None:
    text = record.read_text()
    assert text.startswith(f"# {record.name[:4]} ")
    assert re.findall(r"^## (.+)$", text, flags=re.MULTILINE) == PARTS
    bodies = re.split(r"^## .+$", text, flags=re.MULTILINE)[1:]
    assert [part for part, body in zip(PARTS, bodies, strict=True) if not body.strip()] == []
