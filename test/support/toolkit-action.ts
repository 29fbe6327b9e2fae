/**
 * An action as actions/github-script is: a script with GitHub's own packages at hand. Tests bundle it, so that it carries
 * its clients as published actions do.
 */
import { runInThisContext } from 'node:vm';
import { DefaultArtifactClient } from '@actions/artifact';
import * as cache from '@actions/cache';
import * as core from '@actions/core';
import { context, getOctokit } from '@actions/github';

const given = { artifact: new DefaultArtifactClient(), cache, core, context, process };

try {
  const github = getOctokit(core.getInput('github-token', { required: true }));
  const all = { ...given, github };
  const text = `async ({ ${Object.keys(all).join(', ')} }) => { ${core.getInput('script', { required: true })} }`;
  const script: unknown = runInThisContext(text);
  if (typeof script !== 'function') throw new Error('the script is none');
  const result: unknown = await Reflect.apply(script, undefined, [all]);
  core.setOutput('result', result ?? '');
} catch (error) {
  core.setFailed(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
