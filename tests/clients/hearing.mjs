// One client (argv[3]) subscribes at the server (argv[2]) to what standard input says, and writes each event as a line.
// It has enough after so many events (argv[4]); where the server ends the subscription with errors, those are a line.
import { text } from "node:stream/consumers";
import { ApolloClient, InMemoryCache } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { createClient as createUrql, fetchExchange, subscriptionExchange } from "@urql/core";
import { parse } from "graphql";
import { createClient as createSse } from "graphql-sse";
import { createClient as createWs } from "graphql-ws";
import WebSocket from "ws";

const [, , url, name, most] = process.argv;
const asked = JSON.parse(await text(process.stdin));
const ws = () => createWs({ url: url.replace("http", "ws"), webSocketImpl: WebSocket, retryAttempts: 0 });
const sse = () => createSse({ url, retryAttempts: 0 });

async function* through(client) {
  yield* client.iterate(asked);
  await client.dispose();
}

async function* apollo() {
  const client = new ApolloClient({ cache: new InMemoryCache(), link: new GraphQLWsLink(ws()) });
  yield* pushed((sink) => client.subscribe({ query: parse(asked.query), variables: asked.variables }).subscribe(sink));
}

async function* urql() {
  const transport = sse();
  const forwardSubscription = (operation) => ({
    subscribe: (sink) => ({ unsubscribe: transport.subscribe({ ...operation, query: operation.query ?? "" }, sink) }),
  });
  const client = createUrql({ url, exchanges: [subscriptionExchange({ forwardSubscription }), fetchExchange] });
  yield* pushed((sink) => client.subscription(asked.query, asked.variables).subscribe((result) => sink.next(result)));
}

// The values of what pushes them, until its consumer has enough.
async function* pushed(subscribe) {
  const values = [];
  let wake = () => {};
  const subscription = subscribe({
    next: (value) => {
      values.push(value);
      wake();
    },
  });
  try {
    for (;;) {
      while (values.length > 0) yield values.shift();
      await new Promise((resolve) => (wake = resolve));
    }
  } finally {
    subscription.unsubscribe();
  }
}

const CLIENTS = { "graphql-ws": () => through(ws()), "graphql-sse": () => through(sse()), apollo, urql };

let seen = 0;
const line = (value) => process.stdout.write(JSON.stringify(value) + "\n");
try {
  for await (const { data, errors } of CLIENTS[name]()) {
    line(errors ? { errors } : { data });
    if (++seen >= Number(most)) break;
  }
} catch (errors) {
  if (!Array.isArray(errors)) throw errors;
  line({ errors });
}
line("ended");
