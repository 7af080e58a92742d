"""A name that nothing in the catalogue has is refused, with those that are spelled alike."""

import pytest

from tests.asking import Asked

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize(
    ("_case", "asked", "code", "name", "alike"),
    [
        (
            "a lab",
            '{ models(where: { labs: ["ACME", "acmee"] }) { totalCount nodes { slug } } }',
            "LAB",
            "acmee",
            ["acme"],
        ),
        ("a count alone", '{ models(where: { labs: ["nolab"] }) { totalCount } }', "LAB", "nolab", []),
        ("a provider", '{ models(where: { providers: ["hots"] }) { nodes { slug } } }', "PROVIDER", "hots", ["host"]),
        ("of routes", '{ routes(where: { providers: ["hots"] }) { nodes { key } } }', "PROVIDER", "hots", ["host"]),
        ("their lab", '{ routes(where: { labs: ["amce"] }) { nodes { key } } }', "LAB", "amce", ["acme"]),
        (
            "of price changes",
            '{ priceChanges(where: { providers: ["hots"] }) { nodes { recordedAt } } }',
            "PROVIDER",
            "hots",
            ["host"],
        ),
        (
            "of retirements",
            '{ retirements(from: "2026-01-01", to: "2026-02-01", where: { labs: ["amce"] }) { totalCount } }',
            "LAB",
            "amce",
            ["acme"],
        ),
        ("required", '{ recommend(requirements: { labs: ["amce"] }) { fitCount } }', "LAB", "amce", ["acme"]),
        ("kept out", '{ recommend(requirements: { notLabs: ["amce"] }) { fitCount } }', "LAB", "amce", ["acme"]),
        ("an empty one", '{ recommend(requirements: { notLabs: [""] }) { fitCount } }', "LAB", "", []),
        (
            "kept out of providers",
            '{ recommend(requirements: { notProviders: ["hots"] }) { fitCount } }',
            "PROVIDER",
            "hots",
            ["host"],
        ),
        (
            "a score",
            '{ recommend(requirements: { benchmarks: [{ benchmark: "quizz", score: "3" }] }) { fitCount } }',
            "BENCHMARK",
            "quizz",
            ["quiz"],
        ),
        ("a licence", '{ models(where: { licenses: ["MITT"] }) { totalCount } }', "LICENSE", "mitt", ["mit"]),
        ("a licence", '{ recommend(requirements: { licenses: ["mitt"] }) { fitCount } }', "LICENSE", "mitt", ["mit"]),
        (
            "a front",
            '{ recommend { paretoFront(benchmark: "quizz") { measured } } }',
            "BENCHMARK",
            "quizz",
            ["quiz"],
        ),
    ],
)
async def test_a_name_that_nobody_has(
    ask: Asked, _case: str, asked: str, code: str, name: str, alike: list[str]
) -> None:
    (error, *_) = (await ask(asked))["errors"]
    kind = code.lower()
    assert error["extensions"] == {"code": f"UNKNOWN_{code}", kind: name, "suggestions": alike}
    assert error["message"].startswith(f"No {kind} is called '{name}'.")
    assert f"`{kind}s` lists them all" in error["message"]
    assert all(each in error["message"] for each in alike)


@pytest.mark.parametrize(
    ("asked", "statements", "isolation"),
    [
        ('{ models(where: { labs: ["Acme"], licenses: ["mit"] }) { nodes { slug } } }', 2, ["REPEATABLE READ"]),
        ("{ models { nodes { slug } } }", 1, ["AUTOCOMMIT"]),
    ],
)
async def test_names_are_read_in_the_snapshot_of_the_list_and_only_where_there_are_some(
    ask: Asked, asked: str, statements: int, isolation: list[str]
) -> None:
    found = await ask(asked)
    assert "errors" not in found
    assert "one" in [each["slug"] for each in found["data"]["models"]["nodes"]]
    assert (len(ask.statements), ask.isolation) == (statements, isolation)


async def test_one_wrong_name_leaves_the_other_list(ask: Asked) -> None:
    found = await ask(
        '{ a: models(where: { labs: ["acme"] }) { totalCount } b: models(where: { labs: ["amce"] }) { totalCount } }'
    )
    assert found["errors"][0]["path"][0] == "b"


async def test_a_row_has_one_weight(ask: Asked) -> None:
    weights = "[{ signal: RELEASE_DATE, weight: 1 }, { signal: RELEASE_DATE, weight: 2 }]"
    (error,) = (await ask(f"{{ recommend(weights: {weights}) {{ fitCount }} }}"))["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["message"] == "`weights` names RELEASE_DATE more than once."
