// Bundles the explorer into static files with content hashes in their names: `node bundle.mjs OUTDIR`.
// Prints a JSON manifest: the script and the style sheet that a page has to load.
import { basename } from "node:path";
import { build } from "esbuild";

const outdir = process.argv[2];
if (!outdir) throw new Error("usage: node bundle.mjs OUTDIR");

const common = {
  outdir,
  bundle: true,
  minify: true,
  metafile: true,
  target: "es2022",
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  chunkNames: "chunk-[hash]",
  loader: { ".ttf": "file" },
  define: { "process.env.NODE_ENV": '"production"' },
  logLevel: "error",
};

const workers = await build({
  ...common,
  format: "iife",
  entryPoints: {
    editor: "monaco-editor/esm/vs/editor/editor.worker.js",
    json: "monaco-editor/esm/vs/language/json/json.worker.js",
    graphql: "monaco-graphql/esm/graphql.worker.js",
  },
});
const labels = Object.keys(workers.metafile.outputs).map((file) => [basename(file).split("-")[0], basename(file)]);

const page = await build({
  ...common,
  format: "esm",
  splitting: true, // the formatter is fetched when somebody presses "Prettify"
  keepNames: true, // GraphiQL names its icons, for screen readers, after their components
  jsx: "automatic",
  entryPoints: { explorer: "src/main.jsx" },
  external: ["graphql-ws"], // an optional transport that the page does not use
  // GraphiQL imports these by their CommonJS names, whose parsers a bundle does not show as named exports.
  alias: { "prettier/parser-graphql": "prettier/plugins/graphql", "prettier/parser-babel": "prettier/plugins/babel" },
  define: { ...common.define, WORKERS: JSON.stringify(Object.fromEntries(labels)) },
});
const [script, { cssBundle }] = Object.entries(page.metafile.outputs).find(([, { entryPoint }]) => entryPoint === "src/main.jsx");

console.log(JSON.stringify({ script: basename(script), style: basename(cssBundle) }));
