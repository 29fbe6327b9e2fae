import { err, ok, type Result } from '#base/result.ts';

export interface RowRules {
  /** Fewer is no data. Default 1: an empty answer proves nothing. */
  readonly minRows?: number;
  /** Fields that each row must have. A field that is there and null counts: gaps are part of many formats. */
  readonly required?: readonly string[];
  /** Where the rows are: `data`, `result.rows` or `/result/rows`. Default: the body is the list. */
  readonly rowsAt?: string;
}

type JsonRecord = Readonly<Record<string, unknown>>;

interface Found {
  readonly rows: readonly unknown[];
  /** Names that stand beside the rows (`{"fields": […], "data": [[…]]}`). */
  readonly fields?: readonly string[];
}

/**
 * How many rows a decoded JSON body holds, header row not counted, or one line that says what is wrong with it. Rows are objects, or
 * lists of cells; names of cells come from a `fields` list beside the rows, or from a first row made of labels only.
 */
export function checkRows(body: unknown, rules: RowRules): Result<number, string> {
  const found = findRows(body, rules.rowsAt);
  if (!found.ok) return found;
  const required = rules.required ?? [];
  const first = found.value.rows[0];
  const counted = isList(first) ? checkTable(found.value, first, required) : checkRecords(found.value.rows, required);
  if (!counted.ok) return counted;
  const wanted = rules.minRows ?? 1;
  return counted.value < wanted ? err(`${countOf(counted.value)}, at least ${wanted} wanted`) : counted;
}

function findRows(body: unknown, rowsAt: string | undefined): Result<Found, string> {
  const path = (rowsAt ?? '').split(/[/.]/).filter((part) => part !== '');
  let parent: JsonRecord | undefined;
  let value: unknown = body;
  for (const part of path) {
    parent = isRecord(value) ? value : undefined;
    const next: unknown = childOf(value, part);
    if (next === undefined) return err(`nothing at ${path.join('.')}`);
    value = next;
  }
  if (!isList(value)) {
    return err(`${kindOf(value)} where a list of rows is wanted${path.length > 0 ? `, at ${path.join('.')}` : ''}`);
  }
  const fields = parent?.['fields'];
  return ok(isList(fields) && fields.every(isText) ? { rows: value, fields } : { rows: value });
}

function childOf(value: unknown, part: string): unknown {
  if (isList(value)) return /^\d+$/.test(part) ? value[Number(part)] : undefined;
  return isRecord(value) && Object.hasOwn(value, part) ? value[part] : undefined;
}

function checkRecords(rows: readonly unknown[], required: readonly string[]): Result<number, string> {
  for (const [index, row] of rows.entries()) {
    if (!isRecord(row)) return err(`row ${index + 1} is ${kindOf(row)}, not an object`);
    const missing = required.find((field) => !Object.hasOwn(row, field));
    if (missing !== undefined) return err(`row ${index + 1} has no field ${JSON.stringify(missing)}`);
  }
  return ok(rows.length);
}

function checkTable(found: Found, first: readonly unknown[], required: readonly string[]): Result<number, string> {
  const header = found.fields ?? (first.length > 0 && first.every(isLabel) ? first.filter(isText) : undefined);
  const skipped = found.fields === undefined && header !== undefined ? 1 : 0;
  if (header === undefined && required.length > 0) return err('rows are lists without a header row to name the fields');
  const missing = required.find((field) => !header?.includes(field));
  if (missing !== undefined) return err(`no column ${JSON.stringify(missing)}`);
  const columns = header?.length ?? first.length;
  for (const [index, row] of found.rows.slice(skipped).entries()) {
    if (!isList(row)) return err(`row ${index + 1} is ${kindOf(row)}, not a list of cells`);
    if (row.length !== columns) return err(`row ${index + 1} has ${row.length} cells, ${columns} wanted`);
  }
  return ok(found.rows.length - skipped);
}

/** A decoded JSON object; the body comes from outside, so nothing is taken for granted. */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** What a column may be called; numbers and times, even as text, are values. */
function isLabel(cell: unknown): boolean {
  return isText(cell) && /^[A-Za-z_]/.test(cell);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (isList(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function countOf(rows: number): string {
  return rows === 1 ? '1 row' : `${rows} rows`;
}
