// What must not be shown, and its removal from texts. Logs are redacted as bytes and over line borders, in
// execution/output; names, messages and reports are redacted here.
import { createFormSearch, type FormSearch } from './form-search.ts';
import { secretForms, utf8Bytes } from './secret-forms.ts';

/** What stands in a text where a secret stood. */
export const REDACTED = '***';

/** Forms shorter than this are not looked for over a line break: half the words of a text would be secrets. */
export const SHORTEST_SPLIT = 4;

/** The secrets of a job, growing while it runs. A value is known from the moment it is added, never before. */
export interface Redactor {
  add(value: string): void;
  isEmpty(): boolean;
  redact(text: string): string;
  /** For searching bytes without line breaks: the forms of at least `SHORTEST_SPLIT` bytes. */
  search(): FormSearch;
  /** The forms that are too short for that; they are looked for within a line. */
  shortForms(): readonly Uint8Array[];
}

export function createRedactor(values: Iterable<string> = []): Redactor {
  const known = new Set<string>();
  const forms = new Set<string>();
  let compiled: { readonly search: FormSearch; readonly short: readonly Uint8Array[] } | undefined;

  function add(value: string): void {
    if (known.has(value)) return;
    known.add(value);
    for (const form of secretForms(value)) forms.add(form);
    compiled = undefined;
  }

  function compile(): { readonly search: FormSearch; readonly short: readonly Uint8Array[] } {
    if (compiled === undefined) {
      const bytes = [...forms].map((form) => utf8Bytes(form.replace(/[\r\n]+/g, '')));
      compiled = {
        search: createFormSearch(bytes.filter((form) => form.length >= SHORTEST_SPLIT)),
        short: bytes.filter((form) => form.length < SHORTEST_SPLIT),
      };
    }
    return compiled;
  }

  for (const value of values) add(value);
  return {
    add,
    isEmpty: () => forms.size === 0,
    redact: (text) => redactText(text, forms),
    search: () => compile().search,
    shortForms: () => compile().short,
  };
}

/** `text` with every form replaced by `***`, also where line breaks divide it; the line breaks stay. */
export function redactText(text: string, forms: Iterable<string>): string {
  const spans: [start: number, end: number][] = [];
  const flat = flatten(text);
  for (const form of forms) {
    const wanted = form.replace(/[\r\n]+/g, '');
    if (wanted === '') continue;
    const splits = wanted.length >= SHORTEST_SPLIT;
    const searched = splits ? flat.text : text;
    for (let at = searched.indexOf(wanted); at !== -1; at = searched.indexOf(wanted, at + 1)) {
      const last = at + wanted.length - 1;
      spans.push(splits ? [flat.place(at), flat.place(last) + 1] : [at, last + 1]);
    }
  }
  return spans.length === 0 ? text : replaceSpans(text, spans);
}

function flatten(text: string): { readonly text: string; place(at: number): number } {
  if (!/[\r\n]/.test(text)) return { text, place: (at) => at };
  const places: number[] = [];
  for (let at = 0; at < text.length; at++) if (text[at] !== '\n' && text[at] !== '\r') places.push(at);
  return { text: text.replace(/[\r\n]+/g, ''), place: (at) => places[at] ?? text.length };
}

function replaceSpans(text: string, spans: [start: number, end: number][]): string {
  spans.sort((a, b) => a[0] - b[0]);
  let redacted = '';
  let done = 0;
  for (let index = 0; index < spans.length; index++) {
    const first = spans[index];
    if (first === undefined) break;
    const [start] = first;
    let end = first[1];
    // Overlapping and touching finds are one: a row of stars would tell how many secrets there were.
    for (let next = spans[index + 1]; next !== undefined && next[0] <= end; next = spans[index + 1]) {
      end = Math.max(end, next[1]);
      index++;
    }
    redacted += text.slice(done, start) + text.slice(start, end).replace(/[^\r\n]+/g, REDACTED);
    done = end;
  }
  return redacted + text.slice(done);
}
