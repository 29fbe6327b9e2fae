/** As GitHub refuses them, so that an artifact can be laid out on every file system. */
const NOT_IN_A_PATH: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  [':', ':'],
  ['<', '<'],
  ['>', '>'],
  ['|', '|'],
  ['*', '*'],
  ['?', '?'],
  ['\r', 'a carriage return'],
  ['\n', 'a line feed'],
]);
const NOT_IN_A_NAME: ReadonlyMap<string, string> = new Map([...NOT_IN_A_PATH, ['\\', '\\'], ['/', '/']]);

/** Why it cannot be the name of an artifact. */
export function nameProblem(name: string): string | undefined {
  if (name === '') return 'the name of the artifact is empty';
  return problem(`the name of the artifact, "${name}",`, name, NOT_IN_A_NAME);
}

/** Why it cannot be a path in an artifact. */
export function pathProblem(path: string): string | undefined {
  return problem(`the path "${path}"`, path, NOT_IN_A_PATH);
}

function problem(what: string, text: string, refused: ReadonlyMap<string, string>): string | undefined {
  const found = [...refused].find(([char]) => text.includes(char));
  return found && `${what} has ${found[1]} in it, which not every file system takes`;
}
