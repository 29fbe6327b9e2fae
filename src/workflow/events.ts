// GitHub's events: which activity types and filters each has.

export interface EventRules {
  /** Absent: the event has none. Empty: any name is one (`repository_dispatch`). */
  readonly types?: readonly string[];
  readonly filters?: readonly string[];
}

const EDITS = ['created', 'edited', 'deleted'] as const;
const BRANCHES = ['branches', 'branches-ignore'] as const;
const PATHS = ['paths', 'paths-ignore'] as const;
const PULL_REQUEST = {
  types: [
    'assigned',
    'unassigned',
    'labeled',
    'unlabeled',
    'opened',
    'edited',
    'closed',
    'reopened',
    'synchronize',
    'converted_to_draft',
    'locked',
    'unlocked',
    'enqueued',
    'dequeued',
    'milestoned',
    'demilestoned',
    'ready_for_review',
    'review_requested',
    'review_request_removed',
    'auto_merge_enabled',
    'auto_merge_disabled',
    'stacked',
  ],
  filters: [...BRANCHES, ...PATHS],
} as const satisfies EventRules;

const RULES = {
  branch_protection_rule: { types: EDITS },
  check_run: { types: ['created', 'rerequested', 'completed', 'requested_action'] },
  check_suite: { types: ['completed'] },
  create: {},
  delete: {},
  deployment: {},
  deployment_status: {},
  discussion: {
    types: [
      ...EDITS,
      'transferred',
      'pinned',
      'unpinned',
      'labeled',
      'unlabeled',
      'locked',
      'unlocked',
      'category_changed',
      'answered',
      'unanswered',
    ],
  },
  discussion_comment: { types: EDITS },
  fork: {},
  gollum: {},
  image_version: { types: ['created', 'ready', 'deleted'], filters: ['names', 'versions'] },
  issue_comment: { types: EDITS },
  issues: {
    types: [
      'opened',
      'edited',
      'deleted',
      'transferred',
      'pinned',
      'unpinned',
      'closed',
      'reopened',
      'assigned',
      'unassigned',
      'labeled',
      'unlabeled',
      'locked',
      'unlocked',
      'milestoned',
      'demilestoned',
      'field_added',
      'field_removed',
      'typed',
      'untyped',
    ],
  },
  label: { types: EDITS },
  merge_group: { types: ['checks_requested'], filters: BRANCHES },
  milestone: { types: ['created', 'closed', 'opened', 'edited', 'deleted'] },
  page_build: {},
  project: { types: ['created', 'closed', 'reopened', 'edited', 'deleted'] },
  project_card: { types: ['created', 'moved', 'converted', 'edited', 'deleted'] },
  project_column: { types: ['created', 'updated', 'moved', 'deleted'] },
  public: {},
  pull_request: PULL_REQUEST,
  pull_request_comment: { types: EDITS },
  pull_request_review: { types: ['submitted', 'edited', 'dismissed'] },
  pull_request_review_comment: { types: EDITS },
  pull_request_target: PULL_REQUEST,
  push: { filters: [...BRANCHES, 'tags', 'tags-ignore', ...PATHS] },
  registry_package: { types: ['published', 'updated'] },
  release: { types: ['published', 'unpublished', 'created', 'edited', 'deleted', 'prereleased', 'released'] },
  repository_dispatch: { types: [] },
  schedule: {},
  status: {},
  watch: { types: ['started'] },
  workflow_call: {},
  workflow_dispatch: {},
  workflow_run: { types: ['completed', 'requested', 'in_progress'], filters: ['workflows', ...BRANCHES] },
} as const satisfies Readonly<Record<string, EventRules>>;

export type EventTable = typeof RULES;

export const EVENTS: Readonly<Record<string, EventRules>> = RULES;
