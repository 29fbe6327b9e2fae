// What a reader sees of a line: without colours, without the time in front, without what a carriage return wrote over.

const ESC = String.fromCodePoint(0x1b);
const BEL = String.fromCodePoint(0x07);
const SEQUENCES = new RegExp(
  `${ESC}\\[[0-?]*[ -/]*[@-~]|${ESC}\\][^${BEL}${ESC}]*(?:${BEL}|${ESC}\\\\|$)|${ESC}[ -/]*[0-~]`,
  'gu',
);
/** The timestamp that GitHub and Azure put before each line of a raw log. */
const CI_TIME = /^\uFEFF?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6,7}Z ?/u;
/** Times that other systems and tools begin a line with; only where something follows. */
const LEADING_TIME =
  /^(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?|\[\d\d:\d\d:\d\d(?:[.,]\d+)?\])[ \t]+(?=\S)/u;
/** Signs that a fold of Travis leaves in front of the text that follows it on the line. */
const FOLDS = new RegExp(`travis_(?:fold|time):(?:start|end):[^\\r${ESC}\\s]*(?:\\r|${ESC}\\[0K)*`, 'gu');

/** Longer lines are cut for the analysis: what explains a failure stands in their beginning. */
const MOST_CHARACTERS = 2_000;

export function cleanLine(raw: string): string {
  let text = raw.length > MOST_CHARACTERS ? raw.slice(0, MOST_CHARACTERS) : raw;
  if (text.startsWith('travis_')) text = text.replaceAll(FOLDS, '');
  if (text.includes(ESC)) text = text.replaceAll(SEQUENCES, '');
  if (text.includes('\r')) text = lastWritten(text);
  const first = text.charCodeAt(0);
  // Digits, "[" and the byte order mark: the only ways a time begins.
  if ((first >= 0x30 && first <= 0x39) || first === 0x5b || first === 0xfeff)
    text = text.replace(CI_TIME, '').replace(LEADING_TIME, '');
  return text.trimEnd();
}

function lastWritten(text: string): string {
  const trimmed = text.replace(/[\r\s]+$/u, '');
  return trimmed.slice(trimmed.lastIndexOf('\r') + 1);
}
