// The layer of a failure that no signature knows: from the shape of the line that gives it away, from its words, and from
// what the failing step was to do. None of them is sure alone; where two agree, it is told with more confidence.
import { unreachable } from '#base/unreachable.ts';
import type { Layer } from '#run/diagnosis.ts';
import type { Evidence } from './excerpt/evidence.ts';
import type { CommandKind } from './layer-by-command.ts';
import { layerByWords } from './layer-by-words.ts';

export interface LayerGuess {
  readonly layer: Layer;
  readonly confidence: number;
}

export interface Unrecognised {
  readonly evidence: Evidence;
  /** The line that gives it away. */
  readonly anchor: string;
  /** What stands with it, the first lines first. */
  readonly others: readonly string[];
  readonly command?: CommandKind;
}

const UNKNOWN: LayerGuess = { layer: 'unknown', confidence: 0.2 };
const AGREED = 0.1;
/** From this weight on a line is the report of a test, and not any mark. */
const REPORTED = 9;
/** A file and a line in it. */
const PLACE =
  /\.[A-Za-z]\w*(?::\d|\(\d|:\[\d)|undefined reference|[Uu]ndefined symbols?|unresolved external|multiple definition/u;
const ASSERTION = /\bXCTAssert|\b(?:EXPECT|ASSERT|REQUIRE|CHECK)_?\w*\b|\b[Aa]ssert(?:ion|Error|ed)?\b/u;
const PLACE_UNDER = /^\s*(?:-->|┌─|at) \S+:\d+|^\s*\d+ \|/u;

export function layerByShape(failure: Unrecognised): LayerGuess {
  switch (failure.evidence.kind) {
    case 'diagnostic':
      return byDiagnostic(failure);
    case 'test':
    case 'assertion':
      return byTest(failure);
    case 'known':
    case 'exception':
    case 'crash':
    case 'tool':
    case 'complaint':
    case 'summary':
    case 'wrapper':
      return byWordsOrCommand(failure) ?? byMistake(failure);
    default:
      return unreachable(failure.evidence.kind);
  }
}

function byDiagnostic(failure: Unrecognised): LayerGuess {
  const { anchor, others, command } = failure;
  const isPlaced = PLACE.test(anchor) || others.some((line) => PLACE_UNDER.test(line));
  // What only begins with "error:" may be any tool.
  if (!isPlaced) return byWordsOrCommand(failure) ?? byMistake(failure);
  // A compiler that misses a module names the place too.
  const words = layerByWords(anchor);
  if (words?.layer === 'dependency' || words?.layer === 'policy') return words;
  if (command?.kind === 'policy') return guessOf(command);
  return agreeing({ layer: ASSERTION.test(anchor) ? 'test' : 'code', confidence: 0.75 }, command);
}

/** What only a mistake in a program throws, in the words of several languages. */
const MISTAKE =
  /\b(?:Attribute|Type|Name|Index|Reference|Range|ZeroDivision|UnboundLocal|NoMethod|NotImplemented)Error\b|NullPointer|ClassCast|OutOfBounds|IndexOutOfRange|NullReference|undefined method|nil pointer|panicked at/u;

function byMistake({ anchor, others }: Unrecognised): LayerGuess {
  return [anchor, ...others].some((line) => MISTAKE.test(line)) ? { layer: 'code', confidence: 0.65 } : UNKNOWN;
}

function byTest(failure: Unrecognised): LayerGuess {
  const { evidence, anchor, command } = failure;
  // Linters, checks of titles and up-loaders mark what they find as tests do.
  if (command?.kind === 'lint' || command?.kind === 'policy') return guessOf(command);
  const words = layerByWords(anchor);
  if (words?.layer === 'policy' && command?.kind !== 'test') return words;
  const isTest = command?.kind === 'test' || command?.kind === 'build';
  if (!isTest && evidence.weight < REPORTED) return byWordsOrCommand(failure) ?? UNKNOWN;
  return agreeing({ layer: 'test', confidence: 0.7 }, command);
}

function byWordsOrCommand({ evidence, anchor, others, command }: Unrecognised): LayerGuess | undefined {
  const words = layerByWords(anchor);
  // What a test or a linter prints speaks of its subject, not of what the step lacked.
  if (words && !(words.confidence < 0.6 && command && command.kind !== 'install')) return words;
  for (const line of others) {
    const found = layerByWords(line);
    if (found && found.confidence >= 0.6) return { ...found, confidence: found.confidence - 0.05 };
  }
  // A tool that says what went wrong, in words that name no layer, has seldom met a mistake in the code it builds.
  const isSilent = evidence.kind === 'wrapper' || evidence.kind === 'summary';
  return command && (isSilent || command.kind !== 'build') ? guessOf(command) : words;
}

function guessOf({ layer, confidence }: CommandKind): LayerGuess {
  return { layer, confidence };
}

/** Code and tests fail in steps that build, check or test. */
function agreeing(guess: LayerGuess, command: CommandKind | undefined): LayerGuess {
  const agrees = command?.layer === 'code' || command?.layer === 'test';
  return agrees ? { ...guess, confidence: guess.confidence + AGREED } : guess;
}
