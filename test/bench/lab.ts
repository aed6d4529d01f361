/** What all tools share: a real SSH server, and links whose round-trip time can be set. */

import { type LinkProcess, startLinkProcess } from "../helpers/link-process.ts";
import { tempDir, waitUntil } from "../helpers/process.ts";
import { startSshd, type TestSshd } from "../helpers/sshd.ts";

const closeTimeoutMs = 2000;

export interface Lab {
  readonly sshd: TestSshd;
  /** For `ssh -F`: reaches the server through a link. */
  readonly configFile: string;
  /** Opens one more link, to a server of a tool's own on `targetPort`; returns the port that leads there. */
  openLink(targetPort: number): Promise<number>;
  /** Sets the round-trip time (ms) of all links, also of those that are opened later. */
  setRtt(ms: number): Promise<void>;
  /** Starts to count bytes anew. */
  reset(): Promise<void>;
  /** Bytes over all links in both directions since `reset`. */
  bytes(): Promise<number>;
  /** Breaks all connections, and closes the links that were opened for a tool. */
  clear(): Promise<void>;
  stop(): Promise<void>;
}

export async function startLab(): Promise<Lab> {
  // An account without start-up files: those of this machine's user may take longer than all the rest (pyenv:
  // 100 ms for each command), and what is killed while it reads them may leave a lock that holds up all others.
  // The programs there are those here.
  const home = tempDir("tsync-bench-home-");
  const sshd = await startSshd({ extraConfig: [`SetEnv HOME="${home}" PATH="${process.env.PATH}"`] });
  try {
    const main = await startLinkProcess({ targetPort: sshd.port, rttMs: 0 });
    return labWith(sshd, main);
  } catch (error) {
    await sshd.stop();
    throw error;
  }
}

function labWith(sshd: TestSshd, main: LinkProcess): Lab {
  const opened: LinkProcess[] = [];
  let rttMs = 0;
  const all = () => [main, ...opened];
  const each = async (act: (link: LinkProcess) => Promise<void>) => {
    for (const link of all()) await act(link);
  };
  const closeOpened = async () => {
    for (const link of opened.splice(0)) await link.stop();
  };
  return {
    sshd,
    configFile: sshd.clientConfigFor(main.port),
    async openLink(targetPort) {
      const link = await startLinkProcess({ targetPort, rttMs });
      opened.push(link);
      return link.port;
    },
    async setRtt(ms) {
      rttMs = ms;
      await each((link) => link.setRtt(ms));
    },
    reset: () => each((link) => link.reset()),
    async bytes() {
      let sum = 0;
      await each(async (link) => {
        const { up, down } = await link.counters();
        sum += up + down;
      });
      return sum;
    },
    async clear() {
      await closeOpened();
      await main.cut();
      await waitUntil(async () => (await main.counters()).open === 0, closeTimeoutMs);
    },
    async stop() {
      await closeOpened();
      await main.stop();
      await sshd.stop();
    },
  };
}
