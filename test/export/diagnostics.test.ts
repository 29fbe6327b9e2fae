/** What an exported workflow cannot keep is said at its line. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODES } from '#workflow/codes.ts';
import { exportText } from './export-text.ts';

const JOB = 'runs-on: ubuntu-latest';
const CALL = 'uses: ./.github/workflows/x.yml';
const RETRY = '{ run: make, retry: 2 }';

/** A line for each diagnostic: code, severity, what is underlined, and the message. */
function said(jobs: string): string {
  const text = `on: push\njobs:\n${jobs}\n`;
  const exported = exportText(text);
  assert.ok(exported, 'the pipeline is not valid');
  const lines = text.split('\n');
  return exported.diagnostics
    .map(({ code, severity, at, message }) => {
      const marked = lines[at.line - 1]?.slice(at.column - 1, at.column - 1 + at.length);
      return `${code} ${severity} at ${marked}: ${message}`;
    })
    .join('\n');
}

const EXAMPLES: Readonly<Record<string, readonly [jobs: string, said: string]>> = {
  'secrets that are not named': [
    `  a: { ${JOB}, steps: [{ run: make, retry: 2, env: { A: '\${{ toJSON(secrets) }}' } }] }`,
    "WF160 error at '${{ toJSON(secrets) }}': which secrets are read here is known only when it is evaluated",
  ],
  'a secret that would change the shell': [
    `  a: { ${JOB}, steps: [{ run: make, retry: 2, env: { A: '\${{ secrets.path }}' } }] }`,
    'WF160 error at \'${{ secrets.path }}\': the secret "PATH" would become a variable that changes what the shell does',
  ],
  'the verdict of a call': [
    `  a: { ${CALL} }\n  b: { needs: a, accept: passed, ${JOB}, steps: [{ run: make }] }`,
    'WF161 error at passed: "a" calls a workflow, and GitHub does not tell the verdict of what it calls',
  ],
  'the verdict of a call in a condition': [
    `  a: { ${CALL} }\n  b: { needs: a, if: needs.a.verdict == 'passed', ${JOB}, steps: [{ run: make }] }`,
    'WF161 error at needs.a.verdict == \'passed\': "a" calls a workflow, and GitHub does not tell the verdict of what it calls',
  ],
  'a call that accepts': [
    `  a: { ${JOB}, steps: [{ run: make }] }\n  b: { needs: a, accept: passed, ${CALL} }`,
    'WF161 error at passed: "b" calls a workflow: on GitHub nothing can judge what it needs before it starts',
  ],
  'verdicts of jobs that are not named': [
    `  a: { ${JOB}, steps: [{ run: make }] }\n  b: { needs: a, if: "contains(needs.*.verdict, 'x')", ${JOB}, steps: [{ run: make }] }`,
    'WF162 error at "contains(needs.*.verdict, \'x\')": which verdicts are read here is known on GitHub only when each job is named',
  ],
  'an output with a name that is taken': [
    `  a: { ${JOB}, outputs: { gantry_verdict: x }, steps: [${RETRY}] }`,
    'WF163 error at x: the output "gantry_verdict" has a name that the exported job uses itself',
  ],
  'a version that is known too late': [
    `  a: { ${JOB}, steps: [{ uses: actions/setup-python@v5, with: { python-version: '\${{ env.V }}' } }, ${RETRY}] }`,
    "WF164 warning at '${{ env.V }}': \"python-version\" is known only when the job runs; GitHub's machine is set up without it",
  ],
  'an artifact whose name a step makes up': [
    `  a: { ${JOB}, steps: [{ id: a, run: make, retry: 2 }, { uses: actions/upload-artifact@v4, with: { name: 'x-\${{ steps.a.outputs.b }}', path: x } }] }`,
    'WF165 error at \'x-${{ steps.a.outputs.b }}\': the artifact x-${{ steps.a.outputs.b }} is known only inside job "a", and GitHub has to know what it takes',
  ],
  'an artifact that is asked for by a variable': [
    `  a: { ${JOB}, steps: [${RETRY}, { uses: actions/download-artifact@v4, with: { name: '\${{ env.X }}' } }] }`,
    'WF165 error at \'${{ env.X }}\': the artifact ${{ env.X }} is known only inside job "a", and GitHub has to bring it before',
  ],
  'artifacts whose pattern depends on files': [
    `  a: { ${JOB}, steps: [${RETRY}, { uses: actions/download-artifact@v4, with: { pattern: "\${{ hashFiles('x') }}*" } }] }`,
    'WF165 error at "${{ hashFiles(\'x\') }}*": the artifact ${{ hashFiles(\'x\') }}* is known only inside job "a", and GitHub has to bring it before',
  ],
  'artifacts by their numbers': [
    `  a: { ${JOB}, steps: [${RETRY}, { uses: actions/download-artifact@v4, with: { artifact-ids: 12 } }] }`,
    'WF165 error at 12: "artifact-ids" counts artifacts as GitHub does, which is not how they are counted in job "a"',
  ],
  'artifacts of another run': [
    `  a: { ${JOB}, steps: [${RETRY}, { uses: actions/download-artifact@v4, with: { name: x, run-id: 12 } }] }`,
    'WF165 error at 12: "run-id" asks for artifacts of another run, which are not brought to job "a"',
  ],
  'artifacts of a repository': [
    `  a: { ${JOB}, steps: [${RETRY}, { uses: actions/download-artifact@v4, with: { repository: a/b } }] }`,
    'WF165 error at a/b: "repository" asks for artifacts of a repository, which are not brought to job "a"',
  ],
  'artifacts that are merged': [
    `  a: { ${JOB}, steps: [${RETRY}, { uses: actions/upload-artifact/merge@v4 }] }`,
    'WF165 error at actions/upload-artifact/merge@v4: artifacts of the run are changed, and job "a" has only copies of them',
  ],
  'a file that is its own artifact': [
    `  a: { ${JOB}, steps: [${RETRY}, { uses: actions/upload-artifact@v7, with: { path: x, archive: false } }] }`,
    'WF165 error at false: without an archive, an artifact has the name of its file, which is known only inside job "a"',
  ],
  'an artifact that is kept for a time that a step makes up': [
    `  a: { ${JOB}, steps: [${RETRY}, { uses: actions/upload-artifact@v4, with: { path: x, retention-days: '\${{ env.D }}' } }] }`,
    'WF165 error at \'${{ env.D }}\': "retention-days" is known only inside job "a", and GitHub has to know how it takes the artifact',
  ],
  'a machine that Gantry does not run on': [
    `  a: { runs-on: windows-latest, steps: [${RETRY}] }`,
    'WF166 error at windows-latest: job "a" uses keys of Gantry, which does not run on Windows',
  ],
  'a release on a machine that goes away': [
    `  a: { ${JOB}, steps: [{ uses: gantry/deploy@v1, with: { command: x } }] }`,
    'WF167 warning at gantry/deploy@v1: GitHub\'s machine is taken away when job "a" ends, and what was deployed on it too',
  ],
  'an action that is fetched by its tag, in a fallback too': [
    `  a: { ${JOB}, steps: [{ run: make, fallback: [{ loss: x, uses: some/tool@v1 }] }] }`,
    'WF168 warning at some/tool@v1: "some/tool@v1" is fetched by its tag or branch inside job "a", not by a commit',
  ],
};

for (const [name, [jobs, expected]] of Object.entries(EXAMPLES)) {
  test(`said at its line: ${name}`, () => assert.equal(said(jobs), expected));
}

test('every code of the export has an example', () => {
  const shown = new Set(Object.values(EXAMPLES).map(([, expected]) => expected.slice(0, 5)));
  assert.deepEqual(
    Object.keys(CODES).filter((code) => code.startsWith('WF16') && !shown.has(code)),
    [],
  );
});

test('a job that uses nothing of Gantry and that nobody judges is taken over as it is', () => {
  const steps = `[{ uses: actions/upload-artifact@v4, with: { path: x } }, { run: 'echo \${{ toJSON(secrets) }}' }]`;
  const text = `on: push\njobs:\n  a: { runs-on: windows-latest, accept: degraded, steps: ${steps} }\n`;
  const plain = exportText(text.replace('accept: degraded, ', ''));
  assert.deepEqual(plain?.diagnostics, []);
  assert.equal(plain.text?.includes('gantry'), false);
  assert.match(plain.text ?? '', /uses: actions\/upload-artifact@v4/);
});

test("GitHub's token goes where it is read, or where an action may take it by default", () => {
  const handed = (steps: string): boolean =>
    exportText(`on: push\njobs:\n  a: { ${JOB}, steps: [${RETRY}, ${steps}] }\n`)?.text?.includes(
      '--secret GITHUB_TOKEN',
    ) === true;
  assert.equal(handed("{ run: 'gh pr list', env: { T: '${{ github.token }}' } }"), true);
  assert.equal(handed("{ run: x, env: { T: '${{ toJSON(github) }}' } }"), true);
  assert.equal(handed('{ uses: some/tool@v1 }'), true);
  assert.equal(handed('{ uses: actions/checkout@v4 }'), false);
  assert.equal(handed("{ run: x, env: { T: '${{ github.sha }}' } }"), false);
});

test('what Gantry keeps is brought from run to run where a step wants it, and tools are set up before', () => {
  const text = `on: push
jobs:
  a:
    ${JOB}
    strategy: { matrix: { py: ['3.11'] } }
    steps:
      - { uses: actions/checkout@v5, with: { fetch-depth: 3, path: sub } }
      - { uses: actions/setup-python@v5, with: { python-version: '\${{ matrix.py }}', cache: pip } }
      - ${RETRY}
`;
  const steps = /steps:\n([\s\S]*?)\n +- id: gantry/.exec(exportText(text)?.text ?? '')?.[1];
  assert.equal(
    steps?.replaceAll(/^ {6}/gm, ''),
    `- uses: actions/checkout@v5
  with:
    fetch-depth: '3'
- uses: actions/setup-python@v5
  with:
    python-version: \${{ matrix.py }}
- uses: actions/setup-node@v4
  with:
    node-version: '24'
- name: Caches of Gantry
  uses: actions/cache@v4
  with:
    path: |
      \${{ runner.temp }}/gantry/*/cache
      \${{ runner.temp }}/gantry/*/reuse
    key: gantry-\${{ runner.os }}-a-\${{ strategy.job-index }}-\${{ github.run_id }}-\${{ github.run_attempt }}
    restore-keys: |
      gantry-\${{ runner.os }}-a-\${{ strategy.job-index }}-`,
  );
});

test('artifacts are brought before the step of Gantry and taken behind it, each once and in a folder by its number', () => {
  const text = `on: push
jobs:
  a:
    ${JOB}
    strategy: { matrix: { n: [1] } }
    steps:
      - { uses: actions/download-artifact@v4, with: { name: data, path: data } }
      - { uses: actions/download-artifact@v4, with: { name: data, path: again }, if: failure() }
      - { uses: actions/download-artifact@v4, with: { pattern: 'log-*', merge-multiple: true } }
      - uses: actions/download-artifact@v5
      - { uses: actions/upload-artifact@v4, with: { name: 'r-\${{ matrix.n }}', path: x, if-no-files-found: error, retention-days: 7 } }
      - { uses: actions/upload-artifact@v4, with: { path: y }, continue-on-error: true }
      - run: make
        fallback:
          - loss: speed
            uses: actions/upload-artifact@v4
            with: { name: 'r-\${{ matrix.n }}', path: z, overwrite: true }
`;
  const steps = /(- id: in_1\n[\s\S]*)$/.exec(exportText(text)?.text ?? '')?.[1];
  assert.equal(
    steps?.replaceAll(/^ {6}/gm, ''),
    `- id: in_1
  name: Bring data
  continue-on-error: true
  uses: actions/download-artifact@v4
  with:
    name: data
    path: \${{ runner.temp }}/gantry-artifacts/in/1/data
- id: in_2
  name: Bring artifacts log-*
  continue-on-error: true
  uses: actions/download-artifact@v4
  with:
    pattern: log-*
    path: \${{ runner.temp }}/gantry-artifacts/in/2
- id: in_3
  name: Bring all artifacts
  continue-on-error: true
  uses: actions/download-artifact@v5
  with:
    path: \${{ runner.temp }}/gantry-artifacts/in/3
- id: gantry
  name: gantry run --job a
  env:
    GANTRY_MATRIX: \${{ toJSON(matrix) }}
    GANTRY_ARTIFACTS: \${{ runner.temp }}/gantry-artifacts
    GANTRY_DOWNLOAD_1: \${{ steps.in_1.outcome }}
    GANTRY_DOWNLOAD_2: \${{ steps.in_2.outcome }}
    GANTRY_DOWNLOAD_3: \${{ steps.in_3.outcome }}
    GANTRY_UPLOAD_1: r-\${{ matrix.n }}
    GANTRY_UPLOAD_2: artifact
  run: npx --yes gantry@1 run gantry.yml --job a --from-github
- name: Take r-\${{ matrix.n }}
  if: always()
  uses: actions/upload-artifact@v4
  with:
    name: r-\${{ matrix.n }}
    path: \${{ runner.temp }}/gantry-artifacts/out/1
    if-no-files-found: ignore
    include-hidden-files: 'true'
    retention-days: '7'
    overwrite: 'true'
- name: Take artifact
  if: always()
  uses: actions/upload-artifact@v4
  with:
    name: artifact
    path: \${{ runner.temp }}/gantry-artifacts/out/2
    if-no-files-found: ignore
    include-hidden-files: 'true'
`,
  );
});
