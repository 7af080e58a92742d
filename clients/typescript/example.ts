// The cheapest routes of a model at a stated traffic, typed by the schema and the operation.
//
//   npm ci && npm run generate && npx tsc
//   node generated/js/example.js http://127.0.0.1:8000/graphql deepseek-v3.1
import { ClientError, GraphQLClient } from "graphql-request";
import { CheapestRouteDocument } from "./generated/operations.js";

const [url = "http://127.0.0.1:8000/graphql", ref = "deepseek-v3.1"] = process.argv.slice(2);
const workload = { requests: [{ requests: 1_000_000, input: 2000, output: 300 }] };

try {
  const { model } = await new GraphQLClient(url).request(CheapestRouteDocument, { ref, workload });
  if (!model) throw new Error("an answer without errors has the model");
  const cost = model.monthlyCost;
  if ("reason" in cost) {
    // No route has all prices that the workload needs.
    console.log(`${model.name}: ${cost.reason}: ${cost.message}`);
  } else {
    for (const { route, lines } of cost.cheapest) {
      const amounts: string[] = lines.map((line) => line.amount); // exact decimals are text
      console.log(`${model.name}: ${route.key} for ${amounts.join(" + ")} USD a month`);
    }
  }
} catch (error) {
  if (!(error instanceof ClientError)) throw error;
  console.error(...(error.response.errors ?? []).map(({ extensions }) => extensions?.["code"]));
  process.exitCode = 1;
}
