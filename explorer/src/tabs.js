// The tabs a visitor finds: their own, kept by the browser, and our operations, offered again whenever our set changes.

const OFFERED = "offered";
const TABS = "graphiql:tabState"; // the keys and the shape that GraphiQL itself stores

/** A Storage under a prefix of our own: other GraphiQL pages on the same host and port would share plain keys. */
export function namespaced(prefix) {
  const local = available();
  const keys = () => Object.keys(local).filter((key) => key.startsWith(prefix));
  return {
    getItem: (key) => local.getItem(prefix + key),
    setItem: (key, value) => local.setItem(prefix + key, value),
    removeItem: (key) => local.removeItem(prefix + key),
    clear: () => keys().forEach((key) => local.removeItem(key)),
    get length() {
      return keys().length;
    },
  };
}

/** localStorage, or a memory of this page view where the browser forbids it. */
function available() {
  try {
    return window.localStorage;
  } catch {
    const memory = Object.create({
      getItem(key) {
        return this[key] ?? null;
      },
      setItem(key, value) {
        this[key] = value;
      },
      removeItem(key) {
        delete this[key];
      },
    });
    return memory;
  }
}

/**
 * Put our operations before the visitor's own tabs, if they are not the ones offered last time.
 * A tab that still holds an operation of the former set is ours and goes; an edited one is theirs and stays.
 */
export function offer(operations, storage) {
  const offered = JSON.stringify(operations);
  if (operations.length === 0 || storage.getItem(OFFERED) === offered) return;
  const former = new Set(read(storage, OFFERED, []).map(({ query }) => query));
  const kept = read(storage, TABS, { tabs: [] }).tabs.filter(({ query }) => query && !former.has(query));
  const tabs = [...operations.map(tab), ...kept];
  try {
    storage.setItem(TABS, JSON.stringify({ activeTabIndex: 0, tabs }));
    // GraphiQL fills its editors from these two, and opens one more tab when no tab matches them.
    storage.setItem("graphiql:query", operations[0].query);
    storage.setItem("graphiql:variables", operations[0].variables);
    storage.removeItem("graphiql:headers");
    storage.setItem(OFFERED, offered);
  } catch {
    // A full storage: the page still opens with `defaultTabs`.
  }
}

function tab({ name, query, variables }, index) {
  const id = `operation-${index}-${name}`;
  return { id, title: name, operationName: name, query, variables, headers: null, response: null };
}

function read(storage, key, otherwise) {
  try {
    return JSON.parse(storage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
}
