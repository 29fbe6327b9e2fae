// What follows up on the steps of a job once all of them are done, the last one first.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isJsonObject, parseJson } from '#base/json.ts';
import type { JsonValue } from '#base/json.ts';
import { unreachable } from '#base/unreachable.ts';
import { evaluateCondition } from '#workflow/expressions.ts';
import { startProcess } from '../process/host-process.ts';
import { fromProcess } from '../step/attempt-end.ts';
import { makeStepFiles } from '../step/step-files.ts';
import type { NativePost, PostStep, ProgramPost, StepRun } from '../step/step-run.ts';

export interface PostJob {
  readonly posts: readonly PostStep[];
  /** A step whose own `fallback:` was used. */
  readonly lesserStep: string | undefined;
  stepRun(index: number): StepRun;
  note(index: number, text: string): void;
  /** The job has failed by it. */
  fail(why: string): void;
}

/**
 * What is built in follows up on success alone: after a fallback too it is left out, because what a lesser way left behind
 * must not be restored under the key of the full one. A program says itself when it is due, which is always unless it says
 * otherwise, and its failure is the job's: GitHub's rules.
 */
export async function runPosts(job: PostJob): Promise<void> {
  for (const post of job.posts.toReversed()) {
    switch (post.kind) {
      case 'native':
        await runNativePost(post, job);
        break;
      case 'program':
        await runProgramPost(post, job);
        break;
      default:
        unreachable(post);
    }
  }
}

async function runNativePost(post: NativePost, job: PostJob): Promise<void> {
  const run = job.stepRun(post.index);
  if (run.scope.status !== 'success') return;
  if (job.lesserStep !== undefined)
    return job.note(post.index, `${post.name} is left out: "${job.lesserStep}" took a fallback`);
  const ended = await post.run(run);
  if (!ended.ok) job.note(post.index, `${post.name}: ${ended.why}`);
}

async function runProgramPost(post: ProgramPost, job: PostJob): Promise<void> {
  const run = job.stepRun(post.index);
  const due = evaluateCondition(post.condition ?? 'always()', run.scope.scope());
  if (!due.ok) return job.fail(`${post.name}: its post-if: ${due.error.message}`);
  if (!due.value) return job.note(post.index, `${post.name} is not due: ${post.condition ?? ''} is false`);
  const files = makeStepFiles(join(run.jobPrivate, 'post', post.path), post.index);
  const output = run.openOutput(post.index, files.folder);
  output.write('engine', Buffer.from(`gantry: ${run.redact(post.name)}\n`));
  const result = await startProcess({
    argv: [process.execPath, post.program],
    cwd: run.folders.workspace,
    env: run.scope.environment(post.variables, files.variables),
    onOutput: (stream, chunk) => output.write(stream, chunk),
    onSpawn: (pid) => run.noteProcess(pid),
    signal: run.signal,
  });
  run.noteProcess(undefined);
  output.end();
  const end = fromProcess(result);
  if (end.how !== 'ok') job.fail(`${post.name}: ${end.why}`);
}

/** The place of a step that was tried again is taken by its newest try. */
export function withPost(posts: readonly PostStep[], post: PostStep): readonly PostStep[] {
  if (post.kind === 'native') return [...posts, post];
  return [...posts.filter((each) => each.kind === 'native' || each.path !== post.path), post];
}

function fileOf(privateFolder: string): string {
  return join(privateFolder, 'posts');
}

export function rememberPost(privateFolder: string, post: PostStep): void {
  if (post.kind === 'program') appendFileSync(fileOf(privateFolder), `${JSON.stringify(post)}\n`, { mode: 0o600 });
}

/** What an earlier engine had noted for this job. */
export function rememberedPosts(privateFolder: string): readonly ProgramPost[] {
  const file = fileOf(privateFolder);
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => readPost(parseJson(line)) ?? []);
}

function readPost(value: JsonValue | undefined): ProgramPost | undefined {
  if (!isJsonObject(value)) return undefined;
  const { path, name, index, condition, program, variables } = value;
  if (typeof path !== 'string' || typeof name !== 'string' || typeof index !== 'number') return undefined;
  if (typeof program !== 'string' || !isJsonObject(variables)) return undefined;
  const texts = Object.entries(variables).flatMap(([key, text]): [string, string][] =>
    typeof text === 'string' ? [[key, text]] : [],
  );
  return {
    kind: 'program',
    path,
    name,
    index,
    program,
    variables: Object.fromEntries(texts),
    ...(typeof condition === 'string' ? { condition } : {}),
  };
}
