/** Lets long synchronous work share the event loop. */

/** How long work may hold the event loop. */
const sliceMs = 8;

let sliceStartMs = 0;

/** Gives other events a turn if the last turn was long enough ago; call it often in long loops. */
export async function breathe(): Promise<void> {
  if (performance.now() - sliceStartMs < sliceMs) return;
  await new Promise((resolve) => setImmediate(resolve));
  sliceStartMs = performance.now();
}
