/**
 * The output under which an exported job publishes its verdict. With `_<verdict>` behind it, it holds the same for the jobs of
 * a matrix: on GitHub their outputs overwrite each other, and none of these is ever emptied.
 */
export const VERDICT_OUTPUT = 'gantry_verdict';

/** Verdicts that a job may publish, the worst first. */
export const PUBLISHED_VERDICTS: readonly string[] = ['failed', 'unknown', 'degraded', 'passed'];
