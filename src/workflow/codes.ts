// Every diagnostic this layer can make. WF00x reading, WF01x structure, WF02x jobs and steps, WF03x `on:`,
// WF04x expressions, WF05x references, WF06x matrix, WF07x Gantry's own keys, WF08x what is not honoured yet,
// WF09x anchors, tags and limits, WF10x calls of other workflows, WF11x actions, WF13x steps that may be restored, WF16x what an
// exported workflow cannot keep, WF17x typed pipelines. Numbers are never used again for something
// else; gone is WF083, of causes of a retry that could not be told apart.

export interface CodeEntry {
  /** What the code stands for, for the list of errors in the documentation. */
  readonly title: string;
  /** What to do, when the diagnostic itself knows nothing more precise. */
  readonly cure: string;
}

export const CODES = {
  WF001: { title: 'the file is too large', cure: 'split the pipeline, or move long scripts into files of their own' },
  WF002: { title: 'the file is not text in UTF-8', cure: 'save the file as UTF-8 text, without control characters' },
  WF003: { title: 'the YAML is not understood', cure: 'mend the YAML at this place' },
  WF004: { title: 'a tab is used to indent', cure: 'indent with spaces; YAML does not take tabs' },
  WF005: { title: 'a key stands twice in one mapping', cure: 'keep one of the two' },
  WF006: { title: 'the file holds several documents', cure: 'keep one document: remove what follows the "---"' },
  WF007: { title: 'the file is empty', cure: 'write at least "on:" and "jobs:"' },
  WF008: { title: 'the YAML is nested too deeply, or has too many pieces', cure: 'flatten the structure' },
  WF010: { title: 'the file is not a mapping', cure: 'begin with keys such as "on:" and "jobs:"' },
  WF011: { title: 'a key is not known at its place', cure: 'correct or remove the key' },
  WF012: { title: 'a value has the wrong type', cure: 'give the kind of value that is named' },
  WF013: { title: 'a required key is missing', cure: 'add the key' },
  WF014: { title: 'a job needs a job that does not exist', cure: 'name a job of this workflow, or remove the entry' },
  WF015: { title: 'a job needs itself', cure: 'remove the job from its own "needs:"' },
  WF016: { title: 'jobs need each other in a circle', cure: 'remove one "needs:" of the circle' },
  WF017: {
    title: 'a name is not valid',
    cure: 'begin with a letter or "_", and go on with letters, digits, "-" and "_"',
  },
  WF018: { title: 'a step id is used twice in a job', cure: 'give one of the steps another id' },
  WF019: { title: 'a value is not one of those allowed', cure: 'use one of the values that are named' },
  WF020: { title: 'the workflow has no jobs', cure: 'add at least one job under "jobs:"' },
  WF021: { title: 'a job does not say where it runs', cure: 'add "runs-on:", for example "runs-on: ubuntu-latest"' },
  WF022: {
    title: 'a step needs exactly one of "run" and "uses"',
    cure: 'keep one of the two, and make two steps if both are meant',
  },
  WF023: {
    title: 'an action is not named as it must be',
    cure: 'write "owner/repository@version", for example "actions/checkout@v4"',
  },
  WF024: {
    title: 'a shell is not known',
    cure: 'use bash, sh, python, pwsh, powershell or cmd, or a command with {0} where the script file goes',
  },
  WF025: { title: 'a number is out of its range', cure: 'use a number within the range' },
  WF026: { title: 'the name of a variable is not valid', cure: 'use letters, digits and "_"' },
  WF027: { title: 'a job has no steps', cure: 'add "steps:" with at least one step' },
  WF028: {
    title: 'a called workflow is not named as it must be',
    cure: 'write "./.github/workflows/name.yml", or "owner/repository/.github/workflows/name.yml@version"',
  },
  WF029: {
    title: 'there is no background step to wait for or to cancel',
    cure: 'name the id of an earlier step that has "background: true"',
  },
  WF030: { title: 'an event is not known', cure: 'use an event that GitHub defines' },
  WF031: { title: 'a filter does not work with its event', cure: 'remove the filter' },
  WF032: {
    title: 'a filter and its opposite are used together',
    cure: 'keep one of the two; "!" in front of a pattern takes out',
  },
  WF033: { title: 'a filter can let nothing through', cure: 'put a pattern without "!" first' },
  WF034: { title: 'an activity type is not known', cure: 'use a type that the event has' },
  WF035: {
    title: 'a schedule is not valid',
    cure: 'write five fields: minute, hour, day, month, weekday; for example "30 5 * * 1-5"',
  },
  WF036: { title: 'an input of workflow_dispatch is not valid', cure: 'correct the input' },
  WF040: { title: 'an expression is not understood', cure: 'mend the expression' },
  WF041: { title: 'a context does not exist', cure: 'use a context that GitHub defines' },
  WF042: {
    title: 'a context is not available at its place',
    cure: 'use what is available here, or move the expression',
  },
  WF043: { title: 'a function does not exist', cure: 'use a function that GitHub defines' },
  WF044: {
    title: 'a function is not available at its place',
    cure: 'use what is available here, or move the expression',
  },
  WF045: { title: 'a function gets the wrong number of arguments', cure: 'give the arguments it takes' },
  WF046: { title: 'an expression stands where none is allowed', cure: 'write the value itself' },
  WF047: {
    title: 'a condition is always true',
    cure: 'put the whole condition inside one "${{ }}", or leave the braces away',
  },
  WF050: { title: 'an expression reads a step that does not exist', cure: 'give the step that is meant this id' },
  WF051: {
    title: 'an expression reads a step that has not run yet',
    cure: 'move the step that is read before this one',
  },
  WF052: { title: 'an expression reads a job that is not in "needs:"', cure: 'add the job to "needs:"' },
  WF053: {
    title: 'an expression reads a matrix value that is not there',
    cure: 'add it to the matrix, or correct the name',
  },
  WF054: {
    title: 'an expression reads an input that is not there',
    cure: 'declare it under "on.workflow_dispatch.inputs", or correct the name',
  },
  WF055: { title: 'an expression reads a field that its context does not have', cure: 'correct the name' },
  WF056: {
    title: 'an expression reads an output that its job does not have',
    cure: 'add it to the "outputs" of the job, or correct the name',
  },
  WF060: {
    title: 'a matrix does not have the right shape',
    cure: 'write lists of values, and "include" or "exclude" as lists of mappings',
  },
  WF061: { title: 'a matrix makes no jobs, or too many', cure: 'change the lists, "include" or "exclude"' },
  WF070: {
    title: 'a Gantry key stands in a GitHub workflow',
    cure: 'move the pipeline to gantry.yml: GitHub would reject this key',
  },
  WF071: { title: 'a retry is not valid', cure: 'write "retry: 3", or attempts, on and delay' },
  WF072: {
    title: 'a fallback does not say what is lost',
    cure: 'add "loss:" with what is given up by taking this way',
  },
  WF073: { title: 'a fallback holds what only a step may have', cure: 'remove the key from the fallback' },
  WF074: { title: 'a date is not valid', cure: 'write the date as YYYY-MM-DD' },
  WF075: {
    title: 'an expectation proves nothing',
    cure: 'name the files or the test report that prove the step worked',
  },
  WF080: {
    title: 'a key is not honoured yet, and the run would not be what was asked for',
    cure: 'remove the key, or run this pipeline on GitHub',
  },
  WF081: { title: 'a key is not honoured yet; the run is right without it', cure: 'nothing has to be done' },
  WF082: {
    title: 'an action is probably misspelt',
    cure: 'use one of the actions that come with Gantry',
  },
  WF090: { title: 'an alias has no anchor', cure: 'set the anchor before the alias' },
  WF091: { title: 'aliases unfold to too much', cure: 'use fewer aliases, and none inside what an anchor repeats' },
  WF092: { title: 'a merge key is used', cure: 'write the keys out; GitHub does not take "<<" either' },
  WF093: { title: 'a tag or directive is not supported', cure: 'remove it' },
  WF094: { title: 'there are more diagnostics than are shown', cure: 'mend the ones above first' },
  WF100: {
    title: 'a workflow that is called cannot be',
    cure: 'name a workflow that is there and has "on: workflow_call"',
  },
  WF101: { title: 'a called workflow is given an input that it does not have', cure: 'correct or remove the input' },
  WF102: { title: 'a called workflow is not given an input that it needs', cure: 'add the input under "with:"' },
  WF103: {
    title: 'a called workflow is given an input of the wrong type',
    cure: 'give the kind of value that is named',
  },
  WF104: {
    title: 'the secrets of a called workflow are not those it takes',
    cure: 'name under "secrets:" what it declares, or write "secrets: inherit"',
  },
  WF110: {
    title: 'a local action is not there',
    cure: 'correct the path, which begins at the top of the repository, or add the action',
  },
  WF111: { title: 'an action is given an input that it does not have', cure: 'correct or remove the input' },
  WF112: { title: 'an action is not given an input that it needs', cure: 'add the input under "with:"' },
  WF113: {
    title: 'a local action is used before the project is there',
    cure: 'put a step with "uses: actions/checkout@v4" before this one',
  },
  WF130: {
    title: 'a step says what it consumes or what it produces, and not the other',
    cure: 'add the other key, with "[]" if there is nothing',
  },
  WF131: {
    title: 'a step consumes or produces something outside its workspace',
    cure: 'write a path that is relative to the workspace and stays in it',
  },
  WF132: { title: 'a pattern takes out of nothing', cure: 'put a pattern without "!" before it' },
  WF133: { title: 'a step that is never restored says what it consumes', cure: 'remove "consumes" and "produces"' },
  WF160: {
    title: 'a secret cannot be handed over by its name',
    cure: 'name each secret in full, as in "secrets.TOKEN"',
  },
  WF161: {
    title: 'a verdict is asked for that GitHub cannot tell',
    cure: 'leave "accept" away, or put the jobs that are called into this pipeline',
  },
  WF162: { title: 'verdicts are read without naming their jobs', cure: 'write "needs.job.verdict" for each job' },
  WF163: { title: 'an output has a name that is taken', cure: 'give it a name that does not begin with "gantry_"' },
  WF164: {
    title: 'a version is not known before the job runs',
    cure: 'write it out, or take it from the matrix, "vars" or "inputs"',
  },
  WF165: {
    title: 'GitHub cannot bring or take an artifact that becomes known in the job',
    cure: 'name it by text, "matrix", "needs", "vars", "inputs" or "github"',
  },
  WF166: {
    title: 'a job would run where Gantry does not',
    cure: 'run it on Linux or macOS, or without keys of Gantry',
  },
  WF167: { title: 'a release would not outlive its job', cure: 'run the job on a machine of your own ("self-hosted")' },
  WF168: {
    title: 'an action is named by what may change',
    cure: 'name the commit behind "@", with the version as a comment',
  },
  WF105: { title: 'workflows call each other too deeply', cure: 'call fewer workflows, and none from within itself' },
  WF145: {
    title: 'a concurrency group is told to drop nothing, and to cancel what runs',
    cure: 'keep one of "queue: max" and "cancel-in-progress: true"',
  },
  WF147: {
    title: 'a time zone is not known',
    cure: 'name it as the IANA database does, for example "Europe/Berlin" or "UTC"',
  },
  WF146: {
    title: 'a job waits for the concurrency group of its own workflow',
    cure: 'give the job a group of its own, or leave one of the two away',
  },
  WF170: {
    title: 'a typed pipeline is not valid TypeScript',
    cure: 'mend the code at this place; what is not only a type, such as an enum, cannot be used',
  },
  WF171: { title: 'the code of a typed pipeline throws', cure: 'mend the code at this place' },
  WF172: { title: 'a typed pipeline exports nothing', cure: 'write "export default pipeline({ … })"' },
  WF173: { title: 'a typed pipeline holds what is no data', cure: 'give the value itself' },
  WF174: {
    title: 'the code of a typed pipeline does not come to an end',
    cure: 'a pipeline only makes data: take out what waits, loops on or ends the process',
  },
  WF175: { title: 'a typed pipeline wants what it may not have', cure: 'do this in a step' },
  WF176: { title: 'a typed pipeline imports what is not there', cure: 'correct the name, or add the file' },
  WF177: { title: 'a typed pipeline prints something', cure: 'take it out; what should be seen can be a step' },
  WF180: {
    title: 'a group of runners is not named as it must be',
    cure: 'write the name alone, or "organization/name" or "enterprise/name"',
  },
  WF181: { title: 'the version of an image is not valid', cure: 'write the major version and ".*", for example "1.*"' },
  WF182: {
    title: 'a text with expressions is too long',
    cure: 'move the script into a file, or hand the values over by "env:"',
  },
  WF183: {
    title: 'a called workflow asks for more permissions than its caller has',
    cure: 'give the calling job these permissions, or take them from the called workflow',
  },
} as const satisfies Readonly<Record<string, CodeEntry>>;

export type Code = keyof typeof CODES;
