// Previews with the official TypeScript SDK and its accumulate helper. Fails by throwing; prints
// "previews ok" with figures.
import assert from 'node:assert/strict';
import Anthropic from '@anthropic-ai/sdk';
import { accumulateManagedAgentsEvent } from '@anthropic-ai/sdk/lib/sessions/accumulate';

const { STEWARD_URL, STEWARD_KEY, MODEL, MARKER } = process.env;
const client = new Anthropic({ baseURL: STEWARD_URL, apiKey: STEWARD_KEY, maxRetries: 0 });
const agent = await client.beta.agents.create({
  name: 'node previews',
  model: MODEL,
  tools: [
    {
      type: 'custom',
      name: 'weather',
      description: 'Tells the weather of a city',
      input_schema: { type: 'object', properties: { city: { type: 'string' } } },
    },
  ],
});
const environment = await client.beta.environments.create({ name: `node previews ${MARKER}` });
const session = await client.beta.sessions.create({
  agent: agent.id,
  environment_id: environment.id,
});

const textOf = (message) => message.content.map((block) => block.text).join('');
const stream = await client.beta.sessions.events.stream(session.id, {
  event_deltas: ['agent.message', 'agent.thinking'],
});
await client.beta.sessions.events.send(session.id, {
  events: [{ type: 'user.message', content: [{ type: 'text', text: `Go ${MARKER}` }] }],
});

const snapshots = new Map(); // What the helper has made of each message so far, by its id.
const started = new Map(); // The type of each announced event, by its id.
const final = new Set();
const figures = { starts: 0, deltas: 0, messages: 0, thinking: 0 };
for await (const event of stream) {
  switch (event.type) {
    case 'event_start':
      assert(!started.has(event.event.id), 'an event is announced once');
      started.set(event.event.id, event.event.type);
      snapshots.set(event.event.id, accumulateManagedAgentsEvent(undefined, event));
      figures.starts += 1;
      break;
    case 'event_delta':
      assert.equal(started.get(event.event_id), 'agent.message');
      assert(!final.has(event.event_id), 'nothing comes after the message itself');
      snapshots.set(
        event.event_id,
        accumulateManagedAgentsEvent(snapshots.get(event.event_id), event),
      );
      figures.deltas += 1;
      break;
    case 'agent.message': {
      const previewed = snapshots.get(event.id);
      if (previewed !== undefined) {
        assert(textOf(event).startsWith(textOf(previewed)), 'previews are a prefix');
      }
      assert.deepEqual(accumulateManagedAgentsEvent(previewed, event), event);
      final.add(event.id);
      figures.messages += 1;
      break;
    }
    case 'agent.thinking':
      figures.thinking += 1;
      break;
    case 'agent.custom_tool_use':
      await client.beta.sessions.events.send(session.id, {
        events: [
          {
            type: 'user.custom_tool_result',
            custom_tool_use_id: event.id,
            content: [{ type: 'text', text: 'sunny' }],
          },
        ],
      });
      break;
    default:
  }
  if (event.type === 'session.status_idle' && event.stop_reason.type === 'end_turn') break;
}
assert.equal(figures.messages, 2);
for (const [id, type] of started) {
  if (type === 'agent.message') assert(final.has(id), `${id} was announced and came`);
}
assert(figures.deltas > 4, `only ${figures.deltas} deltas`);

const listed = [];
for await (const event of client.beta.sessions.events.list(session.id)) listed.push(event.type);
assert(!listed.includes('event_start') && !listed.includes('event_delta'));
await assert.rejects(
  client.beta.sessions.events.stream(session.id, { event_deltas: ['agent.tool_use'] }),
  Anthropic.BadRequestError,
);
console.log(`previews ok ${JSON.stringify(figures)}`);
