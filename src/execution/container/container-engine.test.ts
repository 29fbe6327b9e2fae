import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ask, findContainerEngine } from './container-engine.ts';

/** A folder in which `docker` is this script of the shell, and `podman` is missing. */
function withDocker(script: string): Disposable & { readonly machine: Readonly<Record<string, string>> } {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-engine-'));
  const file = join(folder, 'docker');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return {
    machine: { PATH: folder },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

test('an engine that is not installed is told from one that does not answer, and each is named once', async () => {
  using docker = withDocker('echo "Cannot connect to the Docker daemon. Is it running?" >&2; exit 1');
  const found = await findContainerEngine({ host: {}, machine: docker.machine });
  assert.deepEqual(found, {
    ok: false,
    error:
      'no container engine answers (docker: Cannot connect to the Docker daemon. Is it running?; podman is not installed)',
  });
});

test('of what an engine says, what it did before and its advice to read its help are no part of the reason', async () => {
  using docker = withDocker(`
    [ "$1" = version ] && { echo 1.0; exit 0; }
    echo "Unable to find image 'app:1' locally" >&2
    echo "docker: Error response from daemon: no such image" >&2
    echo >&2
    echo "Run 'docker run --help' for more information" >&2
    exit 125`);
  const found = await findContainerEngine({ host: {}, machine: docker.machine });
  assert.ok(found.ok);
  const { why } = await ask(found.value, ['run', 'app:1']);
  assert.equal(why, 'Error response from daemon: no such image');
});
