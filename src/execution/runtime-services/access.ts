// Who may ask: a token for each job, and addresses that are signed.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { StepTry } from '#stores/artifacts/artifacts.ts';

export interface Access {
  /** A JWT, because GitHub's clients read in it for whom they ask. */
  readonly token: string;
  /** One that says for which try of a step it is. */
  tokenFor(stepTry: StepTry): string;
  isToken(text: string): boolean;
  /** What a token says; undefined when it says nothing. */
  stepTryOf(token: string): StepTry | undefined;
  /** Of a path and what may be done there. */
  sign(path: string): string;
  isSigned(path: string, signature: string): boolean;
}

export interface TokenClaims {
  /** Names of the run and of the job, without `:` and blanks. */
  readonly run: string;
  readonly job: string;
  readonly nowMs: number;
}

/** The longest that a job runs on GitHub; the services end with the job, whatever the token says. */
const LIFE_SECONDS = 35 * 24 * 60 * 60;

/** With a key that exists only here, and no longer than this does. */
export function createAccess({ run, job, nowMs }: TokenClaims): Access {
  const key = randomBytes(32);
  const mac = (text: string): string => createHmac('sha256', key).update(text).digest('base64url');
  const seconds = Math.floor(nowMs / 1000);
  const head = encode({ alg: 'HS256', typ: 'JWT' });
  const tokenWith = (more: object): string => {
    const body = encode({
      iss: 'gantry',
      iat: seconds,
      nbf: seconds,
      exp: seconds + LIFE_SECONDS,
      scp: `Actions.Results:${run}:${job}`,
      ...more,
    });
    return `${head}.${body}.${mac(`${head}.${body}`)}`;
  };
  const tries = new Map<string, StepTry>();
  return {
    token: tokenWith({}),
    tokenFor(stepTry) {
      const token = tokenWith({ jti: stepTry.id });
      tries.set(token, stepTry);
      return token;
    },
    isToken(text) {
      const end = text.lastIndexOf('.');
      return end > 0 && isEqual(text.slice(end + 1), mac(text.slice(0, end)));
    },
    stepTryOf: (token) => tries.get(token),
    sign: (path) => mac(`path ${path}`),
    isSigned: (path, signature) => isEqual(signature, mac(`path ${path}`)),
  };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** In a time that does not tell how much of it is right. */
function isEqual(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
