// Which releases run, and which one is live. The router asks `route()`, the control socket calls the rest.
import { setTimeout as delay } from 'node:timers/promises';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { identifyProcess, isSameProcessAlive, signalGroup } from '../process-identity.ts';
import type { ProcessIdentity } from '../process-identity.ts';
import { readLiveFile, writeLiveFile } from './protocol.ts';
import type { ReleaseSpec, ReleaseStatus, Started } from './protocol.ts';
import { startReleaseProcess, stopReleaseProcess } from './release-process.ts';
import type { ReleaseProcess } from './release-process.ts';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
/** Up for this long: the crash before it is forgotten. */
const STEADY_MS = 10_000;
const DRAIN_MS = 2_000;

/**
 * ```
 *            start             crash of the live one
 * (unknown) ──────▶ running ──────────────────────▶ waiting ──pause over──▶ running
 *                      │ crash of another / stop
 *                      ▼
 *                   exited ──switch to it──▶ running
 * ```
 */
type Phase =
  | { readonly kind: 'running'; readonly process: ReleaseProcess; readonly identity: ProcessIdentity | undefined }
  | { readonly kind: 'waiting'; readonly cancel: AbortController }
  | { readonly kind: 'exited' };

interface Entry {
  readonly spec: ReleaseSpec;
  phase: Phase;
  restarts: number;
  crashesInRow: number;
  lastExit: string | undefined;
  /** Requests and upgraded connections that it is answering now. */
  inFlight: number;
}

export interface Route {
  readonly version: string;
  readonly port: number;
  /** Called by the router when it begins an answer; the function it gives back, when that has ended. */
  readonly enter: () => () => void;
}

export interface SupervisorOptions {
  readonly envDir: string;
  readonly socketPath: string;
  readonly log: (line: string) => void;
}

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #entries = new Map<string, Entry>();
  #live: string | undefined;
  #stopped = false;
  #publicPort = 0;
  #isClosing = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** Takes up what the last supervisor left: its orphans end, its live release is started again. */
  async recover(publicPort: number): Promise<void> {
    this.#publicPort = publicPort;
    const file = readLiveFile(this.#options.envDir);
    for (const { spec, process: identity } of file?.releases ?? []) {
      if (identity !== undefined && isSameProcessAlive(identity)) {
        // Its exit could not be noticed from here, so it is replaced rather than adopted.
        this.#options.log(`ending ${spec.version}, left by the supervisor before (pid ${identity.pid})`);
        await endOrphan(identity);
      }
      this.#entries.set(spec.version, newEntry(spec));
    }
    const live = file?.stopped === true || file?.live === undefined ? undefined : this.#entries.get(file.live);
    this.#live = live?.spec.version;
    if (live === undefined) this.#entries.clear();
    this.#persist();
    if (live !== undefined) await this.#launchLive(live);
  }

  route(): Route | string {
    if (this.#live === undefined) return 'No release is live here.';
    const entry = this.#entries.get(this.#live);
    if (entry?.phase.kind !== 'running') return `Release ${this.#live} is being started again.`;
    const { port } = entry.phase.process;
    return { version: this.#live, port, enter: () => enter(entry) };
  }

  status(): { readonly live?: string; readonly releases: readonly ReleaseStatus[] } {
    return { live: this.#live, releases: [...this.#entries.values()].map(describe) };
  }

  async start(spec: ReleaseSpec): Promise<Result<Started, string>> {
    if (this.#isClosing) return err('the supervisor is closing');
    const known = this.#entries.get(spec.version);
    if (known !== undefined && known.phase.kind !== 'exited') return err(`release ${spec.version} is running already`);
    const entry = newEntry(spec);
    this.#entries.set(spec.version, entry);
    const failure = await this.#launch(entry);
    if (failure !== undefined) {
      this.#entries.delete(spec.version);
      return err(failure);
    }
    return entry.phase.kind === 'running'
      ? ok({ port: entry.phase.process.port, pid: entry.phase.process.pid })
      : err(`release ${spec.version} ended at once: ${entry.lastExit ?? 'no reason known'}`);
  }

  /** From the next request on `version` answers. The one before is drained and stopped, or kept for a way back. */
  async switchTo(version: string, keepPrevious: boolean): Promise<Result<void, string>> {
    const entry = this.#entries.get(version);
    if (entry === undefined) return err(`release ${version} is not known here`);
    if (entry.phase.kind === 'exited') {
      const failure = await this.#launch(entry);
      if (failure !== undefined) return err(failure);
    }
    const previous = this.#live;
    this.#live = version;
    this.#stopped = false;
    this.#persist();
    this.#options.log(`live: ${version}${previous === undefined ? '' : `, before: ${previous}`}`);
    if (previous !== undefined && previous !== version && !keepPrevious) void this.stop(previous);
    return ok(undefined);
  }

  /** Drains it first, for at most 2 s. */
  async stop(version: string): Promise<void> {
    const entry = this.#entries.get(version);
    if (entry === undefined) return;
    if (this.#live === version) {
      this.#live = undefined;
      this.#persist();
    }
    for (let waited = 0; waited < DRAIN_MS && entry.inFlight > 0; waited += 50) await delay(50);
    // Somebody may have switched back to it in the meantime, or stopped it.
    if (this.#live === version || this.#entries.get(version) !== entry) return;
    this.#entries.delete(version);
    await this.#end(entry);
    this.#persist();
    this.#options.log(`stopped: ${version}`);
  }

  /** `byPerson`: it stays stopped. Otherwise (machine going down) the next supervisor starts the live release. */
  async close(byPerson: boolean): Promise<void> {
    this.#isClosing = true;
    if (byPerson) {
      this.#stopped = true;
      this.#persist();
    }
    await Promise.all([...this.#entries.values()].map((entry) => this.#end(entry)));
    this.#persist();
  }

  async #end(entry: Entry): Promise<void> {
    const { phase } = entry;
    entry.phase = { kind: 'exited' };
    if (phase.kind === 'waiting') phase.cancel.abort();
    if (phase.kind === 'running') await stopReleaseProcess(phase.process);
  }

  async #launch(entry: Entry): Promise<string | undefined> {
    try {
      const started = await startReleaseProcess(this.#options.envDir, entry.spec);
      if (this.#isClosing || this.#entries.get(entry.spec.version) !== entry) {
        await stopReleaseProcess(started);
        return 'stopped while it was being started';
      }
      entry.phase = { kind: 'running', process: started, identity: identifyProcess(started.pid) };
      this.#persist();
      this.#options.log(`started: ${entry.spec.version} (pid ${started.pid}, port ${started.port})`);
      void started.ended.then((how) => this.#ended(entry, started, how));
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async #launchLive(entry: Entry): Promise<void> {
    const failure = await this.#launch(entry);
    if (failure === undefined || this.#isClosing || this.#entries.get(entry.spec.version) !== entry) return;
    entry.lastExit = failure;
    this.#options.log(`starting ${entry.spec.version}: ${failure}`);
    this.#waitAndRestart(entry);
  }

  #ended(entry: Entry, process: ReleaseProcess, how: string): void {
    // Otherwise it was stopped on purpose.
    if (entry.phase.kind !== 'running' || entry.phase.process !== process) return;
    // What it started itself goes with it: the next start must not find its own leftovers.
    signalGroup(process.pid, 'SIGKILL');
    entry.lastExit = how;
    entry.phase = { kind: 'exited' };
    this.#options.log(`ended: ${entry.spec.version} (${how})`);
    if (Date.now() - process.startedAtMs >= STEADY_MS) entry.crashesInRow = 0;
    if (this.#live === entry.spec.version && !this.#isClosing) this.#waitAndRestart(entry);
    this.#persist();
  }

  #waitAndRestart(entry: Entry): void {
    const cancel = new AbortController();
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** entry.crashesInRow);
    entry.crashesInRow += 1;
    entry.phase = { kind: 'waiting', cancel };
    void delay(pauseMs, undefined, { signal: cancel.signal }).then(
      async () => {
        entry.restarts += 1;
        await this.#launchLive(entry);
      },
      () => undefined,
    );
  }

  #persist(): void {
    writeLiveFile(this.#options.envDir, {
      version: 1,
      publicPort: this.#publicPort,
      socketPath: this.#options.socketPath,
      live: this.#live,
      stopped: this.#stopped,
      releases: [...this.#entries.values()].map(({ spec, phase }) => ({
        spec,
        process: phase.kind === 'running' ? phase.identity : undefined,
      })),
    });
  }
}

function newEntry(spec: ReleaseSpec): Entry {
  return { spec, phase: { kind: 'exited' }, restarts: 0, crashesInRow: 0, lastExit: undefined, inFlight: 0 };
}

function enter(entry: Entry): () => void {
  let isOver = false;
  entry.inFlight += 1;
  return () => {
    if (!isOver) entry.inFlight -= 1;
    isOver = true;
  };
}

function describe({ spec, phase, restarts, lastExit }: Entry): ReleaseStatus {
  const base = { version: spec.version, state: phase.kind, restarts, lastExit };
  return phase.kind === 'running' ? { ...base, port: phase.process.port, pid: phase.process.pid } : base;
}

async function endOrphan(identity: ProcessIdentity): Promise<void> {
  signalGroup(identity.pid, 'SIGTERM');
  for (let waited = 0; waited < 2_000 && isSameProcessAlive(identity); waited += 25) await delay(25);
  signalGroup(identity.pid, 'SIGKILL');
}
