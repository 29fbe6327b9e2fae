// Without a container engine: commands of this machine in the place of a job's services.
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { JsonObject } from '#base/json.ts';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import type { ServiceCommand } from '#run/plan.ts';
import { startProcess } from '../process/host-process.ts';
import type { StepOutput } from '../step/step-run.ts';
import type { ProcessResult } from '../process/host-process.ts';

export interface CommandsSetting {
  readonly commands: ReadonlyMap<string, ServiceCommand>;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly signal: AbortSignal;
  readonly tell: (text: string) => void;
  readonly output: Pick<StepOutput, 'write' | 'end'>;
}

export interface StartedCommands {
  readonly context: JsonObject;
  readonly end: () => Promise<void>;
}

const READY_LIMIT_MS = 60_000;

export async function startServiceCommands(setting: CommandsSetting): Promise<Result<StartedCommands, string>> {
  const stop = new AbortController();
  const running: Promise<ProcessResult>[] = [];
  const end = async (): Promise<void> => {
    stop.abort();
    await Promise.all(running);
    setting.output.end();
  };
  const services: Record<string, JsonObject> = {};
  for (const [name, { argv, port }] of setting.commands) {
    setting.tell(`service ${name}: ${argv.join(' ')}, in the place of its image`);
    const run = startProcess({
      argv,
      cwd: setting.cwd,
      env: setting.env,
      onOutput: (stream, chunk) => setting.output.write(stream, chunk),
      signal: stop.signal,
    });
    running.push(run);
    const ready = port === undefined ? ok(undefined) : await answers(port, run, setting.signal);
    if (!ready.ok) {
      await end();
      return err(`service ${name}: ${ready.error}`);
    }
    services[name] = { id: '', network: '', ports: port === undefined ? {} : { [port]: String(port) } };
  }
  return ok({ context: { services }, end });
}

async function answers(
  port: number,
  run: Promise<ProcessResult>,
  signal: AbortSignal,
): Promise<Result<undefined, string>> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(READY_LIMIT_MS)]);
  let ended: ProcessResult | undefined;
  void run.then((result) => (ended = result));
  for (;;) {
    // Whoever else answers on the port is not the service.
    if (await isOpen(port)) return ended ? err(`its command ended, and port ${port} is another's`) : ok(undefined);
    if (ended) return err(`its command ${describe(ended)} before port ${port} answered`);
    if (limit.aborted) return err(signal.aborted ? 'cancelled' : `port ${port} does not answer`);
    await wait(50, undefined, { signal: limit }).catch(() => undefined);
  }
}

function describe(result: ProcessResult): string {
  if (result.kind === 'not-started') return `did not start (${result.why})`;
  return result.kind === 'exited' ? `ended with exit code ${result.exitCode}` : `was ${result.kind}`;
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const settle = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => settle(true)).once('error', () => settle(false));
  });
}
