// Writes generated/operations.ts: the types of schema.graphql that the operations name, and each operation as a typed document.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { codegen } from "@graphql-codegen/core";
import * as typedDocuments from "@graphql-codegen/typed-document-node";
import * as operations from "@graphql-codegen/typescript-operations";
import { buildSchema, parse } from "graphql";

const root = new URL("../../", import.meta.url);
const schema = parse(await readFile(new URL("schema.graphql", root), "utf8"));
const folder = new URL("operations/", root);
const files = (await readdir(folder)).filter((name) => name.endsWith(".graphql")).sort();
const documents = await Promise.all(
  files.map(async (name) => ({ location: name, document: parse(await readFile(new URL(name, folder), "utf8")) })),
);
const scalars = { BigInt: "number", Date: "string", DateTime: "string", Decimal: "string", Value: "unknown" };
const text = await codegen({
  filename: "generated/operations.ts",
  schema,
  documents,
  config: { useTypeImports: true, enumType: "string-literal", scalars, strictScalars: true },
  plugins: [{ operations: {} }, { typedDocuments: {} }],
  pluginMap: { operations, typedDocuments },
});
await mkdir(new URL("generated/", import.meta.url), { recursive: true });
await writeFile(new URL("generated/operations.ts", import.meta.url), text);
