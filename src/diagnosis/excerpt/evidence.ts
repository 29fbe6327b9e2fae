// What single lines say by their shape, whatever tool printed them. Each entry is a habit that many tools share; the
// weight says how often a line of that shape is the cause rather than a bystander.

export type EvidenceKind =
  'known' | 'diagnostic' | 'test' | 'exception' | 'crash' | 'tool' | 'assertion' | 'complaint' | 'summary' | 'wrapper';

export interface Evidence {
  readonly kind: EvidenceKind;
  readonly weight: number;
  /** In words, for the reader who asks why a line was chosen. */
  readonly because: string;
}

interface Shape extends Evidence {
  readonly pattern: RegExp;
}

const FILE = String.raw`(?:[A-Za-z]:)?[\w.@+~/\\$-]*\.[A-Za-z][\w+]{0,11}`;

function shape(kind: EvidenceKind, weight: number, because: string, pattern: RegExp): Shape {
  return { kind, weight, because, pattern };
}

/** In order: the first that fits speaks for the line. */
const SHAPES: readonly Shape[] = [
  // Not the cause: what passes a failure on, counts it, or says what to do about it.
  shape(
    'wrapper',
    1,
    'passes on that something failed',
    /^(?:g?make(?:\[\d+\])?: \*\*\*|npm ERR! (?:errno|A complete log|\s*\/|This is probably|Exit status|Test failed)|error Command failed|The command ".*" (?:failed and )?exited with|##\[error\](?:Process completed with|Bash exited|Cmd\.exe exited|PowerShell exited|The process '.*' failed with exit code)|Command exited with code|Build (?:step|FAILED)|\[(?:INFO|ERROR)\] BUILD FAIL|BUILD FAILED|FAILURE: Build failed|Finished: |Exited with code|ERROR: Job failed|Build failed\.?$|info Visit https|ninja: build stopped|Error: Process completed|rake aborted|\* Try:|Run with --|> Run with|error: could not compile|error: aborting due to|error: build failed|error: test failed|exit status \d+$|FAIL$|Job failed|collect2|compilation terminated|tar(?: \(child\))?: (?:Error is not recoverable|Child returned status|Exiting with failure status)|\(See full trace|Tasks: TOP|> Task :\S+ FAILED$)/u,
  ),
  shape(
    'summary',
    2,
    'counts failures',
    /^\s*(?:\[(?:ERROR|error|info|INFO)\] ?)?(?:=+ .*\b(?:failed|error).*=+$|Tests run: |Tests: |Test Suites: |Total: |Failed: |Passed: |FAILED \((?:failures|errors)|\d+ (?:tests?|examples?|specs?|assertions?|passing|passed|scenarios?)\b|\d+ (?:errors?|warnings?)\.?$|\d+ (?:errors?|warnings?) generated|Found \d+ errors?|\* \*\*\*? Failed|test result: |Ran \d+ tests|[✖×] \d+ problems?)/u,
  ),
  shape(
    'crash',
    9,
    'the program was brought down',
    /AddressSanitizer|LeakSanitizer|ThreadSanitizer|MemorySanitizer|UndefinedBehaviorSanitizer|DATA RACE|runtime error: (?:load of|signed integer|member|left shift|index)|Segmentation fault|SIGSEGV|SIGABRT|SIGBUS|SIGILL|\bcore dumped\b|^panic: |^fatal error: (?!.*\.h)|goroutine \d+ \[running\]|stack smashing|double free|corrupted size|free\(\): invalid|pure virtual method|terminate called|internal compiler error|JavaScript heap out of memory|OutOfMemoryError|std::bad_alloc|Cannot allocate memory|No space left on device|Received signal|caught (?:deadly )?signal|\*{3} (?:Signal|ERROR)|^Killed|Killed {2,}/u,
  ),
  shape(
    'diagnostic',
    9,
    'a compiler or linter names the place',
    new RegExp(
      `(?:^|[\\s"'(])${FILE}(?::\\d+(?::\\d+|[-.]\\d+)*|\\(\\d+(?:[,:.-]\\d+)*\\)|:\\[\\d+,\\d+\\]|:\\d+:in)\\s*:?\\s*-?\\s*(?:fatal |syntax |parse |type |\\w{0,12} ?)?(?:error|ERROR|Error)\\b`,
      'u',
    ),
  ),
  shape(
    'diagnostic',
    9,
    'a compiler or linter names the place',
    new RegExp(
      `^(?:\\[ERROR\\]|\\[error\\]|error:|ERROR:?|Error:?|\\[Error\\])\\s+(?:in |at )?${FILE}(?::\\d+|:\\[\\d+|\\(\\d+)`,
      'u',
    ),
  ),
  shape('diagnostic', 9, 'a compiler names the place', /^e: (?:file:\/\/)?\S+[:(] ?\(?\d+/u),
  shape(
    'diagnostic',
    9,
    'the linker or loader misses something',
    /undefined reference to|Undefined symbols? for|multiple definition of|unresolved external symbol|ld: (?:symbol|library|cannot find|framework)|cannot find -l|duplicate symbol|error while loading shared libraries|unresolved import|Module not found|cannot find (?:module|package|crate|symbol)|could not find (?:module|package|crate)|package \S+ is not in/u,
  ),
  shape(
    'diagnostic',
    8,
    'a compiler says error',
    /^(?:error(?:\[\w+\]|\([\w-]+\))?: |fatal error[: ]|\w+\.\w+: fatal error|error TS\d+|\*\* \(CompileError\)|== Compilation error|Compilation (?:failed|error)|COMPILATION ERROR|Parse error|PHP (?:Parse|Fatal) error|Fatal error: |SyntaxError|syntax error\b|.*\berror C\d{4}\b|.*: error (?:CS|MSB|FS|BC|LNK|NU|NETSDK)\d+)/u,
  ),
  shape(
    'test',
    9,
    'a test is reported as failed',
    /^\s*--- FAIL|^not ok \d|\*{3} FAILED \*{3}|^(?:FAILED|ERROR) \S+(?:::|\.py)|^FAIL(?:ED)?[:\s]\s*\S|<<< (?:FAILURE|ERROR)!|^\[\s*FAILED\s*\]|\.\.\. (?:FAILED|FAIL|ERROR)\b|^---- .* stdout ----|^FAIL: \w|^ERROR: \w+ \(|^test \S+ \.\.\. FAILED|\bTEST FAILED\b|: FAILED$|^\s*\S.* FAILED$|\[(?:FAIL|FAILED|failed)\]|\(FAILED(?: - \d+)?\)|^_{3,} .+ _{3,}$|^={10,} FAILURES =/u,
  ),
  shape(
    'test',
    8,
    'a test is marked as failed',
    /^\s*(?:\[-\]|\[?[✗✖✕×✘●▼✱⨯]\]?|x|!!)\s+\S|\[E\]$|^\s*\d{1,4}\) (?:\S|$)|^ *FAIL\b|^# +Failed test|^\s*failed:? |^\s*Test failed|^\s*\d+\. (?:Failure|Error)|^-- (?:Failure|Error)|── (?:\d+\. )?(?:Failure|Error)|^Failure(?:\/| in |:)|^\s*(?:Failures?|Failed (?:tests|scenarios|examples)|Tests in error|Failed Tests?):?\s*$|test timed out|Test(?:s)? [Ff]ailed: |^From test_|\d+ of \d+ .*failed|^Found errors in|^Caught exception/u,
  ),
  shape(
    'exception',
    8,
    'an exception came to the top',
    /^(?:Traceback \(most recent call last\)|Exception in thread|Unhandled|Uncaught|uncaught|unhandled|thread '.*' panicked|\*\* \([\w.]+\)|Error in |Execution halted|.*stack traceback:)/u,
  ),
  shape(
    'exception',
    8,
    'an exception came to the top',
    /^\s*(?:[\w$]+[.:\\]{1,2})*[A-Z]\w*(?:Error|Exception|Failure|Fault|Interrupt|Exit|Timeout)(?:\s*[:([]|$)/u,
  ),
  shape(
    'exception',
    7,
    'the cause under an exception',
    /^\s*Caused by: |^\s*Reason: |RuntimeException|exception:|Exception:/u,
  ),
  shape('tool', 7, 'a build tool says what went wrong', /^\* What went wrong:/u),
  shape(
    'tool',
    8,
    'a tool gives up',
    /^(?:fatal|FATAL|Fatal|ERROR|Error|error|E|ERR!|ERRO|CRITICAL|panic|abort|aborted?|fail(?:ed|ure)?|FAIL(?:ED|URE)?|err|BROKEN|ERROR!|Failed)(?:\s*[:!\]]| -|\s*\[)\s*\S/u,
  ),
  shape(
    'tool',
    8,
    'a tool gives up',
    /^(?:##\[error\]|npm (?:ERR!|error)|pnpm ERR|\[(?:ERROR|FATAL|error|fatal|Error|E)\]|curl: \(\d+\)|wget: |ssh: |dpkg: error|docker: |Error response from daemon|!! |ERR_\w+|\[!\]|➤ YN\d+: .*(?:can't|not|fail)|error\b|FATAL\b)/u,
  ),
  shape(
    'tool',
    7,
    'a command could not do its work',
    /^[\w./+-]+(?:\.exe)?: (?:(?:line )?\d+: )?(?:.*: )?(?:command not found|not found|No such file or directory|Permission denied|cannot |can't |could not |couldn't |unable to |failed |invalid |illegal |unrecognized |unknown |unexpected |missing |error|fatal|Couldn't|Cannot|Could not|Unable|Failed|Invalid|Unknown|Error)/u,
  ),
  shape(
    'tool',
    7,
    'the system ended it',
    /No output has been received|exceeded the maximum|has exceeded|timed? ?out after|[Tt]imed out (?:waiting|while)|Log length has exceeded|operation was canceled|shutdown signal|lost communication|has been stopped|has been terminated/u,
  ),
  shape(
    'tool',
    6,
    'a program logs an error',
    /^.{0,80}(?:\((?:ERROR|FATAL|CRITICAL)\)|\[(?:error|ERROR|FATAL|fatal|CRITICAL)\]|\b(?:ERROR|SEVERE|FATAL|CRITICAL)\b[:\]\s])/u,
  ),
  shape(
    'tool',
    7,
    'it says that something failed',
    /\b(?:failed|FAILED)[.!]?$|^ERROR$|^Failed \d+\/\d+|provided but not defined|^(?:usage|Usage|USAGE): /u,
  ),
  shape(
    'diagnostic',
    6,
    'a linter names the place',
    new RegExp(`^(?:\\[\\w+\\] ?)?${FILE}: ?\\d+(?::\\d+)?:? +\\S.{5,}`, 'u'),
  ),
  shape(
    'assertion',
    7,
    'an assertion did not hold',
    /\bAssert(?:ion)?(?:Error|Failed)?\b.*(?:fail|:)|[Aa]ssertion .*(?:failed|violated)|Failed asserting|Expected\b.*\b(?:but|got|to|received|actual)|expected[: ].*(?:\b(?:but|got|actual|to (?:be|equal|have|match|include))\b|got:)|Expectation|MISMATCH|does not match|was not (?:equal|greater|less|true|thrown)|did not (?:equal|match|contain)|Missing \d+ expected/u,
  ),
  shape(
    'complaint',
    5,
    'something could not be done',
    /\b(?:[Cc]annot|[Cc]an't|[Cc]ould ?n[o']t|[Uu]nable to|[Ff]ailed to|[Ff]ailed with|did not|[Nn]o such|not found|[Nn]ot in scope|[Pp]ermission denied|[Aa]ccess denied|refused|unreachable|[Tt]imed out|[Nn]o matching|[Uu]nresolved|[Uu]ndefined|[Mm]issing|[Uu]nsatisfied|[Uu]nexpected|[Ii]nvalid|[Ii]llegal|[Ff]orbidden|[Uu]nauthorized|[Rr]ejected|does(?:n't| not) (?:exist|match|have)|is not (?:a |an |allowed|valid|recognized|defined|supported|installed)|has no |not formatted|[Rr]ate limit|[Ll]imit exceeded|timed? ?out|took >|seems to be|appears to be|should be|must be|would reformat|differs? from|[Ff]ailure|unbound variable)\b/u,
  ),
  shape(
    'complaint',
    4,
    'it says error',
    /\b(?:ERROR|Error|error|FAILED|FAILURE|Failed|failed|fatal|FATAL|Exception|aborted|Aborted)\b(?!\s*[=(/]|\.\w|-\w)/u,
  ),
];

/** Words of failure in a line that tells of none, or of one that was got over. */
const HARMLESS =
  /\b(?:0|no|zero) (?:errors?|failures?|failed|problems?|issues?)\b|(?:errors?|failures?|failed|fail|problems)[:=]\s*0\b|\bErrors: 0, |without errors?|-Werror|error[_-]?(?:handl|page|log|report|code|message|type|bound|catalog)|\bignor(?:ed|ing)\b|\bretry|retrying|will try|trying again|try again|attempt \d|\bback ?off|allowed to fail|allow_failures|\bskip(?:ped|ping)?\b|expected (?:failure|error)|xfail|\[ ?OK ?\]|^ok \d|\.\.\. ok\b|✓|✔|PASS(?:ED)?\b|checking (?:for|whether|if|how)|^\s*(?:Compiling|Downloading|Downloaded|Fetching|Installing|Unpacking|Selecting|Preparing|Get:\d|Hit:|Setting up|Created|Copying|Adding|adding|creating|copying|Installed|Using|Running|CC|CXX|GEN|LD|AR)\b|^\s*(?:[*+] |- )?(?:warning|Warning|WARNING|WARN|npm (?:WARN|warn)|DEPRECAT|deprecat|note|NOTE|hint|info|INFO|debug|DEBUG)\b|warning[:[]|##\[warning\]|DeprecationWarning|UserWarning|\bdeprecated\b|^\$ |^\+{1,3} \S|^##\[(?:group|command|debug)\]|(?:test|spec|it|should).*\bok$/iu;
/** A place with the word error outweighs a harmless word somewhere else on the line. */
const SURE: ReadonlySet<EvidenceKind> = new Set(['diagnostic', 'crash', 'test']);

/** Whether its words of failure tell of none, or of one that was got over. */
export function isHarmless(text: string): boolean {
  return !text.startsWith('##[error]') && HARMLESS.test(text);
}

/** What the line says, if anything. `text` has its time and colours taken off. */
export function evidenceOf(text: string, bare: string): Evidence | undefined {
  if (text.startsWith(ANNOTATION)) {
    // A system marks as an error what a tool has said: what the tool says is more telling than the mark.
    const own = evidenceIn(bare, bare);
    const mark = evidenceIn(text, bare);
    if (own && own.kind !== 'complaint' && mark && mark.kind !== 'wrapper')
      return own.weight >= mark.weight ? own : { ...own, weight: mark.weight };
    return mark ?? own;
  }
  return evidenceIn(text, bare);
}

const ANNOTATION = '##[error]';

function evidenceIn(text: string, bare: string): Evidence | undefined {
  const trimmed = bare.trimStart();
  for (const each of SHAPES) {
    if (!each.pattern.test(text) && !(trimmed !== text && each.pattern.test(trimmed))) continue;
    if (each.kind === 'wrapper' || each.kind === 'summary' || !isHarmless(text)) return each;
    if (
      SURE.has(each.kind) &&
      each.weight >= 9 &&
      !/\b0 (?:errors|failed)|^\s*(?:warning(?!.*(?:DATA RACE|Sanitizer))|ok)\b/iu.test(text)
    )
      return each;
    return undefined;
  }
  return undefined;
}
