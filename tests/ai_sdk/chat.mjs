// Uses a Chat Completions server as an application would, with the AI SDK.
// Reads OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL; prints one line for each thing that worked.
import assert from "node:assert/strict";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { Output, generateText, jsonSchema, stepCountIs, streamText, tool } from "ai";

globalThis.AI_SDK_LOG_WARNINGS = false;

const provider = createOpenAICompatible({
  name: "target",
  baseURL: process.env.OPENAI_BASE_URL ?? "http://127.0.0.1:8000/v1",
  apiKey: process.env.OPENAI_API_KEY ?? "unused",
  includeUsage: true,
});
const common = { model: provider(process.env.OPENAI_MODEL ?? "reference-1"), maxRetries: 0 };

async function chat() {
  const { text, finishReason, usage } = await generateText({ ...common, prompt: "Count from 1 to 5." });
  assert.equal(finishReason, "stop");
  assert.match(text, /5/);
  assert.ok(usage.totalTokens > 0);
  console.log(`chat: ${text}`);
}

async function stream() {
  const result = streamText({
    ...common,
    prompt: "Count from 1 to 5.",
    onError({ error }) {
      throw error;
    },
  });
  const pieces = [];
  for await (const piece of result.textStream) pieces.push(piece);
  assert.match(pieces.join(""), /5/);
  assert.equal(await result.finishReason, "stop");
  assert.ok((await result.usage).outputTokens > 0);
  console.log(`stream: ${pieces.join("")} (${pieces.length} pieces)`);
}

async function tools() {
  const asked = [];
  const result = streamText({
    ...common,
    prompt: "What is the weather in Paris? Use the tool.",
    stopWhen: stepCountIs(3),
    tools: {
      get_weather: tool({
        description: "The weather in a city.",
        inputSchema: jsonSchema({
          type: "object",
          properties: { city: { type: "string" } },
          required: ["city"],
          additionalProperties: false,
        }),
        async execute({ city }) {
          asked.push(city);
          return "17 degrees and light rain";
        },
      }),
    },
  });
  const text = await result.text;
  assert.equal(asked.length, 1);
  assert.equal((await result.steps).length, 2);
  assert.match(text, /17/);
  console.log(`tools: ${asked[0]} -> ${text}`);
}

async function json() {
  const { output } = await generateText({
    ...common,
    prompt: "Describe a planet as a JSON object with a name.",
    output: Output.json(),
  });
  assert.equal(typeof output, "object");
  console.log(`json: ${JSON.stringify(output)}`);
}

for (const step of [chat, stream, tools, json]) await step();
