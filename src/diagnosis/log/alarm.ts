// Which lines speak of failure. A line without any of these words can still be evidence by what stands beside it, and is
// kept with it. Most lines are told by a look at their bytes, without a string and without a search by pattern.

/**
 * Patterns, in any case, and before them a sign that every match of them holds: three bytes of UTF-8, of which `1` is any
 * digit, `^` the beginning of the line, `~` what is neither letter nor digit, or its end, and `.` anything.
 */
const ALARMS: readonly (readonly [sign: string, ...patterns: RegExp[]])[] = [
  ['err', /err(?:or|!|:)/, /ERR_/],
  ['^e.', /^E\s/],
  ['___', /_{3}/],
  ['[-]', /\[-\]/],
  ['ail', /fail/],
  ['fat', /fatal/],
  ['xce', /exception/],
  ['bor', /abort/],
  ['pan', /panic/],
  ['cra', /crash/],
  ['nie', /denied/],
  [
    'not',
    /not (?:found|ok|in scope|exist|allowed|permitted|recognized|supported|match)/,
    /cannot/,
    /could not/,
    /did not/,
    /does not/,
  ],
  ['una', /unable/, /unauthori/],
  ["n't", /can't/],
  ['’', /can’t/],
  ['ldn', /couldn/],
  ['no ', /no such/, /no space/],
  ['mis', /missing/, /mismatch/],
  ['ned', /undefined/],
  ['nre', /unresolved/, /unreachable/],
  ['nva', /invalid/],
  ['lle', /illegal/, /killed/],
  ['xpe', /unexpected/, /expected/],
  ['nfl', /conflict/],
  ['out', /timed? ?-?out/, /timeout/, /out of memory/],
  ['efu', /refused/],
  ['t b', /reset by/],
  ['gna', /signal/],
  ['rmi', /terminated/],
  ['ceb', /traceback/],
  ['aus', /caused by/],
  ['ert', /assert/],
  ['egm', /segmentation/],
  ['ump', /core dumped/],
  ['oo ', /too many/],
  ['imi', /limit/, /rate limit/],
  ['uns', /unsatisf/],
  ['unm', /unmet/],
  ['mpa', /incompatible/],
  ['qui', /requires?\b/],
  ['iol', /violat/],
  ['rbi', /forbidden/],
  ['eje', /rejected/],
  ['bad', /bad /],
  ['rok', /broken/],
  ['rru', /corrupt/],
  ['xit', /exit(?:ed)?\b/],
  ['etu', /returned/, /returning/],
  ['atu', /status/],
  ['cel', /cancel/],
  ['opp', /stopp/],
  ['1) ', /^\s*\d+\) /],
  ['**.', /\*\*/],
  ['---', /^-{3} /],
  ['+++', /^\+{3} /],
  ['^@@', /^@@/],
  ['##[', /##\[/],
  [': w', /: warning/],
  ['iff', /differ/, /Diff in/],
  ['oul', /would /, /should/],
  ['dea', /dead/],
  ['lea', /leak/, /please/],
  ['rfl', /overflow/],
  ['mus', /must/],
  ['nee', /needs? /],
  ['idn', /didn/],
  ['esn', /doesn/],
  ['wro', /wrong/],
  ['obl', /problem/],
  ['ssu', /issue/],
  ['usp', /suspect/],
  ['no~', /\bnot?\b/],
  ['nbo', /unbound/],
  ['rma', /format/],
  ['gep', /ImagePull/],
  ['a r', /DATA RACE/],
  ['epr', /deprecat/],
  ['ged', /changed/],
  ['eac', /EACCES/],
  ['eno', /ENOENT/],
  ['emf', /EMFILE/],
  ['ddr', /EADDR/],
  ['bac', /back-?off/],
  ['ait', /waiting/],
  ['oxy', /proxy/],
  ['ook', /took /],
  ['onn', /ECONN/],
  ['rag', /coverage/],
  ['1: ', /:\d+:\d+: /],
  ['✗', /✗/],
  ['✖', /✖/],
  ['✕', /✕/],
  ['✘', /✘/],
  ['●', /●/],
  ['×.', /×/],
  // Where case is nothing, these are an s and a k.
  ['\u017F.'],
  ['\u212A'],
];

const ALARM = new RegExp(ALARMS.flatMap(([, ...patterns]) => patterns.map(({ source }) => source)).join('|'), 'iu');

const BITS = 6;
const KINDS = 1 << BITS;
const WINDOW = (1 << (3 * BITS)) - 1;
const EDGE = 0;
const DIGIT = 27;
const KIND_OF_BYTE = kindsOfBytes();
const SIGNS = signs();

/** By its pattern, whatever its bytes are. */
export function hasAlarm(text: string): boolean {
  return ALARM.test(text);
}

/** False: no pattern can fit the line that stands in `bytes` from `start` up to `end`. */
export function mayAlarm(bytes: Uint8Array, start: number, end: number): boolean {
  let window = EDGE;
  for (let at = start; at < end; at++) {
    window = ((window << BITS) | (KIND_OF_BYTE[bytes[at] ?? 0] ?? EDGE)) & WINDOW;
    if (SIGNS[window] === 1) return true;
  }
  return SIGNS[(window << BITS) & WINDOW] === 1;
}

/** Letters are 1 to 26 in both cases, digits are one kind, and others share what is left. */
function kindsOfBytes(): Uint8Array {
  const others = DIGIT + 1;
  const kinds = Uint8Array.from({ length: 256 }, (_, byte) => others + (byte % (KINDS - others)));
  for (let byte = 0x30; byte <= 0x39; byte++) kinds[byte] = DIGIT;
  for (let letter = 1; letter <= 26; letter++) {
    kinds[0x40 + letter] = letter;
    kinds[0x60 + letter] = letter;
  }
  return kinds;
}

function signs(): Uint8Array {
  const found = new Uint8Array(WINDOW + 1);
  for (const [sign] of ALARMS) {
    const [first = [], second = [], third = []] = [...Buffer.from(sign)].map(kindsOf);
    for (const a of first) for (const b of second) for (const c of third) found[(((a << BITS) | b) << BITS) | c] = 1;
  }
  return found;
}

function kindsOf(byte: number): readonly number[] {
  const all = Array.from({ length: KINDS }, (_, kind) => kind);
  switch (String.fromCharCode(byte)) {
    case '.':
      return all;
    case '~':
      return all.filter((kind) => kind === EDGE || kind > DIGIT);
    case '^':
      return [EDGE];
    default:
      return [KIND_OF_BYTE[byte] ?? EDGE];
  }
}
