/**
 * What was there when a repository began to be audited. A finding is known by its rule, its file and the text of its first line,
 * not by its number, so that lines may move; each is known as often as it was there, so that a second one is new.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { linesOf, type AuditFiles, type Finding } from './finding.ts';

const Baseline = z.object({
  version: z.literal(1),
  known: z.array(z.object({ rule: z.string(), file: z.string(), print: z.string() })),
});

export function toBaseline(files: AuditFiles, findings: readonly Finding[]): z.infer<typeof Baseline> {
  const lines = linesOf(files);
  return {
    version: 1,
    known: findings.map((each) => ({ rule: each.rule, file: each.file, print: print(lines, each) })),
  };
}

/** A baseline that cannot be read knows nothing: everything is told. */
export function keepNew(
  files: AuditFiles,
  findings: readonly Finding[],
  text: string,
): { readonly findings: readonly Finding[]; readonly known: number } {
  const lines = linesOf(files);
  const parsed = Baseline.safeParse(jsonOf(text));
  const left = new Map<string, number>();
  for (const { rule, file, print: mark } of parsed.success ? parsed.data.known : []) {
    const key = `${rule} ${file} ${mark}`;
    left.set(key, (left.get(key) ?? 0) + 1);
  }
  const fresh = findings.filter((each) => {
    const key = `${each.rule} ${each.file} ${print(lines, each)}`;
    const amount = left.get(key) ?? 0;
    if (amount > 0) left.set(key, amount - 1);
    return amount === 0;
  });
  return { findings: fresh, known: findings.length - fresh.length };
}

type Lines = ReturnType<typeof linesOf>;

function print(lines: Lines, { file, line }: Finding): string {
  const text = lines(file)[line - 1] ?? '';
  return createHash('sha256').update(text.trim()).digest('hex').slice(0, 16);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
