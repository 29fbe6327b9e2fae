import type { ExportRequest } from './export-request.ts';
import type { PlacedMention } from './tree.ts';

/** Secrets that may be handed over in a variable of their name without changing what the shell or npx does. */
const SAFE_NAME =
  /^(?!(PATH|HOME|SHELL|ENV|BASH_ENV|IFS|CDPATH|NODE_OPTIONS|CI)$)(?!(GITHUB_(?!TOKEN$)|GANTRY_|RUNNER_|ACTIONS_|npm_|LD_))[A-Za-z_]\w*$/i;

/** Names of the secrets that a job reads, in the order of the alphabet. One that is not named in the text is reported. */
export function namedSecrets(
  mentions: readonly PlacedMention[],
  { request: { report }, wantsToken }: { readonly request: ExportRequest; readonly wantsToken: boolean },
): readonly string[] {
  const names = new Set<string>(wantsToken ? ['GITHUB_TOKEN'] : []);
  for (const { mention, at } of mentions) {
    if (mention.name.toLowerCase() !== 'secrets') continue;
    const name = mention.path[0]?.name.toUpperCase();
    if (name === undefined)
      report({ code: 'WF160', at, message: 'which secrets are read here is known only when it is evaluated' });
    else if (SAFE_NAME.test(name)) names.add(name);
    else {
      const message = `the secret "${name}" would become a variable that changes what the shell does`;
      report({ code: 'WF160', at, message, cure: 'give the secret another name' });
    }
  }
  return [...names].toSorted();
}
