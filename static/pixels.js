// Square pixels on a canvas.

/**
 * The 2D context of a canvas, which draws on it.
 *
 * @type {(canvas: HTMLCanvasElement) => CanvasRenderingContext2D}
 */
export const contextOf = (canvas) => /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));

/**
 * Makes a canvas as large as a drawing of `width` × `height` pixels of the style sheet, each of which the screen
 * shows with `pixelRatio` of its own; drawn is in those of the style sheet.
 *
 * @type {(canvas: HTMLCanvasElement, width: number, height: number, pixelRatio: number) => CanvasRenderingContext2D}
 */
export function sharpContext(canvas, width, height, pixelRatio) {
  canvas.width = Math.round(width * pixelRatio);
  canvas.height = Math.round(height * pixelRatio);
  const context = contextOf(canvas);
  context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
  return context;
}

/**
 * One canvas pixel a cell; the style sheet enlarges it without smoothing.
 *
 * @type {(canvas: HTMLCanvasElement, height: number, width: number, color: Ui.ColorOf) => void}
 */
export function paint(canvas, height, width, color) {
  if (canvas.height !== height) canvas.height = height;
  if (canvas.width !== width) canvas.width = width;
  const context = contextOf(canvas);
  const picture = context.createImageData(width, height);
  const { data } = picture;
  let at = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at += 4) {
      const rgb = color(row, column);
      if (!rgb) continue;
      data[at] = rgb[0];
      data[at + 1] = rgb[1];
      data[at + 2] = rgb[2];
      data[at + 3] = 255;
    }
  }
  context.putImageData(picture, 0, 0);
}

/**
 * The cell of a picture of height × width cells that is under the pointer.
 *
 * @type {(at: Ui.Point, picture: HTMLCanvasElement | HTMLImageElement, height?: number, width?: number) => Ui.Cell | null}
 */
export function cellUnder(at, picture, height = picture.height, width = picture.width) {
  const box = picture.getBoundingClientRect();
  const column = Math.floor(((at.clientX - box.left) / box.width) * width);
  const row = Math.floor(((at.clientY - box.top) / box.height) * height);
  const inside = row >= 0 && column >= 0 && row < height && column < width;
  return inside ? { row, column } : null;
}
