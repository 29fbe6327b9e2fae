// The files by which a failed step is run by itself, with no Gantry in it. Nothing in them is a secret, because what they are
// made of holds none.
import type { FailedScript } from '#stores/failed-scripts/failed-scripts.ts';

export interface ReproSetting {
  readonly failed: FailedScript;
  /** In words: `job / step`. */
  readonly where: string;
  /** The folder that everything is written to. */
  readonly output: string;
  /** The workspace to run in: the job's own, or one made for this. */
  readonly workspace: string;
  readonly isOwnWorkspace: boolean;
  /** '' without git. */
  readonly sha: string;
}

export function scriptName({ extension }: FailedScript): string {
  return `script${extension}`;
}

/** Folders of the job that are gone are folders here. */
function moved(text: string, { failed, output, workspace }: ReproSetting): string {
  return text.replaceAll(failed.temporary, `${output}/temp`).replaceAll(failed.workspace, workspace);
}

export function scriptOf(setting: ReproSetting): string {
  return moved(setting.failed.script, setting);
}

/** The environment as it is for `run.sh`. */
export function environmentOf(setting: ReproSetting): Readonly<Record<string, string>> {
  const { failed, output } = setting;
  const env = Object.entries(failed.env).map(([name, value]) => [name, moved(value, setting)] as const);
  const files = failed.files.map((name) => [name, `${output}/temp/${name}`] as const);
  return { ...Object.fromEntries([...env, ...files]), GITHUB_EVENT_PATH: `${output}/event.json` };
}

/** Plain sh, so that it can be read and changed. */
export function runScript(setting: ReproSetting): string {
  const { failed, output, workspace, where } = setting;
  const folder = failed.folder.replace(failed.workspace, workspace);
  const argv = failed.argv.map((word) => quoted(word.replaceAll('{0}', `${output}/${scriptName(failed)}`)));
  const given = failed.leftOut.filter(isShellName).map((name) => `  \${${name}+"${name}=$${name}"} \\`);
  const set = Object.entries(environmentOf(setting)).map(([name, value]) => `  ${quoted(`${name}=${value}`)} \\`);
  const missing = failed.leftOut
    .filter(isShellName)
    .map((name) => [
      `[ -n "\${${name}+set}" ] ||`,
      `  echo ${quoted(`run.sh: ${name} held a secret and was left out: export ${name} to give it one`)} >&2`,
    ]);
  return [
    '#!/bin/sh',
    `# ${oneLine(where)}, by itself. With --shell: an interactive shell where it ran, with its environment.`,
    ...missing.flat(),
    ...failed.files.map((name) => `: > ${quoted(`${output}/temp/${name}`)}`),
    `cd -- ${quoted(folder)} || exit 1`,
    'if [ "${1-}" = --shell ]; then',
    // A shell's own files might change what it is to be there for.
    `  if command -v bash >/dev/null; then set -- bash --noprofile --norc -i; else set -- sh -i; fi`,
    'else',
    `  set -- ${argv.join(' ')}`,
    'fi',
    'exec env -i \\',
    ...set,
    ...given,
    '  ${TERM+"TERM=$TERM"} \\',
    '  "$@"',
    '',
  ].join('\n');
}

export function readme(setting: ReproSetting): string {
  const { failed, where, output, workspace, isOwnWorkspace, sha } = setting;
  const place = isOwnWorkspace
    ? `in the workspace that the job left behind, ${workspace}. The next run of the job may take it.`
    : `in ${workspace}, ${sha === '' ? 'an empty folder' : `the commit ${sha.slice(0, 12)}`}: the workspace of the job is gone, and with it what the steps before this one made.`;
  const secrets =
    failed.leftOut.length === 0
      ? ['No variable held a secret.']
      : [
          'These variables held a secret, or something with one in it, and were left out. Set them before run.sh, as far as',
          'the step needs them:',
          ...failed.leftOut.map((name) => `  ${name}`),
        ];
  return [
    `${oneLine(where)} of run ${failed.runId}: ${oneLine(failed.why)}`,
    '',
    `  ${output}/run.sh          runs it again`,
    `  ${output}/run.sh --shell  opens a shell where it ran, with its environment`,
    '',
    `It runs ${place}`,
    '',
    ...secrets,
    ...(failed.isRedacted ? ['The script itself held a secret: *** stands in its place, and has to be replaced.'] : []),
    '',
    `${scriptName(failed).padEnd(18)}the script, with the values of that run`,
    'environment.json  the variables it is given, and no others',
    "event.json        the event's payload",
    'contexts.json     inputs, matrix, needs and steps, as expressions saw them',
    'temp/             RUNNER_TEMP, and the files through which the step sets outputs and variables',
    '',
  ].join('\n');
}

/** For sh: nothing in it means anything. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function isShellName(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name);
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
