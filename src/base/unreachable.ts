/** Ends a switch over a union: a new member turns every such switch red at compile time. */
export function unreachable(value: never): never {
  // Reached only when data from outside was let in without a check, which is a bug.
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
