// Text -> YAML tree. Whatever the text is, this takes linear time and ends: the size, the number of tokens and the depth
// are limited before the library builds anything, and aliases are counted, not unfolded.
import { Composer, isScalar, Lexer, Parser, type Document, type YAMLError } from 'yaml';
import type { Code } from './codes.ts';
import { readPlainYaml } from './plain-yaml.ts';
import { readableText } from './readable-text.ts';
import type { Reporter } from './reporter.ts';
import { sourceText, type SourceText } from './source-text.ts';
import type { YamlNode } from './yaml-node.ts';
import { YamlTreeBuilder } from './yaml-tree.ts';

const MAX_TOKENS = 100_000;
const MAX_DEPTH = 100;
/** Each costs the library an error; one is more than a pipeline needs. */
const MAX_DIRECTIVES = 100;
const MAX_SYNTAX_ERRORS = 20;

export interface YamlReading {
  readonly source: SourceText;
  readonly root?: YamlNode;
  /** Where the YAML stops being what its author meant, as a line; what is said of later lines cannot be trusted. */
  readonly brokenFromLine?: number;
}

/** Every problem is reported; `root` is there when something could be read at all. */
export function readYaml(text: string, reporter: Reporter): YamlReading {
  const source = readableText(text, reporter);
  if (source === undefined) return { source: sourceText('') };
  const root = readPlainYaml(source);
  return root === undefined ? readByLibrary(source, reporter) : { source, root };
}

/** Whatever YAML it is. */
export function readByLibrary(source: SourceText, reporter: Reporter): YamlReading {
  const document = parse(source, reporter);
  if (document === undefined) return { source };
  const brokenFromLine = reportSyntax(document, source, reporter);
  const contents = document.contents;
  if (contents === null || (isScalar(contents) && contents.value === null && contents.source === '')) {
    if (brokenFromLine === undefined) {
      reporter.report({ code: 'WF007', at: { line: 1, column: 1, length: 1 }, message: 'the file is empty' });
    }
    return { source, brokenFromLine };
  }
  return { source, root: new YamlTreeBuilder(source, reporter).build(contents), brokenFromLine };
}

function parse(source: SourceText, reporter: Reporter): Document.Parsed | undefined {
  const lexer = new Lexer();
  const parser = new Parser();
  const composer = new Composer({
    prettyErrors: false,
    uniqueKeys: false,
    resolveKnownTags: false,
    logLevel: 'silent',
    strict: true,
  });
  const documents: Document.Parsed[] = [];
  let count = 0;
  let directives = 0;
  let isSecondBegun = false;
  const take = (tokens: ReturnType<Parser['next']>): void => {
    for (const token of tokens) documents.push(...composer.next(token));
  };
  // The library throws on nothing it documents, but a reader of arbitrary text does not rely on that.
  try {
    for (const lexeme of lexer.lex(source.text)) {
      take(parser.next(lexeme));
      if (lexeme.startsWith('%') && ++directives > MAX_DIRECTIVES) {
        reporter.report({
          code: 'WF008',
          at: source.span(parser.offset, parser.offset + 1),
          message: `the YAML has more than ${MAX_DIRECTIVES} directives`,
        });
        return undefined;
      }
      if (++count > MAX_TOKENS || parser.stack.length > MAX_DEPTH) {
        const message =
          count > MAX_TOKENS
            ? `the YAML has more than ${MAX_TOKENS} pieces`
            : `the YAML is nested deeper than ${MAX_DEPTH} levels`;
        reporter.report({ code: 'WF008', at: source.span(parser.offset, parser.offset + 1), message });
        return undefined;
      }
      // The first document is handed out when a second begins.
      if (documents.length > 0) break;
    }
    if (documents.length === 0) {
      take(parser.end());
      documents.push(...composer.end(true, source.text.length));
    } else isSecondBegun = true;
  } catch {
    reporter.report({ code: 'WF003', at: source.span(0, 1), message: 'the YAML cannot be read' });
    return undefined;
  }
  const [first] = documents;
  if (first && (isSecondBegun || documents.length > 1)) reportSecondDocument(source, first.range[2], reporter);
  return first;
}

function reportSecondDocument(source: SourceText, firstEnd: number, reporter: Reporter): void {
  const marker = source.text.indexOf('---', firstEnd);
  const offset = marker < 0 ? firstEnd : marker;
  const at = source.span(offset, offset + 3);
  reporter.report({ code: 'WF006', at, message: 'a second YAML document begins here; a pipeline is one document' });
}

const SYNTAX_MESSAGES: Readonly<Record<string, string>> = {
  BLOCK_AS_IMPLICIT_KEY: 'the value holds a ": ", which begins a mapping',
};

const SYNTAX_CURES: Readonly<Record<string, string>> = {
  BLOCK_AS_IMPLICIT_KEY: 'put the value in quotes',
  BAD_SCALAR_START: 'put the value in quotes: it begins with a character that YAML keeps for itself',
  BAD_INDENT: 'line up the keys of one mapping, and close every bracket',
  MISSING_CHAR: 'close what was opened, and follow every key with ": "',
  BAD_DQ_ESCAPE: 'use single quotes, or double the backslash',
  MULTILINE_IMPLICIT_KEY: 'follow the key with ": " on its own line',
};

/** The first line with an error after which the structure is a guess. */
function reportSyntax(document: Document.Parsed, source: SourceText, reporter: Reporter): number | undefined {
  let brokenFromLine: number | undefined;
  for (const error of document.errors.slice(0, MAX_SYNTAX_ERRORS)) {
    const at = source.span(error.pos[0], error.pos[1]);
    reporter.report({ ...syntaxFinding(error), at });
    brokenFromLine = Math.min(brokenFromLine ?? at.line, at.line);
  }
  for (const warning of document.warnings) {
    reporter.report({
      code: 'WF093',
      at: source.span(warning.pos[0], warning.pos[1]),
      message: lowerFirst(warning.message),
    });
  }
  const { yaml } = document.directives ?? {};
  if (yaml?.explicit && yaml.version !== '1.2') {
    const message = `the file asks for YAML ${yaml.version}; pipelines are YAML 1.2`;
    reporter.report({
      code: 'WF093',
      at: source.span(Math.max(0, source.text.indexOf('%YAML')), source.text.length),
      message,
    });
  }
  return brokenFromLine;
}

function syntaxFinding(error: YAMLError): { code: Code; message: string; cure?: string } {
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return { code: 'WF004', message: 'a tab is used to indent' };
    case 'MULTIPLE_DOCS':
      return { code: 'WF006', message: 'a second YAML document begins here; a pipeline is one document' };
    case 'RESOURCE_EXHAUSTION':
      return { code: 'WF008', message: 'the YAML is nested too deeply' };
    case 'BAD_ALIAS':
      return { code: 'WF090', message: lowerFirst(error.message) };
    case 'TAG_RESOLVE_FAILED':
    case 'BAD_COLLECTION_TYPE':
    case 'BAD_DIRECTIVE':
      return { code: 'WF093', message: lowerFirst(error.message) };
    default:
      return {
        code: 'WF003',
        message: SYNTAX_MESSAGES[error.code] ?? lowerFirst(error.message),
        cure: SYNTAX_CURES[error.code],
      };
  }
}

function lowerFirst(message: string): string {
  const [line = ''] = message.split('\n');
  return line.charAt(0).toLowerCase() + line.slice(1);
}
