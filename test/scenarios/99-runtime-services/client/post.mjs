const answer = await fetch(`${process.env.ACTIONS_RESULTS_URL}elsewhere`, {
  headers: { authorization: `Bearer ${process.env.ACTIONS_RUNTIME_TOKEN}` },
});
if (answer.status !== 404) throw new Error(`the service is not there for what is done after the job: ${answer.status}`);
