import { expect, test } from "bun:test";
import { isFault } from "../../src/core/fault.ts";
import { launchdPlist } from "../../src/service/launchd-plist.ts";

const service = (args: readonly string[]) => ({
  name: "tsync-www",
  description: "",
  program: "/usr/local/bin/tsync",
  args,
  isSystem: false,
});

/** The texts of a property list, read as XML. */
async function textsOf(list: string): Promise<string[]> {
  const texts: string[] = [];
  let text = "";
  await new HTMLRewriter()
    .on("string", {
      element: (element) => {
        element.onEndTag(() => void texts.push(text));
      },
      text: (chunk) => {
        text = chunk.lastInTextNode ? text + chunk.text : chunk.text;
      },
    })
    .transform(new Response(list))
    .text();
  return texts.map((one) => one.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&"));
}

test("each argument arrives as it is; the log file stands before the places", async () => {
  const odd = ["watch", "--", "/srv/with space", "a&b <c> &amp; \"d\" 'e'", "100% $HOME \\n", "ünïcode €"];
  const list = launchdPlist(service(odd), "/log");
  if (isFault(list)) throw new Error(list.message);
  expect(list).toContain("&amp;amp;");
  const [label, program, command, log, ...rest] = await textsOf(list);
  expect([label, program, command, log]).toEqual([
    "tsync-www",
    "/usr/local/bin/tsync",
    "watch",
    "--log-file=/log",
  ]);
  expect(rest).toEqual([...odd.slice(1), "/log.errors"]);
});

test("what XML cannot hold is an error", () => {
  const list = launchdPlist(service(["watch", "bell\x07"]), "/log");
  expect(isFault(list) && list.message).toBe(
    '"bell\\u0007" has a control character, which a property list cannot hold',
  );
});
