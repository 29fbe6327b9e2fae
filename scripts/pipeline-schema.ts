/**
 * The JSON schema of `gantry.yml`, for editors: made from the tables that the reader itself goes by. Which keys there are comes
 * from there; what is said here is what they mean and what they hold. A key without an entry here, or the other way round, is
 * an error, so that the two cannot drift apart.
 */
import { SCOPES } from '../src/workflow/read-permissions.ts';
import { EVENTS } from '../src/workflow/events.ts';
import { RETRY_CAUSES } from '../src/workflow/model.ts';
import { KEYS, type KeyPlace, type KeyRules } from '../src/workflow/key-table.ts';

type Schema = Readonly<Record<string, unknown>>;

const ref = (name: string): Schema => ({ $ref: `#/definitions/${name}` });
const anyOf = (...schemas: readonly Schema[]): Schema => ({ anyOf: schemas });
const oneOfTexts = (...texts: readonly string[]): Schema => ({ enum: texts });
const listOf = (items: Schema): Schema => ({ type: 'array', items });
const filledList = (items: Schema): Schema => ({ type: 'array', items, minItems: 1 });
const mapOf = (values: Schema): Schema => ({ type: 'object', additionalProperties: values });

const NULL: Schema = { type: 'null' };
/** GitHub takes any scalar for text. */
const TEXT: Schema = { type: ['string', 'number', 'boolean', 'null'] };
const FILLED: Schema = { type: ['string', 'number', 'boolean'], minLength: 1 };
const TEXTS = anyOf(FILLED, listOf(FILLED));
const EXPRESSION: Schema = { type: 'string', pattern: '^\\s*\\$\\{\\{[\\s\\S]*\\}\\}\\s*$' };
const BOOLEAN = anyOf({ type: 'boolean' }, EXPRESSION);
const MINUTES = anyOf({ type: 'number', exclusiveMinimum: 0 }, EXPRESSION);
const NAMED = anyOf(EXPRESSION, mapOf(TEXT));
const DATE: Schema = { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' };
const DURATION: Schema = { type: ['string', 'number'] };
const NAME_PATTERN = '^[A-Za-z_][A-Za-z0-9_-]*$';
const CAUSES = oneOfTexts(...RETRY_CAUSES);
const CONTAINER = anyOf(TEXT, ref('container'));

type Entry = readonly [description: string, schema: Schema];

interface Place {
  readonly required?: readonly string[];
  readonly entries: Readonly<Record<string, Entry>>;
  readonly more?: Schema;
}

const CONTROL: Readonly<Record<string, Entry>> = {
  name: ['What reports and logs call the step.', TEXT],
  id: ['The name by which expressions read the step.', FILLED],
  'continue-on-error': ['A failure of the step does not fail the job. It degrades the run.', BOOLEAN],
};

const CONTAINER_ENTRIES: Readonly<Record<string, Entry>> = {
  image: ['The image; when it evaluates to nothing, there is no container.', TEXT],
  credentials: ['For the registry of the image.', anyOf(EXPRESSION, ref('credentials'))],
  env: ['Variables inside the container.', NAMED],
  ports: ['Ports to publish: `80`, or `8080:80`.', listOf(TEXT)],
  volumes: ['Volumes: `name:/path`, or `/host:/path`.', listOf(TEXT)],
  options: ["Further options of the engine's `create` command.", TEXT],
};

const WORK: Readonly<Record<string, Entry>> = {
  name: ['What reports and logs call the step.', TEXT],
  run: ['A script for the shell.', TEXT],
  uses: ['An action: `owner/repository@version`, `./path`, `$/path` or `docker://image`.', FILLED],
  with: ['Inputs of the action.', NAMED],
  env: ['Variables of the step.', NAMED],
  shell: ['bash, sh, python, pwsh, or a command with `{0}` where the script goes.', FILLED],
  'working-directory': ['The folder that the script starts in.', TEXT],
  'timeout-minutes': ['After so long the step is ended, and has failed.', MINUTES],
  retry: [
    'Try again when an attempt fails: a number of attempts, or when and how long to wait. Success after a retry is degraded.',
    anyOf({ type: 'integer', minimum: 1, maximum: 20 }, ref('retry')),
  ],
  expect: ['The proof without which a success is only a claim: what is missing makes the step unknown.', ref('expect')],
};

const INPUT: Readonly<Record<string, Entry>> = {
  description: ['What it is for.', TEXT],
  required: ['Whether it must be given.', { type: 'boolean' }],
  default: ['What it is when it is not given.', TEXT],
};

const PLACES: Readonly<Record<KeyPlace, Place>> = {
  workflow: {
    required: ['on', 'jobs'],
    entries: {
      name: ['The name of the pipeline.', TEXT],
      description: ['What it is for.', TEXT],
      'run-name': ['The name of each run.', TEXT],
      on: ['The events that start it.', ref('on')],
      permissions: ["What GitHub's token may do.", ref('permissions')],
      concurrency: ['Runs of one group run one at a time.', anyOf(FILLED, ref('concurrency'))],
      env: ['Variables of all steps.', NAMED],
      defaults: ['What steps do not say themselves.', ref('defaults')],
      jobs: [
        'The jobs by their keys.',
        {
          type: 'object',
          minProperties: 1,
          propertyNames: { pattern: NAME_PATTERN },
          additionalProperties: ref('job'),
        },
      ],
    },
  },
  defaults: { entries: { run: ['For scripts.', ref('defaultsRun')] } },
  defaultsRun: {
    entries: {
      shell: ['The shell of scripts.', FILLED],
      'working-directory': ['The folder that scripts start in.', FILLED],
    },
  },
  job: {
    entries: {
      name: ['What reports call the job.', TEXT],
      needs: ['Jobs that must have ended before.', anyOf(FILLED, listOf(FILLED))],
      if: ['The condition on which it runs; by default `success()`.', TEXT],
      'runs-on': ['Labels that its machine must have.', anyOf(FILLED, filledList(FILLED), ref('runsOn'))],
      environment: ['The environment that it deploys to.', anyOf(TEXT, ref('environment'))],
      env: ['Variables of its steps.', NAMED],
      defaults: ['What its steps do not say themselves.', ref('defaults')],
      outputs: ['What jobs that need it can read.', NAMED],
      'timeout-minutes': ['After so long the job is ended, and has failed.', MINUTES],
      'cancel-timeout-minutes': ['How long a cancelled job has to end.', MINUTES],
      strategy: ['Runs the job once for each combination of a matrix.', anyOf(EXPRESSION, ref('strategy'))],
      'continue-on-error': ['A failure of the job does not fail the run. It degrades it.', BOOLEAN],
      permissions: ["What GitHub's token may do in this job.", ref('permissions')],
      concurrency: ['Jobs of one group run one at a time.', anyOf(FILLED, ref('concurrency'))],
      container: ['The container that its steps run in.', CONTAINER],
      services: ['Containers beside the steps, by name.', anyOf(EXPRESSION, mapOf(anyOf(TEXT, ref('service'))))],
      uses: ['Another workflow, whose jobs run in the place of this one.', FILLED],
      with: ['Inputs of the workflow that is called.', NAMED],
      secrets: ['Secrets of the workflow that is called: `inherit`, or by name.', anyOf({ const: 'inherit' }, NAMED)],
      steps: ['What it does, in order.', filledList(ref('step'))],
      accept: [
        'The worst verdict of its needs with which it still runs. By default `degraded`.',
        oneOfTexts('passed', 'degraded'),
      ],
      snapshot: ['An image made of the machine.', anyOf(FILLED, ref('snapshot'))],
    },
    more: {
      anyOf: [{ required: ['runs-on', 'steps'] }, { required: ['uses'] }],
    },
  },
  runsOn: {
    entries: { labels: ['Labels that the machine must have.', TEXTS], group: ['A group of runners.', TEXT] },
  },
  snapshot: {
    required: ['image-name'],
    entries: {
      'image-name': ['Its name.', FILLED],
      version: ['Its major version, as `1.*`.', FILLED],
      if: ['The condition on which it is made.', TEXT],
    },
  },
  environment: {
    required: ['name'],
    entries: {
      name: ['Its name.', TEXT],
      url: ['Where to see what was deployed.', TEXT],
      deployment: ['Whether GitHub makes a record of it.', BOOLEAN],
    },
  },
  strategy: {
    entries: {
      matrix: [
        'Lists of values; each combination is a job. `include` adds to them, `exclude` takes out.',
        anyOf(EXPRESSION, {
          type: 'object',
          properties: {
            include: anyOf(EXPRESSION, listOf(anyOf(EXPRESSION, { type: 'object' }))),
            exclude: anyOf(EXPRESSION, listOf(anyOf(EXPRESSION, { type: 'object' }))),
          },
          additionalProperties: anyOf(EXPRESSION, { type: 'array' }),
        }),
      ],
      'fail-fast': ['Whether a failure ends the other combinations. By default true.', BOOLEAN],
      'max-parallel': [
        'How many combinations run at the same time.',
        anyOf({ type: 'integer', minimum: 1 }, EXPRESSION),
      ],
    },
  },
  step: {
    entries: {
      ...WORK,
      id: ['The name by which expressions read the step.', { type: 'string', pattern: NAME_PATTERN }],
      if: ['The condition on which it runs; by default `success()`.', TEXT],
      'continue-on-error': ['A failure of the step does not fail the job. It degrades the run.', BOOLEAN],
      background: ['The steps after it do not wait for it.', { type: 'boolean' }],
      fallback: [
        'Lesser ways to do it, tried in order when what stands before failed; each must say its `loss`.',
        filledList(ref('fallback')),
      ],
      consumes: ['Patterns of what it reads: while that is unchanged, what it produces is restored.', TEXTS],
      produces: ['Patterns of what it makes.', TEXTS],
      advisory: [
        'Findings are reported with file and line, and never block.',
        anyOf({ type: 'boolean' }, ref('advisory')),
      ],
    },
  },
  wait: { entries: { ...CONTROL, wait: ['Ids of background steps to wait for.', TEXTS] } },
  'wait-all': {
    entries: { ...CONTROL, 'wait-all': ['Waits for all background steps.', { enum: [true, null] }] },
  },
  cancel: { entries: { ...CONTROL, cancel: ['The id of a background step to end.', FILLED] } },
  parallel: { entries: { parallel: ['Steps that run at the same time.', filledList(ref('step'))] } },
  fallback: {
    required: ['loss'],
    entries: {
      ...WORK,
      loss: ['What is given up by taking this way. Required.', FILLED],
      until: ['The last day (UTC) on which using it does not fail the step.', DATE],
    },
    more: { oneOf: [{ required: ['run'] }, { required: ['uses'] }] },
  },
  retry: {
    entries: {
      attempts: ['All of them, the first included. By default 3.', { type: 'integer', minimum: 1, maximum: 20 }],
      on: [
        'How an attempt must have ended, or what its cause must be. By default the transient ones.',
        anyOf(CAUSES, filledList(CAUSES)),
      ],
      delay: ['Before the second attempt; doubles, with jitter: `500ms`, `2s`, `1m`. By default 1s.', DURATION],
    },
  },
  advisory: { entries: { until: ['The last day (UTC) on which findings do not block.', DATE] } },
  expect: {
    entries: {
      tests: ['A test report, and how many tests must have run.', ref('expectTests')],
      files: ['Files or patterns that must be there afterwards.', TEXTS],
    },
    more: { minProperties: 1 },
  },
  expectTests: {
    required: ['report'],
    entries: {
      report: ['JUnit XML: a file or a pattern.', FILLED],
      min: ['How many tests must have run at least. By default 1.', { type: 'integer', minimum: 1 }],
    },
  },
  schedule: {
    required: ['cron'],
    entries: { cron: ['Minute, hour, day, month, weekday.', FILLED], timezone: ['The time zone of it.', TEXT] },
  },
  dispatch: { entries: { inputs: ['Inputs by name.', anyOf(NULL, mapOf(anyOf(NULL, ref('dispatchInput'))))] } },
  dispatchInput: {
    entries: {
      ...INPUT,
      type: ['What it is.', oneOfTexts('string', 'boolean', 'number', 'choice', 'environment')],
      options: ['What a choice can be.', listOf(TEXT)],
    },
  },
  call: {
    entries: {
      inputs: ['Inputs by name.', mapOf(ref('callInput'))],
      secrets: ['Secrets by name.', mapOf(anyOf(NULL, ref('callSecret')))],
      outputs: ['Outputs by name.', mapOf(ref('callOutput'))],
    },
  },
  callInput: { entries: { ...INPUT, type: ['What it is.', oneOfTexts('string', 'boolean', 'number')] } },
  callSecret: {
    entries: { description: ['What it is for.', TEXT], required: ['Whether it must be given.', { type: 'boolean' }] },
  },
  callOutput: {
    required: ['value'],
    entries: { description: ['What it is.', TEXT], value: ['An expression over the `jobs` context.', TEXT] },
  },
  concurrency: {
    required: ['group'],
    entries: {
      group: ['Its name.', FILLED],
      'cancel-in-progress': ['Whether a newer one ends the one that runs.', BOOLEAN],
      queue: [
        '`single`: one waits, and a newer one takes its place. `max`: all wait in order.',
        oneOfTexts('single', 'max'),
      ],
    },
  },
  container: { required: ['image'], entries: CONTAINER_ENTRIES },
  service: {
    required: ['image'],
    entries: {
      ...CONTAINER_ENTRIES,
      entrypoint: ['In the place of that of the image.', TEXT],
      command: ['In the place of that of the image.', TEXT],
    },
  },
  credentials: {
    required: ['username', 'password'],
    entries: { username: ['Who.', TEXT], password: ['A secret.', TEXT] },
  },
};

const CONTROL_STEPS = ['wait', 'wait-all', 'cancel', 'parallel'] as const;

export function pipelineSchema(): Schema {
  const known = new Map(Object.entries(PLACES));
  const places = Object.entries(KEYS).map(([name, rules]): [string, Schema] => [
    name,
    definition(name, rules, known.get(name) ?? { entries: {} }),
  ]);
  const { workflow, step, ...definitions } = Object.fromEntries(places);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Gantry pipeline',
    description: 'gantry.yml, or a file in .gantry/: a GitHub Actions workflow, plus seven keys.',
    ...workflow,
    definitions: {
      ...Object.fromEntries(Object.entries(definitions).filter(([name]) => !isControl(name))),
      step: wholeStep(step ?? {}),
      on: onSchema(),
      permissions: anyOf(oneOfTexts('read-all', 'write-all'), {
        type: 'object',
        properties: Object.fromEntries(Object.entries(SCOPES).map(([scope, levels]) => [scope, { enum: levels }])),
        additionalProperties: false,
      }),
    },
  };
}

function isControl(name: string): name is (typeof CONTROL_STEPS)[number] {
  return CONTROL_STEPS.some((each) => each === name);
}

function definition(name: string, rules: KeyRules, { required, entries, more }: Place): Schema {
  const keys = keysOf(rules);
  const strangers = Object.keys(entries).filter((key) => !keys.includes(key));
  const missing = keys.filter((key) => !(key in entries));
  if (strangers.length + missing.length > 0)
    throw new Error(
      `scripts/pipeline-schema.ts and src/workflow/key-table.ts differ in "${name}": ${[...strangers, ...missing].join(', ')}`,
    );
  const properties = keys.map((key): [string, Schema] => {
    const [description, schema] = entries[key] ?? ['', {}];
    return [key, { description, ...schema }];
  });
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    additionalProperties: false,
    ...(required ? { required } : {}),
    ...more,
  };
}

function keysOf({ honoured, gantry = [], notHonoured = {} }: KeyRules): readonly string[] {
  return [...new Set([...honoured, ...gantry, ...Object.keys(notHonoured)])];
}

/** One object with the keys of all kinds, because editors complete that best; which go together is said behind it. */
function wholeStep(step: Schema): Schema {
  const own = (kind: (typeof CONTROL_STEPS)[number]): Readonly<Record<string, Entry>> => PLACES[kind].entries;
  const control = CONTROL_STEPS.map((kind): [string, Schema] => {
    const [description, schema] = own(kind)[kind] ?? ['', {}];
    return [kind, { description, ...schema }];
  });
  const alone = CONTROL_STEPS.map((kind): [string, Schema] => [
    kind,
    { propertyNames: { enum: Object.keys(own(kind)) } },
  ]);
  const without = (...keys: readonly string[]): Schema => ({
    allOf: keys.map((key) => ({ not: { required: [key] } })),
  });
  const work = { run: without('with'), uses: without('shell', 'working-directory') };
  const properties = step['properties'];
  return {
    ...step,
    properties: { ...(typeof properties === 'object' ? properties : {}), ...Object.fromEntries(control) },
    oneOf: ['run', 'uses', ...CONTROL_STEPS].map((key) => ({ required: [key] })),
    dependencies: { ...work, ...Object.fromEntries(alone) },
  };
}

function onSchema(): Schema {
  const names = Object.keys(EVENTS);
  const name = { enum: names.filter((each) => each !== 'schedule') };
  const events = Object.entries(EVENTS).map(([event, { types, filters = [] }]): [string, Schema] => {
    if (event === 'schedule') return [event, filledList(ref('schedule'))];
    if (event === 'workflow_dispatch') return [event, anyOf(NULL, ref('dispatch'))];
    if (event === 'workflow_call') return [event, anyOf(NULL, ref('call'))];
    const known = types && types.length > 0 ? { enum: types } : FILLED;
    const properties = {
      ...(types ? { types: anyOf(known, listOf(known)) } : {}),
      ...Object.fromEntries(filters.map((filter) => [filter, TEXTS])),
    };
    return [event, anyOf(NULL, { type: 'object', properties, additionalProperties: false })];
  });
  return anyOf(name, filledList(name), {
    type: 'object',
    properties: Object.fromEntries(events),
    additionalProperties: false,
    minProperties: 1,
  });
}
