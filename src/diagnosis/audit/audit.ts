// Files -> findings and a score. Everything is read, nothing is run, and no network is asked.
import { commandWords } from '#shell/command-words.ts';
import { effectOf } from '#shell/effect.ts';
import { findMasks } from '#shell/masks.ts';
import { noStatuses } from '#shell/questions.ts';
import { sourceOf } from '#shell/shell-text.ts';
import { scalarText } from '#workflow/yaml-node.ts';
import { lineInScript, readWorkflows, type AuditStep, type AuditWorkflow } from './audit-steps.ts';
import {
  claimFindings,
  commandsIn,
  heredocFindings,
  isCleanUpStep,
  maskFindings,
  optionFindings,
  pythonFindings,
} from './cannot-fail.ts';
import type { AuditFiles, Finding } from './finding.ts';
import { readStages } from './docker-stages.ts';
import { deployFindings, filterFindings, hollowJobs, toleratedFindings, type Check } from './gates.ts';
import { finding } from './rules.ts';
import { imageFindings } from './image-habits.ts';
import { repositoryRisks } from './repository-risks.ts';
import { isDockerfile, shellPieces, type ShellPiece } from './shell-pieces.ts';
import { commandFindings } from './will-break.ts';
import { workflowRisks } from './workflow-risks.ts';
import { applySuppressions } from './suppressions.ts';

export interface Audit {
  /** By file and line. */
  readonly findings: readonly Finding[];
  /** Checks of the pipelines, and those among them whose failure nobody would see. */
  readonly score: { readonly checks: number; readonly cannotFail: number };
  /** Findings that a comment with a reason and a date has taken out. */
  readonly suppressed: number;
}

export function audit(files: AuditFiles): Audit {
  const workflows = readWorkflows(files);
  const pieces = calledPieces(shellPieces(files, workflows));
  const stages = readStages(files, isDockerfile);
  const around = { files, workflows, stages };
  const inShell = pieces.flatMap((piece) => [
    ...maskFindings(piece),
    ...claimFindings(piece),
    ...optionFindings(piece),
    ...heredocFindings(piece),
    ...inlinePython(piece),
    ...commandFindings(piece, around),
  ]);
  const tolerated = workflows.flatMap((workflow) => [
    ...toleratedFindings(workflow, pieces),
    ...deployFindings(workflow),
    ...pythonSteps(workflow),
  ]);
  const gates = [...inShell, ...tolerated].filter((each) => each.severity === 'gate');
  const checks = workflows.flatMap((workflow) =>
    workflow.jobs.flatMap((job) => job.steps.flatMap((step) => checksOf(step, { pieces, gates }))),
  );
  const ofJobs = workflows.flatMap((workflow) => [
    ...hollowJobs(workflow, checks),
    ...filterFindings(workflow, checks),
  ]);
  const risks = [...workflows.flatMap(workflowRisks), ...repositoryRisks(files), ...imageFindings(files, stages)];
  const all = [...inShell, ...tolerated, ...ofJobs, ...risks];
  const { findings, suppressed } = applySuppressions(files, all);
  return {
    findings: findings.toSorted((a, b) =>
      a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.rule.localeCompare(b.rule),
    ),
    score: { checks: checks.length, cannotFail: checks.filter((check) => check.cannotFail).length },
    suppressed,
  };
}

/** A script file that nothing calls by name is not a part of any pipeline. */
function calledPieces(pieces: readonly ShellPiece[]): readonly ShellPiece[] {
  const callers = pieces
    .filter((piece) => piece.kind !== 'script')
    .map((piece) => piece.shell.text)
    .join('\n');
  const scripts = pieces.filter((piece) => piece.kind === 'script');
  const called = new Set<ShellPiece>();
  for (let text = callers; text !== '';) {
    const more = scripts.filter(
      (piece) => !called.has(piece) && text.includes(piece.file.slice(piece.file.lastIndexOf('/') + 1)),
    );
    for (const piece of more) called.add(piece);
    text = more.map((piece) => piece.shell.text).join('\n');
  }
  return pieces.filter((piece) => piece.kind !== 'script' || called.has(piece));
}

interface Known {
  readonly pieces: readonly ShellPiece[];
  readonly gates: readonly Finding[];
}

/** The commands of a step that do work: each is something that a run finds out. */
function checksOf(step: AuditStep, { pieces, gates }: Known): readonly Check[] {
  const isHidden = (line: number, endLine: number): boolean =>
    gates.some((each) => each.file === step.file && each.line <= endLine && each.endLine >= line);
  const isTolerated = gates.some(
    (each) => each.rule === 'AU007' && each.file === step.file && stepLines(step).includes(each.line),
  );
  if (isCleanUpStep(step)) return [];
  if (step.uses !== undefined) return [{ step, line: step.line, cannotFail: isTolerated }];
  const piece = pieces.find((each) => each.step === step);
  if (piece === undefined)
    return step.run ? [{ step, line: step.line, cannotFail: isTolerated || isHidden(step.line, step.line) }] : [];
  const { text } = piece.shell;
  const masked = findMasks(piece.shell, piece.options);
  const working = commandsIn(piece.shell.tree).filter(
    (command) =>
      noStatuses(command) === undefined &&
      effectOf(command, text) === 'works' &&
      !SETTING.has(commandWords(command).name ?? 'cd'),
  );
  if (working.length === 0) {
    const [claim] = claimFindings(piece);
    return claim ? [{ step, line: claim.line, cannotFail: true }] : [];
  }
  return working.map((command) => {
    const { line, endLine } = piece.lines(command);
    const isMasked = masked.some(
      (mask) => mask.command.pos <= command.pos && command.end <= mask.command.end && mask.work.length > 0,
    );
    return { step, line, cannotFail: isTolerated || (isMasked && isHidden(line, endLine)) };
  });
}

const SETTING: ReadonlySet<string> = new Set([
  'cd',
  'export',
  'set',
  'source',
  '.',
  'mkdir',
  'trap',
  'local',
  'shopt',
  'alias',
  'umask',
  'sleep',
]);

function stepLines({ node }: AuditStep): readonly number[] {
  return node.entries.map((entry) => entry.keyNode.at.line);
}

/** `python -c '…'` and `python <<EOF`. */
function inlinePython(piece: ShellPiece): readonly Finding[] {
  return commandsIn(piece.shell.tree).flatMap((command): readonly Finding[] => {
    if (!/^python[\d.]*$/.test(commandWords(command).name ?? '')) return [];
    const source = sourceOf(piece.shell, command);
    const document = command.redirects.find((each) => each.type === 'HereDoc');
    const script = document?.type === 'HereDoc' ? document.body.text : source;
    const base = document?.type === 'HereDoc' ? document.body.pos : command.pos;
    return pythonFindings(script).map(({ pos, end }) =>
      finding(
        'AU006',
        { file: piece.file, ...piece.lines({ pos: base + pos, end: base + end }) },
        'the Python check cannot fail: what it raises is caught and printed',
      ),
    );
  });
}

function pythonSteps({ jobs }: AuditWorkflow): readonly Finding[] {
  return jobs.flatMap((job) =>
    job.steps.flatMap((step) => {
      const { run } = step;
      if (run === undefined || !step.shell.startsWith('python')) return [];
      return pythonFindings(scalarText(run)).map(({ pos, end }) => {
        const at = {
          file: step.file,
          line: lineInScript(step, run, pos),
          endLine: lineInScript(step, run, Math.max(pos, end - 1)),
        };
        return finding('AU006', at, 'the Python check cannot fail: what it raises is caught and printed');
      });
    }),
  );
}
