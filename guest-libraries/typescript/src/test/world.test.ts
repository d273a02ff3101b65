import assert from "node:assert/strict";
import { test } from "node:test";

import { versioned } from "../build/variants.js";
import { worldText } from "../build/world.js";

test("a service has its own minimal world", () => {
  assert.equal(
    worldText([], ["serverCatalog", "toolCatalog", "tools"], "0.2"),
    `package guest:app;

world server {
  include wasi:mcp/service@0.2.0-draft2;
  export wasi:mcp/tool-catalog@0.2.0-draft2;
  export wasi:mcp/tools@0.2.0-draft2;
}
`,
  );
});

test("a world has what the program uses", () => {
  const imports = ["wasi:mcp/logging", "wasi:cli/stderr", "wasi:http/types@0.2.3"];
  const names = imports.map((name) => versioned(name, "0.3"));
  assert.equal(
    worldText(names, ["start", "tools", "resourceSubscriptions"], "0.3"),
    `package guest:app;

world server {
  include wasi:mcp/backend@0.3.0-draft2;
  import wasi:mcp/logging@0.3.0-draft2;
  import wasi:cli/stderr@0.2.0;
  import wasi:http/types@0.2.3;
  export wasi:mcp/tools@0.3.0-draft2;
  export wasi:mcp/resource-subscriptions@0.3.0-draft2;
}
`,
  );
});
