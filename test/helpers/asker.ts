/** An asker that answers from a list, for tests. */
import type { Asker } from "../../src/ssh/auth/asker.ts";
import { Secrets } from "../../src/ssh/auth/secrets.ts";

/** What was asked and told, in order; `secret:` or `text:` in front of a question. */
export interface ScriptedAsker extends Asker {
  readonly asked: string[];
  readonly told: string[];
}

/** Gives `answers` in turn, after `delayMs`; null for the rest. */
export function scriptedAsker(answers: (string | null)[], delayMs = 0): ScriptedAsker {
  const asked: string[] = [];
  const told: string[] = [];
  const answer = async (kind: string, question: string) => {
    asked.push(`${kind}: ${question}`);
    await Bun.sleep(delayMs);
    return answers.shift() ?? null;
  };
  return {
    asked,
    told,
    canAsk: true,
    secrets: new Secrets(),
    secret: (question) => answer("secret", question),
    text: (question) => answer("text", question),
    tell: (text) => void told.push(text),
  };
}
