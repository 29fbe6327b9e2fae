// A workflow for each place where an expression may stand, with a hole for it.

const STEPS = 'steps: [{ run: make }]';

const job = (text: string): string =>
  `on: push\njobs:\n  b: { runs-on: x, ${STEPS} }\n  a:\n    needs: b\n    runs-on: x\n    ${text}\n    ${STEPS}\n`;
const step = (text: string): string =>
  `on: push\njobs:\n  b: { runs-on: x, ${STEPS} }\n  a:\n    needs: b\n    runs-on: x\n    steps:\n      - ${text}\n`;
const root = (text: string): string => `on: push\n${text}\njobs: { a: { runs-on: x, ${STEPS} } }\n`;
const call = (text: string): string =>
  `on: push\njobs:\n  b: { runs-on: x, ${STEPS} }\n  a: { needs: b, uses: ./.github/workflows/c.yml, ${text} }\n`;
const callable = (text: string): string =>
  `on: { workflow_call: { ${text} } }\njobs: { a: { runs-on: x, ${STEPS} } }\n`;

/** By name; `HOLE` stands for a text that is one expression. */
export const PLACES: Readonly<Record<string, string>> = {
  name: root('name: HOLE'),
  'run-name': root('run-name: HOLE'),
  env: root('env: { A: HOLE }'),
  'a name in env': root('env: { HOLE: a }'),
  concurrency: root('concurrency: HOLE'),
  'concurrency.cancel-in-progress': root('concurrency: { group: a, cancel-in-progress: HOLE }'),
  'defaults.run.shell': root('defaults: { run: { shell: HOLE } }'),
  permissions: root('permissions: HOLE'),
  'default of an input of a call': callable('inputs: { a: { type: string, default: HOLE } }'),
  'output of a call': callable('outputs: { a: { value: HOLE } }'),
  'description of an output': callable('outputs: { a: { value: b, description: HOLE } }'),
  'job name': job('name: HOLE'),
  'job if': job('if: HOLE'),
  'job environment': job('environment: HOLE'),
  'job environment.name': job('environment: { name: HOLE }'),
  'job environment.url': job('environment: { name: a, url: HOLE }'),
  'job environment.deployment': job('environment: { name: a, deployment: HOLE }'),
  'job env': job('env: { A: HOLE }'),
  'job defaults.run.shell': job('defaults: { run: { shell: HOLE } }'),
  'job defaults.run.working-directory': job('defaults: { run: { working-directory: HOLE } }'),
  'job outputs': job('outputs: { a: HOLE }'),
  'job timeout-minutes': job('timeout-minutes: HOLE'),
  'job cancel-timeout-minutes': job('cancel-timeout-minutes: HOLE'),
  'job continue-on-error': job('continue-on-error: HOLE'),
  'job concurrency': job('concurrency: HOLE'),
  'job concurrency.group': job('concurrency: { group: HOLE }'),
  'job strategy': job('strategy: HOLE'),
  'job strategy.fail-fast': job('strategy: { fail-fast: HOLE, matrix: { x: [1] } }'),
  'job strategy.max-parallel': job('strategy: { max-parallel: HOLE, matrix: { x: [1] } }'),
  'job strategy.matrix': job('strategy: { matrix: HOLE }'),
  'a vector of a matrix': job('strategy: { matrix: { x: HOLE } }'),
  'a value of a matrix': job('strategy: { matrix: { x: [HOLE] } }'),
  'include of a matrix': job('strategy: { matrix: { include: HOLE } }'),
  'a name in a matrix': job('strategy: { matrix: { HOLE: [1] } }'),
  'job container': job('container: HOLE'),
  'job container.image': job('container: { image: HOLE }'),
  'job container.env': job('container: { image: a, env: { A: HOLE } }'),
  'job container.options': job('container: { image: a, options: HOLE }'),
  'job container.ports': job('container: { image: a, ports: [HOLE] }'),
  'job container.credentials': job('container: { image: a, credentials: { username: HOLE, password: a } }'),
  'job services image': job('services: { a: { image: HOLE } }'),
  'job services env': job('services: { a: { image: b, env: { A: HOLE } } }'),
  'job services command': job('services: { a: { image: b, command: HOLE } }'),
  'job services credentials': job('services: { a: { image: b, credentials: { username: c, password: HOLE } } }'),
  'job snapshot': job('snapshot: HOLE'),
  'job snapshot.if': job('snapshot: { image-name: a, if: HOLE }'),
  'runs-on': `on: push\njobs:\n  b: { runs-on: x, ${STEPS} }\n  a: { needs: b, runs-on: HOLE, ${STEPS} }\n`,
  'runs-on labels': `on: push\njobs:\n  b: { runs-on: x, ${STEPS} }\n  a: { needs: b, runs-on: [a, HOLE], ${STEPS} }\n`,
  'runs-on group': `on: push\njobs:\n  b: { runs-on: x, ${STEPS} }\n  a: { needs: b, runs-on: { group: HOLE }, ${STEPS} }\n`,
  'call with': call('with: { a: HOLE }'),
  'call secrets': call('secrets: { a: HOLE }'),
  'call name': call('name: HOLE'),
  'call if': call('if: HOLE'),
  'call concurrency': call('concurrency: HOLE'),
  'step name': step('{ run: a, name: HOLE }'),
  'step if': step('{ run: a, if: HOLE }'),
  'step run': step('{ run: HOLE }'),
  'step env': step('{ run: a, env: { A: HOLE } }'),
  'step shell': step('{ run: a, shell: HOLE }'),
  'step working-directory': step('{ run: a, working-directory: HOLE }'),
  'step timeout-minutes': step('{ run: a, timeout-minutes: HOLE }'),
  'step continue-on-error': step('{ run: a, continue-on-error: HOLE }'),
  'step with': step('{ uses: a/b@v1, with: { a: HOLE } }'),
  'step uses': step('{ uses: HOLE }'),
  'step id': step('{ run: a, id: HOLE }'),
};

export function withExpression(place: string, expression: string): string {
  return (PLACES[place] ?? '').replace('HOLE', `"\${{ ${expression} }}"`);
}
