// What the walks share: how they say what they see, and how long they wait for it.
const patience = 25_000

/** `say` prints a name and what was seen; `step` says what an action gave, or the `reason` why it was refused. */
export function walk (text, reason) {
  const say = (name, seen) => console.log(`${name}: ${text(seen)}`)
  async function step (name, action) {
    try {
      say(name, (await action()) ?? 'done')
    } catch (refused) {
      say(name, reason(refused))
    }
  }
  return { say, step }
}

/** Ends the program when it does not hold in time. */
export async function until (what, holds) {
  const deadline = Date.now() + patience
  while (!await holds()) {
    if (Date.now() > deadline) {
      console.error(`in vain: ${what}`)
      process.exit(1)
    }
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
