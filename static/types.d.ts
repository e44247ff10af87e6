// What every component here is given, and what colors are.

declare namespace Ui {
  /** Red, green and blue from 0 to 255. */
  type Rgb = number[];

  /** The colors from zero to the largest size, on both sides. */
  interface Palette {
    negative: Rgb[];
    positive: Rgb[];
  }

  interface Palettes {
    light: Palette;
    dark: Palette;
  }

  /** A component on a page, and the message it is to draw; see `BidiComponent` of Streamlit. */
  interface Instance {
    data: Uint8Array;
    parentElement: HTMLElement | ShadowRoot;
    setTriggerValue(event: string, value: unknown): void;
    setStateValue(name: string, value: unknown): void;
  }

  /** A row and a column, from 0. */
  interface Cell {
    row: number;
    column: number;
  }

  /** A place in the window, in pixels. */
  interface Point {
    clientX: number;
    clientY: number;
  }

  /** The color of a cell; null leaves it transparent. */
  type ColorOf = (row: number, column: number) => ArrayLike<number> | null;
}
