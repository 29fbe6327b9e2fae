// What a log alone can tell of a package that apt did not find: that it is one of those that releases no longer have.
import { GONE_PACKAGES } from './audit/apt-packages.ts';
import type { Recognition } from './signatures/recognise.ts';

const NOT_FOUND: readonly string[] = ['apt-no-candidate', 'apt-unable-to-locate'];

/** Undefined: it is none of those, or nothing has taken its place. */
export function insteadOfGone({ signature }: Recognition, line: string): { readonly fix: string } | undefined {
  if (!NOT_FOUND.includes(signature.id)) return undefined;
  const name = signature.pattern.exec(line)?.[1] ?? '';
  const instead = Object.hasOwn(GONE_PACKAGES, name) ? GONE_PACKAGES[name]?.instead : undefined;
  return instead === undefined ? undefined : { fix: `install ${instead} instead: it has replaced ${name}` };
}
