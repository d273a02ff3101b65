// What an application asks of a server through an SDK, on the project's reference guest.
//
// Each check is one use of the session, judged by what the SDK hands to the application. They run in
// the order in which they stand, on one session. Whether messages are right on the wire is the
// business of wasi-mcp-conformance; here it counts that the SDK is content with them.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import { refusal } from './client-role.mjs';

const INVALID_PARAMS = -32602;
const INTERNAL_ERROR = -32603;
const RESOURCE_NOT_FOUND = -32002;

const MESSAGE = 'notifications/message';
const RESOURCE_UPDATED = 'notifications/resources/updated';
const LISTS_CHANGED = ['tools', 'resources', 'prompts'].map((kind) => `notifications/${kind}/list_changed`);

const WATCHED = 'test://watched-resource';
const PART = 'test://watched-resource/part';

/** Thrown by a check when the guest rightly lacks what the check is about. */
export class NotOffered extends Error {}

/** A session of the SDK and what belongs to it: { client, role, protocolVersion }. */
export const checks = {
  async 'the handshake tells what the guest declared'({ client, protocolVersion }) {
    assert.equal(protocolVersion, '2025-06-18');
    const { name, title, version } = client.getServerVersion();
    assert.equal(name, 'wasi-mcp-reference');
    assert.ok(title && version);
    const capabilities = client.getServerCapabilities();
    assertHasAll(Object.keys(capabilities), ['logging', 'completions', 'prompts', 'resources', 'tools']);
    assert.deepEqual(capabilities.resources, { subscribe: true, listChanged: true });
    assert.ok(client.getInstructions());
  },

  async 'a ping is answered'({ client }) {
    await client.ping();
  },

  async 'the cursors lead through each list'({ client }) {
    const { entries, pages } = await everything(client, 'resources');
    const uris = entries.map((entry) => entry.uri);
    assert.equal(new Set(uris).size, uris.length, 'every resource once');
    const numbered = Array.from({ length: 120 }, (_, index) => `test://numbered/${index + 1}`);
    assertHasAll(uris, [WATCHED, ...numbered]);
    assert.ok(pages > 1, 'more than one page');
    assertHasAll(await names(client, 'tools'), ['echo', 'sample', 'elicit', 'wait-until-cancelled']);
    const templates = await names(client, 'resourceTemplates', 'uriTemplate');
    assertHasAll(templates, ['test://template/{id}/data', 'test://integers/{integer}']);
    assertHasAll(await names(client, 'prompts'), ['test_simple_prompt', 'journey', 'every-content-kind']);
    await rejectsWith(INVALID_PARAMS, client.listTools({ cursor: 'not a cursor' }));
  },

  async 'echo gives the text back'({ client }) {
    for (const text of ['', 'one line', 'two\nlines\r\n', 'quotes " and \\', 'Grüße, 世界 \u{1f30d}', '\u2028\u0000']) {
      const result = await call(client, 'echo', { text });
      assert.equal(textOf(result), text);
      assert.ok(!result.isError);
    }
  },

  async 'every content kind is understood'({ client }) {
    const { content } = await call(client, 'every-content-kind');
    assert.deepEqual(
      content.map((block) => block.type),
      ['text', 'image', 'audio', 'resource_link', 'resource', 'resource'],
    );
    for (const block of content) assert.equal(block.annotations.priority, 0.25, block.type);
    assert.equal(Buffer.from(content[1].data, 'base64').toString('latin1', 1, 4), 'PNG');
    const { messages } = await client.getPrompt({ name: 'every-content-kind' });
    assert.deepEqual(
      messages.map((message) => message.role),
      ['user', 'assistant', 'user', 'assistant', 'user', 'assistant'],
    );
  },

  async 'structured content fits its schema'({ client }) {
    // The SDK validates against the schemas of the page that it listed last.
    const tools = await pageWith(client, 'sum');
    assert.ok(tools.find((tool) => tool.name === 'sum').outputSchema);
    const sum = await call(client, 'sum', { numbers: [1, 2.5, -1] });
    assert.deepEqual(sum.structuredContent, { sum: 2.5, count: 3 });
    const value = { small: 1.5, list: [null, true, 'x'], deep: { er: {} } };
    const echoed = await call(client, 'echo-structured', { value });
    assert.deepEqual(echoed.structuredContent, { value });
  },

  async 'a failed tool is a result and a wrong call is an error'({ client }) {
    const result = await call(client, 'fail', { message: 'out of order' });
    assert.equal(result.isError, true);
    assert.equal(textOf(result), 'out of order');
    await rejectsWith(INVALID_PARAMS, call(client, 'no-such-tool'));
    await rejectsWith(INVALID_PARAMS, call(client, 'echo'));
    await rejectsWith(INVALID_PARAMS, call(client, 'echo', { text: 1 }));
  },

  async 'progress reaches the callback in order'({ client, role }) {
    // A host may leave reports out that follow one another faster than a client can use them.
    const reports = [];
    const result = await call(
      client,
      'report-progress',
      { steps: 3, milliseconds: 150 },
      { onprogress: (report) => reports.push(report) },
    );
    const wanted = [0, 1, 2, 3].map((progress) => ({ progress, total: 3, message: `Step ${progress} of 3` }));
    if (role.lateProgress > 0) wanted.pop();
    assert.deepEqual(reports, wanted);
    assert.equal(textOf(result), 'Reported 4 times');
  },

  async 'log messages from the set level upwards arrive'({ client, role }) {
    const levels = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];
    for (const lowest of ['warning', 'debug']) {
      role.forget();
      await client.setLoggingLevel(lowest);
      await call(client, 'log-all-levels', { logger: 'checks' });
      const wanted = levels.slice(levels.indexOf(lowest));
      const messages = await role.arrived(MESSAGE, wanted.length);
      assert.deepEqual(
        messages.map((message) => message.level),
        wanted,
      );
      assert.ok(messages.every((message) => message.logger === 'checks'));
      assert.equal(messages[0].data.message, 'A message\nof two lines');
    }
  },

  async 'log messages outside a request arrive'({ client, role }) {
    await client.setLoggingLevel('error');
    await call(client, 'log-to-sessions', { logger: 'outside' });
    const messages = await role.arrived(MESSAGE, 4);
    assert.deepEqual(
      messages.map((message) => message.level),
      ['error', 'critical', 'alert', 'emergency'],
    );
  },

  async 'resources are read'({ client }) {
    const read = async (uri) => (await client.readResource({ uri })).contents;
    const [text] = await read('test://static-text');
    assert.equal(text.text, 'This is the content of the static text resource.');
    assert.equal(text.mimeType, 'text/plain');
    const [binary] = await read('test://static-binary');
    assert.equal(Buffer.from(binary.blob, 'base64').toString('latin1', 1, 4), 'PNG');
    const [templated] = await read('test://template/123/data');
    assert.equal(templated.uri, 'test://template/123/data');
    assert.match(templated.text, /123/);
    const folder = await read('test://folder');
    assert.deepEqual(
      folder.map((each) => each.uri),
      ['test://folder/text', 'test://folder/image'],
    );
    const error = await rejectsWith(RESOURCE_NOT_FOUND, read('test://no-such'));
    assert.deepEqual(error.data, { uri: 'test://no-such' });
  },

  async 'updates of a subscribed resource arrive'({ client, role }) {
    const updates = async (count) => (await role.arrived(RESOURCE_UPDATED, count)).map((update) => update.uri);
    await client.subscribeResource({ uri: WATCHED });
    await call(client, 'touch-resource');
    await call(client, 'touch-resource', { part: true });
    assert.deepEqual(await updates(2), [WATCHED, PART]);
    await client.unsubscribeResource({ uri: WATCHED });
    role.forget();
    await call(client, 'touch-resource');
    // An update that should not come would come before this one.
    await client.subscribeResource({ uri: WATCHED });
    await call(client, 'touch-resource', { part: true });
    assert.deepEqual(await updates(1), [PART]);
    await client.unsubscribeResource({ uri: WATCHED });
  },

  async 'prompts are filled in'({ client }) {
    const simple = await client.getPrompt({ name: 'test_simple_prompt' });
    assert.equal(simple.messages[0].content.text, 'This is a simple prompt for testing.');
    const journey = await client.getPrompt({ name: 'journey', arguments: { country: 'Japan', city: 'Kyoto' } });
    assert.equal(journey.messages[0].content.text, 'Plan three days in Kyoto, Japan.');
    await rejectsWith(INVALID_PARAMS, client.getPrompt({ name: 'no-such-prompt' }));
    await rejectsWith(INVALID_PARAMS, client.getPrompt({ name: 'journey', arguments: { city: 'Kyoto' } }));
  },

  async 'arguments are completed'({ client }) {
    const cities = await client.complete({
      ref: { type: 'ref/prompt', name: 'journey' },
      argument: { name: 'city', value: '' },
      context: { arguments: { country: 'France' } },
    });
    assert.deepEqual(cities.completion, { values: ['Lyon', 'Marseille', 'Paris'], total: 3, hasMore: false });
    const { completion } = await client.complete({
      ref: { type: 'ref/resource', uri: 'test://integers/{integer}' },
      argument: { name: 'integer', value: '' },
    });
    assert.equal(completion.values.length, 100);
    assert.deepEqual([completion.total, completion.hasMore], [1000, true]);
  },

  async 'sampling goes to the client and back'({ client, role }) {
    const result = await call(client, 'sample', { prompt: 'What is it?' });
    assert.equal(role.samplingRequests.length, 1);
    const [asked] = role.samplingRequests;
    assert.deepEqual(asked.messages[0].content, { type: 'text', text: 'What is it?' });
    assert.deepEqual(
      asked.messages.map((message) => message.content.type),
      ['text', 'image', 'audio'],
    );
    assert.deepEqual([asked.maxTokens, asked.temperature], [100, 0.7]);
    assert.deepEqual(asked.stopSequences, ['END', '\n']);
    const answer = result.structuredContent;
    assert.deepEqual([answer.role, answer.model], ['assistant', 'model-of-the-test']);
    assert.deepEqual(answer.content, { type: 'text', text: 'an answer' });
  },

  async 'many sampling requests find their answers'({ client, role }) {
    role.sampling = ({ messages }) => ({
      role: 'assistant',
      model: 'm',
      content: { type: 'text', text: `${messages[0].content.text}!` },
    });
    const { structuredContent } = await call(client, 'sample-many', { count: 8 });
    assert.deepEqual(
      structuredContent.answers.map((answer) => answer.text),
      Array.from({ length: 8 }, (_, number) => `Question ${number}!`),
    );
  },

  async 'a refused request reaches the guest as an error'({ client, role }) {
    role.sampling = () => {
      throw refusal(-1, 'The user said no');
    };
    const result = await call(client, 'sample', { prompt: '?' });
    assert.equal(result.isError, true);
    assert.equal(result.structuredContent.code, '-1');
    assert.equal(result.structuredContent.message, 'The user said no');
  },

  async 'elicitation goes to the client and back'({ client, role }) {
    const accepted = { name: 'Grace', ratio: 1.5, age: 85, agreed: true, colour: 'g' };
    for (const [action, content] of [['accept', accepted], ['decline'], ['cancel']]) {
      role.forget();
      role.elicitation = () => (content ? { action, content } : { action });
      const result = await call(client, 'elicit');
      assert.equal(role.elicitationRequests.length, 1);
      const schema = role.elicitationRequests[0].requestedSchema;
      assert.deepEqual(schema.required, ['name', 'age']);
      assertHasAll(Object.keys(schema.properties), ['name', 'ratio', 'age', 'agreed', 'colour', 'email']);
      assert.deepEqual(result.structuredContent, { action, content: content ?? null });
    }
  },

  async 'roots are listed again when they change'({ client, role }) {
    const result = await call(client, 'list-roots');
    const [root, ...more] = result.structuredContent.roots;
    assert.deepEqual([root.uri, root.name, more.length], ['file:///one', 'One', 0]);
    role.roots = [{ uri: 'file:///two' }, { uri: 'file:///three' }];
    await client.sendRootsListChanged();
    await untilInstanceShows(client, 'roots', (roots) => roots.join() === 'file:///two,file:///three');
  },

  async 'changed lists are announced'({ client, role }) {
    for (const [tool, present] of [
      ['add-entries', true],
      ['remove-entries', false],
    ]) {
      role.forget();
      await call(client, tool);
      for (const method of LISTS_CHANGED) assert.ok((await role.arrived(method, 1)).length >= 1, method);
      assert.equal((await names(client, 'tools')).includes('added-tool'), present);
      assert.equal((await names(client, 'resources', 'uri')).includes('test://added'), present);
      assert.equal((await names(client, 'prompts')).includes('added-prompt'), present);
      if (present) assert.equal(textOf(await call(client, 'added-tool')), 'I was added');
    }
  },

  async 'a cancelled call stops'({ client }) {
    const count = (await instance(client)).cancellations.length + 1;
    const signal = AbortSignal.timeout(500);
    await assert.rejects(call(client, 'wait-until-cancelled', {}, { signal }));
    await untilInstanceShows(client, 'cancellations', (cancellations) => cancellations.length === count);
    assert.equal(textOf(await call(client, 'echo', { text: 'still here' })), 'still here');
  },

  async 'calls at the same time find their answers'({ client }) {
    const wanted = Array.from({ length: 50 }, (_, number) => `text ${number}`);
    const results = await Promise.all(wanted.map((text) => call(client, 'echo', { text })));
    assert.deepEqual(results.map(textOf), wanted);
  },

  async 'waiting calls meet inside the guest'({ client }) {
    if (!(await names(client, 'tools')).includes('barrier')) {
      throw new NotOffered('no tool `barrier`: only a WASI 0.3 guest runs calls side by side');
    }
    const calls = Array.from({ length: 20 }, () => call(client, 'barrier', { parties: 20 }));
    assert.deepEqual((await Promise.all(calls)).map(textOf), Array(20).fill('20 calls met'));
  },

  async 'a trap fails its call and the session goes on'({ client }) {
    await rejectsWith(INTERNAL_ERROR, call(client, 'trap'));
    assert.equal(textOf(await call(client, 'echo', { text: 'again' })), 'again');
  },

  async 'the SDK understood everything'({ role }) {
    assert.deepEqual(role.faults, []);
  },
};

const call = (client, name, args = {}, options = undefined) =>
  client.callTool({ name, arguments: args }, undefined, options);

/** The text of a tool result's first block. */
const textOf = (result) => result.content[0].text;

function assertHasAll(actual, expected) {
  const missing = expected.filter((each) => !actual.includes(each));
  assert.ok(missing.length === 0, `missing: ${missing.slice(0, 5)}, in: ${actual}`);
}

/** Fails unless the request is answered with an error of this code; returns the error. */
async function rejectsWith(code, request) {
  let result;
  try {
    result = await request;
  } catch (error) {
    assert.equal(error.code, code, String(error));
    return error;
  }
  assert.fail(`expected error ${code}, got the result ${JSON.stringify(result)}`);
}

const LISTS = {
  tools: 'listTools',
  resources: 'listResources',
  resourceTemplates: 'listResourceTemplates',
  prompts: 'listPrompts',
};

/** All entries of a list and how many pages it had. */
async function everything(client, kind) {
  const entries = [];
  let pages = 0;
  let cursor;
  do {
    const page = await client[LISTS[kind]](cursor === undefined ? undefined : { cursor });
    entries.push(...page[kind]);
    pages += 1;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return { entries, pages };
}

/** One member of each entry of a list. */
async function names(client, kind, member = 'name') {
  return (await everything(client, kind)).entries.map((entry) => entry[member]);
}

/** Lists tools up to the page that has `name`, and returns that page. */
async function pageWith(client, name) {
  let cursor;
  do {
    const page = await client.listTools(cursor === undefined ? undefined : { cursor });
    if (page.tools.some((tool) => tool.name === name)) return page.tools;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  assert.fail(`no tool ${name}`);
}

/** What the reference guest knows of itself. */
const instance = async (client) => (await call(client, 'describe-instance')).structuredContent;

/** Waits for what a notification of the client brings about in the guest. */
async function untilInstanceShows(client, member, accept) {
  let shown;
  for (let attempt = 0; attempt < 50; attempt += 1) {
    shown = (await instance(client))[member];
    if (accept(shown)) return;
    await sleep(100);
  }
  assert.fail(`${member} of the instance stayed ${JSON.stringify(shown)}`);
}
