// What `continue-on-error`, `if:` and filters take from a job's checks.
import { scalarText, type YamlMap } from '#workflow/yaml-node.ts';
import { textAt, valueAt, type AuditJob, type AuditStep, type AuditWorkflow } from './audit-steps.ts';
import { commandsIn, isCleanUpStep } from './cannot-fail.ts';
import { commandWords } from '#shell/command-words.ts';
import type { Finding } from './finding.ts';
import { finding } from './rules.ts';
import type { ShellPiece } from './shell-pieces.ts';
import { isCheck } from './tools.ts';

/** One working command of a step, or an action that it uses: what a run is asked to find out. */
export interface Check {
  readonly step: AuditStep;
  readonly line: number;
  readonly cannotFail: boolean;
}

const CHECKING_ACTION = /(test|lint|scan|check|audit|analy|build|trivy|codeql|sonar|snyk|coverage|verify|validate)/i;
const DEPLOYS = /\b(deploy|release|publish|rollout|production|promote)\b/i;

export function toleratedFindings(workflow: AuditWorkflow, pieces: readonly ShellPiece[]): readonly Finding[] {
  return workflow.jobs.flatMap((job) => [
    ...tolerated(
      workflow,
      job.node,
      `the job "${job.key}"`,
      job.steps.some((step) => checksSomething(step, pieces)),
    ),
    ...job.steps.flatMap((step) => [
      ...tolerated(
        workflow,
        step.node,
        `the step "${step.name}"`,
        checksSomething(step, pieces) && !isCleanUpStep(step),
      ),
      ...scanner(step),
    ]),
  ]);
}

function tolerated(workflow: AuditWorkflow, node: YamlMap, what: string, isGate: boolean): readonly Finding[] {
  const entry = node.entries.find((each) => each.key === 'continue-on-error');
  if (!isGate || entry?.value.kind !== 'scalar' || scalarText(entry.value) !== 'true') return [];
  const { line } = entry.keyNode.at;
  return [
    finding(
      'AU007',
      { file: workflow.file, line, endLine: line },
      `${what} checks something, and its failure is passed over`,
    ),
  ];
}

/** Scanners that are actions have their own way to say it. */
function scanner({ file, node, uses, line }: AuditStep): readonly Finding[] {
  if (uses === undefined) return [];
  const inputs = valueAt(node, 'with');
  if (inputs?.kind !== 'map') return [];
  return inputs.entries.flatMap(({ key, keyNode, value }) => {
    const text = value.kind === 'scalar' ? scalarText(value) : '';
    const isHarmless =
      (/^exit[-_]code$/i.test(key) && text === '0') ||
      (/^(soft[-_]fail|no[-_]fail)$/i.test(key) && text === 'true') ||
      (/^(fail[-_]build|fail[-_]on[-_]findings|exit[-_]on[-_]error)$/i.test(key) && text === 'false');
    if (!isHarmless) return [];
    const at = { file, line: keyNode.at.line, endLine: keyNode.at.line };
    return [finding('AU012', at, `${uses} cannot fail: \`${key}: ${text}\` (step of line ${line})`)];
  });
}

function checksSomething(step: AuditStep, pieces: readonly ShellPiece[]): boolean {
  if (step.uses !== undefined)
    return CHECKING_ACTION.test(step.uses) && !/upload|download|cache|checkout|setup-/.test(step.uses);
  const piece = pieces.find((each) => each.step === step);
  if (piece === undefined) return step.run !== undefined && step.shell.startsWith('python');
  return commandsIn(piece.shell.tree).some((command) => isCheck(commandWords(command).name ?? ''));
}

/** Jobs of which every check is among those that cannot fail. */
export function hollowJobs(workflow: AuditWorkflow, checks: readonly Check[]): readonly Finding[] {
  return workflow.jobs.flatMap((job): readonly Finding[] => {
    const own = checks.filter(({ step }) => job.steps.includes(step));
    if (own.length === 0 || job.key === '' || own.some((check) => !check.cannotFail)) return [];
    const { line } = job.node.at;
    const at = { file: workflow.file, line: keyLine(workflow, job) ?? line, endLine: line };
    const amount = own.length === 1 ? 'its one check is hidden' : `all its ${own.length} checks are hidden`;
    return [finding('AU008', at, `the job "${job.key}" cannot fail: ${amount}`)];
  });
}

function keyLine({ root }: AuditWorkflow, job: AuditJob): number | undefined {
  const jobs = valueAt(root, 'jobs');
  return jobs?.kind === 'map' ? jobs.entries.find((each) => each.key === job.key)?.keyNode.at.line : undefined;
}

export function deployFindings(workflow: AuditWorkflow): readonly Finding[] {
  return workflow.jobs.flatMap((job): readonly Finding[] => {
    const entry = job.node.entries.find((each) => each.key === 'if');
    const condition = textAt(job.node, 'if') ?? '';
    const name = `${job.key.replaceAll(/[_-]/g, ' ')} ${textAt(job.node, 'name') ?? ''}`;
    const isDeploy = DEPLOYS.test(name) || valueAt(job.node, 'environment') !== undefined;
    if (!entry || !isDeploy || !/\balways\(\)/.test(condition) || valueAt(job.node, 'needs') === undefined) return [];
    // Who asks for the results itself has put the gate up again.
    if (/needs\.[\w-]+\.result\s*==\s*'success'|needs\.[\w*.-]+\.verdict/.test(condition)) return [];
    const { line } = entry.keyNode.at;
    return [
      finding(
        'AU010',
        { file: workflow.file, line, endLine: line },
        `the job "${job.key}" deploys whatever became of what it needs: \`if: ${condition}\``,
      ),
    ];
  });
}

export function filterFindings(workflow: AuditWorkflow, checks: readonly Check[]): readonly Finding[] {
  const filters = valueAt(workflow.root, 'on', 'pull_request');
  if (filters?.kind !== 'map') return [];
  const entry = filters.entries.find(({ key }) => key === 'paths' || key === 'paths-ignore');
  if (!entry || !checks.some(({ step }) => step.file === workflow.file)) return [];
  const { line } = entry.keyNode.at;
  const message = `a pull request that \`${entry.key}\` leaves out runs none of these checks: where they are required it waits for ever, and a job skipped by an \`if:\` counts as passed`;
  return [
    finding('AU011', { file: workflow.file, line, endLine: line }, message, {
      fix: 'run the workflow always, and let a first job say which of the others are needed',
    }),
  ];
}
