// The commands that a script of a POSIX shell names, by simple words. It is no parser: a word too many costs a look into
// PATH, and what it cannot see (`eval`, a program that starts another) nothing can.

/** What is part of the shell, or as good as: whatever it does follows from the script. */
const BUILT_IN: ReadonlySet<string> = new Set(
  (
    'alias bg bind break builtin caller case cd command compgen complete continue coproc declare dirs disown do done echo ' +
    'elif else enable esac eval exec exit export false fc fg fi for function getopts hash help history if in jobs kill let ' +
    'local logout mapfile popd printf pushd pwd read readarray readonly return select set shift shopt source suspend test ' +
    'then time times trap true type typeset ulimit umask unalias unset until wait while [ [[ ]] ] { } ! : .'
  ).split(' '),
);
/** Words behind which a command stands. */
const PREFIXES: ReadonlySet<string> = new Set(
  'then do else elif if while until ! { time exec command builtin nohup sudo env xargs nice eval'.split(' '),
);

/** In the order in which they appear, each once; such as `python`, `./build.sh`, `.venv/bin/pip`. */
export function commandsOf(script: string): readonly string[] {
  const found = new Set<string>();
  for (const line of withoutHereDocuments(script)) {
    for (const part of withoutTexts(line).split(/\|\||&&|[;|&(`]|\$\(/)) {
      const command = commandIn(part);
      if (command !== undefined) found.add(command);
    }
  }
  return [...found];
}

function commandIn(part: string): string | undefined {
  const words = part
    .trim()
    .split(/[\s)]+/)
    .map((word) => word.replace(/^["']|["']$/g, ''));
  let isBehindPrefix = false;
  for (const word of words) {
    if (word.startsWith('#')) return undefined;
    if (/^[A-Za-z_]\w*\+?=/.test(word) || /^\d*[<>]/.test(word)) continue;
    if (isBehindPrefix && word.startsWith('-')) continue;
    if (PREFIXES.has(word)) {
      isBehindPrefix = true;
      continue;
    }
    return BUILT_IN.has(word) || !/^[\w.+/~-]+$/.test(word) || word.startsWith('-') ? undefined : word;
  }
  return undefined;
}

/** Of quoted text, only the commands that are run for it are left. */
function withoutTexts(line: string): string {
  const isText = (quoted: string): boolean => /[\s();|&`]/.test(quoted);
  return line
    .replace(/'[^']*'/g, (quoted) => (isText(quoted) ? "''" : quoted))
    .replace(/"(?:[^"\\]|\\.)*"/g, (quoted) =>
      isText(quoted) ? `"" ${(quoted.match(/\$\([^)]*\)/g) ?? []).join(' ')}` : quoted,
    );
}

/** Lines with their continuations joined; what is fed to a command is none. */
function withoutHereDocuments(script: string): readonly string[] {
  const lines: string[] = [];
  let end: string | undefined;
  for (const line of script.replace(/\\\n/g, ' ').split('\n')) {
    if (end !== undefined) {
      if (line.trim() === end) end = undefined;
      continue;
    }
    end = /<<-?\s*["']?(\w+)["']?/.exec(line)?.[1];
    lines.push(line);
  }
  return lines;
}
