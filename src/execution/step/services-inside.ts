import type { StepOutput, StepRun } from './step-run.ts';

/** Of the environment of an action in a container. Where there can be none, the log says why: its clients say less. */
export async function servicesInside(
  { services, containers, stepTry }: StepRun,
  output: StepOutput,
): Promise<Readonly<Record<string, string>>> {
  const found = await services.variablesInside(containers.network, stepTry);
  if (found.ok) return found.value;
  output.write('engine', Buffer.from(`gantry: no service for artifacts and caches in the container: ${found.error}\n`));
  return {};
}
