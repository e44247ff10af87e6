// A choice that both the browser and Python can make: which unit, which epoch, which points. The newer
// one counts.
//
// The browser sends each choice with a token, and every message from Python has the token of the last
// choice that it received, which confirms it. Until that is the token of the last choice that was sent,
// Python's choice is older than the browser's.

/**
 * The choice that was sent and is not confirmed yet, and the last choice that came from Python.
 *
 * @typedef {{ token: string, value: unknown, sentAt: number, timeout: number }} Pending
 * @typedef {Record<string, { received: unknown, pending?: Pending }>} Choices
 * @typedef {{
 *   head: { confirmed: Record<string, string> },
 *   choices: Choices,
 *   send(event: string, value: unknown): void,
 * }} Chooser
 */

export const SEND_DELAY = 350; // milliseconds without a change until a choice is sent
const RESEND_AFTER = 4000; // milliseconds after which an unconfirmed choice is sent again, then twice as many

/**
 * Whether Python wants this choice to be sent.
 *
 * @type {(view: Chooser, event: string) => boolean}
 */
export const wantsChoice = (view, event) => event in view.head.confirmed;

/**
 * Sends a choice to Python, which is then to confirm it.
 *
 * @type {(view: Chooser, event: string, value: unknown) => void}
 */
export function sendChoice(view, event, value) {
  const token = Math.random().toString(36).slice(2);
  view.choices[event].pending = { token, value, sentAt: Date.now(), timeout: RESEND_AFTER };
  view.send(event, { token, value });
}

/**
 * Whether `choice`, which Python has sent, is a new one of its own. Of another network it always is.
 *
 * @type {(view: Chooser, event: string, choice: unknown, rebuilt: boolean) => boolean}
 */
export function isNewChoice(view, event, choice, rebuilt) {
  const { pending, received } = view.choices[event] ?? { received: undefined };
  if (pending && !rebuilt && view.head.confirmed[event] !== pending.token) {
    if (Date.now() > pending.sentAt + pending.timeout) {
      Object.assign(pending, { sentAt: Date.now(), timeout: 2 * pending.timeout });
      view.send(event, { token: pending.token, value: pending.value });
    }
    return false;
  }
  const expected = pending ? pending.value : received;
  view.choices[event] = { received: choice };
  return rebuilt || JSON.stringify(choice) !== JSON.stringify(expected);
}
