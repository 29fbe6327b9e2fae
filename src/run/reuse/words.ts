// Why a step was restored, or ran, in the words of every report.
import { unreachable } from '#base/unreachable.ts';
import type { ReuseReason, StepReuse } from './facts.ts';

/** One line. `most`: reasons that are told one by one. */
export function reuseInWords(reuse: StepReuse, most = 5): string {
  switch (reuse.how) {
    case 'restored':
      return `restored from run ${reuse.from} (${amount(reuse.files)}): nothing that it depends on has changed`;
    case 'always':
      return `always runs: ${reuse.why}`;
    case 'ran': {
      const told = reuse.reasons.slice(0, most).map(reasonInWords);
      const more = reuse.more + reuse.reasons.length - told.length;
      const since = reuse.from === undefined ? 'ran' : `ran; since run ${reuse.from}`;
      const all = [...told, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
      return reuse.why === undefined ? `${since}: ${all}` : `${since}: ${all}; not kept: ${reuse.why}`;
    }
    default:
      return unreachable(reuse);
  }
}

export function reasonInWords(reason: ReuseReason): string {
  const { what, change, name = '', was = '', now = '' } = reason;
  switch (what) {
    case 'store':
      return name;
    case 'file':
      return `${name} ${change}`;
    case 'variable':
    case 'input':
      return `${what} ${name} ${change}`;
    case 'tool':
      return `tool ${name}: ${was || 'not asked for'} → ${now || 'not asked for'}`;
    case 'before':
      return `"${name}" before it: ${was || 'as wanted'} → ${now || 'as wanted'}`;
    case 'script':
      if (change === 'added') return `script line ${reason.line}: added "${now.trim()}"`;
      if (change === 'removed') return `script: removed "${was.trim()}"`;
      return `script line ${reason.line}: "${was.trim()}" → "${now.trim()}"`;
    case 'action':
      return name === '' ? `action: ${was} → ${now}` : `${name} ${change}`;
    case 'shell':
    case 'working-directory':
    case 'platform':
    case 'workspace':
    case 'produces':
      return `${what}: ${was || 'none'} → ${now || 'none'}`;
    default:
      return unreachable(what);
  }
}

function amount(files: number): string {
  if (files === 0) return 'no files';
  return files === 1 ? '1 file' : `${files} files`;
}
