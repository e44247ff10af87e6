// A choice that both the browser and Python can make: which unit, which epoch, which points. The newer
// one counts.
//
// What is told from here has a token, and every message from Python names the last token it has
// heard. Until that is the token of what was told last, Python's choice is older than ours.

/**
 * What was told and not heard yet, and Python's own choice as far as it is known here.
 *
 * @typedef {{ token: string, value: unknown, at: number, patience: number }} Waiting
 * @typedef {Record<string, { known: unknown, waiting?: Waiting }>} Choices
 * @typedef {{
 *   head: { heard: Record<string, string> },
 *   choices: Choices,
 *   tell(event: string, value: unknown): void,
 * }} Chooser
 */

export const REST = 350; // milliseconds without a move until Python is told of the choice
const RETELL = 4000; // milliseconds after which a choice that was not heard is told again, then twice as many

/**
 * Whether Python wants to be told of this choice.
 *
 * @type {(view: Chooser, event: string) => boolean}
 */
export const listens = (view, event) => event in view.head.heard;

/**
 * Tells Python a choice, and waits for it to be heard.
 *
 * @type {(view: Chooser, event: string, value: unknown) => void}
 */
export function tellChoice(view, event, value) {
  const token = Math.random().toString(36).slice(2);
  view.choices[event].waiting = { token, value, at: Date.now(), patience: RETELL };
  view.tell(event, { token, value });
}

/**
 * Whether `choice`, which Python has sent, is a new one of its own. Of another network it always is.
 *
 * @type {(view: Chooser, event: string, choice: unknown, rebuilt: boolean) => boolean}
 */
export function isNews(view, event, choice, rebuilt) {
  const { waiting, known } = view.choices[event] ?? { known: undefined };
  if (waiting && !rebuilt && view.head.heard[event] !== waiting.token) {
    if (Date.now() > waiting.at + waiting.patience) {
      Object.assign(waiting, { at: Date.now(), patience: 2 * waiting.patience });
      view.tell(event, { token: waiting.token, value: waiting.value });
    }
    return false;
  }
  const expected = waiting ? waiting.value : known;
  view.choices[event] = { known: choice };
  return rebuilt || JSON.stringify(choice) !== JSON.stringify(expected);
}
