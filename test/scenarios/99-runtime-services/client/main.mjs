// The protocol of @actions/artifact, in short.
const { ACTIONS_RESULTS_URL: url, ACTIONS_RUNTIME_TOKEN: token, INPUT_NAME: name } = process.env;
const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
const [, run, job] = claims.scp.split(':');

async function ask(method, body, authorization = `Bearer ${token}`) {
  const address = `${url}twirp/github.actions.results.api.v1.ArtifactService/${method}`;
  const request = { workflow_run_backend_id: run, workflow_job_run_backend_id: job, name, ...body };
  return fetch(address, { method: 'POST', headers: { authorization }, body: JSON.stringify(request) });
}

console.log(`without a token: ${(await ask('ListArtifacts', {}, '')).status}`);
console.log(`the token: ${token}`);
const { signed_upload_url: target } = await (await ask('CreateArtifact', { mime_type: 'text/plain' })).json();
for (const block of ['two', 'one '])
  await fetch(`${target}&comp=block&blockid=${block.trim()}`, { method: 'PUT', body: block });
const list = '<BlockList><Latest>one</Latest><Latest>two</Latest></BlockList>';
await fetch(`${target}&comp=blocklist`, { method: 'PUT', body: list });
const done = await ask('FinalizeArtifact', { size: '7' });
if (done.status !== 200) throw new Error(await done.text());
