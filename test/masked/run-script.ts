/** A script in a real shell, in a folder of its own, as it is and with recorders. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordMasked } from '#execution/masked/record-masked.ts';
import { watchEnd } from '#execution/masked/watch-end.ts';
import type { FailedCommand } from '#run/diagnosis.ts';
import type { StepMasked } from '#run/masked.ts';
import type { Way } from './scripts.ts';

export interface Seen {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
  readonly signal: string | null;
  readonly files: Readonly<Record<string, string>>;
}

export interface Bench extends Disposable {
  run(script: string, shell: string, way: Way): Seen;
  /** What `change` makes of the text with recorders is what runs: a wrong rewriting, planted. */
  runRecorded(script: string, shell: string, way: Way, change?: (text: string) => string): Promise<Recorded>;
}

export interface Recorded {
  readonly seen: Seen;
  readonly masked: StepMasked | undefined;
  readonly failed?: FailedCommand;
}

interface Started {
  readonly shell: string;
  readonly way: Way;
  readonly more?: Readonly<Record<string, string>>;
}

const OPTIONS: Readonly<Record<Way, readonly string[]>> = { e: ['-e'], strict: ['-e', '-o', 'pipefail'], none: [] };

export function openBench(): Bench {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'gantry-masked-')));
  const file = join(root, 'script.sh');
  const tools = join(root, 'tools');
  mkdirSync(tools);
  writeFileSync(join(tools, 'fail'), '#!/bin/sh\ncat >/dev/null\necho "fail $1"\necho "err $1" >&2\nexit "$1"\n');
  chmodSync(join(tools, 'fail'), 0o755);
  const env = { PATH: `${tools}:${process.env['PATH'] ?? ''}`, LC_ALL: 'C', HOME: root };
  const work = join(root, 'work');
  const go = (content: string, { shell, way, more = {} }: Started): Seen => {
    rmSync(work, { recursive: true, force: true });
    mkdirSync(work);
    writeFileSync(file, content.endsWith('\n') ? content : `${content}\n`);
    const done = spawnSync(shell, [...OPTIONS[way], file], {
      cwd: work,
      env: { ...env, ...more },
      encoding: 'utf8',
      timeout: 20_000,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const files: Record<string, string> = {};
    for (const name of readdirSync(work, { recursive: true, encoding: 'utf8' })) files[name] = readOf(join(work, name));
    // The shell names the number of a process that a signal has ended.
    const stderr = done.stderr.replaceAll(/(?<=: line \d+: ) *\d+(?= [A-Z])/g, 'PID');
    return { stdout: done.stdout, stderr, status: done.status, signal: done.signal, files };
  };
  return {
    run: (script, shell, way) => go(script, { shell, way }),
    runRecorded: async (script, shell, way, change = (text) => text) => {
      const folder = mkdtempSync(join(root, 'step-'));
      const argv = [shell, ...OPTIONS[way], file];
      const recorded = await recordMasked({ content: script, argv, file, env, folder, cleansUp: false });
      const end = watchEnd({ content: script, argv, file, env, folder });
      const seen = go(change(recorded.content), { shell, way, more: end.env });
      const failed = await end.named(seen.status ?? undefined);
      return { seen, masked: recorded.read(), ...(failed ? { failed } : {}) };
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

function readOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '(no file)';
  }
}
