// The layer that a complaint names by its words, for failures that no signature knows. Broad on purpose, and told with
// less confidence than a signature: a row stands for a way of saying things, whatever the tool.
import type { Layer } from '#run/diagnosis.ts';

export interface WordsOf {
  readonly layer: Layer;
  /** 0 to 1: below what a signature is told with. */
  readonly confidence: number;
  readonly pattern: RegExp;
  /** A line that this row is the first to fit. */
  readonly sample: string;
}

const SECRET = String.raw`(?:credentials?|access tokens?|api[ _-]?tokens?|tokens?|secrets?|passwords?|passphrase|api[ _-]?keys?|licen[cs]e key|signing certificates?|keystore|private key|\w+_(?:TOKEN|SECRET|PASSWORD|KEY))`;

/** In order: the first that fits speaks. */
export const WORDS: readonly WordsOf[] = [
  {
    layer: 'policy',
    confidence: 0.7,
    pattern:
      /\b(?:PR|[Pp]ull[ -][Rr]equests?|[Mm]erge [Rr]equest)\b.{0,30}\b(?:titles?|descriptions?|body|labels?|template|changes \d+ lines)\b|\b(?:[Tt]itle|[Ss]ubject|[Cc]ommit message)\b.{0,30}\b(?:must|should|may not|has to|convention|prefix)\b/u,
    sample: 'PR title must contain one of the following prefixes: [BugFix], [Feature]',
  },
  {
    layer: 'policy',
    confidence: 0.7,
    pattern: /\b(?:[Cc]hange-?log|CHANGELOG|[Nn]ews ?fragments?|[Cc]hangesets?|[Rr]elease ?notes?)\b/u,
    sample: "ERROR: newsfragment changelog.d/7.misc does not end with a '.' or '!'",
  },
  {
    layer: 'policy',
    confidence: 0.7,
    pattern:
      /[Ss]igned-off-by|\b[Ss]ign-?off\b|\bDCO\b|\bCLA\b|\bsign the (?:contributor|agreement)|[Ll]icen[cs]e header|[Ll]icen[cs]es? .{0,30}not (?:allowed|approved|permitted)/u,
    sample: "ERROR the following files don't have a valid license header:",
  },
  {
    layer: 'policy',
    confidence: 0.65,
    pattern:
      /\b[Cc]overage\b.{0,60}(?:fail|below|less than|under|not met|lower than|minimum|threshold|required)|\bfail-under\b/u,
    sample: 'Coverage failure: total of 87 is less than fail-under=90',
  },
  {
    layer: 'policy',
    confidence: 0.65,
    pattern: /\b[Vv]ulnerab|RUSTSEC-\d|\bCVE-\d{4}-\d|\bGHSA-\w{4}/u,
    sample: 'error[vulnerability]: Use-after-free in `slab`',
  },
  {
    layer: 'registry',
    confidence: 0.7,
    pattern: /\b[Rr]ate[ -]?limit|\b429\b|Too Many Requests|toomanyrequests|\bthrottl/u,
    sample: '429 - {"message":"Rate limit reached. Expected time to availability: 602s."}',
  },
  {
    layer: 'secrets',
    confidence: 0.7,
    pattern:
      /\b401\b|[Uu]nauthori[sz]ed|[Uu]nauthenticated|[Bb]ad credentials|[Aa]uthentication (?:failed|required|is required|information|token)|[Rr]equire[sd]? authentication|[Ll]ogin failed|[Nn]ot logged in|[Uu]sername and password|Permission denied \(publickey|denied: denied|[Ff]ailed to authenticate|GitHub secrets?\b/u,
    sample: 'HttpError: Requires authentication - https://api.example/rest',
  },
  {
    layer: 'secrets',
    confidence: 0.7,
    pattern: new RegExp(
      String.raw`\b${SECRET}\b.{0,60}\b(?:missing|not (?:found|set|valid|supplied|provided|defined)|required|invalid|expired|empty|undefined|incorrect|blank|does not have)|\b(?:[Mm]issing|[Nn]o|[Ii]nvalid|[Ee]xpired|[Pp]rovide|[Ss]et|KeyError:) (?:\S+ ){0,3}['"]?${SECRET}\b`,
      'iu',
    ),
    sample: 'Error: No valid credential sources found',
  },
  {
    layer: 'secrets',
    confidence: 0.6,
    pattern:
      /\b403\b|\bForbidden\b|\bAccess ?[Dd]enied\b|[Nn]ot authorized|[Pp]ermission to \S+ denied|\bpermission_denied\b|not have (?:the )?(?:required )?permissions?\b/u,
    sample: 'the remote server responded with an error (status 403): not yours',
  },
  {
    layer: 'resources',
    confidence: 0.7,
    pattern:
      /[Nn]o space left|\b[Qq]uota\b|[Oo]ut of memory|OutOfMemory|[Cc]annot allocate memory|\bENOSPC\b|\bOOM\b|heap limit/u,
    sample: 'Failed to create it: storage quota has been hit.',
  },
  {
    layer: 'timeout',
    confidence: 0.65,
    pattern:
      /[Tt]imed? ?-?out after \d|[Tt]ime limit|exceeded the maximum execution|[Tt]ime(?:d )?out waiting for|\bexceeded (?:the )?timeout/u,
    sample: 'error: timed out waiting for the condition',
  },
  {
    layer: 'registry',
    confidence: 0.7,
    pattern:
      /\b50[0234]\b.{0,3}(?:Service|Bad|Gateway|Internal)|Service Unavailable|Bad Gateway|Gateway Time-?out|(?:status(?: code)?|got|returned|HTTP)[: ]+50[0234]\b|_50[0234]\b|(?:HTTP )?50[234] from server|blob upload unknown|unexpected status from \w+ request/u,
    sample: 'Error: Failed to read logs: 502 Bad Gateway',
  },
  {
    layer: 'network',
    confidence: 0.7,
    pattern:
      /[Cc]onnection (?:timed out|reset|aborted|was closed|closed by)|\b(?:i\/o|[Rr]ead|[Oo]peration|[Rr]equest|TLS handshake|[Cc]onnect)\w* time(?:d )?-?out|Read timed out|[Tt]imeout was reached|Could not resolve host|Name or service not known|no such host|\bgetaddrinfo\b|[Nn]etwork is unreachable|network error|transfer closed|unexpected disconnect|\bECONNRESET\b|\bETIMEDOUT\b|\bEAI_AGAIN\b|socket hang up|CERTIFICATE_VERIFY_FAILED|certificate has expired|Client\.Timeout/u,
    sample: 'error: [28] Timeout was reached (Operation too slow)',
  },
  {
    layer: 'dependency',
    confidence: 0.7,
    pattern:
      /\b[Ll]ock ?file\b|\b[\w-]+\.lock\b|version solving failed|[Uu]nsatisfiable|[Uu]nmet|[Cc]onflicting (?:dependenc|requirement)|(?:[Cc]ould|[Cc]an) ?not (?:resolve|find|satisfy|locate) (?:all |any |a |the )?(?:\w+ )?(?:dependenc|artifact|package|version|module|librar|gem|crate|plugin|requirement)|[Nn]o (?:matching )?(?:version|package|distribution|candidate|wheel)s?\b|Unable to find package|[Cc]annot find (?:module|package)|No module named|is not installed|[Ii]ncompatible with|\b404\b|dead links?|\b(?:hash|checksum|integrity) (?:mismatch|check failed)/u,
    sample: 'Because x depends on http which requires an SDK, version solving failed.',
  },
  {
    layer: 'dependency',
    confidence: 0.65,
    pattern:
      /\brequires? (?:a |an |at least )?(?:\w+ ){0,3}(?:version )?(?:[<>=^~]=? ?\d|\d[\w.]* or (?:newer|later|higher))|is required to build|[Cc]ould not find (?:directory of )?\w+ installation|links to the native library|native extension|not (?:supported|compatible) .{0,20}version/u,
    sample: 'Could not find directory of OpenSSL installation',
  },
  {
    layer: 'configuration',
    confidence: 0.6,
    pattern:
      /command not found|Unable to locate executable|[Uu]n(?:known|recogni[sz]ed) (?:option|flag|command|argument|key|input|property)|[Ii]nvalid (?:\w+ )?(?:option|argument|flag|value|format|path|directory|reference|input|choice|config|workflow|tag|version)\b|is not supported by|not in the allowed range|[Mm]issing required|[Ii]nput required|[Rr]equired (?:input|property|argument|option|variable)|must be (?:set|specified|provided|one of)|Unsupported block|You have unstaged changes|commit or stash|file command|\bconfig(?:uration)? (?:file|error)\b|(?:[Ee]nsure|verify) (?:that )?.{0,60}(?:enabled|exists|configured|checked out)|without `?\w+`? permission|[Ii]llegal option|already[_ ]exists\b|SDK (?:location |was )?not found|to run\. You are (?:currently )?using|[Uu]nable to find a (?:device|destination|simulator|build program)|\bCMAKE_\w+ (?:is )?not set/u,
    sample: 'Invalid format \'  "docs/a.md"\'',
  },
  {
    layer: 'configuration',
    confidence: 0.55,
    pattern:
      /No such file or directory|\bEACCES\b|[Pp]ermission denied|[Oo]peration not permitted|Specify a |lock file is not found|is (?:currently )?not enabled/u,
    sample: 'Specify a project or solution file. The working directory does not contain one.',
  },
];

/** A server on the own machine is the test's own. */
const OWN_MACHINE = /\b(?:localhost|127\.0\.0\.1|0\.0\.0\.0)\b|\[?::1\]?/u;

export function layerByWords(line: string): { readonly layer: Layer; readonly confidence: number } | undefined {
  const found = WORDS.find(({ pattern }) => pattern.test(line));
  if (found === undefined) return undefined;
  if (found.layer === 'network' && OWN_MACHINE.test(line)) return { layer: 'test', confidence: 0.6 };
  return { layer: found.layer, confidence: found.confidence };
}
