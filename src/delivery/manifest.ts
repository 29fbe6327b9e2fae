import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { LAYERS } from '#run/diagnosis.ts';
import { VERDICTS } from '#run/verdict.ts';
import { releaseDir } from './release-folder.ts';
import { writeFileAtomically } from './supervisor/protocol.ts';

const ReadingSchema = z.object({
  atMs: z.number(),
  ok: z.boolean(),
  status: z.number().optional(),
  latencyMs: z.number(),
  why: z.string().optional(),
});

const EvidenceSchema = z.object({
  /** Of everything this release rests on, at the moment of the deploy. */
  verdict: z.enum(VERDICTS),
  ledger: z
    .array(
      z.object({
        what: z.enum(['fallback', 'retry', 'tolerated', 'masked', 'advisory', 'stale', 'unproven']),
        where: z.string(),
        wanted: z.string(),
        used: z.string(),
        why: z.string(),
        cause: z.enum(LAYERS).optional(),
        loss: z.string().optional(),
        until: z.string().optional(),
      }),
    )
    .readonly(),
  tests: z.object({ total: z.number(), failed: z.number(), skipped: z.number() }).optional(),
});
export type Evidence = z.infer<typeof EvidenceSchema>;

const ManifestSchema = z.object({
  manifest: z.literal(1),
  version: z.string(),
  environment: z.string(),
  runId: z.string(),
  commit: z.string(),
  /** False: the working tree held changes that the commit does not. */
  clean: z.boolean(),
  actor: z.string(),
  files: z.object({ digest: z.string(), count: z.number() }),
  evidence: EvidenceSchema,
  /** `before`: at its own port, beside the old release. `after`: at the public address, during the bake. */
  health: z.object({
    path: z.string(),
    before: z.array(ReadingSchema).readonly(),
    after: z.array(ReadingSchema).readonly(),
  }),
  /** By what the claim was compared with what answers. */
  readBack: z.object({ by: z.enum(['version-endpoint', 'router']), found: z.string() }),
  previous: z.string().optional(),
  address: z.string(),
  startedAt: z.string(),
  durationMs: z.number(),
});
/** The deployment manifest, as `deployment-manifest.json` holds it. Version 1: fields may be added. */
export type Manifest = z.infer<typeof ManifestSchema>;

export function manifestPath(envDir: string, version: string): string {
  return join(releaseDir(envDir, version), 'deployment-manifest.json');
}

export function writeManifest(envDir: string, manifest: Manifest): string {
  const path = manifestPath(envDir, manifest.version);
  writeFileAtomically(path, `${JSON.stringify(manifest, undefined, 2)}\n`);
  return path;
}

/** Undefined when the release never became complete. */
export function readManifest(envDir: string, version: string): Manifest | undefined {
  try {
    const parsed = ManifestSchema.safeParse(JSON.parse(readFileSync(manifestPath(envDir, version), 'utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

const HistorySchema = z.object({
  at: z.string(),
  version: z.string(),
  runId: z.string(),
  result: z.enum(['live', 'refused', 'rolled-back']),
  why: z.string().optional(),
});
/** One deploy, whatever came of it; `history.jsonl` outlives the release folders. */
export type HistoryEntry = z.infer<typeof HistorySchema>;

export function appendHistory(envDir: string, entry: HistoryEntry): void {
  appendFileSync(join(envDir, 'history.jsonl'), `${JSON.stringify(entry)}\n`, { mode: 0o600 });
}

/** Oldest first. A torn last line is left out. */
export function readHistory(envDir: string): readonly HistoryEntry[] {
  let text: string;
  try {
    text = readFileSync(join(envDir, 'history.jsonl'), 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    try {
      const parsed = HistorySchema.safeParse(JSON.parse(line));
      return parsed.success ? [parsed.data] : [];
    } catch {
      return [];
    }
  });
}
