// Asks one client of npm about one recorded answer after another: a JSON text a line in, one a line out.
// usage: node replay.cjs CLIENT, where the packages are found from the working directory.
"use strict";
const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { createInterface } = require("node:readline");
const load = createRequire(`${process.cwd()}/`);
globalThis.AI_SDK_LOG_WARNINGS = false;
console.log = console.info = console.warn = console.error = () => {};

// Packages need not export their package.json.
const versionOf = (name) => JSON.parse(readFileSync(`${process.cwd()}/node_modules/${name}/package.json`)).version;
const text = (value) => {
  if (value && typeof value !== "string") throw new TypeError(`not a text but ${typeof value} is handed over`);
  return value || "";
};
const json = (value) => (typeof value === "string" ? value : JSON.stringify(value));
// A client that waits for ever would hang an application as well.
const SECONDS = 5;
const inTime = (promise) => {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error(`nothing came within ${SECONDS} s`), { name: "Hang" })), SECONDS * 1000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

function openai() {
  const { OpenAI } = load("openai");
  const { LengthFinishReasonError, ContentFilterFinishReasonError } = load("openai/error");
  const client = (url) => new OpenAI({ baseURL: url, apiKey: "none", maxRetries: 0 });
  const messages = [{ role: "user", content: "Hello." }];
  const call = (fn) => fn && { name: text(fn.name), arguments: text(fn.arguments ?? fn.input) };
  const calls = (list, indexed) =>
    (list ?? []).map((each, n) => ({
      index: indexed ? each.index : n,
      id: text(each.id),
      ...(call(each.function ?? each.custom) ?? { name: "", arguments: "" }),
    }));
  const piece = (choice, said, indexed, n) => ({
    index: indexed ? choice.index : n,
    role: text(said.role),
    text: text(said.content),
    refusal: text(said.refusal),
    calls: calls(said.tool_calls, indexed),
    function: call(said.function_call) ?? null,
    finish_reason: text(choice.finish_reason),
  });
  const whole = (completion) => ({
    pieces: completion.choices.map((choice, n) => piece(choice, choice.message, false, n)),
    usages: completion.usage ? [completion.usage] : [],
  });
  return {
    version: versionOf("openai"),
    raised(error) {
      if (error instanceof OpenAI.APIConnectionError) return { report: "BREAK" };
      if (error instanceof LengthFinishReasonError) return { report: "LENGTH" };
      if (error instanceof ContentFilterFinishReasonError) return { report: "FILTER" };
      if (error instanceof OpenAI.APIError)
        return error.status ? { report: "STATUS", status: error.status } : { report: "ERROR" };
      return { report: "OTHER" };
    },
    doors: {
      async create({ url, stream }) {
        const came = await client(url).chat.completions.create({ model: "m", messages, stream });
        if (!stream) return whole(came);
        const pieces = [];
        const usages = [];
        for await (const chunk of came) {
          for (const choice of chunk.choices) pieces.push(piece(choice, choice.delta, true));
          if (chunk.usage) usages.push(chunk.usage);
        }
        return { pieces, usages };
      },
      async stream({ url }) {
        return whole(await client(url).chat.completions.stream({ model: "m", messages }).finalChatCompletion());
      },
      async parse({ url }) {
        return whole(await client(url).chat.completions.parse({ model: "m", messages }));
      },
    },
  };
}

function aiSdk() {
  const { APICallError, generateText, jsonSchema, streamText, tool } = load("ai");
  const { createOpenAICompatible } = load("@ai-sdk/openai-compatible");
  const finished = { "tool-calls": "tool_calls", "content-filter": "content_filter", other: "", unknown: "" };
  const asked = ({ url, tools }) => ({
    model: createOpenAICompatible({ name: "target", baseURL: url, apiKey: "none", includeUsage: true }).chatModel("m"),
    prompt: "Hello.",
    maxRetries: 0,
    tools: Object.fromEntries(tools.map((name) => [name, tool({ inputSchema: jsonSchema({ type: "object" }) })])),
  });
  // What it could not parse is handed over as it came.
  const input = (call) => (call.invalid ? json(call.input) : JSON.stringify(call.input ?? {}));
  const answer = (said, calls, reason, raw, usage) => ({
    pieces: [
      {
        index: 0,
        role: "",
        text: said,
        refusal: "",
        calls: calls.map((each, n) => ({ index: n, id: each.toolCallId, name: each.toolName, arguments: input(each) })),
        function: null,
        finish_reason: raw ?? finished[reason] ?? reason ?? "",
      },
    ],
    usages: [{ prompt_tokens: usage?.inputTokens, completion_tokens: usage?.outputTokens, total_tokens: usage?.totalTokens }],
  });
  return {
    version: versionOf("ai"),
    raised(error) {
      if (error?.inStream) return { report: "ERROR" };
      if (!APICallError.isInstance(error)) return { report: "OTHER" };
      if (error.statusCode === undefined) return { report: "BREAK" };
      return error.statusCode < 300 ? { report: "OTHER" } : { report: "STATUS", status: error.statusCode };
    },
    doors: {
      async generateText(question) {
        const came = await generateText(asked(question));
        return answer(came.text, came.toolCalls, came.finishReason, came.rawFinishReason, came.usage);
      },
      async streamText(question) {
        const said = [];
        const calls = [];
        let end = {};
        for await (const part of streamText({ ...asked(question), onError() {} }).fullStream) {
          if (part.type === "text-delta") said.push(part.text);
          if (part.type === "tool-call") calls.push(part);
          if (part.type === "finish") end = part;
          // What a provider reports as it stands in the answer is no Error; whatever else comes here is one.
          if (part.type === "error")
            throw part.error instanceof Error ? part.error : Object.assign(new Error(json(part.error)), { inStream: true });
        }
        return answer(said.join(""), calls, end.finishReason, end.rawFinishReason, end.totalUsage);
      },
    },
  };
}

async function main() {
  const client = { "openai-node": openai, "ai-sdk": aiSdk }[process.argv[2]]();
  const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);
  process.on("unhandledRejection", () => {});
  say({ version: client.version });
  for await (const line of createInterface({ input: process.stdin })) {
    const question = JSON.parse(line);
    try {
      say({ made: await inTime(client.doors[question.door](question)) });
    } catch (error) {
      const named = error?.name && error.name !== "Error" ? error.name : error?.constructor?.name;
      say({ raised: { status: 0, ...client.raised(error), text: `${named}: ${error?.message}`.slice(0, 300) } });
    }
  }
}

main().catch(() => process.exit(1));
