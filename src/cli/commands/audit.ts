import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { audit as auditFiles, type Audit } from '#diagnosis/audit/audit.ts';
import { keepNew, toBaseline } from '#diagnosis/audit/baseline.ts';
import { editedTexts } from '#diagnosis/audit/edits.ts';
import { linesOf, type AuditFiles, type Finding, type Severity } from '#diagnosis/audit/finding.ts';
import { projectFiles } from '#diagnosis/audit/project-files.ts';
import { toSarif } from '#diagnosis/audit/sarif.ts';
import { EXIT } from '../exit-codes.ts';
import { choosePaint } from '../paint.ts';
import { displayWidth, truncate, wrap } from '#run/report/layout.ts';
import type { Paint, Tone } from '#run/report/words.ts';
import { UsageError } from '../usage-error.ts';
import { VERSION } from '../version.ts';
import { visible } from '../visible.ts';

export interface AuditOptions {
  readonly format: 'text' | 'json' | 'sarif';
  readonly failOn: Severity | 'never';
  readonly fix?: true;
  readonly apply?: true;
  readonly baseline?: string;
  readonly updateBaseline?: true;
}

const RANK: Readonly<Record<Severity, number>> = { gate: 3, risk: 2, habit: 1 };
const TONES: Readonly<Record<Severity, Tone>> = { gate: 'bad', risk: 'warn', habit: 'dim' };
const BASELINE = '.gantry-audit.json';

export function audit(path: string | undefined, options: AuditOptions): number {
  const root = resolve(path ?? '.');
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory()) throw new UsageError(`there is no folder ${root}`);
  const files = projectFiles(root, new Date().toISOString().slice(0, 10));
  const whole = auditFiles(files);
  const baseline = join(root, options.baseline ?? BASELINE);
  if (options.updateBaseline) {
    writeFileSync(baseline, `${JSON.stringify(toBaseline(files, whole.findings), null, 2)}\n`);
    process.stderr.write(`wrote ${options.baseline ?? BASELINE}: ${count(whole.findings.length, 'finding')} known\n`);
    return EXIT.passed;
  }
  if (options.baseline !== undefined && !existsSync(baseline)) throw new UsageError(`there is no file ${baseline}`);
  const { findings, known } = existsSync(baseline)
    ? keepNew(files, whole.findings, readFileSync(baseline, 'utf8'))
    : { findings: whole.findings, known: 0 };
  const told: Audit = { ...whole, findings };
  const paint = choosePaint({ isTerminal: process.stdout.isTTY, env: process.env });
  if (options.fix) return fix(root, { files, findings, paint, apply: options.apply === true });
  process.stdout.write(printed(told, { options, files, paint, known }));
  const limit = options.failOn === 'never' ? Infinity : RANK[options.failOn];
  return findings.some(({ severity }) => RANK[severity] >= limit) ? EXIT.failed : EXIT.passed;
}

interface Page {
  readonly lines: (file: string) => readonly string[];
  readonly paint: Paint;
  /** Columns. */
  readonly width: number;
}

interface Printing {
  readonly options: AuditOptions;
  readonly files: AuditFiles;
  readonly paint: Paint;
  readonly known: number;
}

function printed({ findings, score, suppressed }: Audit, { options, files, paint, known }: Printing): string {
  const plain = findings.map(({ rule, severity, file, line, endLine, message, fix: cure }) => ({
    rule,
    severity,
    file,
    line,
    endLine,
    message,
    ...(cure === undefined ? {} : { fix: cure }),
  }));
  if (options.format === 'json') return `${JSON.stringify({ version: 1, findings: plain, score }, null, 2)}\n`;
  if (options.format === 'sarif') return `${JSON.stringify(toSarif(findings, VERSION), null, 2)}\n`;
  const width = process.stdout.isTTY ? process.stdout.columns : Infinity;
  const lines = linesOf(files);
  const blocks = findings.map((each) => describe(each, { lines, paint, width }));
  const left = [
    known > 0 ? `${known} known from the baseline` : '',
    suppressed > 0 ? `${suppressed} put off by a comment` : '',
  ];
  const counts = (['gate', 'risk', 'habit'] as const)
    .map((severity) => [severity, findings.filter((each) => each.severity === severity).length] as const)
    .filter(([, amount]) => amount > 0)
    .map(([severity, amount]) => paint(TONES[severity], count(amount, severity)));
  const summary = [
    counts.length === 0 ? paint('good', 'nothing found') : counts.join(', '),
    ...left.filter(Boolean),
  ].join(' · ');
  return `${blocks.join('\n')}${blocks.length > 0 ? '\n' : ''}${summary}\n${scoreLine(score, paint)}\n`;
}

function scoreLine({ checks, cannotFail }: Audit['score'], paint: Paint): string {
  if (checks === 0) return paint('dim', 'no checks in a pipeline here');
  const line = `${cannotFail} of ${count(checks, 'check')} in this pipeline cannot fail`;
  return paint(cannotFail > 0 ? 'bad' : 'good', line);
}

/** On a terminal nothing is wider than it; elsewhere a finding begins with one line that holds all of it. */
function describe({ rule, severity, file, line, endLine, message, fix: cure }: Finding, page: Page): string {
  const { lines, paint, width } = page;
  const head = `${severity.padEnd(5)} ${rule}`;
  const place = `${file}:${line}`;
  const said = visible(message);
  const isShort = head.length + place.length + displayWidth(said) + 2 <= width;
  const title = `${paint(TONES[severity], head)} ${paint('strong', visible(place))}${isShort ? ` ${said}` : ''}`;
  const digits = String(endLine).length;
  const numbered = (number: string, text: string): string =>
    `  ${paint('dim', `${number.padStart(digits)} |`)} ${truncate(text, width - digits - 5)}`;
  const shown = lines(file).slice(line - 1, Math.min(endLine, line + 2));
  return [
    title,
    ...(isShort ? [] : wrap(said, width - 2).map((text) => `  ${text}`)),
    ...shown.map((text, index) => numbered(String(line + index), visible(text))),
    ...(endLine > line + 2 ? [numbered('', '…')] : []),
    ...(cure === undefined ? [] : hanging(cure, page)),
    '',
  ].join('\n');
}

function hanging(cure: string, { paint, width }: Page): readonly string[] {
  const lead = 'instead: ';
  const lines = cure.split('\n').flatMap((line) => wrap(visible(line), width - lead.length - 2));
  return lines.map((line, index) => `  ${index === 0 ? paint('dim', lead) : ' '.repeat(lead.length)}${line}`);
}

interface Fixing {
  readonly files: AuditFiles;
  readonly findings: readonly Finding[];
  readonly paint: Paint;
  readonly apply: boolean;
}

/** Shows the change first; `--apply` makes it. */
function fix(root: string, { files, findings, paint, apply }: Fixing): number {
  const edited = editedTexts(files, findings);
  for (const { patch } of edited) process.stdout.write(`${coloured(patch.trimEnd(), paint)}\n`);
  if (edited.length === 0) {
    process.stdout.write('nothing here can be mended safely without you\n');
    return EXIT.passed;
  }
  if (apply) for (const { file, text } of edited) writeFileSync(join(root, file), text);
  const amount = count(
    edited.reduce((sum, each) => sum + each.edits, 0),
    'change',
  );
  process.stderr.write(apply ? `made ${amount}\n` : `${amount} to make; gantry audit --fix --apply makes them\n`);
  return EXIT.passed;
}

function coloured(patch: string, paint: Paint): string {
  const tone = (line: string): Tone | undefined =>
    line.startsWith('+') ? 'good' : line.startsWith('-') ? 'bad' : line.startsWith('@@') ? 'accent' : undefined;
  return patch
    .split('\n')
    .map((line) => {
      const known = tone(line);
      return known === undefined ? line : paint(known, line);
    })
    .join('\n');
}

function count(amount: number, what: string): string {
  return `${amount} ${what}${amount === 1 ? '' : 's'}`;
}
