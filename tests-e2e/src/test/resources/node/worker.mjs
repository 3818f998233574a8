// A worker of a self-hosted environment with the official TypeScript SDK: the built-in tools and
// one of its own, until it is told to stop or its key is refused.
import Anthropic from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import { betaAgentToolset20260401 } from '@anthropic-ai/sdk/tools/agent-toolset/node';

const { STEWARD_URL, ENVIRONMENT_ID, ENVIRONMENT_KEY, WORKDIR, WORKER_ID } = process.env;
const client = new Anthropic({
  baseURL: STEWARD_URL,
  authToken: ENVIRONMENT_KEY,
  logLevel: 'info',
});
const weather = betaTool({
  name: 'weather',
  description: 'Tells the weather',
  inputSchema: { type: 'object', properties: { about: { type: 'string' } } },
  run: ({ about }) => `sunny in ${about}`,
});
const worker = client.beta.environments.work.worker({
  environmentId: ENVIRONMENT_ID,
  environmentKey: ENVIRONMENT_KEY,
  workerId: WORKER_ID,
  workdir: WORKDIR,
  maxIdleMs: 1000,
  tools: (context) => [...betaAgentToolset20260401(context), weather],
});
const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());
try {
  await worker.run(stop.signal);
  console.log('worker ended');
} catch (failure) {
  console.log(`worker refused with ${failure.status}`);
  process.exitCode = 3;
}
