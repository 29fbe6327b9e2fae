// What GitHub's contexts hold, where that is fixed. A field that is not there is empty on GitHub, so nothing fails for it.

const GITHUB =
  'action action_path action_ref action_repository action_status actor actor_id api_url artifact_cache_size_limit ' +
  'base_ref env event event_name event_path graphql_url head_ref job job_workflow_sha output path ref ref_name ' +
  'ref_protected ref_type repository repository_id repository_owner repository_owner_id repositoryUrl ' +
  'repository_visibility retention_days run_attempt run_id run_number secret_source server_url sha state step_summary ' +
  'token triggering_actor workflow workflow_ref workflow_sha workspace';

const FIELDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['github', GITHUB.split(' ')],
  ['runner', ['name', 'os', 'arch', 'temp', 'tool_cache', 'debug', 'environment', 'workspace']],
  [
    'job',
    [
      'check_run_id',
      'container',
      'services',
      'status',
      'workflow_file_path',
      'workflow_ref',
      'workflow_repository',
      'workflow_sha',
    ],
  ],
  ['strategy', ['fail-fast', 'job-index', 'job-total', 'max-parallel']],
]);

const LOWER_CASE: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  [...FIELDS].map(([context, names]) => [context, new Set(names.map((name) => name.toLowerCase()))]),
);

/** The fields among which one was meant that is not there. Undefined of one that is, and where anything may be. */
export function fieldsWithout(context: string, field: string): readonly string[] | undefined {
  const lower = context.toLowerCase();
  return LOWER_CASE.get(lower)?.has(field.toLowerCase()) === false ? FIELDS.get(lower) : undefined;
}

/** What is often looked for in `github` under another name. */
export const OTHER_NAMES: Readonly<Record<string, string>> = {
  branch: 'ref_name',
  commit: 'sha',
  number: 'event.number',
  pull_request: 'event.pull_request',
  tag: 'ref_name',
  user: 'actor',
};
