import { setFlagsFromString } from 'node:v8';

/**
 * For commands that read, work something out once, and end. V8 takes a function for a hot one after 400 calls and compiles
 * it on another thread; over a large workflow that is a third of the whole CPU time, and the command has ended before it
 * pays. What is called ten times as often, as for a workflow much larger still, is compiled all the same.
 */
export function expectShortLife(): void {
  setFlagsFromString('--invocation-count-for-maglev=4000');
}
