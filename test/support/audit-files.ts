import type { AuditFiles } from '#diagnosis/audit/finding.ts';

/** Texts by path, as a project whose files are looked at. */
export function filesOf(files: Readonly<Record<string, string>>): AuditFiles {
  return {
    today: '2026-11-26',
    paths: Object.keys(files).toSorted(),
    read: (path) => (Object.hasOwn(files, path) ? files[path] : undefined),
  };
}
