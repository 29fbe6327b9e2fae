// `gantry/health`: does it answer as it should, several times in a row? No reading at all is a failure, never a pass.
import { formatDuration } from '#base/duration.ts';
import { parseJson } from '#base/json.ts';
import { probeUntilHealthy } from '#delivery/probe.ts';
import type { JsonExpectation, Reading } from '#delivery/probe.ts';
import type { ActionContext, ActionResult, NativeAction } from '#execution/actions/native-action.ts';
import { inputsOf } from '#workflow/built-in-actions.ts';
import { durationInput, failed, lines, numberInput, unknownInput } from './inputs.ts';

export const healthAction: NativeAction = { main: checkHealth };

const INPUTS = inputsOf('gantry/health');

async function checkHealth(context: ActionContext): Promise<ActionResult> {
  const { inputs } = context;
  const unknown = unknownInput(inputs, INPUTS);
  if (unknown) return failed(unknown);
  const url = inputs['url'];
  if (!url || !URL.canParse(url)) return failed(`input "url" is "${url ?? ''}", which is no address to ask`);
  const timeout = durationInput(inputs, 'timeout', 5_000);
  const deadline = durationInput(inputs, 'deadline', 30_000);
  const interval = durationInput(inputs, 'interval', 500);
  const consecutive = numberInput(inputs, 'consecutive', 3);
  if (!timeout.ok || !deadline.ok || !interval.ok || !consecutive.ok) {
    const bad = [timeout, deadline, interval, consecutive].find((each) => !each.ok);
    return failed(bad && !bad.ok ? bad.error : 'unreadable inputs');
  }
  const status = inputs['status'] ? Number(inputs['status']) : undefined;
  const series = await probeUntilHealthy(
    {
      url,
      timeoutMs: timeout.value,
      ...(status === undefined ? {} : { expectStatus: status }),
      ...(inputs['contains'] ? { contains: inputs['contains'] } : {}),
      expectJson: lines(inputs['json']).map(expectation),
    },
    { deadlineMs: deadline.value, intervalMs: interval.value, consecutive: consecutive.value, signal: context.signal },
  );
  for (const reading of series.readings) context.log(describe(reading));
  context.output('readings', JSON.stringify(series.readings));
  context.output('healthy', String(series.healthy));
  if (series.healthy) return { kind: 'done' };
  return failed(
    `${url}: ${series.why ?? series.readings.at(-1)?.why ?? 'no reading'}, ${series.readings.length} readings within ${formatDuration(deadline.value)}`,
  );
}

/** `status=ok`, `data.0.stale=false`: a value that is JSON is compared as JSON, any other as text. */
function expectation(line: string): JsonExpectation {
  const cut = line.indexOf('=');
  const text = line.slice(cut + 1).trim();
  return { path: line.slice(0, cut).trim(), value: parseJson(text) ?? text };
}

function describe(reading: Reading): string {
  const at = new Date(reading.atMs).toISOString().slice(11, 23);
  return `${at}  ${reading.status ?? '---'}  ${reading.latencyMs} ms  ${reading.ok ? 'ok' : (reading.why ?? '')}`;
}
