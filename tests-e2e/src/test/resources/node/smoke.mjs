// One life of a session with the official TypeScript SDK. Fails by throwing; prints "smoke ok".
import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';

const { STEWARD_URL, STEWARD_KEY, MODEL, MARKER } = process.env;
const client = new Anthropic({ baseURL: STEWARD_URL, apiKey: STEWARD_KEY, maxRetries: 0 });

const weather = betaTool({
  name: 'weather',
  description: 'Tells the weather of a city',
  inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  run: ({ city }) => `sunny in ${city}`,
});
const agent = await client.beta.agents.create({
  name: 'node smoke',
  model: MODEL,
  tools: [
    {
      type: 'custom',
      name: weather.name,
      description: weather.description,
      input_schema: weather.input_schema,
    },
  ],
});
const environment = await client.beta.environments.create({ name: `node smoke ${MARKER}` });
const session = await client.beta.sessions.create({
  agent: agent.id,
  environment_id: environment.id,
});
assert.equal(session.status, 'idle');

// A plain turn: open the stream, send, read until idle; then the list holds all of it.
const stream = await client.beta.sessions.events.stream(session.id);
const sent = await client.beta.sessions.events.send(session.id, {
  events: [{ type: 'user.message', content: [{ type: 'text', text: `Hello ${MARKER}` }] }],
});
assert.equal(sent.data[0].processed_at, null);
const seen = [];
for await (const event of stream) {
  seen.push(event);
  if (event.type === 'session.status_idle') break;
}
const listed = [];
for await (const event of client.beta.sessions.events.list(session.id)) listed.push(event);
assert.deepEqual(
  listed.map((event) => event.type),
  [
    'session.status_running',
    'session.thread_status_running',
    'user.message',
    'span.model_request_start',
    'agent.message',
    'span.model_request_end',
    'session.thread_status_idle',
    'session.usage',
    'session.status_idle',
  ],
);
assert.deepEqual(seen.at(-1), listed.at(-1));

// The tool runner answers a custom tool and ends by itself after the turn.
const runner = client.beta.sessions.events.toolRunner(session.id, {
  tools: [weather],
  maxIdleMs: 500,
});
await client.beta.sessions.events.send(session.id, {
  events: [{ type: 'user.message', content: [{ type: 'text', text: 'Weather?' }] }],
});
const calls = [];
for await (const call of runner) calls.push(call);
assert.equal(calls.length, 1);
assert.equal(calls[0].name, 'weather');
assert.equal((await client.beta.sessions.retrieve(session.id)).status, 'idle');

await client.beta.sessions.archive(session.id);
await client.beta.sessions.delete(session.id);
await assert.rejects(client.beta.sessions.retrieve(session.id), Anthropic.NotFoundError);
console.log('smoke ok');
