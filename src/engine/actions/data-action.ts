// `gantry/data`: one data set, fetched, validated and published; when no source will do, what was last good stays.
import { relative, resolve } from 'node:path';
import { unreachable } from '#base/unreachable.ts';
import { formatDuration } from '#base/duration.ts';
import { publishData } from '#data/publish-data.ts';
import type { DataResult } from '#data/publish-data.ts';
import type { ActionContext, ActionResult, NativeAction } from '#execution/actions/native-action.ts';
import { inputsOf } from '#workflow/built-in-actions.ts';
import { durationInput, failed, lines, numberInput, unknownInput } from './inputs.ts';

export const dataAction: NativeAction = { main: publish };

const INPUTS = inputsOf('gantry/data');

async function publish(context: ActionContext): Promise<ActionResult> {
  const { inputs, workspace } = context;
  const unknown = unknownInput(inputs, INPUTS);
  if (unknown) return failed(unknown);
  const { name, dest } = { name: inputs['name'] ?? '', dest: inputs['dest'] ?? 'data' };
  const urls = lines(inputs['urls']);
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) || urls.length === 0)
    return failed('inputs "name" and "urls" are required');
  if (relative(workspace, resolve(workspace, dest)).startsWith('..'))
    return failed(`dest "${dest}" lies outside the workspace`);
  const minRows = numberInput(inputs, 'min-rows', 1);
  const timeout = durationInput(inputs, 'timeout', 10_000);
  const maxAge = durationInput(inputs, 'max-age', 0);
  if (!minRows.ok || !timeout.ok || !maxAge.ok)
    return failed([minRows, timeout, maxAge].flatMap((each) => (each.ok ? [] : each.error)).join('; '));
  const result = await publishData({
    name,
    urls,
    dest: resolve(workspace, dest),
    ...(inputs['snapshot'] ? { snapshot: resolve(workspace, inputs['snapshot']) } : {}),
    minRows: minRows.value,
    required: lines(inputs['required']),
    ...(inputs['rows-at'] ? { rowsAt: inputs['rows-at'] } : {}),
    ...(maxAge.value > 0 ? { maxAgeMs: maxAge.value } : {}),
    timeoutMs: timeout.value,
    signal: context.signal,
    now: () => Date.now(),
  });
  return report(context, name, result);
}

function report(context: ActionContext, name: string, result: DataResult): ActionResult {
  for (const { url, why } of result.tried) context.log(`${url}: ${why}`);
  // What was looked for on disk is in the log; the ledger tells of the sources.
  const told = result.tried
    .filter((each) => URL.canParse(each.url))
    .map((each) => (each.why.includes(hostOf(each.url)) ? each.why : `${hostOf(each.url)}: ${each.why}`));
  const why = [...new Set(told)].join('; ');
  switch (result.kind) {
    case 'fresh':
    case 'mirror': {
      context.log(`${name}: ${result.rows} rows from ${result.source}`);
      context.output('source', result.source);
      if (result.kind === 'fresh') return { kind: 'done' };
      return {
        kind: 'done',
        ledger: [
          {
            what: 'fallback',
            wanted: `${name} from its first source`,
            used: hostOf(result.url),
            why,
            loss: 'the first source',
          },
        ],
      };
    }
    case 'stale': {
      const age = result.ageMs === undefined ? 'of unknown age' : `${formatDuration(result.ageMs)} old`;
      context.log(`${name}: kept the last known good, ${result.rows} rows, ${age}`);
      context.output('source', result.source);
      return {
        kind: 'done',
        ledger: [
          {
            what: 'stale',
            wanted: `${name}, up to date`,
            used: `last known good, ${age}`,
            why,
            loss: `${name} is ${age}`,
          },
        ],
      };
    }
    case 'failed':
      return failed(`${name}: ${result.why}`);
    default:
      return unreachable(result);
  }
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
