// What this client answers when the server asks, and what it was told.

import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  PromptListChangedNotificationSchema,
  ResourceListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';

// The SDK checks a notification only where it has a handler for its kind.
const NOTIFICATIONS = [
  LoggingMessageNotificationSchema,
  PromptListChangedNotificationSchema,
  ResourceListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
];

/** An error with which an answer refuses the server's request. */
export function refusal(code, message) {
  return Object.assign(new Error(message), { code });
}

/** The client's side of a session: its answers, and a record of what arrived. */
export class ClientRole {
  notifications = [];
  faults = [];
  lateProgress = 0;
  samplingRequests = [];
  elicitationRequests = [];
  roots = [{ uri: 'file:///one', name: 'One' }];
  sampling = () => ({
    role: 'assistant',
    model: 'model-of-the-test',
    stopReason: 'endTurn',
    content: { type: 'text', text: 'an answer' },
  });
  elicitation = () => ({ action: 'decline' });
  #arrivals = new Set();

  /** Makes a client of the SDK play this role. */
  attach(client) {
    client.setRequestHandler(CreateMessageRequestSchema, ({ params }) => {
      this.samplingRequests.push(params);
      return this.sampling(params);
    });
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      this.elicitationRequests.push(params);
      return this.elicitation(params);
    });
    client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: this.roots }));
    const record = (notification) => {
      this.notifications.push(notification);
      for (const arrival of this.#arrivals) arrival();
    };
    for (const schema of NOTIFICATIONS) client.setNotificationHandler(schema, record);
    client.fallbackNotificationHandler = async ({ method }) => {
      this.faults.push(`not expected: ${method}`);
    };
    // What the SDK could not make sense of: each is a failure of the run, but for one. When a report
    // of progress and the response come in one read, the SDK looks at the response first and then
    // no longer knows the report's token.
    client.onerror = (error) => {
      if (/progress notification for an unknown token/.test(error.message)) this.lateProgress += 1;
      else this.faults.push(String(error));
    };
  }

  /** The parameters of each notification of `method` so far, in order of arrival. */
  received(method) {
    return this.notifications.filter((each) => each.method === method).map((each) => each.params ?? {});
  }

  /** Waits until `count` notifications of `method` are there, or the time is over. */
  async arrived(method, count, milliseconds = 5000) {
    await new Promise((resolve) => {
      const timer = setTimeout(done, milliseconds);
      const look = () => this.received(method).length >= count && done();
      const arrivals = this.#arrivals;
      function done() {
        clearTimeout(timer);
        arrivals.delete(look);
        resolve();
      }
      arrivals.add(look);
      look();
    });
    return this.received(method);
  }

  /** Empties the record before a check. */
  forget() {
    this.notifications.length = 0;
    this.lateProgress = 0;
    this.samplingRequests.length = 0;
    this.elicitationRequests.length = 0;
  }
}
