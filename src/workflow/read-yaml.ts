// Text -> YAML tree. Whatever the text is, this takes linear time and ends: the size, the number of tokens and the depth
// are limited before the library builds anything, and aliases are counted, not unfolded.
import { Composer, isScalar, Lexer, Parser, type Document } from 'yaml';
import { readPlainYaml } from './plain-yaml.ts';
import { readableText } from './readable-text.ts';
import { Reporter } from './reporter.ts';
import { sourceText, type SourceText } from './source-text.ts';
import type { YamlNode } from './yaml-node.ts';
import { lowerFirst, yamlFaults } from './yaml-faults.ts';
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
  // What stands behind a fault of the syntax is a guess, and so is what could be said of it.
  const structure = brokenFromLine === undefined ? reporter : new Reporter('');
  return { source, root: new YamlTreeBuilder(source, structure).build(contents), brokenFromLine };
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

/** The first line with an error after which the structure is a guess. */
function reportSyntax(document: Document.Parsed, source: SourceText, reporter: Reporter): number | undefined {
  const errors = document.errors.slice(0, MAX_SYNTAX_ERRORS);
  for (const fault of yamlFaults(errors, source)) reporter.report(fault);
  const lines = errors.map(({ pos }) => source.span(...pos).line);
  const brokenFromLine = lines.length > 0 ? Math.min(...lines) : undefined;
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
