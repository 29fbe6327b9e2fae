/**
 * Names of the functions that traps call. Trap handlers are texts; what stands first in one is the function that cleans up,
 * and may fail.
 */
export function cleanersIn(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/\btrap\s+(?:--\s+)?["']?([A-Za-z_]\w*)/g)].map((found) => found[1] ?? ''));
}
