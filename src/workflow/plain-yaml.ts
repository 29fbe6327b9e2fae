// A reader of the YAML that pipelines are mostly written in. It makes the very tree that the library would make, or
// nothing: whatever it does not know for certain is the library's, and so is every message about a mistake.
// Why there is one: docs/decisions/0029-plain-yaml-is-read-by-ourselves.md.
import type { SourceText } from './source-text.ts';
import type { YamlEntry, YamlMap, YamlNode, YamlScalar } from './yaml-node.ts';

/** So short and so flat that no limit of the other way can be reached. */
const MAX_LENGTH = 50_000;
const MAX_DEPTH = 40;
/** YAML ends a key at 1,024 characters. */
const MAX_KEY_LENGTH = 1_000;

// All of them are sticky: they match where the cursor stands or not at all.
const SKIPPED_LINES = /(?: *(?:#[^\n]*)?\n)*/y;
const LINE_END = /(?: +#[^\n]*| *)(?:\n|$)/y;
const SPACES = / */y;
const SINGLE_QUOTED = /'(?:[^'\n\t]|'')*'/y;
const DOUBLE_QUOTED = /"(?:[^"\\\n\t]|\\[\\"/nt])*"/y;
const PLAIN_IN_BLOCK = /(?:[^-?:,[\]{}#&*!|>'"%@`\s]|-(?=[\w./-]))(?:[^:#\n\t]|:(?=[^ \n])|(?<! )#)*/y;
const PLAIN_IN_FLOW = /(?:[^-?:,[\]{}#&*!|>'"%@`\s]|-(?=[\w./-]))(?:[^:#\n\t,[\]{}]|:(?=[^ \n,[\]{}])|(?<! )#)*/y;
const BLOCK_HEADER = /[|>](-?)(?: +#[^\n]*| *)\n/y;

/** The tree of a text, or undefined: then the library has to say what it is. */
export function readPlainYaml(source: SourceText): YamlMap | undefined {
  if (source.text.length > MAX_LENGTH || source.text.includes('\r')) return undefined;
  return new PlainReader(source).read();
}

class PlainReader {
  readonly #source: SourceText;
  readonly #text: string;
  #at = 0;
  /** Of the line with content that the cursor was last brought to; -1 behind the last one. */
  #indent = -1;
  #depth = 0;

  constructor(source: SourceText) {
    this.#source = source;
    this.#text = source.text;
  }

  read(): YamlMap | undefined {
    this.#toContent();
    const root = this.#indent === 0 ? this.#map(0) : undefined;
    return this.#at === this.#text.length ? root : undefined;
  }

  /** The cursor stands at the first key, or behind it when that is given. */
  #map(indent: number, first?: YamlScalar): YamlMap | undefined {
    const from = first?.from ?? this.#at;
    const entries: YamlEntry[] = [];
    const seen = new Set<string>();
    let keyNode = first ?? this.#scalar(PLAIN_IN_BLOCK);
    if (++this.#depth > MAX_DEPTH) return undefined;
    for (;;) {
      const key = keyNode && this.#key(keyNode, seen);
      if (keyNode === undefined || key === undefined) return undefined;
      const value = this.#valueOfKey(indent);
      if (value === undefined) return undefined;
      entries.push({ key, keyNode, value });
      if (this.#indent < indent) break;
      if (this.#indent > indent) return undefined;
      keyNode = this.#scalar(PLAIN_IN_BLOCK);
    }
    this.#depth--;
    return { kind: 'map', entries, at: this.#source.span(from, this.#text.length) };
  }

  /** The name that a scalar is as a key, when a colon follows it and it does not stand there already. */
  #key(node: YamlScalar, seen: Set<string>): string | undefined {
    const next = this.#text.charAt(this.#at + 1);
    if (this.#text.charAt(this.#at) !== ':' || this.#at !== node.to || (next !== ' ' && next !== '\n' && next !== '')) {
      return undefined;
    }
    const key = node.style === 'plain' ? this.#text.slice(node.from, node.to) : String(node.value);
    const caseless = key.toLowerCase();
    if (key === '<<' || key.length > MAX_KEY_LENGTH || seen.has(caseless)) return undefined;
    seen.add(caseless);
    this.#at++;
    return key;
  }

  /** From behind the colon to the next line with content. */
  #valueOfKey(indent: number): YamlNode | undefined {
    const behindColon = this.#at;
    if (!this.#skip(LINE_END)) {
      this.#skip(SPACES);
      return this.#inline(indent);
    }
    this.#toContent();
    if (this.#indent > indent) return this.#isItem() ? this.#list(this.#indent) : this.#map(this.#indent);
    if (this.#indent === indent && this.#isItem()) return this.#list(indent);
    SPACES.lastIndex = behindColon;
    SPACES.test(this.#text);
    return this.#scalarOf(null, SPACES.lastIndex, SPACES.lastIndex);
  }

  #isItem(): boolean {
    return this.#text.startsWith('- ', this.#at);
  }

  #list(indent: number): YamlNode | undefined {
    const from = this.#at;
    const items: YamlNode[] = [];
    if (++this.#depth > MAX_DEPTH) return undefined;
    while (this.#indent === indent && this.#isItem()) {
      const dash = this.#at++;
      this.#skip(SPACES);
      const item = this.#item(indent, indent + this.#at - dash);
      if (item === undefined) return undefined;
      items.push(item);
    }
    this.#depth--;
    return this.#indent > indent ? undefined : { kind: 'list', items, at: this.#source.span(from, this.#text.length) };
  }

  /** What follows a dash: a mapping when its first scalar turns out to be a key. */
  #item(indent: number, column: number): YamlNode | undefined {
    const start = this.#at;
    const scalar = this.#scalar(PLAIN_IN_BLOCK);
    if (scalar && this.#text.charAt(this.#at) === ':') return this.#map(column, scalar);
    this.#at = start;
    return this.#inline(indent);
  }

  /** A value that begins in the line of its key or dash, in a collection that is indented by so much. */
  #inline(indent: number): YamlNode | undefined {
    const opening = this.#text.charAt(this.#at);
    let node: YamlNode | undefined;
    if (opening === '|' || opening === '>') node = this.#block(indent);
    else {
      node = opening === '[' || opening === '{' ? this.#flow() : this.#scalar(PLAIN_IN_BLOCK);
      if (!this.#skip(LINE_END)) return undefined;
    }
    this.#toContent();
    return node;
  }

  #flow(): YamlNode | undefined {
    const from = this.#at;
    const isMap = this.#text.charAt(this.#at++) === '{';
    const close = isMap ? '}' : ']';
    const items: YamlNode[] = [];
    const entries: YamlEntry[] = [];
    const seen = new Set<string>();
    if (++this.#depth > MAX_DEPTH) return undefined;
    this.#skip(SPACES);
    while (this.#text.charAt(this.#at) !== close || items.length > 0) {
      const keyNode = isMap ? this.#scalar(PLAIN_IN_FLOW) : undefined;
      const key = keyNode && this.#key(keyNode, seen);
      if (isMap && key === undefined) return undefined;
      this.#skip(SPACES);
      const item = '[{'.includes(this.#text.charAt(this.#at) || ' ') ? this.#flow() : this.#scalar(PLAIN_IN_FLOW);
      if (item === undefined) return undefined;
      items.push(item);
      if (keyNode && key !== undefined) entries.push({ key, keyNode, value: item });
      this.#skip(SPACES);
      const next = this.#text.charAt(this.#at);
      if (next === close) break;
      if (next !== ',') return undefined;
      this.#at++;
      this.#skip(SPACES);
    }
    this.#at++;
    this.#depth--;
    const at = this.#source.span(from, this.#at);
    return isMap ? { kind: 'map', entries, at } : { kind: 'list', items, at };
  }

  #scalar(plain: RegExp): YamlScalar | undefined {
    const from = this.#at;
    const opening = this.#text.charAt(from);
    if (opening === "'") {
      if (!this.#skip(SINGLE_QUOTED)) return undefined;
      return this.#scalarOf(this.#text.slice(from + 1, this.#at - 1).replaceAll("''", "'"), from, this.#at);
    }
    if (opening === '"') {
      if (!this.#skip(DOUBLE_QUOTED)) return undefined;
      return this.#scalarOf(unescaped(this.#text.slice(from + 1, this.#at - 1)), from, this.#at);
    }
    if (!this.#skip(plain)) return undefined;
    while (this.#text.charAt(this.#at - 1) === ' ') this.#at--;
    const text = this.#text.slice(from, this.#at);
    const isMarker = text.startsWith('---') || text.startsWith('...');
    return isMarker ? undefined : this.#scalarOf(plainValue(text), from, this.#at);
  }

  /** Literal and folded text without indentation of its own to spell out. */
  #block(indent: number): YamlScalar | undefined {
    const from = this.#at;
    const isFolded = this.#text.charAt(from) === '>';
    BLOCK_HEADER.lastIndex = from;
    const header = BLOCK_HEADER.exec(this.#text);
    if (header === null) return undefined;
    this.#at = BLOCK_HEADER.lastIndex;
    const lines = this.#blockLines(indent);
    if (lines === undefined) return undefined;
    const text = isFolded ? folded(lines) : lines.join('\n');
    return text === undefined ? undefined : this.#scalarOf(header[1] === '-' ? text : `${text}\n`, from, this.#at);
  }

  /** To the end of the last line that is not blank; what the first one is indented by is taken off. */
  #blockLines(parentIndent: number): readonly string[] | undefined {
    const lines: string[] = [];
    let indent = -1;
    let blank = 0;
    let end = this.#at;
    for (let at = end; at < this.#text.length;) {
      const found = this.#text.indexOf('\n', at);
      const lineEnd = found < 0 ? this.#text.length : found;
      SPACES.lastIndex = at;
      SPACES.test(this.#text);
      const content = SPACES.lastIndex;
      const width = content - at;
      if (content === lineEnd) {
        // Spaces beyond the indentation are text; where nothing follows or precedes, only the library knows whose.
        if (indent < 0 ? width > parentIndent + 1 : width > indent) return undefined;
        blank++;
      } else {
        if (indent < 0 ? width <= parentIndent : width < indent) {
          if (this.#text.charAt(content) === '\t') return undefined;
          break;
        }
        if (indent < 0) indent = width;
        for (; blank > 0; blank--) lines.push('');
        lines.push(this.#text.slice(at + indent, lineEnd));
        end = Math.min(lineEnd + 1, this.#text.length);
      }
      at = lineEnd + 1;
    }
    this.#at = end;
    return indent < 0 ? undefined : lines;
  }

  #scalarOf(value: YamlScalar['value'], from: number, to: number): YamlScalar {
    const opening = this.#text.charAt(from);
    const isBlock = opening === '|' || opening === '>';
    const style = isBlock ? 'block' : opening === '"' || opening === "'" ? 'quoted' : 'plain';
    return { kind: 'scalar', value, at: this.#source.span(from, to), from, to, style };
  }

  /** From the beginning of a line to the content of the next line that has some. */
  #toContent(): void {
    this.#skip(SKIPPED_LINES);
    const start = this.#at;
    this.#skip(SPACES);
    this.#indent = this.#at - start;
    // A comment that is left here is the last line: no other ends without a line break.
    if (this.#text.charAt(this.#at) === '#') this.#at = this.#text.length;
    if (this.#at === this.#text.length) this.#indent = -1;
  }

  #skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) return false;
    this.#at = pattern.lastIndex;
    return true;
  }
}

/** Lines of a folded text joined; undefined when one of them is indented further and so not folded. */
function folded(lines: readonly string[]): string | undefined {
  let text = '';
  let separator = '';
  for (const line of lines) {
    if (line === '') {
      if (separator !== ' ') text += '\n';
      separator = separator === ' ' ? '\n' : separator;
    } else {
      if (line.startsWith(' ') || line.startsWith('\t')) return undefined;
      text += separator + line;
      separator = ' ';
    }
  }
  return text;
}

function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replaceAll(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter === 't' ? '\t' : letter));
}

const WORDS: ReadonlyMap<string, null | boolean> = new Map([
  ...['~', 'null', 'Null', 'NULL'].map((text) => [text, null] as const),
  ...['true', 'True', 'TRUE'].map((text) => [text, true] as const),
  ...['false', 'False', 'FALSE'].map((text) => [text, false] as const),
]);

/** By the core schema of YAML 1.2. */
function plainValue(text: string): YamlScalar['value'] {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  // Nearly every scalar begins with what no number begins with.
  if (!/^[-+.0-9]/.test(text)) return text;
  if (/^[-+]?[0-9]+$/.test(text)) return Number.parseInt(text, 10);
  if (/^0o[0-7]+$/.test(text)) return Number.parseInt(text.slice(2), 8);
  if (/^0x[0-9a-fA-F]+$/.test(text)) return Number.parseInt(text, 16);
  if (/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(text)) return Number.parseFloat(text);
  if (/^[-+]?\.(?:inf|Inf|INF)$/.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return /^\.(?:nan|NaN|NAN)$/.test(text) ? NaN : text;
}
