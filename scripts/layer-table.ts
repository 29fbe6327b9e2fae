/** A folder of src/ with walls round it. Its tests are outside the walls: they may build what they need. */
export type Layer = {
  /** Folder under src/. `execution/process` is a part of a layer that has walls of its own. */
  readonly path: string;
  /** What lives there, in one sentence, for the table in docs/architecture.md. */
  readonly purpose: string;
  /** Paths of the layers it may import, itself not included. */
  readonly mayImport: readonly string[];
  /** Deaf and blind: no node:, clock, random, environment or console, and failure is a value. */
  readonly pure: boolean;
};

/** In order of height: a layer imports only what stands above it in this list. */
export const layers: readonly Layer[] = [
  {
    path: 'base',
    purpose: 'tiny pure pieces, one idea a file: result, ids, durations, deferred, backoff',
    mayImport: [],
    pure: true,
  },
  {
    path: 'typed',
    purpose: "**pure.** What `import 'gantry'` gives a `gantry.ts`: types of the language, expressions as objects",
    mayImport: [],
    pure: true,
  },
  {
    path: 'workflow',
    purpose: '**pure.** The language: read → check → model; diagnostics; expressions; matrix; triggers',
    mayImport: ['base'],
    pure: true,
  },
  {
    path: 'shell',
    purpose: '**pure.** Shell scripts: commands, and the places where their failure is thrown away',
    mayImport: ['base'],
    pure: true,
  },
  {
    path: 'run',
    purpose: '**pure.** Plan, events, state, `evolve`, `decide`, verdict, ledger, redaction, report',
    mayImport: ['base', 'workflow'],
    pure: true,
  },
  {
    path: 'stores',
    purpose: 'journal, logs, cache, artifacts, secrets: a port each, and its implementations',
    mayImport: ['base', 'run'],
    pure: false,
  },
  {
    path: 'execution/process',
    purpose: 'child processes and their groups; the part of `execution/` that its neighbours may use',
    mayImport: ['base', 'run', 'stores'],
    pure: false,
  },
  {
    path: 'execution',
    purpose: 'runners (host, container, dummy), steps, actions, job',
    mayImport: ['base', 'workflow', 'shell', 'run', 'stores', 'execution/process'],
    pure: false,
  },
  {
    path: 'delivery',
    purpose: 'images, releases, targets, router, health probes, rollback, manifest',
    mayImport: ['base', 'run', 'stores', 'execution/process'],
    pure: false,
  },
  {
    path: 'diagnosis',
    purpose: 'log excerpt, signatures, probes, replay, comparison with the last good run, audit',
    mayImport: ['base', 'workflow', 'shell', 'run', 'stores', 'execution/process'],
    pure: false,
  },
  {
    path: 'data',
    purpose: 'data contracts: sources, validation, comparison, atomic publication',
    mayImport: ['base', 'run', 'stores'],
    pure: false,
  },
  {
    path: 'notify',
    purpose: 'channels, rules (edges, grouping), receipts',
    mayImport: ['base', 'run', 'stores'],
    pure: false,
  },
  {
    path: 'fleet',
    purpose: 'dispatcher and agent over NATS JetStream',
    mayImport: ['base', 'run', 'stores', 'execution', 'execution/process'],
    pure: false,
  },
  {
    path: 'engine',
    purpose: 'the imperative shell round `run/`: submit, loop, effects, schedule, recover; fleet only through a port',
    mayImport: [
      'base',
      'workflow',
      'run',
      'stores',
      'execution',
      'execution/process',
      'delivery',
      'diagnosis',
      'data',
      'notify',
    ],
    pure: false,
  },
  {
    path: 'server',
    purpose: 'HTTP API, server-sent events, webhooks, auth',
    mayImport: ['base', 'run', 'stores', 'engine'],
    pure: false,
  },
  {
    path: 'cli',
    purpose: 'commands, terminal reporter; the only place that wires implementations together',
    mayImport: [
      'base',
      'workflow',
      'run',
      'stores',
      'execution',
      'execution/process',
      'delivery',
      'diagnosis',
      'data',
      'notify',
      'fleet',
      'engine',
      'server',
    ],
    pure: false,
  },
];
