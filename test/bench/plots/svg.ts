/** A picture as text: SVG that can be read on a light and on a dark page. */

/** A tool's colour on light and on dark ground; what is not named here is grey. */
const colours: Record<string, readonly [light: string, dark: string]> = {
  tsync: ["#1d5fd1", "#74a9ff"],
  lsyncd: ["#b4540a", "#f2a35e"],
  loop: ["#2b7a4b", "#6cc48d"],
  unison: ["#7446b0", "#bd9df0"],
  syncthing: ["#a82a66", "#ee8cba"],
};
const other = ["#5b6470", "#a3adb8"] as const;

/** The class of what has a tool's colour: `ink-tsync` for lines, `fill-tsync` for areas and words. */
export function toolClass(tool: string): string {
  return tool in colours ? tool : "other";
}

function rules(mode: 0 | 1): string {
  const [ground, text, faint, grid] = [
    ["#ffffff", "#1c2128", "#59636e", "#d8dee4"],
    ["#14181e", "#e6ebf1", "#9aa5b1", "#333b45"],
  ][mode]!;
  const tools = [...Object.entries(colours), ["other", other] as const].map(
    ([tool, ofMode]) => `.ink-${tool}{stroke:${ofMode[mode]}}.fill-${tool}{fill:${ofMode[mode]}}`,
  );
  return [
    `.ground{fill:${ground};stroke:${grid}}.text{fill:${text}}.faint{fill:${faint}}.grid{stroke:${grid}}.mark{stroke:${faint}}`,
    ...tools,
  ].join("");
}

/** The whole picture; `parts` are elements. `title` and `description` are for those who do not see it. */
export function picture(options: {
  width: number;
  height: number;
  title: string;
  description: string;
  parts: readonly string[];
}): string {
  const { width, height, title, description, parts } = options;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description" font-family="system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif" font-size="13">
<title id="title">${escaped(title)}</title>
<desc id="description">${escaped(description)}</desc>
<style>${rules(0)}@media (prefers-color-scheme:dark){${rules(1)}}</style>
<rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="6"/>
${parts.join("\n")}
</svg>
`;
}

export interface TextOptions {
  /** Where `x` is of the text (default start). */
  anchor?: "start" | "middle" | "end";
  /** Classes, separated by blanks (default `text`). */
  style?: string;
  /** In px (default 13). */
  size?: number;
  bold?: boolean;
}

export function text(x: number, y: number, words: string, options: TextOptions = {}): string {
  const { anchor = "start", style = "text", size, bold = false } = options;
  const extra = `${size === undefined ? "" : ` font-size="${size}"`}${bold ? ' font-weight="600"' : ""}`;
  return `<text class="${style}" x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"${extra}>${escaped(words)}</text>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, style: string): string {
  return `<line class="${style}" x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"/>`;
}

/** A line through points; `dashed` for what was not measured. */
export function path(
  points: readonly (readonly [number, number])[],
  style: string,
  { width = 2, dashed = false } = {},
): string {
  const through = points.map(([x, y]) => `${round(x)},${round(y)}`).join(" ");
  const dashes = dashed ? ' stroke-dasharray="4 4"' : "";
  return `<polyline class="${style}" fill="none" stroke-width="${width}"${dashes} points="${through}"/>`;
}

export function dot(x: number, y: number, style: string): string {
  return `<circle class="${style}" cx="${round(x)}" cy="${round(y)}" r="4"/>`;
}

/** `faint`: as of something that is not known. */
export function bar(
  x: number,
  y: number,
  width: number,
  height: number,
  style: string,
  faint = false,
): string {
  const opacity = faint ? ' fill-opacity="0.35"' : "";
  return `<rect class="${style}" x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="2"${opacity}/>`;
}

/** Moves places apart that are closer than `gap`, in their order, below one another from the first on. */
export function spread(places: readonly number[], gap: number): number[] {
  const order = places.map((place, index) => ({ place, index })).sort((a, b) => a.place - b.place);
  const result = [...places];
  let least = Number.NEGATIVE_INFINITY;
  for (const { place, index } of order) {
    const moved = Math.max(place, least);
    result[index] = moved;
    least = moved + gap;
  }
  return result;
}

function escaped(words: string): string {
  return words
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
