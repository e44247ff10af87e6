// What the files of the network view hand to each other. `Head` and `SentLayer` are what Python sends, see
// network_message.py and layer_schema.py.

declare namespace Net {
  /** A number of a layer, all from 0; without row and column a unit without maps, or a whole filter. */
  interface Place {
    channel: number;
    row: number | null;
    column: number | null;
  }

  /** The same with the number of its layer; that of the image is 0. */
  interface Unit extends Place {
    layer: number;
  }

  /** A weight, and where it starts in its row; null where it was left out. */
  interface Weight {
    start: number | null;
    shape: number[];
  }

  /** `values` is where the layer's values start in their row; null where they were left out. */
  interface SentLayerBase {
    name: string;
    title: string;
    note: string;
    shape: number[];
    values: number | null;
    weights?: Record<string, Weight>;
    output?: boolean;
    hidden?: boolean;
  }

  /** What the browser adds; null where it was not given the numbers. */
  interface LayerNumbers {
    number: number;
    length: number;
    numbers: Float32Array | null;
    kernel: Float32Array | null;
    bias: Float32Array | null;
  }

  /** A window along one side, see `WindowSide` in Python. */
  interface Window {
    size: number;
    stride: number;
    dilation: number;
    before: number;
    after: number;
  }

  interface Simple extends SentLayerBase {
    kind: "image" | "flatten" | "average" | "dense" | "softmax";
  }

  interface Convolution extends SentLayerBase, Window {
    kind: "convolution";
    weights: Record<"kernel" | "bias", Weight>;
    off: number[];
    kernelTitle: string;
    kernelNote: string;
  }

  interface Pooling extends SentLayerBase, Window {
    kind: "pooling";
    pooling: "max" | "average";
  }

  interface Activation extends SentLayerBase {
    kind: "activation";
    function: string;
    label: string;
    slope: number;
    formula: string;
  }

  interface Normalization extends SentLayerBase {
    kind: "normalization";
    epsilon: number;
  }

  type SentLayer = Simple | Convolution | Pooling | Activation | Normalization;
  type ConvolutionLayer = Convolution & LayerNumbers;
  type PoolingLayer = Pooling & LayerNumbers;
  type ActivationLayer = Activation & LayerNumbers;
  /** `parts` are gamma, beta, moving mean and moving variance. */
  type NormalizationLayer = Normalization & LayerNumbers & { parts: Float32Array[] };
  type Layer =
    | (Simple & LayerNumbers)
    | ConvolutionLayer
    | PoolingLayer
    | ActivationLayer
    | NormalizationLayer;

  interface Network {
    layers: Layer[];
    head: Head;
  }

  /** The course of a run: epoch, training loss and test loss; null is not finite. `marks` have a label each. */
  interface Timeline {
    run: string;
    kept: number[];
    shown: number;
    losses: [number, number | null, number | null][];
    marks: [number, string][];
    filmed: boolean;
  }

  interface Head {
    layers: SentLayer[];
    classes: string[];
    truth: number | null;
    scale: "map" | "layer" | "network";
    enlarged: number;
    follows: boolean;
    winners: boolean;
    padded: boolean;
    small: boolean;
    limits: Record<string, [number, number]>;
    together: string;
    palettes: Ui.Palettes;
    hint: string;
    confirmed: Record<string, string>;
    rows: Record<string, [number, number]>;
    weightsName: string;
    drawn: string;
    selected: (Place & { layer: string }) | null;
    /** The class to compare the selected one with, null to leave that as it is. */
    other: number | null;
    /** Kernels that can be loaded: name, what each does, and its side. */
    classics: [string, string, number][];
    pulse: (Place & { layer: string }) | null;
    /** What the image is, in a few words, where the page has a headline; else "". */
    subject: string;
    comparesKeras: boolean;
    keras: { fault: string } | null;
    timeline: Timeline | null;
    filmName: string | null;
    filmEpochs: number[];
  }

  /** First, and the one after the last. */
  type Span = [number, number];

  interface Area {
    rows: Span;
    columns: Span;
  }

  /** A part of maps; `channel` null is all maps. */
  interface MapRegion extends Area {
    channel: number | null;
    /** What a single window covers, its padding too. */
    window?: Area | null;
    /** Where a dilated window passes cells over, those that it reads. */
    read?: { rows: number[]; columns: number[] } | null;
  }

  /** A part of units. */
  interface UnitRegion {
    units: Span;
  }

  type Region = MapRegion | UnitRegion;

  /** For each row and column of a layer the number of the layer that nothing that depends on it gets past, null for none. */
  interface Dropped {
    rows: (number | null)[];
    columns: (number | null)[];
  }

  /** A cell that a window reads; its value is null in the padding. */
  interface ReadCell {
    row: number;
    column: number;
    value: number | null;
  }

  interface Channel {
    channel: number;
    cells: ReadCell[];
    weights: number[];
    products: number[];
    subtotal: number;
  }

  interface Term {
    from: number;
    value: number;
    weight: number;
    product: number;
  }

  /** What is done to make a number, by its kind; `computed` is what it comes to. */
  interface Arithmetic {
    image: { computed: number };
    convolution: { channels: Channel[]; bias: number; computed: number };
    normalization: {
      input: number;
      gamma: number;
      beta: number;
      mean: number;
      variance: number;
      spread: number;
      computed: number;
    };
    /** `second` is the probability of the second of two `classes`, where one logit is for both. */
    activation: { input: number; computed: number; second?: number; classes?: string[] };
    pooling: { cells: ReadCell[]; winner?: number; computed: number };
    flatten: { source: Unit; computed: number };
    average: { sum: number; count: number; computed: number };
    dense: { terms: Term[]; bias: number; computed: number };
    softmax: {
      logits: number[];
      largest: number;
      exponentials: number[];
      sum: number;
      shares: number[];
      classes: string[];
      computed: number;
    };
  }

  /** How far the logit of one class is above that of another, see `differenceReceipt`. */
  interface Difference {
    previous: Layer;
    terms: Term[];
    bias: number;
    computed: number;
    logits: [number, number];
  }

  interface LayerOf {
    image: Layer;
    convolution: ConvolutionLayer;
    normalization: NormalizationLayer;
    activation: ActivationLayer;
    pooling: PoolingLayer;
    flatten: Layer;
    average: Layer;
    dense: Layer;
    softmax: Layer;
    /** A whole filter of a convolution, or a whole map of another layer. */
    filter: Layer;
  }

  type Kind = keyof Arithmetic;

  interface About<K extends Kind | "filter"> {
    kind: K;
    layer: LayerOf[K];
    unit: Unit;
    previous: Layer;
    value: number | undefined;
  }

  /** The receipt of a number of which everything is here. */
  type ReceiptOf<K extends Kind> = About<K> & Arithmetic[K] & { missing?: undefined };
  type FilterReceipt = About<"filter"> & { missing?: undefined };
  type NumberReceipt = { [K in Kind]: ReceiptOf<K> }[Kind];
  type Complete = NumberReceipt | FilterReceipt;
  /** The receipt of a number of which the browser was not given what `missing` says. */
  type MissingReceipt = { [K in Kind | "filter"]: About<K> & { missing: "values" | "weights" | "kernels" } }[Kind | "filter"];
  type Receipt = Complete | MissingReceipt;

  /** The largest size on the scale of colors: of the whole network, and of each layer, kernel and map. */
  interface ScaleLimits {
    network: number;
    layers: { values: number; kernel: number; maps: number[] }[];
  }

  /** A picture on a stage: of a map, of units, of a kernel, or of all kernels. */
  interface Tile {
    picture: HTMLImageElement;
    width: number;
    height: number;
    /** Of a map or of units, around the picture, for what is drawn over it. */
    frame?: HTMLElement;
    caption?: HTMLElement;
    dots?: HTMLCanvasElement;
    filter?: number;
    channel?: number;
    mosaic?: boolean;
    painted?: { table: Ui.Rgb[]; limit: number; kernel: Float32Array };
    /** Where it lies on its card, in pixels. */
    place?: { left: number; top: number; width: number; height: number } | null;
  }

  /** A column of the strip: the card of a layer, or of the kernels of one. */
  interface Stage {
    layer: Layer;
    kernels: boolean;
    card: HTMLElement;
    tiles: Tile[];
    bars?: HTMLTableElement;
    legend: HTMLElement;
    ends: HTMLElement;
    facts: HTMLElement;
    /** The colors that the legend shows. */
    barTable?: Ui.Rgb[];
    columns?: number;
    padding?: string;
    hatched?: string;
    overlay: HTMLElement;
    boxes: HTMLElement[];
  }

  /** The place of the chosen number, to be typed. */
  interface CellFields {
    root: HTMLElement;
    show(): void;
  }

  /** The network after other epochs. */
  interface Film {
    name: string | null;
    epochs: number[];
    network(epoch: number): Network;
  }

  /** The loss over the epochs, with a mark that moves; `across` is where an epoch is, from 0 to 1. */
  interface Chart {
    box: HTMLElement;
    across(epoch: number): number;
    mark(epoch: number): void;
  }

  interface TimelineParts {
    slider: HTMLInputElement;
    play: HTMLButtonElement;
    label: HTMLElement;
    chart: Chart;
    timer?: Timer;
  }

  type Timer = ReturnType<typeof setTimeout> | undefined;

  interface Sweep {
    step(by: number): void;
    end(): void;
    stop(): void;
    toggle(): void;
    setSpeed(speed: string): void;
    readonly possible: boolean;
    readonly playing: boolean;
    readonly on: boolean;
    readonly speed: string;
  }

  /** The lines of one class: its probability in numbers and as a bar. */
  interface ClassLine {
    box: HTMLElement;
    amount: HTMLElement;
    /** Whether it is the predicted or the actual one. */
    tag: HTMLElement;
    bar: HTMLElement;
  }

  /** The network at a glance once it is laid out, as columns or as rows. */
  interface GlanceParts {
    layout: { columns: import("./layout.js").Column[] };
    legend: HTMLElement;
    /** What a larger contribution is than a smaller one. */
    measure: string;
    /** What the contributions and outlines are of. */
    focused: { unit: Unit | null; network: Network; compares: boolean } | null;
    pulse: SVGElement;
    /** What lies over the picture of a layer. */
    overlayOf(layer: number): SVGElement | undefined;
    /** What is swiped to see the rest of a layer's row, by the layer's name. */
    swipeOf?(name: string): HTMLElement | undefined;
    paint(): void;
    /** Paints the map of the chosen number, over which the kernel slides. */
    paintSwept?(): void;
    focus(unit: Unit | null, regions: Region[], text: string): void;
    /** Scrolls to a unit. */
    reveal?(unit: Unit): void;
    /** The unit under a point of the window, or the nearest one within so many pixels. */
    unitNear(at: Ui.Point, reach: number): Unit | null;
  }

  interface OverviewParts extends GlanceParts {
    layout: import("./layout.js").Layout;
    /** What is hatched on the maps of each layer. */
    dropped: Dropped[];
    canvas: HTMLCanvasElement;
    /** The contributions to the number in focus. */
    curves: SVGElement;
    /** Covers the maps that have no part in it. */
    faded: SVGElement;
    boxes: SVGElement;
    scales: Map<number, HTMLElement>;
    classes: ClassLine[];
    tip: HTMLElement;
  }

  /** The whole network on one screen; without `parts` there is no room for it. */
  interface Glance {
    root: HTMLElement;
    parts: GlanceParts | null;
    builtFor: number;
    /** Pixels from side to side that there are for the network. */
    room: number;
    words: HTMLElement;
    /** Whether it answers why the predicted class and not the second. */
    compares: boolean;
    pointer: { x: number; y: number } | null;
    build(): void;
    paint(): void;
    focus(unit: Unit | null, regions: Region[], text: string): void;
  }

  /** The kernels of a filter, being edited. */
  interface KernelEditor {
    unit: Unit;
    box: HTMLElement;
    /** The network with what was typed and Python has not confirmed yet; null without it. */
    drafted(network: Network): Network | null;
    refresh(): void;
    /** Sends what was typed and is not sent yet. */
    close(): void;
  }

  /** An instance of the view: what it received, what is chosen, and the elements it is made of. */
  interface View {
    root: HTMLElement;
    head: Head;
    network: Network;
    /** The network of the message; another one is shown while the handle is away from its epoch. */
    received: Network;
    /** Its numbers without the changes made by hand, null where there are none. */
    trained: Network | null;
    film?: Film;
    editor: KernelEditor | null;
    keras: { fault: string; layer: number | null; numbers: Float32Array } | null;
    state: { selected: Unit | null; epoch?: number; textOpen?: boolean; sheetOpen?: boolean; other?: number; opened?: number[] | null; openedFrom?: number };
    hovered: Unit | null;
    choices: import("../choices.js").Choices;
    send(event: string, value: unknown): void;
    hover(unit: Unit | null): void;
    select(unit: Unit | null): void;
    openLayers(layers: number[] | null, from?: number): void;
    repaint(): void;
    repaintSwept(): void;
    drawTools(): void;
    sweep: Sweep;
    /** The name of a chosen unit that was not sent to Python yet. */
    unsent: string | null;
    /** Whether the visitor moves the handle of the epochs and Python does not know yet where to. */
    moving?: boolean;
    sendTimer: Timer;
    epochTimer: Timer;
    filmRequest?: { name: string | null; at: number };
    builtStructure: string | null;
    builtShapes?: string;
    look?: string;
    dark?: boolean;
    table: Ui.Rgb[];
    limits: ScaleLimits;
    enlarged: number;
    /** How many maps are above each other before a second column begins. */
    rows: number;
    stages: Stage[];
    glance: Glance;
    /** The layers that are opened, or all where there is no overview; hidden behind the overview. */
    detail: HTMLElement;
    strip: HTMLElement;
    /** The readout, the tools and the receipt. */
    dock: HTMLElement;
    readout: HTMLElement;
    tools: HTMLElement;
    fields: CellFields;
    receipt: HTMLElement;
    timeline: TimelineParts | null;
  }
}
