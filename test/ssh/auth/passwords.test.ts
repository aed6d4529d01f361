/** Passwords and questions of the server. The server is ssh2's own: sshd would need accounts of this machine. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AuthContext, KeyboardAuthContext } from "ssh2";
import type { Asker } from "../../../src/ssh/auth/asker.ts";
import { type HostConfig, resolveHost } from "../../../src/ssh/config/config.ts";
import { connect } from "../../../src/ssh/connect.ts";
import { writeClientConfig } from "../../demo/client-config.ts";
import { type DemoServer, startDemoServer } from "../../demo/server.ts";
import { scriptedAsker } from "../../helpers/asker.ts";
import { type Running, tempDir } from "../../helpers/process.ts";
import { failure, makeKey, run, startAgent, succeed } from "../support.ts";

const dir = tempDir("tsync-passwords-");
const path = (name: string) => join(dir, name);
let server: DemoServer;
let config: HostConfig;
/** What the server does with an attempt; the methods that were attempted. */
let authenticate: (context: AuthContext) => void;
const attempts: string[] = [];

beforeAll(async () => {
  mkdirSync(path("home"));
  server = await startDemoServer(path("home"), (context) => {
    attempts.push(context.method);
    authenticate(context);
  });
  const configFile = writeClientConfig(path("client"), server);
  config = succeed(await resolveHost({ host: "demo" }, { configFile }));
});
afterAll(() => server.stop());

/** Takes `password`, and says that it takes `methods`. */
function takePassword(password: string, methods = ["password"]): void {
  attempts.length = 0;
  authenticate = (context) => {
    if (context.method === "password" && context.password === password) context.accept();
    else context.reject(methods as never);
  };
}

interface Round {
  name?: string;
  instructions?: string;
  prompts: { prompt: string; echo: boolean }[];
  answers: string[];
}

/** Asks `rounds` of questions. */
function takeAnswers(...rounds: Round[]): void {
  attempts.length = 0;
  authenticate = (context) => {
    if (context.method !== "keyboard-interactive") return context.reject(["keyboard-interactive"]);
    const ask = ([round, ...rest]: Round[]) => {
      if (round === undefined) return context.accept();
      const { name = "", instructions = "", prompts } = round;
      (context as KeyboardAuthContext).prompt(prompts, name, instructions, (answers) => {
        if (answers.join("\n") === round.answers.join("\n")) ask(rest);
        else context.reject(["keyboard-interactive"]);
      });
    };
    ask(rounds);
  };
}

const log = (asker: Asker, changes: Partial<HostConfig> = {}) =>
  connect({ ...config, ...changes }, { asker });
const refuse = async (asker: Asker, changes: Partial<HostConfig> = {}) => failure(await log(asker, changes));
const where = () => `demo@127.0.0.1`;
const passwordPrompt = [{ prompt: "Password: ", echo: false }];

describe("password", () => {
  test("is asked for as OpenSSH asks, after none was tried, and remembered", async () => {
    takePassword("s3cret");
    const asker = scriptedAsker(["s3cret"]);
    succeed(await log(asker)).close();
    expect(asker.asked).toEqual([`secret: ${where()}'s password: `]);
    expect(attempts).toEqual(["none", "password"]);
    succeed(await log(asker)).close();
    expect(asker.asked).toHaveLength(1);
  });

  test("three tries", async () => {
    takePassword("s3cret");
    const asker = scriptedAsker(["a", "", "b", "s3cret"]);
    const fault = await refuse(asker);
    expect(asker.asked).toEqual([
      `secret: ${where()}'s password: `,
      ...Array(2).fill(`secret: Permission denied, please try again.\n${where()}'s password: `),
    ]);
    expect(fault).toMatchObject({ code: "auth", retry: false });
    expect(fault.message).toEndWith("refused the login; offered: the password that was typed");
    expect(fault.hint).toBe("check the user name and the password");
  });

  test("NumberOfPasswordPrompts, and whoever gives up is not asked again", async () => {
    takePassword("s3cret");
    const asker = scriptedAsker(["a", "b"]);
    await refuse(asker, { passwordPrompts: 1 });
    expect(asker.asked).toHaveLength(1);
    const tired = scriptedAsker([null, "s3cret"]);
    await refuse(tired);
    expect(tired.asked).toHaveLength(1);
    expect(attempts).toEqual(["none", "password", "none"]);
  });

  test("one that is right no longer is asked for again if somebody is there", async () => {
    takePassword("old");
    const asker = scriptedAsker(["old", "new"]);
    succeed(await log(asker)).close();
    takePassword("new");
    succeed(await log(asker)).close();
    expect(asker.asked[1]).toStartWith("secret: Permission denied, please try again.\n");
    expect(attempts).toEqual(["none", "password", "password"]);
    attempts.length = 0;
    succeed(await log(asker)).close();
    expect(attempts).toEqual(["none", "password"]);
  });

  test("one that was refused is not sent again once somebody could be asked", async () => {
    takePassword("old");
    const asker = scriptedAsker(["old", null, "new"]);
    succeed(await log(asker)).close();
    takePassword("new");
    await refuse(asker);
    attempts.length = 0;
    succeed(await log(asker)).close();
    expect(attempts).toEqual(["none", "password"]);
  });

  test("with nobody there that is a clear fault", async () => {
    takePassword("old");
    const asker = scriptedAsker(["old"]);
    succeed(await log(asker)).close();
    takePassword("new");
    const fault = await refuse({ ...asker, canAsk: false });
    expect(fault.message).toEndWith("refused the login; offered: the password that was right before");
    expect(fault.hint).toContain("there is nobody to ask for the password");
  });

  test("one that has expired", async () => {
    attempts.length = 0;
    authenticate = (context) => {
      if (context.method !== "password") context.reject(["password"]);
      else context.requestChange("New password:", () => {});
    };
    expect((await refuse(scriptedAsker(["s3cret"]))).message).toEndWith("has expired");
  });

  test("keys come first, as PreferredAuthentications says", async () => {
    takePassword("s3cret", ["publickey", "password"]);
    succeed(await log(scriptedAsker(["s3cret"]))).close();
    expect(attempts).toEqual(["none", "publickey", "password"]);
    attempts.length = 0;
    succeed(await log(scriptedAsker(["s3cret"]), { authMethods: ["password", "publickey"] })).close();
    expect(attempts).toEqual(["none", "password"]);
    const fault = await refuse(scriptedAsker(["s3cret"]), { authMethods: ["keyboard-interactive"] });
    expect(fault.hint).toContain(
      "the server wants publickey or password, and the configuration allows only keyboard-interactive",
    );
  });

  test("what tsync has no method for", async () => {
    authenticate = (context) => context.reject(["hostbased"]);
    expect((await refuse(scriptedAsker([]))).hint).toBe("the server wants hostbased, which tsync cannot do");
  });
});

describe("the password file", () => {
  const file = (content: string, mode = 0o600) => {
    writeFileSync(path("password"), content);
    chmodSync(path("password"), mode);
    return path("password");
  };

  test("its first line is the password; nobody is asked", async () => {
    takePassword("s3cret");
    const asker = scriptedAsker([]);
    succeed(await log(asker, { passwordFile: file("s3cret\nmore\n") })).close();
    expect(asker.asked).toEqual([]);
  });

  test("is read anew for each connection, and sent once", async () => {
    takePassword("s3cret");
    const asker = scriptedAsker(["s3cret"]);
    const fault = await refuse(asker, { passwordFile: file("wrong\n") });
    expect(attempts).toEqual(["none", "password"]);
    expect(fault.message).toEndWith(`refused the login; offered: the password in ${path("password")}`);
    expect(fault.hint).toBe(`check the user name and the password in ${path("password")}`);
    succeed(await log(asker, { passwordFile: file("s3cret\n") })).close();
    expect(asker.asked).toEqual([]);
  });

  test("must not be readable by others", async () => {
    takePassword("s3cret");
    const fault = await refuse(scriptedAsker([]), { passwordFile: file("s3cret\n", 0o640) });
    expect(fault.hint).toContain(`chmod 600 ${path("password")}`);
    expect(attempts).toEqual(["none"]);
  });

  test("answers the only question of the server, if it is not to be shown", async () => {
    takeAnswers({ prompts: passwordPrompt, answers: ["s3cret"] });
    succeed(await log(scriptedAsker([]), { passwordFile: file("s3cret\n") })).close();
    const asker = scriptedAsker(["ann"]);
    takeAnswers({ prompts: [{ prompt: "Who? ", echo: true }], answers: ["ann"] });
    succeed(await log(asker, { passwordFile: file("s3cret\n") })).close();
    expect(asker.asked).toHaveLength(1);
  });

  test("with a code on top, only the code is asked for", async () => {
    const code = { prompts: [{ prompt: "Verification code: ", echo: false }], answers: ["123"] };
    takeAnswers({ prompts: passwordPrompt, answers: ["s3cret"] }, code);
    const asker = scriptedAsker(["123"]);
    succeed(await log(asker, { passwordFile: file("s3cret\n") })).close();
    expect(asker.asked).toEqual([`secret: (${where()}) Verification code: `]);
  });

  test("is not asked in place of when it is wrong", async () => {
    takeAnswers({ prompts: passwordPrompt, answers: ["s3cret"] });
    const asker = scriptedAsker(["s3cret"]);
    await refuse(asker, { passwordFile: file("wrong\n") });
    expect(asker.asked).toEqual([]);
    expect(attempts).toEqual(["none", "keyboard-interactive"]);
  });
});

describe("questions of the server", () => {
  test("are shown with name and instructions, with echo or without", async () => {
    takeAnswers({
      name: "Login",
      instructions: "Two questions\n",
      prompts: [...passwordPrompt, { prompt: "City: ", echo: true }],
      answers: ["s3cret", "Ghent"],
    });
    const asker = scriptedAsker(["s3cret", "Ghent"]);
    succeed(await log(asker)).close();
    expect(asker.asked).toEqual([
      `secret: Login\nTwo questions\n(${where()}) Password: `,
      `text: (${where()}) City: `,
    ]);
  });

  test("three rounds at most", async () => {
    takeAnswers({ prompts: passwordPrompt, answers: ["s3cret"] });
    const asker = scriptedAsker(["a", "b", "c", "s3cret"]);
    const fault = await refuse(asker);
    expect(asker.asked).toHaveLength(3);
    expect(fault.message).toEndWith("refused the login; offered: the answers that were typed");
  });

  test("a server that asks nothing is left alone", async () => {
    takePassword("", ["keyboard-interactive"]);
    await refuse(scriptedAsker([]));
    expect(attempts).toEqual(["none", "keyboard-interactive"]);
  });

  test("a password is remembered, a code is not", async () => {
    const code = { prompts: [{ prompt: "One-time password: ", echo: false }], answers: ["1"] };
    takeAnswers({ prompts: passwordPrompt, answers: ["s3cret"] }, code);
    const asker = scriptedAsker(["s3cret", "1", "1"]);
    for (const _ of [1, 2]) succeed(await log(asker)).close();
    expect(asker.asked.map((question) => question.split(") ")[1])).toEqual([
      "Password: ",
      "One-time password: ",
      "One-time password: ",
    ]);
  });

  test("with nobody there it is not begun", async () => {
    takeAnswers({ prompts: passwordPrompt, answers: ["s3cret"] });
    const fault = await refuse({ ...scriptedAsker([]), canAsk: false });
    expect(fault.hint).toStartWith("there is nobody to ask for the password: name a file that holds it with");
    expect(attempts).toEqual(["none"]);
  });
});

describe("several methods", () => {
  const agents: Running[] = [];
  afterAll(async () => {
    for (const agent of agents) agent.signal("SIGTERM");
    await Promise.all(agents.map((agent) => agent.exit));
  });

  /** Wants any key, then `second`. */
  function takeKeyAnd(second: "password" | "keyboard-interactive"): void {
    attempts.length = 0;
    let isKeyHeld = false;
    authenticate = (context) => {
      if (context.method === "none") context.reject(isKeyHeld ? [second] : ["publickey"]);
      else if (context.method === "publickey" && !isKeyHeld) {
        isKeyHeld = context.signature !== undefined;
        if (isKeyHeld) context.reject([second], true);
        else context.accept();
      } else if (context.method === "password" && isKeyHeld && context.password === "s3cret")
        context.accept();
      else if (context.method === "keyboard-interactive" && isKeyHeld)
        context.prompt(passwordPrompt, (answers) => {
          if (answers[0] === "s3cret") context.accept();
          else context.reject([second]);
        });
      else context.reject(isKeyHeld ? [second] : ["publickey"]);
    };
  }

  for (const second of ["password", "keyboard-interactive"] as const) {
    test(`a key file and ${second}`, async () => {
      takeKeyAnd(second);
      succeed(await log(scriptedAsker(["wrong", "s3cret"]))).close();
      takeKeyAnd(second);
      const fault = await refuse(scriptedAsker([null]));
      expect(fault.hint).toContain(`the server accepted publickey, and also wants ${second}`);
    });

    test(`a key with a passphrase and ${second}`, async () => {
      const name = `sealed-${second}`;
      await makeKey(path(name), ["-t", "ed25519", "-a", "1", "-N", "open sesame"]);
      takeKeyAnd(second);
      const asker = scriptedAsker(["open sesame", "s3cret"]);
      succeed(await log(asker, { identityFiles: [path(name)] })).close();
      expect(asker.asked).toHaveLength(2);
      takeKeyAnd(second);
      succeed(await log(asker, { identityFiles: [path(name)] })).close();
      expect(asker.asked).toHaveLength(2);
    });

    test(`a key of the agent and ${second}`, async () => {
      const agentSocket = path(`agent-${second}`);
      agents.push(await startAgent(agentSocket));
      await makeKey(path(`key-${second}`));
      await run(["ssh-add", "-q", path(`key-${second}`)], { SSH_AUTH_SOCK: agentSocket });
      takeKeyAnd(second);
      const changes = { agentSocket, identitiesOnly: false, identityFiles: [] };
      succeed(await log(scriptedAsker(["s3cret"]), changes)).close();
      takeKeyAnd(second);
      expect((await refuse(scriptedAsker([]), changes)).hint).toContain(
        `the server accepted publickey, and also wants ${second}`,
      );
    });
  }
});

test("a question is withdrawn when the connection is gone", async () => {
  authenticate = (context) => {
    if (context.method === "none") context.reject(["password"]);
  };
  let isWithdrawn = false;
  const asker: Asker = {
    ...scriptedAsker([]),
    secret: (_question, signal) => {
      setTimeout(() => server.hangUp(), 20);
      return new Promise((resolve) =>
        signal!.addEventListener("abort", () => {
          isWithdrawn = true;
          resolve(null);
        }),
      );
    },
  };
  const fault = failure(await log(asker));
  expect(fault).toMatchObject({ code: "connection", retry: true });
  expect(fault.message).toEndWith("closed the connection while the user was asked");
  expect(isWithdrawn).toBe(true);
});
