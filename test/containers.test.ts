/**
 * Jobs in containers, with services, and actions that are images, on a real engine. They need the image
 * `python:3.11-slim`, which CI makes by itself; on a laptop without an engine they are left out, in CI they are not.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { z } from 'zod';
import { buildToolkitAction } from './support/build-toolkit-action.ts';
import { openTestProject } from './support/gantry-command.ts';
import type { CommandResult } from './support/gantry-command.ts';
import { eventually } from './support/pipeline-project.ts';
import { writeFiles } from './support/write-files.ts';

const IMAGE = 'python:3.11-slim';
const SERVER = '--health-cmd "python3 -c \'import socket; socket.create_connection((\\"127.0.0.1\\", 8000))\'"';

function docker(...args: readonly string[]): string {
  return execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 });
}

function whyNoEngine(): string | undefined {
  try {
    docker('image', 'inspect', IMAGE);
    return undefined;
  } catch (cause) {
    if (process.env['CI'] === 'true') throw new Error(`CI has no container engine with ${IMAGE}`, { cause });
    return `no container engine with the image ${IMAGE} here`;
  }
}

function ownedBy(kind: readonly string[], label: string): string {
  return docker(...kind, '--quiet', '--filter', `label=${label}`);
}

interface Trial {
  readonly result: CommandResult;
  readonly logs: string;
}

async function runPipeline(files: Readonly<Record<string, string>>, args: readonly string[] = []): Promise<Trial> {
  const source = mkdtempSync(join(tmpdir(), 'gantry-containers-'));
  writeFiles(source, files);
  try {
    using project = openTestProject(source);
    const result = await project.gantry(['run', '--format', 'json', ...args]);
    return { result, logs: (await project.gantry(['logs', '--raw'])).stdout };
  } finally {
    rmSync(source, { recursive: true, force: true });
  }
}

const Explained = z.looseObject({
  jobs: z.array(
    z.looseObject({
      steps: z.array(
        z.looseObject({
          diagnosis: z.looseObject({
            cause: z.string(),
            layer: z.string(),
            probes: z.array(z.looseObject({ name: z.string(), said: z.string() })),
          }),
        }),
      ),
    }),
  ),
});

function assertPassed({ result, logs }: Trial): void {
  assert.equal(result.exitCode, 0, `${result.stdout}\n${result.stderr}\n${logs}`);
}

const LIST_ARTIFACTS = `
import base64, json, os, urllib.error, urllib.request
token = os.environ["ACTIONS_RUNTIME_TOKEN"]
body = token.split(".")[1]
scope = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["scp"].split(":")
url = os.environ["ACTIONS_RESULTS_URL"] + "twirp/github.actions.results.api.v1.ArtifactService/ListArtifacts"
data = json.dumps({"workflow_run_backend_id": scope[1], "workflow_job_run_backend_id": scope[2]}).encode()
def ask(bearer):
    return urllib.request.urlopen(urllib.request.Request(url, data, {"Authorization": "Bearer " + bearer}))
print("artifacts:", *[each["name"] for each in json.load(ask(token))["artifacts"]])
try:
    ask("none")
except urllib.error.HTTPError as error:
    print("no token:", error.code)
`;

const skip = whyNoEngine();

describe('containers', { concurrency: 2, skip: skip ?? false }, () => {
  test('steps run inside the job container and tell the runner through its files', async () => {
    const trial = await runPipeline({
      'data.txt': 'from the repository\n',
      'gantry.yml': `
on: push
jobs:
  inside:
    runs-on: ubuntu-latest
    container:
      image: ${IMAGE}
      env: { FROM_CONTAINER: "given to it" }
      volumes: [ "/tmp:/of-the-host:ro" ]
      options: --cpus 1 --hostname of-the-container
    outputs:
      made: \${{ steps.make.outputs.value }}
    steps:
      - uses: actions/checkout@v4
      - id: make
        env:
          BESIDE: \${{ github.workspace }}/data.txt
        run: |
          test "$(hostname 2>/dev/null || cat /etc/hostname)" = of-the-container
          test "$FROM_CONTAINER" = "given to it"
          test "$PWD" = "$GITHUB_WORKSPACE"
          case "$GITHUB_WORKSPACE" in /__w/*) ;; *) exit 3;; esac
          test "$(cat "$BESIDE")" = "from the repository"
          test "$HOME" = /github/home && test -d /of-the-host
          test -f "$GITHUB_EVENT_PATH" && test "$RUNNER_TEMP" = "\${{ runner.temp }}"
          mkdir -p tools && printf '#!/bin/sh\\necho own tool ran\\n' > tools/own && chmod +x tools/own
          echo "$PWD/tools" >> "$GITHUB_PATH"
          echo "LATER=carried over" >> "$GITHUB_ENV"
          echo "value=made inside" >> "$GITHUB_OUTPUT"
      - run: own && test "$LATER" = "carried over"
      - run: test -n "\${{ job.container.id }}" && test -n "\${{ job.container.network }}"
      - shell: python3 {0}
        run: import sys; print("python inside", sys.version_info[0])
  after:
    needs: inside
    runs-on: ubuntu-latest
    steps:
      - run: test "\${{ needs.inside.outputs.made }}" = "made inside"
`,
    });
    assertPassed(trial);
    for (const text of ['own tool ran', 'python inside 3']) assert.ok(trial.logs.includes(text), trial.logs);
  });

  test('a step that the kernel ended for want of memory, and one that misses a tool, are explained inside', async () => {
    const { result } = await runPipeline({
      'gantry.yml': `
on: push
jobs:
  big:
    runs-on: ubuntu-latest
    container: { image: ${IMAGE}, options: --memory 20m --pids-limit 60 }
    steps:
      - run: python3 -c 'bytearray(400_000_000)'
  lacking:
    runs-on: ubuntu-latest
    container: ${IMAGE}
    steps:
      - run: no-such-tool --version
`,
    });
    const [big, lacking] = Explained.parse(JSON.parse(result.stdout)).jobs.map(({ steps: [step] }) => step?.diagnosis);
    assert.equal(big?.cause, 'it ran out of memory: the kernel ended a process of it');
    assert.equal(big.layer, 'resources');
    const limits = big.probes.find(({ name }) => name === 'limits')?.said;
    assert.equal(limits, 'the kernel has ended 1 of its processes for want of memory; memory 20 MB');
    assert.equal(lacking?.cause, 'the command no-such-tool is not there: no folder of PATH has it');
  });

  test('a service is waited for and reached by its name inside, and by its port from this machine', async () => {
    const service = (port: string): string => `
        image: server-of-the-test
        ports: [${port}]
        options: >-
          ${SERVER} --health-interval 1s --health-retries 30`;
    const folder = mkdtempSync(join(tmpdir(), 'gantry-image-'));
    writeFileSync(
      join(folder, 'Dockerfile'),
      `FROM ${IMAGE}\nCMD ["sh", "-c", "sleep 1; exec python3 -m http.server 8000"]\n`,
    );
    try {
      docker('build', '--quiet', '--tag', 'server-of-the-test', folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    const trial = await runPipeline({
      'gantry.yml': `
on: push
jobs:
  host:
    runs-on: ubuntu-latest
    services:
      web:${service('8000')}
    steps:
      - run: python3 -c 'import urllib.request as u; print(u.urlopen("http://127.0.0.1:\${{ job.services.web.ports['8000'] }}/").status)'
  inside:
    runs-on: ubuntu-latest
    container: \${{ fromJSON('{"image":"${IMAGE}"}') }}
    services:
      web:${service('8000')}
      none: { image: "\${{ '' }}" }
    steps:
      - run: python3 -c 'import urllib.request as u; print(u.urlopen("http://web:8000/").status)'
`,
    });
    assertPassed(trial);
    assert.ok(trial.logs.includes('service web is ready'), trial.logs);
  });

  test('a service that ends before the steps fails the job and shows what it said', async () => {
    const { result, logs } = await runPipeline({
      'gantry.yml': `
on: push
jobs:
  broken:
    runs-on: ubuntu-latest
    services:
      web:
        image: ${IMAGE}
        options: --health-cmd true --entrypoint "python3"
    steps:
      - if: always()
        run: echo must not run
`,
    });
    // Python without a terminal reads an empty program and ends.
    assert.equal(result.exitCode, 1, `${result.stdout}${logs}`);
    assert.ok(result.stdout.includes('service web: it ended with exit code 0'), result.stdout);
    assert.ok(!logs.includes('\nmust not run'), logs);
  });

  test('an image, and a step in a container job, get their inputs, arguments and outputs', async () => {
    const trial = await runPipeline({
      'gantry.yml': `
on: push
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - id: said
        uses: docker://${IMAGE}
        with:
          entrypoint: /bin/sh
          args: -c 'test "$PWD" = /github/workspace && echo "value=$INPUT_SOME_INPUT" >> "$GITHUB_OUTPUT"'
          some input: of the step
      - run: test "\${{ steps.said.outputs.value }}" = "of the step"
      - uses: docker://${IMAGE}
        continue-on-error: true
        with: { entrypoint: "/bin/sh", args: "-c 'exit 7'" }
`,
    });
    assert.equal(trial.result.exitCode, 0, `${trial.result.stdout}${trial.logs}`);
    assert.ok(trial.result.stdout.includes('exit code 7'), trial.result.stdout);
  });

  test('a step that takes too long is ended inside, and nothing of the job is left behind', async () => {
    const { result } = await runPipeline({
      'gantry.yml': `
on: push
jobs:
  slow:
    runs-on: ubuntu-latest
    container: ${IMAGE}
    steps:
      - timeout-minutes: 0.02
        run: sleep 7654
      - if: always()
        run: |
          for p in /proc/[0-9]*; do
            if tr '\\0' ' ' < "$p/cmdline" 2>/dev/null | grep -q '^sleep 7654'; then exit 9; fi
          done
          echo "it is gone" && exit 0
`,
    });
    assert.equal(result.exitCode, 1, result.stdout);
    assert.ok(result.stdout.includes('timed out'), result.stdout);
    assert.ok(!result.stdout.includes('exit code 9'), result.stdout);
    const runId = /"r-\d{8}-\d{6}-[0-9a-f]{4}"/.exec(result.stdout)?.[0].slice(1, -1) ?? '';
    assert.notEqual(runId, '');
    assert.equal(ownedBy(['ps', '--all'], `gantry.job=${runId}/slow`), '');
    assert.equal(ownedBy(['network', 'ls'], `gantry.job=${runId}/slow`), '');
  });

  test('containers of an engine that was killed are removed by the next run that uses any', async () => {
    const source = mkdtempSync(join(tmpdir(), 'gantry-killed-'));
    const pipeline = (script: string): string =>
      `on: push\njobs:\n  job:\n    runs-on: ubuntu-latest\n    container: ${IMAGE}\n    steps:\n      - run: ${script}\n`;
    writeFileSync(
      join(source, 'gantry.yml'),
      pipeline('touch /shared/started && sleep 600').replace(
        `container: ${IMAGE}`,
        `container: { image: "${IMAGE}", volumes: ["\${{ vars.SHARED }}:/shared"] }`,
      ),
    );
    writeFileSync(join(source, 'next.yml'), pipeline('true'));
    try {
      using project = openTestProject(source);
      const child = spawn(
        process.execPath,
        [resolve(import.meta.dirname, '../dist/main.js'), 'run', '--var', `SHARED=${project.shared}`],
        { cwd: project.folder, env: { ...process.env, GANTRY_STATE_DIR: project.stateFolder }, stdio: 'ignore' },
      );
      await eventually(() => {
        try {
          return readFileSync(join(project.shared, 'started'), 'utf8') === '';
        } catch {
          return undefined;
        }
      }, 'the step runs in its container');
      const owner = `:${child.pid}:`;
      child.kill('SIGKILL');
      const owners = (): string => docker('ps', '--all', '--format', '{{.Label "gantry.owner"}}');
      assert.ok(owners().includes(owner), owners());
      const next = await project.gantry(['run', 'next.yml']);
      assert.equal(next.exitCode, 0, next.stdout);
      assert.ok(!owners().includes(owner), owners());
    } finally {
      rmSync(source, { recursive: true, force: true });
    }
  });

  test('an action with a Dockerfile is built, given its arguments and inputs, and has what comes after', async () => {
    const trial = await runPipeline({
      'actions/greet/action.yml': `
name: greet
inputs:
  who: { default: nobody }
  "how often": { default: once }
outputs:
  said: { description: what was said }
runs:
  using: docker
  image: Dockerfile
  args: [ "--to", "\${{ inputs.who }}", "two words" ]
  env: { GREETING: "hello \${{ inputs.who }}" }
  pre-entrypoint: /before.sh
  post-entrypoint: /after.sh
`,
      'actions/greet/Dockerfile': `FROM ${IMAGE}\nCOPY *.sh /\nENTRYPOINT ["/main.sh"]\n`,
      'actions/greet/main.sh': `#!/bin/sh
set -e
test "$#" = 3 && test "$1 $2 $3" = "--to the world two words"
test "$GREETING" = "hello the world" && test "$INPUT_HOW_OFTEN" = once && test "$INPUT_WHO" = "the world"
test "$PWD" = /github/workspace && test "$GITHUB_WORKSPACE" = /github/workspace
test "$HOME" = /github/home && test -f "$GITHUB_EVENT_PATH"
echo "said=$GREETING" >> "$GITHUB_OUTPUT"
echo "kept=for later" >> "$GITHUB_STATE"
echo made inside > made.txt
`,
      'actions/greet/before.sh': `#!/bin/sh\necho before main\n`,
      'actions/greet/after.sh': `#!/bin/sh\necho "after, with $STATE_kept"\n`,
      'actions/bare/Dockerfile': `FROM ${IMAGE}\nENTRYPOINT ["/bin/sh", "-c", "echo bare action ran"]\n`,
      'gantry.yml': `
on: push
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: chmod +x actions/greet/*.sh
      - id: greet
        uses: ./actions/greet
        with: { who: the world }
      - run: test "\${{ steps.greet.outputs.said }}" = "hello the world" && grep "made inside" made.txt
      - uses: ./actions/bare
      - id: fails
        continue-on-error: true
        uses: ./actions/greet
        with: { who: somebody else }
      - run: test "\${{ steps.fails.outcome }}" = failure
`,
    });
    assertPassed(trial);
    for (const text of ['after, with for later', 'bare action ran']) assert.ok(trial.logs.includes(text), trial.logs);
  });

  test('fetched actions find their own files in a job container', async () => {
    const tool = mkdtempSync(join(tmpdir(), 'gantry-tool-'));
    const files = {
      'script/action.yml': 'name: s\nruns: { using: node20, main: main.js, post: after.js }\n',
      'script/main.js': 'console.log(require("./part.js").said, process.env.GITHUB_WORKSPACE.startsWith("/__w/"));\n',
      'script/part.js': 'exports.said = "part of the action";\n',
      'script/after.js': 'console.log("post inside", require("fs").existsSync("/github/home"));\n',
      'steps/action.yml':
        'name: c\nruns:\n  using: composite\n  steps: [{ shell: sh, run: \'sh "${{ github.action_path }}/say.sh" && sh "$GITHUB_ACTION_PATH/say.sh"\' }]\n',
      'image/action.yml':
        'name: i\nruns: { using: docker, image: Dockerfile, args: [main], pre-entrypoint: /before.sh }\n',
      'image/Dockerfile': `FROM ${IMAGE}\nRUN printf '#!/bin/sh\\necho before the job; echo was=there >> "$GITHUB_STATE"\\n' > /before.sh && chmod +x /before.sh\nENTRYPOINT ["/bin/sh", "-c", "echo \\"image after $STATE_was\\""]\n`,
      'steps/say.sh': 'echo composite speaks from $(pwd)\n',
    };
    writeFiles(tool, files);
    try {
      const trial = await runPipeline(
        {
          'gantry.yml': `
on: push
jobs:
  inside:
    runs-on: ubuntu-latest
    container: ${IMAGE}
    steps:
      - uses: owner/tool/script@v1
      - uses: owner/tool/steps@v1
      - uses: owner/tool/image@v1
`,
        },
        ['--local-action', `owner/tool@v1=${tool}`],
      );
      assertPassed(trial);
      assert.ok(trial.logs.includes('part of the action true'), trial.logs);
      assert.ok(trial.logs.includes('post inside true'), trial.logs);
      assert.match(trial.logs, /before the job[^]*part of the action[^]*image after there/);
      assert.equal(trial.logs.split('composite speaks from /__w/').length, 3, trial.logs);
    } finally {
      rmSync(tool, { recursive: true, force: true });
    }
  });

  test("clients of GitHub's services work in a job container and in an action's image, and meet the built-in actions", async () => {
    const tool = mkdtempSync(join(tmpdir(), 'gantry-toolkit-'));
    await buildToolkitAction(join(tool, 'script'));
    const files = {
      'image/action.yml': 'name: i\nruns: { using: docker, image: Dockerfile }\n',
      'image/Dockerfile': `FROM ${IMAGE}\nCOPY list.py /list.py\nENTRYPOINT ["python3", "/list.py"]\n`,
      'image/list.py': LIST_ARTIFACTS,
    };
    writeFiles(tool, files);
    try {
      const trial = await runPipeline(
        {
          'gantry.yml': `
on: push
jobs:
  inside:
    runs-on: ubuntu-latest
    container: ${IMAGE}
    steps:
      - run: mkdir -p out && head -c 9000000 /dev/urandom > out/large && test -z "$ACTIONS_RUNTIME_TOKEN"
      - uses: owner/tool/script@v1
        with:
          script: |
            const { digest } = await artifact.uploadArtifact('from-inside', ['out/large'], 'out');
            const { artifacts } = await artifact.listArtifacts();
            if (artifacts[0].digest !== 'sha256:' + digest) throw new Error(JSON.stringify(artifacts));
            await artifact.downloadArtifact(artifacts[0].id, { path: 'got' });
            const id = await cache.saveCache(['out'], 'inside-1');
            if (await cache.restoreCache(['out'], 'other', ['inside-']) !== 'inside-1') throw new Error(id);
            core.info('host ' + new URL(process.env.ACTIONS_RESULTS_URL).hostname);
      - run: cmp out/large got/large
      - uses: owner/tool/image@v1
  outside:
    needs: inside
    runs-on: ubuntu-latest
    steps:
      - uses: actions/download-artifact@v4
        with: { name: from-inside, path: got }
      - run: test "$(wc -c < got/large)" = 9000000
      - uses: owner/tool/image@v1
`,
        },
        ['--local-action', `owner/tool@v1=${tool}`],
      );
      assertPassed(trial);
      assert.match(trial.logs, /host (?!127)\d+\.\d+\.\d+\.\d+\n/);
      assert.equal(trial.logs.split('artifacts: from-inside\n').length, 3, trial.logs);
      assert.equal(trial.logs.split('no token: 401\n').length, 3, trial.logs);
    } finally {
      rmSync(tool, { recursive: true, force: true });
    }
  });

  test("a service's own entrypoint and command are what it runs", async () => {
    const trial = await runPipeline({
      'gantry.yml': `
on: push
jobs:
  host:
    runs-on: ubuntu-latest
    services:
      web:
        image: ${IMAGE}
        entrypoint: python3
        command: -m http.server 8000
        ports: [8000]
        options: ${SERVER} --health-interval 1s --health-retries 30
    steps:
      - run: python3 -c 'import urllib.request as u; print(u.urlopen("http://127.0.0.1:\${{ job.services.web.ports['8000'] }}/").status)'
`,
    });
    assertPassed(trial);
  });

  test('a container job that is cancelled leaves no container and no network behind', async () => {
    const source = mkdtempSync(join(tmpdir(), 'gantry-cancelled-'));
    writeFileSync(
      join(source, 'gantry.yml'),
      `on: push\njobs:\n  job:\n    runs-on: ubuntu-latest\n    container: { image: "${IMAGE}", volumes: ["\${{ vars.SHARED }}:/shared"] }\n    steps:\n      - run: touch /shared/started && sleep 600\n`,
    );
    try {
      using project = openTestProject(source);
      const child = spawn(
        process.execPath,
        [resolve(import.meta.dirname, '../dist/main.js'), 'run', '--var', `SHARED=${project.shared}`],
        { cwd: project.folder, env: { ...process.env, GANTRY_STATE_DIR: project.stateFolder }, stdio: 'ignore' },
      );
      const ended = once(child, 'exit');
      await eventually(
        () => existsSync(join(project.shared, 'started')) || undefined,
        'the step runs in its container',
      );
      child.kill('SIGINT');
      assert.deepEqual(await ended, [130, null]);
      const owner = `:${child.pid}:`;
      const owners = (kind: readonly string[]): string => docker(...kind, '--format', '{{.Label "gantry.owner"}}');
      assert.ok(!owners(['ps', '--all']).includes(owner));
      assert.ok(!owners(['network', 'ls']).includes(owner));
    } finally {
      rmSync(source, { recursive: true, force: true });
    }
  });
});
