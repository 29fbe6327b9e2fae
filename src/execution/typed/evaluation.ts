// What the program that evaluates a pipeline file tells the process that started it, as one JSON text.
import { z } from 'zod';
import type { JsonValue } from '#base/json.ts';

const Place = z.object({
  /** Absolute path. */
  file: z.string(),
  line: z.number(),
  column: z.number(),
  length: z.number(),
});

const Fault = z.object({
  path: z.array(z.union([z.string(), z.number()])),
  what: z.string(),
  cure: z.string().optional(),
});

export const Problem = z.object({
  kind: z.literal('problem'),
  code: z.enum(['WF170', 'WF171', 'WF172', 'WF175', 'WF176']),
  message: z.string(),
  cure: z.string().optional(),
  place: Place.optional(),
  /** Of a syntax error that came without a place: the code as it was run. */
  script: z.string().optional(),
  /** The text of the file in `place`, when it is not the pipeline itself. */
  text: z.string().optional(),
});

export const Evaluated = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('value'),
    // It was parsed from JSON, so it is nothing else.
    value: z.custom<JsonValue>((value) => value !== undefined),
    faults: z.array(Fault),
    /** The pipeline file without its types; every character stands where it stood. */
    script: z.string(),
  }),
  Problem,
]);

export type Problem = z.infer<typeof Problem>;
export type Evaluated = z.infer<typeof Evaluated>;
