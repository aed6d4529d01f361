/** Finds out which of the wanted tools are there. */
import type { ToolInfo } from "../result.ts";
import { allTools } from "./all.ts";
import type { Tool } from "./tool.ts";

export async function chooseTools(wanted: readonly string[]): Promise<{ tools: Tool[]; infos: ToolInfo[] }> {
  const tools: Tool[] = [];
  const infos: ToolInfo[] = [];
  for (const tool of allTools.filter(({ name }) => wanted.includes(name))) {
    const missing = tool.missing();
    if (missing === undefined) {
      tools.push(tool);
      infos.push({ name: tool.name, version: await tool.version() });
    } else {
      infos.push({ name: tool.name, version: null, missing });
    }
  }
  return { tools, infos };
}
