// Networks to be laid out, without numbers.

/** Whole numbers that look random and are the same in every run, from `low` to `high`. */
export function seeded(seed) {
  let state = seed;
  return (low, high) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return low + (state % (high - low + 1));
  };
}

/** The layers of a network, from the image to the probabilities. */
export function network({ blocks, dense, side = 28, channels = 1, kernel = 3, classes = 10, average = false, sigmoid = false }) {
  const layers = [{ kind: "image", name: "image", title: "Input", shape: [side, side, channels] }];
  let [height, maps] = [side, channels];
  blocks.forEach((filters, at) => {
    if (height < kernel) return;
    height -= kernel - 1;
    const number = at + 1;
    layers.push({ kind: "convolution", title: `Convolution ${number}`, shape: [height, height, filters], weights: { kernel: { shape: [kernel, kernel, maps, filters] } } });
    layers.push({ kind: "activation", title: `ReLU ${number}`, shape: [height, height, filters] });
    maps = filters;
    if (height >= 2) {
      height = Math.floor(height / 2);
      layers.push({ kind: "pooling", title: `Max pooling ${number}`, shape: [height, height, filters] });
    }
  });
  layers.push(average ? { kind: "average", title: "Global average", shape: [maps] } : { kind: "flatten", title: "Flatten", shape: [height * height * maps] });
  dense.forEach((units, at) => {
    layers.push({ kind: "dense", title: `Dense ${at + 1}`, shape: [units] });
    layers.push({ kind: "activation", title: `Sigmoid of dense ${at + 1}`, shape: [units] });
  });
  layers.push({ kind: "dense", title: "Logits", shape: [sigmoid ? 1 : classes] });
  layers.push({ kind: sigmoid ? "activation" : "softmax", title: "Softmax", shape: [sigmoid ? 2 : classes], output: true });
  return layers.map((layer, number) => ({ ...layer, number }));
}

/** Any network that can be built. */
export const randomNetwork = (random) =>
  network({
    blocks: Array.from({ length: random(0, 5) }, () => random(1, 128)),
    dense: Array.from({ length: random(0, 3) }, () => random(1, 512)),
    side: random(28, 64),
    channels: random(0, 1) ? 3 : 1,
    kernel: random(1, 11),
    classes: random(2, 40),
    average: random(0, 1) === 1,
    sigmoid: random(0, 1) === 1,
  });

export function overlap(box, other) {
  const apart = box.x + box.width <= other.x + 1e-6 || other.x + other.width <= box.x + 1e-6 || box.y + box.height <= other.y + 1e-6 || other.y + other.height <= box.y + 1e-6;
  return !apart;
}
