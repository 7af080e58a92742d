"""The cheapest routes of a model, and what its prices did, with every answer checked and typed.

python -m venv venv && venv/bin/pip install -r requirements.txt
mkdir -p generated && venv/bin/ariadne-codegen --config ariadne.toml
PYTHONPATH=generated venv/bin/python example.py http://127.0.0.1:8000/graphql deepseek-v3.1
"""

import asyncio
import sys
from decimal import Decimal

from llm_reference import Client, GraphQLClientGraphQLMultiError, RequestClassInput, WorkloadInput
from llm_reference.cheapest_route import CheapestRouteModelMonthlyCostMonthlyCost as MonthlyCost


async def main(url: str, ref: str) -> int:
    workload = WorkloadInput(requests=[RequestClassInput(requests=1_000_000, input=2_000, output=300)])
    async with Client(url) as client:
        try:
            found = await client.cheapest_route(ref, workload)
        except GraphQLClientGraphQLMultiError as refused:
            print(*((error.extensions or {})["code"] for error in refused.errors), file=sys.stderr)
            return 1
        assert found.model is not None, "an answer without errors has the model"
        cost = found.model.monthly_cost
        if isinstance(cost, MonthlyCost):
            for each in cost.cheapest:
                total: Decimal = sum((line.amount for line in each.lines), Decimal())
                print(f"{found.model.name}: {each.route.key} for {total} USD a month")
        else:  # no route has all prices that the workload needs
            print(f"{found.model.name}: {cost.reason}: {cost.message}")
    return 0


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main(*sys.argv[1:3])))
