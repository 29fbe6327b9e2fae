// One example at least for every code, and the whole text that its author sees.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODES } from './codes.ts';
import { readWorkflow } from './read-workflow.ts';
import { renderDiagnostic } from './render-diagnostic.ts';

interface Example {
  readonly code: keyof typeof CODES;
  readonly file?: string;
  readonly text: string;
  readonly shown: string;
}

const actions = ['actions/checkout', 'actions/setup-python'];

const examples: readonly Example[] = [
  {
    code: 'WF001',
    text: `a: ${'x'.repeat(1_048_576)}`,
    shown: dedent`
      WF001 gantry.yml:1:1 the file has 1048579 characters; 1048576 is the limit
         1 | a: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
           | ~
        cure: split the pipeline, or move long scripts into files of their own
    `,
  },
  {
    code: 'WF002',
    text: 'on: push\njobs: \uFFFD\n',
    shown: dedent`
      WF002 gantry.yml:2:7 the file is not UTF-8: a character here could not be read
         2 | jobs: �
           |       ~
        cure: save the file as UTF-8 text, without control characters
    `,
  },
  {
    code: 'WF002',
    text: 'on: push\njobs: \u0000\n',
    shown: dedent`
      WF002 gantry.yml:2:7 the file is not text: it holds the control character U+0000
         2 | jobs: �
           |       ~
        cure: save the file as UTF-8 text, without control characters
    `,
  },
  {
    code: 'WF003',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: echo: hello
    `,
    shown: dedent`
      WF003 gantry.yml:6:14 the value holds a ": ", which begins a mapping
         6 |       - run: echo: hello
           |              ~
        cure: put the value in quotes
    `,
  },
  {
    code: 'WF003',
    text: dedent`
      on: [push
      jobs:
        build: {}
    `,
    shown: dedent`
      WF003 gantry.yml:2:1 flow sequence in block collection must be sufficiently indented and end with a ]
         2 | jobs:
           | ~
        cure: line up the keys of one mapping, and close every bracket
    `,
  },
  {
    code: 'WF004',
    text: dedent`
      on: push
      jobs:
      	build:
      		runs-on: ubuntu-latest
    `,
    shown: dedent`
      WF004 gantry.yml:3:1 a tab is used to indent, here and in 1 more line
         3 |     build:
           | ~~~~
        cure: indent with spaces; YAML does not take tabs
    `,
  },
  {
    code: 'WF005',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: make
              run: make test
    `,
    shown: dedent`
      WF005 gantry.yml:7:9 the key "run" already stands in line 6 of this mapping
         7 |         run: make test
           |         ~~~
        cure: keep one of the two
    `,
  },
  {
    code: 'WF005',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          env:
            Path: a
            PATH: b
          steps:
            - run: make
    `,
    shown: dedent`
      WF005 gantry.yml:7:7 the key "PATH" already stands in line 6 of this mapping, there as "Path"; case makes no difference
         7 |       PATH: b
           |       ~~~~
        cure: keep one of the two
    `,
  },
  {
    code: 'WF006',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: make
      ---
      on: push
    `,
    shown: dedent`
      WF006 gantry.yml:7:1 a second YAML document begins here; a pipeline is one document
         7 | ---
           | ~~~
        cure: keep one document: remove what follows the "---"
    `,
  },
  {
    code: 'WF007',
    text: dedent`
      # nothing yet
    `,
    shown: dedent`
      WF007 gantry.yml:1:1 the file is empty
         1 | # nothing yet
           | ~
        cure: write at least "on:" and "jobs:"
    `,
  },
  {
    code: 'WF008',
    text: `on: ${'['.repeat(10_000)}`,
    shown: dedent`
      WF008 gantry.yml:1:104 the YAML is nested deeper than 100 levels
         1 | …[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[…
           |                                ~
        cure: flatten the structure
    `,
  },
  {
    code: 'WF010',
    text: dedent`
      - run: make
    `,
    shown: dedent`
      WF010 gantry.yml:1:1 the file is a list; a pipeline is a mapping
         1 | - run: make
           | ~~~~~~~~~~~
        cure: begin with keys such as "on:" and "jobs:"
    `,
  },
  {
    code: 'WF011',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: make
              timeout-minute: 5
    `,
    shown: dedent`
      WF011 gantry.yml:7:9 a step has no key "timeout-minute". Did you mean "timeout-minutes"?
         7 |         timeout-minute: 5
           |         ~~~~~~~~~~~~~~
        cure: correct or remove the key
    `,
  },
  {
    code: 'WF011',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: make
              with: { a: b }
    `,
    shown: dedent`
      WF011 gantry.yml:7:9 a step that runs a script has no key "with"
         7 |         with: { a: b }
           |         ~~~~
        cure: correct or remove the key
    `,
  },
  {
    code: 'WF012',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: make
              timeout-minutes: '5'
    `,
    shown: dedent`
      WF012 gantry.yml:7:26 "timeout-minutes" must be a number, not the text "5"
         7 |         timeout-minutes: '5'
           |                          ~~~
        cure: remove the quotes
    `,
  },
  {
    code: 'WF012',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          env: [A=1]
          steps:
            - run: make
    `,
    shown: dedent`
      WF012 gantry.yml:5:10 "env" must be a mapping, not a list
         5 |     env: [A=1]
           |          ~~~~~
        cure: give the kind of value that is named
    `,
  },
  {
    code: 'WF013',
    text: dedent`
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: make
    `,
    shown: dedent`
      WF013 gantry.yml:1:1 the workflow needs the key "on"
         1 | jobs:
           | ~
        cure: add the key
    `,
  },
  {
    code: 'WF014',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: make
        test:
          needs: biuld
          runs-on: ubuntu-latest
          steps:
            - run: make test
    `,
    shown: dedent`
      WF014 gantry.yml:8:12 job "test" needs "biuld", which does not exist. Did you mean "build"?
         8 |     needs: biuld
           |            ~~~~~
        cure: name a job of this workflow, or remove the entry
    `,
  },
  {
    code: 'WF015',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          needs: build
          steps:
            - run: make
    `,
    shown: dedent`
      WF015 gantry.yml:5:12 job "build" needs itself
         5 |     needs: build
           |            ~~~~~
        cure: remove the job from its own "needs:"
    `,
  },
  {
    code: 'WF016',
    text: dedent`
      on: push
      jobs:
        a: { needs: c, runs-on: x, steps: [{ run: make }] }
        b: { needs: a, runs-on: x, steps: [{ run: make }] }
        c: { needs: b, runs-on: x, steps: [{ run: make }] }
    `,
    shown: dedent`
      WF016 gantry.yml:3:15 jobs need each other in a circle: a → c → b → a
         3 |   a: { needs: c, runs-on: x, steps: [{ run: make }] }
           |               ~
        cure: remove one "needs:" of the circle
    `,
  },
  {
    code: 'WF017',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - id: 1st
              run: make
    `,
    shown: dedent`
      WF017 gantry.yml:6:13 "1st" cannot be the id of a step
         6 |       - id: 1st
           |             ~~~
        cure: begin with a letter or "_", and go on with letters, digits, "-" and "_"
    `,
  },
  {
    code: 'WF018',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - id: one
              run: make
            - id: One
              run: make
    `,
    shown: dedent`
      WF018 gantry.yml:8:9 the step id "One" is already used in line 6
         8 |       - id: One
           |         ~~~~~~~
        cure: give one of the steps another id
    `,
  },
  {
    code: 'WF019',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          accept: degradet
          steps:
            - run: make
    `,
    shown: dedent`
      WF019 gantry.yml:5:13 "accept" cannot be "degradet". Did you mean "degraded"?
         5 |     accept: degradet
           |             ~~~~~~~~
        cure: use one of passed, degraded
    `,
  },
  {
    code: 'WF020',
    text: dedent`
      on: push
      jobs: {}
    `,
    shown: dedent`
      WF020 gantry.yml:2:7 the workflow has no jobs
         2 | jobs: {}
           |       ~~
        cure: add at least one job under "jobs:"
    `,
  },
  {
    code: 'WF021',
    text: dedent`
      on: push
      jobs:
        build:
          steps:
            - run: make
    `,
    shown: dedent`
      WF021 gantry.yml:3:3 job "build" does not say where it runs
         3 |   build:
           |   ~~~~~
        cure: add "runs-on:", for example "runs-on: ubuntu-latest"
    `,
  },
  {
    code: 'WF022',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - name: Checkout
    `,
    shown: dedent`
      WF022 gantry.yml:6:9 the step has neither "run" nor "uses"
         6 |       - name: Checkout
           |         ~~~~~~~~~~~~~~
        cure: add "run:" with a script, or "uses:" with an action
    `,
  },
  {
    code: 'WF022',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - uses: actions/checkout@v4
              run: make
    `,
    shown: dedent`
      WF022 gantry.yml:6:9 the step has both "run" and "uses"
         6 |       - uses: actions/checkout@v4
           |         ~~~~
        cure: keep one of the two, and make two steps if both are meant
    `,
  },
  {
    code: 'WF023',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - uses: actions/checkout
    `,
    shown: dedent`
      WF023 gantry.yml:6:15 "actions/checkout" does not say which version
         6 |       - uses: actions/checkout
           |               ~~~~~~~~~~~~~~~~
        cure: write for example "actions/checkout@v1"
    `,
  },
  {
    code: 'WF023',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - uses: checkout@v4
    `,
    shown: dedent`
      WF023 gantry.yml:6:15 "checkout@v4" does not name an action
         6 |       - uses: checkout@v4
           |               ~~~~~~~~~~~
        cure: write "owner/repository@version", for example "actions/checkout@v4"
    `,
  },
  {
    code: 'WF024',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: make
              shell: bahs
    `,
    shown: dedent`
      WF024 gantry.yml:7:16 there is no shell "bahs". Did you mean "bash"?
         7 |         shell: bahs
           |                ~~~~
        cure: use bash, sh, python, pwsh, powershell or cmd, or a command with {0} where the script file goes
    `,
  },
  {
    code: 'WF025',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: make
              retry: { attempts: 50 }
    `,
    shown: dedent`
      WF025 gantry.yml:7:28 "attempts" must be a whole number from 1 to 20, not 50
         7 |         retry: { attempts: 50 }
           |                            ~~
        cure: use a number within the range
    `,
  },
  {
    code: 'WF026',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          env: { MY VAR: 1 }
          steps:
            - run: make
    `,
    shown: dedent`
      WF026 gantry.yml:5:12 "MY VAR" is not a name for a variable
         5 |     env: { MY VAR: 1 }
           |            ~~~~~~
        cure: use letters, digits and "_"
    `,
  },
  {
    code: 'WF027',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps: []
    `,
    shown: dedent`
      WF027 gantry.yml:5:12 job "build" has no steps
         5 |     steps: []
           |            ~~
        cure: add "steps:" with at least one step
    `,
  },
  {
    code: 'WF028',
    text: dedent`
      on: push
      jobs:
        call:
          uses: ./other.yml
    `,
    shown: dedent`
      WF028 gantry.yml:4:11 "./other.yml" does not name a workflow
         4 |     uses: ./other.yml
           |           ~~~~~~~~~~~
        cure: write "./.github/workflows/name.yml", or "owner/repository/.github/workflows/name.yml@version"
    `,
  },
  {
    code: 'WF029',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - id: server
              run: make serve
              background: true
            - wait: servr
    `,
    shown: dedent`
      WF029 gantry.yml:9:15 "wait" has nothing to work on: no step before this one runs in the background under the id "servr". Did you mean "server"?
         9 |       - wait: servr
           |               ~~~~~
        cure: name the id of an earlier step that has "background: true"
    `,
  },
  {
    code: 'WF030',
    text: dedent`
      on: [push, pull-request]
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: make
    `,
    shown: dedent`
      WF030 gantry.yml:1:12 there is no event "pull-request". Did you mean "pull_request"?
         1 | on: [push, pull-request]
           |            ~~~~~~~~~~~~
        cure: use an event that GitHub defines
    `,
  },
  {
    code: 'WF031',
    text: dedent`
      on:
        pull_request:
          tags: [v1]
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: make
    `,
    shown: dedent`
      WF031 gantry.yml:3:5 "pull_request" has no filter "tags"; it takes types, branches, branches-ignore, paths, paths-ignore
         3 |     tags: [v1]
           |     ~~~~
        cure: remove the filter
    `,
  },
  {
    code: 'WF032',
    text: dedent`
      on:
        push:
          branches: [main]
          branches-ignore: [dev]
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: make
    `,
    shown: dedent`
      WF032 gantry.yml:4:5 "push" has both "branches" and "branches-ignore"
         4 |     branches-ignore: [dev]
           |     ~~~~~~~~~~~~~~~
        cure: keep one of the two; "!" in front of a pattern takes out
    `,
  },
  {
    code: 'WF033',
    text: dedent`
      on:
        push:
          branches: ['!dev']
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: make
    `,
    shown: dedent`
      WF033 gantry.yml:3:5 every pattern of "branches" begins with "!", so nothing gets through
         3 |     branches: ['!dev']
           |     ~~~~~~~~
        cure: put a pattern without "!" first, or use "branches-ignore"
    `,
  },
  {
    code: 'WF034',
    text: dedent`
      on:
        pull_request:
          types: [open]
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: make
    `,
    shown: dedent`
      WF034 gantry.yml:3:13 a type of "pull_request" cannot be "open"
         3 |     types: [open]
           |             ~~~~
        cure: use one of assigned, unassigned, labeled, unlabeled, opened, edited, closed, reopened, synchronize, converted_to_draft, locked, unlocked, enqueued, dequeued, milestoned, demilestoned, ready_for_review, review_requested, review_request_removed, auto_merge_enabled, auto_merge_disabled, stacked
    `,
  },
  {
    code: 'WF035',
    text: dedent`
      on:
        schedule:
          - cron: '0 25 * * *'
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: make
    `,
    shown: dedent`
      WF035 gantry.yml:3:13 "0 25 * * *" is not a schedule: "25" cannot be the hour (0 to 23)
         3 |     - cron: '0 25 * * *'
           |             ~~~~~~~~~~~~
        cure: write five fields: minute, hour, day, month, weekday; for example "30 5 * * 1-5"
    `,
  },
  {
    code: 'WF036',
    text: dedent`
      on:
        workflow_dispatch:
          inputs:
            level: { type: choice, options: [info, debug], default: loud }
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: make
    `,
    shown: dedent`
      WF036 gantry.yml:4:63 the default of input "level" must be one of info, debug, not the text "loud"
         4 |       level: { type: choice, options: [info, debug], default: loud }
           |                                                               ~~~~
        cure: correct the input
    `,
  },
  {
    code: 'WF040',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - if: github.ref = 'main'
              run: make
    `,
    shown: dedent`
      WF040 gantry.yml:6:24 "=" is not understood; "==" compares
         6 |       - if: github.ref = 'main'
           |                        ~
        cure: mend the expression
    `,
  },
  {
    code: 'WF040',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: |
                make
                  test \${{ github.ref == }}
    `,
    shown: dedent`
      WF040 gantry.yml:8:34 the expression ends too early
         8 |             test \${{ github.ref == }}
           |                                  ~
        cure: mend the expression
    `,
  },
  {
    code: 'WF041',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: echo \${{ gihub.ref }}
    `,
    shown: dedent`
      WF041 gantry.yml:6:23 there is no context "gihub". Did you mean "github"?
         6 |       - run: echo \${{ gihub.ref }}
           |                       ~~~~~
        cure: use a context that GitHub defines
    `,
  },
  {
    code: 'WF042',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          if: env.DEPLOY == 'yes'
          steps:
            - run: make
    `,
    shown: dedent`
      WF042 gantry.yml:5:9 the context "env" is not available in the "if" of a job; available here: github, inputs, vars, needs
         5 |     if: env.DEPLOY == 'yes'
           |         ~~~
        cure: use what is available here, or move the expression
    `,
  },
  {
    code: 'WF043',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - if: sucess()
              run: make
    `,
    shown: dedent`
      WF043 gantry.yml:6:13 there is no function "sucess". Did you mean "success"?
         6 |       - if: sucess()
           |             ~~~~~~
        cure: use a function that GitHub defines
    `,
  },
  {
    code: 'WF044',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: echo \${{ always() }}
    `,
    shown: dedent`
      WF044 gantry.yml:6:23 the function "always" is not available in a step
         6 |       - run: echo \${{ always() }}
           |                       ~~~~~~
        cure: use what is available here, or move the expression
    `,
  },
  {
    code: 'WF045',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - if: always(1)
              run: make
    `,
    shown: dedent`
      WF045 gantry.yml:6:13 "always" takes no arguments in the "if" of a step, not 1
         6 |       - if: always(1)
           |             ~~~~~~
        cure: give the arguments it takes
    `,
  },
  {
    code: 'WF046',
    text: dedent`
      name: \${{ github.ref }}
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: make
    `,
    shown: dedent`
      WF046 gantry.yml:1:7 "name" cannot hold an expression
         1 | name: \${{ github.ref }}
           |       ~~~~~~~~~~~~~~~~~
        cure: write the value itself
    `,
  },
  {
    code: 'WF047',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - if: \${{ github.ref_name }} == 'main'
              run: make
    `,
    shown: dedent`
      WF047 gantry.yml:6:13 warning: this condition is always true: the text beside "\${{ }}" makes it a text that is not empty
         6 |       - if: \${{ github.ref_name }} == 'main'
           |             ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
        cure: put the whole condition inside one "\${{ }}", or leave the braces away
    `,
  },
  {
    code: 'WF050',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - id: version
              run: make
            - run: echo \${{ steps.verison.outputs.tag }}
    `,
    shown: dedent`
      WF050 gantry.yml:8:29 job "build" has no step with the id "verison". Did you mean "version"?
         8 |       - run: echo \${{ steps.verison.outputs.tag }}
           |                             ~~~~~~~
        cure: give the step that is meant this id
    `,
  },
  {
    code: 'WF051',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: echo \${{ steps.version.outputs.tag }}
            - id: version
              run: make
    `,
    shown: dedent`
      WF051 gantry.yml:6:29 warning: "version" is a later step, which has given nothing yet
         6 |       - run: echo \${{ steps.version.outputs.tag }}
           |                             ~~~~~~~
        cure: move the step that is read before this one
    `,
  },
  {
    code: 'WF052',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: make
        deploy:
          runs-on: ubuntu-latest
          steps:
            - run: echo \${{ needs.build.result }}
    `,
    shown: dedent`
      WF052 gantry.yml:10:29 job "deploy" does not need "build"
        10 |       - run: echo \${{ needs.build.result }}
           |                             ~~~~~
        cure: add the job to "needs:"
    `,
  },
  {
    code: 'WF053',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          strategy:
            matrix:
              python: ['3.12', '3.13']
          steps:
            - run: echo \${{ matrix.pyhton }}
    `,
    shown: dedent`
      WF053 gantry.yml:9:30 warning: "pyhton" is not among the matrix of job "build", so it is empty. Did you mean "python"?
         9 |       - run: echo \${{ matrix.pyhton }}
           |                              ~~~~~~
        cure: add it to the matrix, or correct the name
    `,
  },
  {
    code: 'WF054',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: echo \${{ inputs.level }}
    `,
    shown: dedent`
      WF054 gantry.yml:6:30 warning: "level" is not among the inputs of this workflow, so it is empty
         6 |       - run: echo \${{ inputs.level }}
           |                              ~~~~~
        cure: declare it under "on.workflow_dispatch.inputs", or correct the name
    `,
  },
  {
    code: 'WF055',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - id: version
              run: make
            - run: echo \${{ steps.version.output.tag }}
    `,
    shown: dedent`
      WF055 gantry.yml:8:37 warning: "steps.version" has no field "output". Did you mean "outputs"?
         8 |       - run: echo \${{ steps.version.output.tag }}
           |                                     ~~~~~~
        cure: correct the name
    `,
  },
  {
    code: 'WF056',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          outputs: { version: x }
          steps:
            - run: make
        test:
          needs: build
          runs-on: ubuntu-latest
          steps:
            - run: echo \${{ needs.build.outputs.verson }}
    `,
    shown: dedent`
      WF056 gantry.yml:12:43 warning: job "build" has no output "verson", so this is empty. Did you mean "version"?
        12 |       - run: echo \${{ needs.build.outputs.verson }}
           |                                           ~~~~~~
        cure: add it to the "outputs" of the job, or correct the name
    `,
  },
  {
    code: 'WF060',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          strategy:
            matrix:
              os: linux
          steps:
            - run: make
    `,
    shown: dedent`
      WF060 gantry.yml:7:13 "os" of the matrix must be a list, not a single value
         7 |         os: linux
           |             ~~~~~
        cure: write lists of values, and "include" or "exclude" as lists of mappings
    `,
  },
  {
    code: 'WF061',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          strategy:
            matrix:
              os: []
          steps:
            - run: make
    `,
    shown: dedent`
      WF061 gantry.yml:7:9 "os" of the matrix is an empty list
         7 |         os: []
           |         ~~~~~~
        cure: change the lists, "include" or "exclude"
    `,
  },
  {
    code: 'WF070',
    file: '.github/workflows/ci.yml',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: make
              retry: 3
    `,
    shown: dedent`
      WF070 .github/workflows/ci.yml:7:9 "retry" is a key of Gantry, and this file is read by GitHub too
         7 |         retry: 3
           |         ~~~~~
        cure: move the pipeline to gantry.yml: GitHub would reject this key
    `,
  },
  {
    code: 'WF071',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: make
              retry: { delay: soon }
    `,
    shown: dedent`
      WF071 gantry.yml:7:25 "soon" is not a delay
         7 |         retry: { delay: soon }
           |                         ~~~~
        cure: write a duration such as 500ms, 2s or 1m
    `,
  },
  {
    code: 'WF072',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: make
              fallback:
                - run: make basic
    `,
    shown: dedent`
      WF072 gantry.yml:8:13 the fallback does not say what is lost by taking it
         8 |           - run: make basic
           |             ~~~~~~~~~~~~~~~
        cure: add "loss:" with what is given up by taking this way
    `,
  },
  {
    code: 'WF073',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: make
              fallback:
                - loss: the charts
                  id: basic
                  run: make basic
    `,
    shown: dedent`
      WF073 gantry.yml:9:13 a fallback cannot have "id": its outputs are those of the step it stands in for
         9 |             id: basic
           |             ~~
        cure: remove the key from the fallback
    `,
  },
  {
    code: 'WF074',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: make
              advisory: { until: 2027-02-30 }
    `,
    shown: dedent`
      WF074 gantry.yml:7:28 "2027-02-30" is not a day
         7 |         advisory: { until: 2027-02-30 }
           |                            ~~~~~~~~~~
        cure: write the date as YYYY-MM-DD
    `,
  },
  {
    code: 'WF075',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: make
              expect: {}
    `,
    shown: dedent`
      WF075 gantry.yml:7:17 "expect" expects nothing
         7 |         expect: {}
           |                 ~~
        cure: name the files or the test report that prove the step worked
    `,
  },
  {
    code: 'WF075',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: make
              expect:
                tests: { min: 1 }
    `,
    shown: dedent`
      WF075 gantry.yml:8:18 "expect.tests" names no report
         8 |           tests: { min: 1 }
           |                  ~~~~~~~~~~
        cure: add "report:" with the path of a JUnit XML file
    `,
  },
  {
    code: 'WF080',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          snapshot: image
          steps:
            - run: make
    `,
    shown: dedent`
      WF080 gantry.yml:5:5 "snapshot" is not honoured yet: no image would be made
         5 |     snapshot: image
           |     ~~~~~~~~
        cure: remove the key, or run this pipeline on GitHub
    `,
  },
  {
    code: 'WF081',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: { group: big, labels: linux }
          steps:
            - run: make
    `,
    shown: dedent`
      WF081 gantry.yml:4:16 warning: "group" is not honoured yet: this machine is in no group of runners, so the labels alone decide
         4 |     runs-on: { group: big, labels: linux }
           |                ~~~~~
        cure: nothing has to be done
    `,
  },
  {
    code: 'WF130',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: make
              produces: [build]
    `,
    shown: dedent`
      WF130 gantry.yml:7:9 "produces" stands without "consumes", so the step could never be restored
         7 |         produces: [build]
           |         ~~~~~~~~
        cure: add "consumes:" with paths, or "consumes: []" if there are none
    `,
  },
  {
    code: 'WF131',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: make
              consumes: ["src", "../other"]
              produces: []
    `,
    shown: dedent`
      WF131 gantry.yml:7:27 "../other" in "consumes" leaves the workspace
         7 |         consumes: ["src", "../other"]
           |                           ~~~~~~~~~~
        cure: write a path that is relative to the workspace and stays in it
    `,
  },
  {
    code: 'WF132',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: make
              consumes: ["!build", "src"]
              produces: []
    `,
    shown: dedent`
      WF132 gantry.yml:7:20 "!build" is the first in "consumes", so there is nothing to take it out of
         7 |         consumes: ["!build", "src"]
           |                    ~~~~~~~~
        cure: put a pattern without "!" before it
    `,
  },
  {
    code: 'WF133',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - uses: docker://alpine:3
              consumes: []
              produces: [out]
    `,
    shown: dedent`
      WF133 gantry.yml:7:9 warning: "docker://alpine:3" always runs: what it does is not all in the workspace
         7 |         consumes: []
           |         ~~~~~~~~
        cure: remove "consumes" and "produces"
    `,
  },
  {
    code: 'WF082',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - uses: actions/chekout@v4
    `,
    shown: dedent`
      WF082 gantry.yml:6:15 warning: "actions/chekout" does not come with Gantry, so it is fetched. Did you mean "actions/checkout"?
         6 |       - uses: actions/chekout@v4
           |               ~~~~~~~~~~~~~~~~~~
        cure: use one of the actions that come with Gantry
    `,
  },
  {
    code: 'WF090',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: *script
    `,
    shown: dedent`
      WF090 gantry.yml:6:14 the alias "*script" has no anchor "&script" that ends before it
         6 |       - run: *script
           |              ~~~~~~~
        cure: set the anchor before the alias
    `,
  },
  {
    code: 'WF091',
    text: anchorBomb(),
    shown: dedent`
      WF091 gantry.yml:6:38 aliases unfold to more than 10000 values from here on
         6 |   d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
           |                                      ~~
        cure: use fewer aliases, and none inside what an anchor repeats
    `,
  },
  {
    code: 'WF092',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          env: &env { A: 1 }
          steps:
            - run: make
              env:
                <<: *env
    `,
    shown: dedent`
      WF092 gantry.yml:9:11 the merge key "<<" is not supported
         9 |           <<: *env
           |           ~~
        cure: write the keys out; GitHub does not take "<<" either
    `,
  },
  {
    code: 'WF093',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: !shell make
    `,
    shown: dedent`
      WF093 gantry.yml:6:14 unresolved tag: !shell
         6 |       - run: !shell make
           |              ~~~~~~
        cure: remove it
    `,
  },
  {
    code: 'WF094',
    text: manyMistakes(),
    shown: dedent`
      WF094 gantry.yml:102:29 400 more diagnostics are not shown
       102 |   job-99: { runs-on: linux, step: [] }
           |                             ~~~~
        cure: mend the ones above first
    `,
  },
  {
    code: 'WF145',
    text: dedent`
      on: push
      concurrency: { group: deploy, cancel-in-progress: true, queue: max }
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: make
    `,
    shown: dedent`
      WF145 gantry.yml:2:64 "queue: max" drops nothing, and "cancel-in-progress: true" cancels what runs: they cannot be used together
         2 | concurrency: { group: deploy, cancel-in-progress: true, queue: max }
           |                                                                ~~~
        cure: keep one of "queue: max" and "cancel-in-progress: true"
    `,
  },
  {
    code: 'WF147',
    text: dedent`
      on:
        schedule:
          - { cron: '30 5 * * *', timezone: Europe/Berln }
      jobs:
        build:
          runs-on: ubuntu-latest
          steps:
            - run: make
    `,
    shown: dedent`
      WF147 gantry.yml:3:39 "Europe/Berln" is not a time zone of the IANA database. Did you mean "Europe/Berlin"?
         3 |     - { cron: '30 5 * * *', timezone: Europe/Berln }
           |                                       ~~~~~~~~~~~~
        cure: name it as the IANA database does, for example "Europe/Berlin" or "UTC"
    `,
  },
  {
    code: 'WF146',
    text: dedent`
      on: push
      concurrency: deploy
      jobs:
        build:
          runs-on: ubuntu-latest
          concurrency: { group: Deploy }
          steps:
            - run: make
    `,
    shown: dedent`
      WF146 gantry.yml:6:27 job "build" waits for the concurrency group "Deploy", which its own workflow holds until the job has ended
         6 |     concurrency: { group: Deploy }
           |                           ~~~~~~
        cure: give the job a group of its own, or leave one of the two away
    `,
  },
  {
    code: 'WF180',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: { group: large/arm }
          steps:
            - run: make
    `,
    shown: dedent`
      WF180 gantry.yml:4:23 "large/arm" is no group of runners
         4 |     runs-on: { group: large/arm }
           |                       ~~~~~~~~~
        cure: write the name alone, or "organization/name" or "enterprise/name"
    `,
  },
  {
    code: 'WF181',
    file: '.github/workflows/build.yml',
    text: dedent`
      on: push
      jobs:
        build:
          runs-on: ubuntu-latest
          snapshot: { image-name: base, version: 1.2 }
          steps:
            - run: make
    `,
    shown: dedent`
      WF181 .github/workflows/build.yml:5:44 "1.2" is no version of an image
         5 |     snapshot: { image-name: base, version: 1.2 }
           |                                            ~~~
        cure: write the major version and ".*", for example "1.*"
    `,
  },
  {
    code: 'WF182',
    text: `on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - name: \${{ github.sha }}${'x'.repeat(21_000)}\n        run: make\n`,
    shown: dedent`
      WF182 gantry.yml:6:15 a text with expressions may have 21000 characters, and this one has 21025
         6 |       - name: \${{ github.sha }}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
           |               ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
        cure: move the script into a file, or hand the values over by "env:"
    `,
  },
];

for (const { code, file = 'gantry.yml', text, shown } of examples) {
  test(`${code}: ${CODES[code].title}: ${shown.split('\n')[0] ?? ''}`, () => {
    const { workflow, diagnostics } = readWorkflow(file, text, { actions });
    const diagnostic = diagnostics.find((each) => each.code === code);
    assert.ok(diagnostic, JSON.stringify(diagnostics));
    assert.equal(`${renderDiagnostic(diagnostic, text).join('\n')}\n`, shown);
    assert.equal(
      workflow === undefined,
      diagnostics.some((each) => each.severity === 'error'),
    );
  });
}

test('every code has an example', () => {
  const shown = new Set<string>(examples.map((example) => example.code));
  assert.deepEqual(
    // What is said of calls, actions, exports and code needs more than the file: check-call.test.ts, test/check-actions.test.ts,
    // export-workflow.test.ts, test/typed.test.ts.
    Object.keys(CODES).filter((code) => !shown.has(code) && !/^WF(1[0167]|183)/.test(code)),
    [],
  );
});

test('codes, titles and cures are written as one sentence each', () => {
  const titles = Object.values(CODES).map((entry) => entry.title);
  assert.equal(new Set(titles).size, titles.length);
  for (const [code, { title, cure }] of Object.entries(CODES)) {
    assert.match(code, /^WF\d{3}$/);
    assert.doesNotMatch(`${title}|${cure}`, /\.$|\n/);
  }
});

function anchorBomb(): string {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const lines = names.map((name, index) => {
    const item = index === 0 ? 'x' : `*${names[index - 1] ?? ''}`;
    return `  ${name}: &${name} [${Array.from({ length: 10 }, () => item).join(', ')}]`;
  });
  return `on: push\nenv:\n${lines.join('\n')}\n`;
}

function manyMistakes(): string {
  const jobs = Array.from({ length: 300 }, (_, index) => `  job-${index}: { runs-on: linux, step: [] }\n`);
  return `on: push\njobs:\n${jobs.join('')}`;
}

/** The text without the indentation of its first line, and without the line breaks next to the backticks. */
function dedent(strings: TemplateStringsArray): string {
  const lines = strings.join('').split('\n').slice(1, -1);
  const indent = /^ */.exec(lines[0] ?? '')?.[0].length ?? 0;
  return lines.map((line) => `${line.slice(indent)}\n`).join('');
}
