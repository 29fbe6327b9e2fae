import { appendFileSync } from 'node:fs';

/** Adds a value of any letters to an environment file. */
export function putValue(file: string, name: string, value: string): void {
  const delimiter = `gantry_${crypto.randomUUID()}`;
  appendFileSync(file, `${name}<<${delimiter}\n${value}\n${delimiter}\n`);
}
