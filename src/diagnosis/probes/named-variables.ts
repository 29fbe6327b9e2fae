// Which variables a script names, and whether the step had them. Values are nobody's business.
import type { Probe } from './probe.ts';

const READ = /\$(?:\{([A-Z][A-Z0-9_]{2,})\}|([A-Z][A-Z0-9_]{2,})\b)/gu;
const SET =
  /\b([A-Z][A-Z0-9_]{2,})=|\b(?:for|read|export|local|declare|readonly|mapfile|printf -v)\s+(?:-\w+\s+)*([A-Z][A-Z0-9_]{2,})\b/gu;
/** Of the shell itself. */
const OWN: ReadonlySet<string> = new Set(
  'BASHPID BASH_REMATCH BASH_SOURCE BASH_VERSION EUID FUNCNAME HOSTNAME HOSTTYPE IFS LINENO MACHTYPE OLDPWD OPTARG OPTIND OSTYPE PIPESTATUS PPID PWD RANDOM REPLY SECONDS SHELL SHLVL UID'.split(
    ' ',
  ),
);
const MOST = 8;

/** Undefined: it names none that it has not. */
export function namedVariables(script: string, env: Readonly<Record<string, string>>): Probe | undefined {
  const own = new Set([...script.matchAll(SET)].flatMap(([, first, second]) => first ?? second ?? []));
  const named = new Set([...script.matchAll(READ)].flatMap(([, first, second]) => first ?? second ?? []));
  const wanted = [...named].filter((name) => !own.has(name) && !OWN.has(name));
  const unset = wanted.filter((name) => !(name in env));
  const empty = wanted.filter((name) => env[name] === '');
  if (unset.length + empty.length === 0) return undefined;
  const said = [
    ...(unset.length > 0 ? [`not set: ${unset.slice(0, MOST).join(', ')}`] : []),
    ...(empty.length > 0 ? [`set and empty: ${empty.slice(0, MOST).join(', ')}`] : []),
  ];
  return { name: 'variables', ok: false, said: `the script names what it has not: ${said.join('; ')}` };
}
