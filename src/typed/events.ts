// GitHub's events, each with its activity types and filters. A test holds them against the table of the reader.

interface Rules<Type extends string, Filter extends string> {
  readonly type: Type;
  readonly filter: Filter;
}

type Edits = 'created' | 'edited' | 'deleted';
type Branches = 'branches' | 'branches-ignore';
type Paths = 'paths' | 'paths-ignore';
type PullRequest = Rules<
  | 'assigned'
  | 'unassigned'
  | 'labeled'
  | 'unlabeled'
  | 'opened'
  | 'edited'
  | 'closed'
  | 'reopened'
  | 'synchronize'
  | 'converted_to_draft'
  | 'locked'
  | 'unlocked'
  | 'enqueued'
  | 'dequeued'
  | 'milestoned'
  | 'demilestoned'
  | 'ready_for_review'
  | 'review_requested'
  | 'review_request_removed'
  | 'auto_merge_enabled'
  | 'auto_merge_disabled'
  | 'stacked',
  Branches | Paths
>;

export interface EventTable {
  branch_protection_rule: Rules<Edits, never>;
  check_run: Rules<'created' | 'rerequested' | 'completed' | 'requested_action', never>;
  check_suite: Rules<'completed', never>;
  create: Rules<never, never>;
  delete: Rules<never, never>;
  deployment: Rules<never, never>;
  deployment_status: Rules<never, never>;
  discussion: Rules<
    | Edits
    | 'transferred'
    | 'pinned'
    | 'unpinned'
    | 'labeled'
    | 'unlabeled'
    | 'locked'
    | 'unlocked'
    | 'category_changed'
    | 'answered'
    | 'unanswered',
    never
  >;
  discussion_comment: Rules<Edits, never>;
  fork: Rules<never, never>;
  gollum: Rules<never, never>;
  image_version: Rules<'created' | 'ready' | 'deleted', 'names' | 'versions'>;
  issue_comment: Rules<Edits, never>;
  issues: Rules<
    | 'opened'
    | 'edited'
    | 'deleted'
    | 'transferred'
    | 'pinned'
    | 'unpinned'
    | 'closed'
    | 'reopened'
    | 'assigned'
    | 'unassigned'
    | 'labeled'
    | 'unlabeled'
    | 'locked'
    | 'unlocked'
    | 'milestoned'
    | 'demilestoned'
    | 'field_added'
    | 'field_removed'
    | 'typed'
    | 'untyped',
    never
  >;
  label: Rules<Edits, never>;
  merge_group: Rules<'checks_requested', Branches>;
  milestone: Rules<'created' | 'closed' | 'opened' | 'edited' | 'deleted', never>;
  page_build: Rules<never, never>;
  project: Rules<'created' | 'closed' | 'reopened' | 'edited' | 'deleted', never>;
  project_card: Rules<'created' | 'moved' | 'converted' | 'edited' | 'deleted', never>;
  project_column: Rules<'created' | 'updated' | 'moved' | 'deleted', never>;
  public: Rules<never, never>;
  pull_request: PullRequest;
  pull_request_comment: Rules<Edits, never>;
  pull_request_review: Rules<'submitted' | 'edited' | 'dismissed', never>;
  pull_request_review_comment: Rules<Edits, never>;
  pull_request_target: PullRequest;
  push: Rules<never, Branches | 'tags' | 'tags-ignore' | Paths>;
  registry_package: Rules<'published' | 'updated', never>;
  release: Rules<'published' | 'unpublished' | Edits | 'prereleased' | 'released', never>;
  repository_dispatch: Rules<string, never>;
  schedule: Rules<never, never>;
  status: Rules<never, never>;
  watch: Rules<'started', never>;
  workflow_call: Rules<never, never>;
  workflow_dispatch: Rules<never, never>;
  workflow_run: Rules<'completed' | 'requested' | 'in_progress', 'workflows' | Branches>;
}

export type EventName = keyof EventTable;
