// Drives a server of the project's reference guest with the official TypeScript SDK for MCP.
//
//     node main.mjs stdio wasi-mcp serve reference-backend-0.3.wasm
//     node main.mjs http http://127.0.0.1:8080/mcp
//
// The exit status is 0 when every check passed, 1 when one failed, 2 when no session came about.

import { readFileSync } from 'node:fs';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

import { NotOffered, checks } from './checks.mjs';
import { ClientRole } from './client-role.mjs';

const MILLISECONDS_PER_CHECK = 30_000;
const MILLISECONDS_TO_CONNECT = 60_000;
const MILLISECONDS_TO_CLOSE = 10_000;

function transport([kind, ...rest]) {
  if (kind === 'http' && rest.length === 1) return new StreamableHTTPClientTransport(new URL(rest[0]));
  if (kind === 'stdio' && rest.length > 0) {
    const [command, ...args] = rest;
    return new StdioClientTransport({ command, args, env: process.env });
  }
  console.error('usage: main.mjs stdio COMMAND [ARGUMENT...] | main.mjs http URL');
  process.exit(2);
}

/** The promise's value, or a failure that names `what` when it takes too long. */
function within(milliseconds, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Connects, and finds out the revision, which the client itself does not tell. */
async function connect(role) {
  const client = new Client(
    { name: 'sdk-client', title: 'TypeScript SDK', version: '1.0.0' },
    { capabilities: { sampling: {}, elicitation: {}, roots: { listChanged: true } } },
  );
  role.attach(client);
  const channel = transport(process.argv.slice(2));
  let protocolVersion;
  const inform = channel.setProtocolVersion?.bind(channel);
  channel.setProtocolVersion = (version) => {
    protocolVersion = version;
    inform?.(version);
  };
  await within(MILLISECONDS_TO_CONNECT, 'the handshake', client.connect(channel));
  return { client, channel, role, protocolVersion };
}

async function outcome(name, check, session) {
  session.role.forget();
  try {
    await within(MILLISECONDS_PER_CHECK, name, check(session));
  } catch (failure) {
    const skipped = failure instanceof NotOffered;
    const text = skipped ? failure.message : (failure.stack ?? String(failure));
    console.log(`${skipped ? 'skip' : 'FAIL'}  ${name}\n${text.replace(/^/gm, '      ')}`);
    return skipped ? 'skip' : 'fail';
  }
  console.log(`pass  ${name}`);
  return 'pass';
}

async function main() {
  const session = await connect(new ClientRole());
  const count = { pass: 0, fail: 0, skip: 0 };
  for (const [name, check] of Object.entries(checks)) count[await outcome(name, check, session)] += 1;
  try {
    const ended = session.channel.terminateSession?.() ?? Promise.resolve();
    await within(
      MILLISECONDS_TO_CLOSE,
      'the end of the session',
      ended.then(() => session.client.close()),
    );
  } catch (failure) {
    console.log(`FAIL  ${failure}`);
    count.fail += 1;
  }
  const manifest = new URL('node_modules/@modelcontextprotocol/sdk/package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(manifest));
  console.log(
    `@modelcontextprotocol/sdk ${version}: ${count.pass} passed, ${count.fail} failed, ${count.skip} skipped`,
  );
  return count.fail > 0 ? 1 : 0;
}

main().then(
  (status) => process.exit(status),
  (failure) => {
    console.error(failure);
    process.exit(2);
  },
);
