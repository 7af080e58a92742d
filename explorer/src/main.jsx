// The explorer page: GraphiQL with a tab for each operation that the server put into the page.
// Everything it needs (editor, workers, icon font) is bundled next to this file.
import "monaco-graphql/esm/monaco-editor.js"; // here and not only lazily, so that its CSS joins ours
import "@graphiql/react/style.css";
import "@graphiql/plugin-doc-explorer/style.css";
import "@graphiql/plugin-history/style.css";
import "graphiql/graphiql.css";
import "./page.css";
import { GraphiQL } from "graphiql";
import { createRoot } from "react-dom/client";
import { offer, namespaced } from "./tabs.js";

globalThis.MonacoEnvironment = {
  // WORKERS (label -> file name) is filled in by the bundler.
  getWorker: (_id, label) => new Worker(new URL(WORKERS[label] ?? WORKERS.editor, import.meta.url)),
};

// GraphiQL notices which operation a tab holds a moment after it is opened; until then it would send the former tab's name.
function named({ operationName, ...body }) {
  const isThere = new RegExp(`\\b(query|mutation|subscription)\\s+${operationName}\\b`).test(body.query);
  return operationName && !isThere ? body : { ...body, operationName };
}

// The answers of a subscription. To return ends the request, and so the subscription, also while nothing comes.
function events(response) {
  const text = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const answers = read(text);
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => answers.next(),
    return() {
      text.cancel();
      return answers.return();
    },
  };
}

async function* read(text) {
  let held = "";
  for (let part = await text.read(); !part.done; part = await text.read()) {
    const blocks = (held + part.value).split("\n\n");
    held = blocks.pop();
    for (const block of blocks) {
      const { event, data } = Object.fromEntries(block.split("\n").map((line) => line.split(/: ?(.*)/s, 2)));
      if (event === "next") yield JSON.parse(data);
    }
  }
}

async function fetcher(body, { headers } = {}) {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: {
      accept: "application/graphql-response+json, application/json;q=0.9, text/event-stream;q=0.8",
      "content-type": "application/json",
      ...headers,
    },
    body: JSON.stringify(named(body)),
  });
  return response.headers.get("content-type").startsWith("text/event-stream") ? events(response) : response.json();
}

const operations = JSON.parse(document.getElementById("operations").textContent);
const storage = namespaced("llm-reference:");
offer(operations, storage);

createRoot(document.getElementById("explorer")).render(
  <GraphiQL
    fetcher={fetcher}
    storage={storage}
    defaultTabs={operations}
    inputValueDeprecation
    schemaDescription
  >
    <GraphiQL.Logo>
      <></>
    </GraphiQL.Logo>
  </GraphiQL>,
);
