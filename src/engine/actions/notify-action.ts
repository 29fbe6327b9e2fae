// `gantry/notify`: one message about how things stand. It never fails the run, and it is never silent about failing.
import type { JsonObject } from '#base/json.ts';
import { formatDuration } from '#base/duration.ts';
import type { ActionContext, ActionResult, NativeAction } from '#execution/actions/native-action.ts';
import { composeMessage } from '#notify/message.ts';
import { sendWebhook } from '#notify/webhook.ts';
import { inputsOf } from '#workflow/built-in-actions.ts';
import { durationInput, failed, numberInput, unknownInput } from './inputs.ts';

export const notifyAction: NativeAction = { main: notify };

const INPUTS = inputsOf('gantry/notify');

async function notify(context: ActionContext): Promise<ActionResult> {
  const { inputs, order, env } = context;
  const unknown = unknownInput(inputs, INPUTS);
  if (unknown) return failed(unknown);
  const channel = inputs['channel'] ?? 'terminal';
  const { title, lines } = composeMessage({
    verdict: order.evidence.verdict,
    workflow: env['GITHUB_WORKFLOW'] ?? '',
    runId: order.runId,
    ...(env['GITHUB_SHA'] ? { commit: env['GITHUB_SHA'] } : {}),
    ...(env['GITHUB_REF_NAME'] ? { branch: env['GITHUB_REF_NAME'] } : {}),
    ledger: order.evidence.ledger,
    failures: order.evidence.failures,
    ...(inputs['message'] ? { why: inputs['message'] } : {}),
    ...(inputs['address'] ? { address: inputs['address'] } : {}),
  });
  for (const line of [title, ...lines]) context.log(line);
  if (channel === 'terminal') return { kind: 'done' };
  if (channel !== 'webhook') return failed(`channel "${channel}" is neither terminal nor webhook`);
  const { url } = inputs;
  if (!url || !URL.canParse(url)) return failed('input "url" is required for the webhook');
  const timeout = durationInput(inputs, 'timeout', 10_000);
  const attempts = numberInput(inputs, 'attempts', 3);
  if (!timeout.ok || !attempts.ok) return failed('inputs "timeout" and "attempts" are a duration and a number');
  const payload: JsonObject = {
    title,
    lines,
    verdict: order.evidence.verdict,
    run: order.runId,
    failures: order.evidence.failures.map((failure) => ({ ...failure })),
    ledger: order.evidence.ledger.map((entry) => ({ ...entry })),
  };
  const atMs = Date.now();
  const receipt = await sendWebhook({
    url,
    ...(inputs['secret'] ? { secret: context.secret(inputs['secret']) } : {}),
    payload,
    id: `${order.runId}-${order.jobId}`,
    atMs,
    timeoutMs: timeout.value,
    attempts: Math.max(1, attempts.value),
    delayMs: 500,
    signal: context.signal,
  });
  context.output('delivered', String(receipt.delivered));
  if (receipt.delivered) {
    context.log(
      `delivered to ${new URL(url).host} in ${formatDuration(Date.now() - atMs)}, ${receipt.attempts} attempts`,
    );
    return { kind: 'done' };
  }
  const why = receipt.why ?? 'no answer';
  return {
    kind: 'done',
    ledger: [{ what: 'tolerated', wanted: `a notification to ${new URL(url).host}`, used: 'none was delivered', why }],
  };
}
