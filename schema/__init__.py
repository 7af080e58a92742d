"""The face: GraphQL types and the facts that each field needs. No SQL, no rules."""
