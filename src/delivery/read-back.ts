import { isJsonObject, parseJson } from '#base/json.ts';
import { err, ok } from '#base/result.ts';
import type { Result } from '#base/result.ts';
import { httpGet } from './http-get.ts';
import type { SupervisorClient } from './supervisor/client.ts';
import { RELEASE_HEADER } from './supervisor/protocol.ts';

export interface ReadBack {
  readonly by: 'version-endpoint' | 'router';
  readonly found: string;
}

export interface ReadBackAsk {
  readonly client: SupervisorClient;
  readonly address: string;
  readonly version: string;
  readonly healthPath: string;
  readonly expectVersionPath?: string;
}

/**
 * What is live, by the public address, compared with the claim. The router must name the release and the
 * supervisor too; where the application tells its own version, that must agree as well. An error says what was
 * found instead.
 */
export async function readBack(ask: ReadBackAsk): Promise<Result<ReadBack, string>> {
  const { version } = ask;
  const status = await ask.client.status();
  if (!status.ok) return err(`the supervisor does not answer: ${status.error.why}`);
  if (status.value.live !== version)
    return err(`the supervisor has ${status.value.live ?? 'nothing'} live, not ${version}`);
  const answer = await httpGet({ url: ask.address + (ask.expectVersionPath ?? ask.healthPath), timeoutMs: 5_000 });
  if (typeof answer === 'string') return err(`the public address does not answer: ${answer}`);
  const routed = answer.headers[RELEASE_HEADER];
  if (routed !== version)
    return err(`the public address is answered by ${String(routed ?? 'no release')}, not ${version}`);
  if (answer.status < 200 || answer.status > 299) return err(`the public address answers with status ${answer.status}`);
  if (ask.expectVersionPath === undefined) return ok({ by: 'router', found: version });
  const found = versionIn(answer.body);
  return found === version
    ? ok({ by: 'version-endpoint', found })
    : err(`${ask.expectVersionPath} says ${JSON.stringify(found)} instead of ${JSON.stringify(version)}`);
}

function versionIn(body: string): string {
  const json = parseJson(body);
  const told = isJsonObject(json) ? json['version'] : json;
  return typeof told === 'string' ? told : body.trim().slice(0, 100);
}
