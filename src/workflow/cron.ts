interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly words?: readonly string[];
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const FIELDS: readonly Field[] = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of the month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, words: MONTHS },
  { name: 'day of the week', min: 0, max: 6, words: DAYS },
];

/** What is wrong with a POSIX cron line as GitHub takes it (no `@daily`, no seconds, Sunday is 0), as half a sentence. */
export function cronProblem(cron: string): string | undefined {
  const fields = cron.trim().split(/\s+/);
  if (cron.trim().startsWith('@')) return 'names such as @daily are not supported';
  if (fields.length !== FIELDS.length)
    return `it has ${fields.length} ${fields.length === 1 ? 'field' : 'fields'}, and 5 are needed`;
  for (const [index, field] of FIELDS.entries()) {
    const problem = fieldProblem(fields[index] ?? '', field);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function fieldProblem(text: string, field: Field): string | undefined {
  for (const item of text.split(',')) {
    const [range = '', step, ...more] = item.split('/');
    if (more.length > 0 || (step !== undefined && !/^[1-9]\d{0,3}$/.test(step)))
      return `"${item}" cannot be a step of the ${field.name}`;
    if (range === '*') continue;
    const ends = range.split('-');
    const values = ends.map((end) => valueOf(end, field));
    const [from, to] = values;
    if (ends.length > 2 || values.includes(undefined))
      return `"${item}" cannot be the ${field.name} (${field.min} to ${field.max})`;
    if (from !== undefined && to !== undefined && from > to) return `"${item}" runs backwards`;
  }
  return undefined;
}

function valueOf(text: string, { min, max, words }: Field): number | undefined {
  const word = words?.indexOf(text.toUpperCase()) ?? -1;
  if (word >= 0) return word + min;
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}

/** The values of each field of a line without a problem, in order. */
export function cronValues(
  cron: string,
): readonly [
  minutes: readonly number[],
  hours: readonly number[],
  days: readonly number[],
  months: readonly number[],
  weekdays: readonly number[],
] {
  const texts = cron.trim().split(/\s+/);
  const [minutes = [], hours = [], days = [], months = [], weekdays = []] = FIELDS.map((field, index) =>
    valuesOf(texts[index] ?? '*', field),
  );
  return [minutes, hours, days, months, weekdays];
}

function valuesOf(text: string, field: Field): readonly number[] {
  const all = Array.from({ length: field.max - field.min + 1 }, (_, index) => field.min + index);
  const wanted = new Set<number>();
  for (const item of text.split(',')) {
    const [range = '*', step] = item.split('/');
    const [from = field.min, to = step === undefined ? from : field.max] =
      range === '*' ? [field.min, field.max] : range.split('-').map((end) => valueOf(end, field) ?? field.min);
    for (const value of all)
      if (value >= from && value <= to && (value - from) % Number(step ?? 1) === 0) wanted.add(value);
  }
  return all.filter((value) => wanted.has(value));
}
