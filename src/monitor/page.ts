/** The page that shows what each target is doing. All of it is in page.html, which asks for status.json. */
import html from "./page.html" with { type: "text" };

/** The page. */
export const pageText: string = html as unknown as string;

/** What a browser may do with the page: run its own script, ask this server, and nothing else. */
export const pagePolicy = [
  "default-src 'none'",
  `script-src ${hashOf("script")}`,
  `style-src ${hashOf("style")}`,
  "connect-src 'self'",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** By what the only element `tag` holds. */
function hashOf(tag: string): string {
  const [, content] = new RegExp(`<${tag}>(.*)</${tag}>`, "s").exec(pageText)!;
  return `'sha256-${new Bun.CryptoHasher("sha256").update(content!).digest("base64")}'`;
}
