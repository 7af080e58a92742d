// One client (argv[3]) asks the server (argv[2]) everything that standard input lists; what it gave its caller as JSON.
import { createHash } from "node:crypto";
import { text } from "node:stream/consumers";
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { CombinedGraphQLErrors } from "@apollo/client/errors";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { cacheExchange, createClient, fetchExchange } from "@urql/core";
import { parse } from "graphql";
import { ClientError, GraphQLClient } from "graphql-request";

const [, , url, name] = process.argv;

function graphqlRequest() {
  const client = new GraphQLClient(url);
  return async (query, variables) => {
    try {
      return { data: await client.request(query, variables) };
    } catch (error) {
      if (error instanceof ClientError) return { errors: error.response.errors };
      throw error;
    }
  };
}

function apollo(...before) {
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.from([...before, new HttpLink({ uri: url })]),
  });
  return async (query, variables) => {
    try {
      return { data: (await client.query({ query: parse(query), variables })).data };
    } catch (error) {
      if (CombinedGraphQLErrors.is(error)) return { errors: error.errors };
      throw error;
    }
  };
}

function apolloPersisted() {
  const sha256 = (query) => createHash("sha256").update(query).digest("hex");
  return apollo(new PersistedQueryLink({ sha256, useGETForHashedQueries: true }));
}

function urql(preferGetMethod) {
  const client = createClient({ url, preferGetMethod, exchanges: [cacheExchange, fetchExchange] });
  return async (query, variables) => {
    const { data, error } = await client.query(query, variables).toPromise();
    if (error?.networkError) throw error.networkError;
    return error ? { errors: error.graphQLErrors } : { data };
  };
}

const CLIENTS = {
  "graphql-request": graphqlRequest,
  apollo,
  "apollo-persisted": apolloPersisted,
  urql: () => urql(false),
  "urql-get": () => urql("force"),
};

const ask = CLIENTS[name]();
const answers = [];
for (const { query, variables } of JSON.parse(await text(process.stdin))) answers.push(await ask(query, variables));
process.stdout.write(JSON.stringify(answers));
