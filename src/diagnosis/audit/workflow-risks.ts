// What a workflow trusts, and should not: actions that move, versions that no longer run, text of strangers, wide permissions.
import { scalarText, type YamlNode } from '#workflow/yaml-node.ts';
import { lineInScript, textAt, valueAt, type AuditStep, type AuditWorkflow } from './audit-steps.ts';
import type { Finding } from './finding.ts';
import { finding } from './rules.ts';

export function workflowRisks(workflow: AuditWorkflow): readonly Finding[] {
  const steps = workflow.jobs.flatMap((job) => job.steps);
  return [
    ...steps.flatMap((step) => [
      ...pinFindings(step),
      ...versionFindings(step),
      ...injectionFindings(step),
      ...retiredCommands(step),
    ]),
    ...workflow.jobs.flatMap((job) => retiredMachines(workflow, valueAt(job.node, 'runs-on'))),
    ...permissionFindings(workflow),
  ];
}

function usesLine({ node, line }: AuditStep): number {
  return node.entries.find(({ key }) => key === 'uses')?.keyNode.at.line ?? line;
}

/** Owners whose tags are those of the place the workflow runs on, and of this tool. */
const TRUSTED: readonly string[] = ['actions', 'github', 'gantry'];

function pinFindings(step: AuditStep): readonly Finding[] {
  const [, owner = '', version = ''] = /^([\w.-]+)\/[^@\s]+@(\S+)$/.exec(step.uses ?? '') ?? [];
  if (owner === '' || TRUSTED.includes(owner.toLowerCase()) || /^[0-9a-f]{40}$/.test(version)) return [];
  const line = usesLine(step);
  const message = `${step.uses} is whatever "${version}" points to on the day: who owns the tag can change what runs here`;
  return [
    finding('AU107', { file: step.file, line, endLine: line }, message, {
      fix: `${step.uses?.split('@')[0]}@<commit> # ${version}`,
    }),
  ];
}

/** First major version that still runs, by action. Source: GitHub's changelog (node12, node16 and artifact v3 retired). */
const OLDEST: Readonly<Record<string, { readonly major: number; readonly why: string }>> = {
  'actions/checkout': { major: 4, why: 'it asks for a version of Node.js that runners no longer have' },
  'actions/setup-python': { major: 5, why: 'it asks for a version of Node.js that runners no longer have' },
  'actions/setup-node': { major: 4, why: 'it asks for a version of Node.js that runners no longer have' },
  'actions/setup-go': { major: 5, why: 'it asks for a version of Node.js that runners no longer have' },
  'actions/setup-java': { major: 4, why: 'it asks for a version of Node.js that runners no longer have' },
  'actions/cache': { major: 4, why: 'the service that it speaks to was turned off' },
  'actions/upload-artifact': { major: 4, why: 'the service that it speaks to was turned off' },
  'actions/download-artifact': { major: 4, why: 'the service that it speaks to was turned off' },
  'actions/github-script': { major: 7, why: 'it asks for a version of Node.js that runners no longer have' },
};

function versionFindings(step: AuditStep): readonly Finding[] {
  const [, name = '', major = ''] = /^([\w.-]+\/[\w.-]+)@v(\d+)(?:\.|$)/.exec(step.uses ?? '') ?? [];
  const line = usesLine(step);
  const place = { file: step.file, line, endLine: line };
  if (name === 'actions/create-release' || name === 'actions/upload-release-asset')
    return [finding('AU108', place, `${step.uses} is archived, and nobody mends it`)];
  const known = Object.hasOwn(OLDEST, name) ? OLDEST[name] : undefined;
  if (known === undefined || Number(major) >= known.major) return [];
  return [
    finding('AU108', place, `${step.uses} no longer works as it did: ${known.why}`, { fix: `${name}@v${known.major}` }),
  ];
}

const RETIRED_COMMAND = /::(set-output|save-state|set-env|add-path)(?: name=[^:]*)?::/;
const FILES: Readonly<Record<string, string>> = {
  'set-output': 'GITHUB_OUTPUT',
  'save-state': 'GITHUB_STATE',
  'set-env': 'GITHUB_ENV',
  'add-path': 'GITHUB_PATH',
};

function retiredCommands(step: AuditStep): readonly Finding[] {
  const { run } = step;
  const found = run && RETIRED_COMMAND.exec(scalarText(run));
  if (!run || !found) return [];
  const line = lineInScript(step, run, found.index);
  const [, command = ''] = found;
  return [
    finding('AU108', { file: step.file, line, endLine: line }, `the command \`::${command}\` is retired`, {
      fix: `echo "name=value" >> "$${FILES[command] ?? 'GITHUB_OUTPUT'}"`,
    }),
  ];
}

/** Source: GitHub's list of runner images. */
const RETIRED_MACHINE = /^(ubuntu-(16|18|20)\.04|macos-(10\.15|11|12|13)|windows-(2016|2019))$/;

function retiredMachines({ file }: AuditWorkflow, node: YamlNode | undefined): readonly Finding[] {
  const labels = node?.kind === 'list' ? node.items : node ? [node] : [];
  return labels.flatMap((each) => {
    const label = each.kind === 'scalar' ? scalarText(each) : '';
    if (!RETIRED_MACHINE.test(label)) return [];
    const { line } = each.at;
    return [
      finding(
        'AU108',
        { file, line, endLine: line },
        `GitHub has no machine \`${label}\` any more: the job waits for one and is never run`,
      ),
    ];
  });
}

/** What a stranger writes: titles, bodies, names of branches, messages. Source: GitHub's guide to script injections. */
const STRANGERS =
  /\$\{\{[^}]*?\b(github\.event\.(?:issue|pull_request|discussion)\.(?:title|body)|github\.event\.(?:comment|review|review_comment)\.body|github\.event\.pages[^}]*?\.page_name|github\.event\.commits[^}]*?\.(?:message|author\.(?:email|name))|github\.event\.head_commit\.(?:message|author\.(?:email|name))|github\.event\.pull_request\.head\.(?:ref|label|repo\.default_branch)|github\.head_ref|github\.event\.workflow_run\.head_branch|github\.event\.client_payload[^}\s]*|github\.event\.inputs\.[\w-]+)\b[^}]*\}\}/g;

function injectionFindings(step: AuditStep): readonly Finding[] {
  const inputs = valueAt(step.node, 'with');
  const script =
    inputs?.kind === 'map' && (step.uses ?? '').startsWith('actions/github-script@')
      ? valueAt(inputs, 'script')
      : step.run;
  if (script?.kind !== 'scalar') return [];
  return [...scalarText(script).matchAll(STRANGERS)].map((found) => {
    const [, expression = ''] = found;
    const line = lineInScript(step, script, found.index);
    const message = `\`${expression}\` is pasted into the script: who writes it can run commands here`;
    return finding('AU112', { file: step.file, line, endLine: line }, message, {
      fix: `env: { VALUE: \${{ ${expression} }} }, and "$VALUE" in the script`,
    });
  });
}

function permissionFindings(workflow: AuditWorkflow): readonly Finding[] {
  const nodes = [workflow.root, ...workflow.jobs.map((job) => job.node)];
  return nodes.flatMap((node) => {
    if (textAt(node, 'permissions') !== 'write-all') return [];
    const line = node.entries.find(({ key }) => key === 'permissions')?.keyNode.at.line ?? node.at.line;
    const message =
      '`permissions: write-all` hands every step, and every action in it, the right to change the repository';
    return [
      finding('AU113', { file: workflow.file, line, endLine: line }, message, {
        fix: 'permissions: { contents: read }, and more only where a job needs it',
      }),
    ];
  });
}
