/** The main job: the example platform's pipeline, as it stands in the working tree, on this machine. */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const gantry = join(root, 'bin', 'gantry');
const project = join(root, 'examples', 'space-intelligence');

const child = spawn(gantry, ['-C', project, 'run', '--dirty', ...process.argv.slice(2)], { stdio: 'inherit' });
// The run ends by itself when it is told to; until then this process only waits for it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
});
