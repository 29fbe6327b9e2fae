// The picture of a run while it goes on: repainted in place, never taller than the terminal, gone at the end.
import { formatDuration } from '#base/duration.ts';
import type { JobId } from '#base/ids.ts';
import { count, displayWidth, inline, padTo, truncate } from '#run/report/layout.ts';
import { waitOf } from '#run/report/report.ts';
import { jobMark, waitInWords } from '#run/report/words.ts';
import type { Paint } from '#run/report/words.ts';
import { isSettled, jobConclusion, jobVerdict, runLedger } from '#run/outcome.ts';
import { plannedJob, rootScope } from '#run/scopes.ts';
import type { JobRecord, LiveRun } from '#run/state.ts';

/** A terminal, as `process.stdout` is one. Its size is asked at every repaint, so that resizing works. */
export interface Screen {
  write(text: string): unknown;
  readonly columns?: number;
  readonly rows?: number;
}

export interface LiveTreeOptions {
  readonly screen: Screen;
  readonly paint: Paint;
  readonly nowMs: () => number;
  /** The newest log line of a running job. Not trusted: it is cleaned before it is shown. */
  readonly lastLine: (jobId: JobId) => string | undefined;
  /** Between repaints; 100 unless told, 0 for none by itself. */
  readonly intervalMs?: number;
}

const ESC = String.fromCodePoint(0x1b);
const HIDE_CURSOR = `${ESC}[?25l`;
const SHOW_CURSOR = `${ESC}[?25h`;
/** The terminal shows what stands between these two at once, so that nothing flickers; others ignore them. */
const BEGIN_FRAME = `${ESC}[?2026h`;
const END_FRAME = `${ESC}[?2026l`;
const ERASE_LINE_END = `${ESC}[K`;
const ERASE_BELOW = `${ESC}[J`;

/**
 * Paints while it lives. Disposing takes the picture away and gives the cursor back, so whoever owns it must do so on
 * every way out; it may be disposed twice. The timer does not keep the process alive.
 */
export class LiveTree implements Disposable {
  readonly #options: LiveTreeOptions;
  readonly #timer: NodeJS.Timeout | undefined;
  #run: LiveRun | undefined;
  /** Widths of the lines on the screen: a narrower terminal has broken them into more rows. */
  #painted: readonly number[] = [];
  #frame = 0;
  #state: 'fresh' | 'painting' | 'cleared' | 'disposed' = 'fresh';

  constructor(options: LiveTreeOptions) {
    this.#options = options;
    const intervalMs = options.intervalMs ?? 100;
    if (intervalMs > 0) {
      this.#timer = setInterval(() => this.repaint(), Math.max(100, intervalMs));
      this.#timer.unref();
    }
  }

  /** Takes the newest state; it is shown at the next repaint. */
  update(run: LiveRun): void {
    this.#run = run;
  }

  repaint(): void {
    if (!this.#run || this.#state === 'disposed' || this.#state === 'cleared') return;
    const { screen, paint, nowMs, lastLine } = this.#options;
    const columns = screen.columns ?? 80;
    const view = { columns, rows: screen.rows ?? 24, nowMs: nowMs(), frame: this.#frame++, paint, lastLine };
    const lines = renderTree(this.#run, view);
    const body = lines.map((line) => `${line.painted}${ERASE_LINE_END}\n`).join('');
    const start = this.#state === 'fresh' ? HIDE_CURSOR : '';
    this.#state = 'painting';
    screen.write(`${BEGIN_FRAME}${start}${this.#backToTop(columns)}${body}${ERASE_BELOW}${END_FRAME}`);
    this.#painted = lines.map((line) => line.width);
  }

  /** Leaves the terminal to somebody else until what is returned is disposed. */
  clear(): Disposable {
    if (this.#state !== 'disposed') this.#takeAway('cleared');
    return {
      [Symbol.dispose]: () => {
        if (this.#state === 'cleared') this.#state = 'fresh';
      },
    };
  }

  [Symbol.dispose](): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#takeAway('disposed');
  }

  #takeAway(next: 'cleared' | 'disposed'): void {
    const wasPainting = this.#state === 'painting';
    this.#state = next;
    if (!wasPainting) return;
    const { screen } = this.#options;
    const columns = screen.columns ?? 80;
    const top = this.#backToTop(columns);
    // Line by line: some terminals keep what is erased as a whole among the lines that have scrolled away.
    const erased = `${ERASE_LINE_END}\n`.repeat(this.#rows(columns)) + ERASE_LINE_END;
    screen.write(`${top}${erased}${top}${SHOW_CURSOR}`);
    this.#painted = [];
  }

  #backToTop(columns: number): string {
    const rows = this.#rows(columns);
    return rows > 0 ? `\r${ESC}[${rows}A` : '\r';
  }

  #rows(columns: number): number {
    return this.#painted.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / Math.max(1, columns))), 0);
  }
}

export interface TreeView {
  readonly columns: number;
  readonly rows: number;
  readonly nowMs: number;
  /** Counts repaints; turns the spinner. */
  readonly frame: number;
  readonly paint: Paint;
  readonly lastLine: (jobId: JobId) => string | undefined;
}

export interface TreeLine {
  readonly painted: string;
  /** In columns. */
  readonly width: number;
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** One frame: at most `rows - 1` lines of at most `columns - 1` columns. Detail gives way before jobs do. */
export function renderTree(run: LiveRun, view: TreeView): readonly TreeLine[] {
  const jobs = [...run.jobs.values()];
  // The row under the picture is the cursor's; the last of the picture are the summary.
  const summary = summaryLines(run, jobs, view);
  const room = Math.max(1, view.rows - 1 - summary.length);
  const nameWidth = Math.min(
    Math.max(20, ...jobs.map((job) => displayWidth(inline(job.instance.name)))),
    view.columns >> 1,
  );
  for (const detail of [3, 2, 1]) {
    const lines = jobs.flatMap((job) => jobLines(job, run, view, { detail, nameWidth }));
    const later = laterLines(run, view, nameWidth);
    if (lines.length + later.length <= room) return [...lines, ...later, ...summary];
  }
  const kept = mostTelling(jobs, room - 1);
  const more = fit([['dim', `  … ${jobs.length - kept.length + unexpanded(run).length} more`]], view);
  const lines = kept.flatMap((job) => jobLines(job, run, view, { detail: 1, nameWidth }));
  return [...lines, more, ...summary];
}

/** Keys of which nobody knows yet what becomes of them, because their needs have not ended. */
function unexpanded(run: LiveRun): readonly string[] {
  return rootScope(run).jobs.flatMap(({ job }) => (run.groups.has(job.key) ? [] : [job.key]));
}

function laterLines(run: LiveRun, view: TreeView, nameWidth: number): readonly TreeLine[] {
  const { sign, word } = jobMark({ verdict: null, conclusion: null, state: 'waiting' });
  return unexpanded(run).map((key) =>
    fit([['dim', `  ${sign} ${padTo(truncate(inline(key), nameWidth), nameWidth)}  ${word}`]], view),
  );
}

/** What runs, then what went wrong, then what waits; shown in the order of the plan. */
function mostTelling(jobs: readonly JobRecord[], amount: number): readonly JobRecord[] {
  const chosen = new Set(jobs.toSorted((a, b) => importance(a) - importance(b)).slice(0, Math.max(0, amount)));
  return jobs.filter((job) => chosen.has(job));
}

function importance(job: JobRecord): number {
  if (job.state.kind === 'running') return 0;
  if (jobConclusion(job) === 'failure') return 1;
  return isSettled(job) ? 3 : 2;
}

interface Shape {
  readonly detail: number;
  readonly nameWidth: number;
}

type Piece = readonly [Parameters<Paint>[0] | 'none', string];

function jobLines(job: JobRecord, run: LiveRun, view: TreeView, shape: Shape): readonly TreeLine[] {
  const { state, instance } = job;
  const name = padTo(truncate(inline(instance.name), shape.nameWidth), shape.nameWidth);
  if (state.kind !== 'running') return [fit(stillPieces(run, job, name), view)];
  const spinner = SPINNER[view.frame % SPINNER.length] ?? '';
  const elapsed = formatDuration(view.nowMs - (state.startedAtMs ?? state.dispatchedAtMs)).padStart(11);
  const planned = plannedJob(run, job)?.job.steps.length ?? 0;
  const latest = state.currentSteps.at(-1);
  const place = latest && planned > 0 ? `  step ${Math.min(latest.index + 1, planned)} of ${planned}` : '';
  const lines = [
    fit(
      [
        ['accent', `  ${spinner} `],
        ['strong', name],
        ['dim', `${elapsed}${place}`],
      ],
      view,
    ),
  ];
  for (const step of shape.detail >= 2 ? state.currentSteps : []) {
    const isPaused = step.pausedAtMs !== undefined;
    const time = formatDuration((step.pausedAtMs ?? view.nowMs) - step.startedAtMs);
    lines.push(
      fit(
        [
          ['none', `    ${inline(step.name)}`],
          ['dim', `  ${time}${isPaused ? '  paused' : ''}`],
        ],
        view,
      ),
    );
  }
  const said = inline(view.lastLine(instance.id) ?? '');
  if (latest && said !== '' && shape.detail >= 3) lines.push(fit([['dim', `      ${said}`]], view));
  return lines;
}

function stillPieces(run: LiveRun, job: JobRecord, name: string): readonly Piece[] {
  const { state } = job;
  const mark = jobMark({
    verdict: jobVerdict(job) ?? null,
    conclusion: jobConclusion(job) ?? null,
    state: state.kind,
  });
  const head: readonly Piece[] = [[mark.tone, `  ${mark.sign} `]];
  if (state.kind !== 'finished') {
    const wait = state.kind === 'skipped' ? undefined : waitOf(run, { kind: 'job', jobId: job.instance.id });
    if (wait) return [...head, ['dim', `${name}  ${inline(waitInWords(wait))}`]];
    const why = state.kind === 'skipped' ? `: ${inline(state.why)}` : '';
    return [...head, ['dim', `${name}  ${mark.word}${why}`]];
  }
  const time = formatDuration(state.finishedAtMs - state.startedAtMs).padStart(11);
  return [...head, ['none', name], ['dim', time], [mark.tone, `  ${mark.word}`]];
}

function summaryLines(run: LiveRun, jobs: readonly JobRecord[], view: TreeView): readonly TreeLine[] {
  const done = jobs.filter(isSettled).length;
  const entries = runLedger(run).length + unsettledEntries(jobs);
  const parts = [
    `${done} of ${count(jobs.length + unexpanded(run).length, 'job')} done`,
    formatDuration(view.nowMs - run.startedAtMs),
  ];
  if (entries > 0) parts.push(`${count(entries, 'entry', 'entries')} in the ledger`);
  const wait = waitOf(run, { kind: 'run' });
  if (wait) parts.unshift(inline(waitInWords(wait)));
  const lines = [fit([['dim', `  ${parts.join(' · ')}`]], view)];
  if (run.cancel) {
    const next = run.cancel.force ? 'clean-up is ended too' : 'Ctrl-C again ends clean-up too';
    lines.push(
      fit(
        [
          ['warn', `  cancelling: ${inline(run.cancel.reason)}`],
          ['dim', ` · ${next}`],
        ],
        view,
      ),
    );
  }
  return lines;
}

/** The run's ledger speaks of settled jobs only; people want to know sooner. */
function unsettledEntries(jobs: readonly JobRecord[]): number {
  const steps = jobs.flatMap(({ state }) => (state.kind === 'running' || state.kind === 'lost' ? state.steps : []));
  return steps.reduce((sum, step) => sum + step.ledger.length, 0);
}

/** One column stays free: a terminal breaks the line when its last column is filled. */
function fit(pieces: readonly Piece[], view: TreeView): TreeLine {
  let left = Math.max(1, view.columns - 1);
  let painted = '';
  for (const [tone, text] of pieces) {
    const cut = truncate(text, left);
    if (cut === '') break;
    left -= displayWidth(cut);
    painted += tone === 'none' ? cut : view.paint(tone, cut);
  }
  return { painted, width: Math.max(1, view.columns - 1) - left };
}
