/** How long a test waits for what another process does: less than a test may take, so that it can say what for. */
const patienceMs = 15_000

/** Waits until it is so. Throws with the name of what was waited for. */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  limitMs = patienceMs,
): Promise<void> {
  const untilMs = performance.now() + limitMs
  while (!(await isSo())) {
    if (performance.now() > untilMs) throw new Error(`Waited in vain for ${what}.`)
    await Bun.sleep(5)
  }
}
