/** Writes ONNX models (protobuf), as much of it as one layer needs. Field numbers are those of onnx.proto. */

type Bytes = Uint8Array<ArrayBuffer>;
/** Pieces of a message, not yet joined: weights are large. */
export type Pieces = readonly Bytes[];

const encoder = new TextEncoder();

function varint(value: number): Bytes {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest % 128) + (rest >= 128 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Uint8Array.from(bytes);
}

const sizeOf = (pieces: Pieces) => pieces.reduce((sum, { length }) => sum + length, 0);
const integer = (field: number, value: number): Pieces => [varint(field * 8), varint(value)];
const message = (field: number, pieces: Pieces): Pieces => [varint(field * 8 + 2), varint(sizeOf(pieces)), ...pieces];
const text = (field: number, value: string): Pieces => message(field, [encoder.encode(value)]);
const real = (field: number, value: number): Pieces => [
  varint(field * 8 + 5),
  new Uint8Array(Float32Array.of(value).buffer),
];

const FLOAT = 1;
const UINT8 = 2;

/** GraphProto.initializer */
export function tensor(name: string, data: Float32Array | Uint8Array, dims: readonly number[]): Pieces {
  const raw = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  return message(5, [
    ...dims.flatMap((size) => integer(1, size)),
    ...integer(2, data instanceof Float32Array ? FLOAT : UINT8),
    ...text(8, name),
    ...message(9, [raw]),
  ]);
}

/** Whole numbers as integers, strings as strings, {f} as a float. */
export type Attributes = Readonly<Record<string, number | string | { readonly f: number }>>;

/** GraphProto.node */
export function node(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Attributes = {},
  domain = '',
): Pieces {
  const attribute = ([name, value]: [string, Attributes[string]]): Pieces => {
    const [body, type] =
      typeof value === 'number'
        ? [integer(3, value), 2]
        : typeof value === 'string'
          ? [text(4, value), 3]
          : [real(2, value.f), 1];
    return message(5, [...text(1, name), ...body, ...integer(20, type)]);
  };
  return message(1, [
    ...inputs.flatMap((name) => text(1, name)),
    ...outputs.flatMap((name) => text(2, name)),
    ...text(4, operator),
    ...Object.entries(attributes).flatMap(attribute),
    ...(domain ? text(7, domain) : []),
  ]);
}

const valueInfo = (field: number, [name, dims]: [string, readonly number[]]): Pieces => {
  const shape = dims.flatMap((size) => message(1, integer(1, size)));
  return message(field, [...text(1, name), ...message(2, message(1, [...integer(1, FLOAT), ...message(2, shape)]))]);
};

/** A ModelProto of these nodes and tensors; inputs and outputs are float32. */
export function onnxModel(
  parts: readonly Pieces[],
  inputs: Readonly<Record<string, readonly number[]>>,
  outputs: Readonly<Record<string, readonly number[]>>,
): Bytes {
  const graph = [
    ...parts.flat(),
    ...text(2, 'graph'),
    ...Object.entries(inputs).flatMap((each) => valueInfo(11, each)),
    ...Object.entries(outputs).flatMap((each) => valueInfo(12, each)),
  ];
  const all = [
    ...integer(1, 9),
    ...message(7, graph),
    ...message(8, integer(2, 18)),
    ...message(8, [...text(1, 'com.microsoft'), ...integer(2, 1)]),
  ];
  const joined = new Uint8Array(sizeOf(all));
  let end = 0;
  for (const piece of all) {
    joined.set(piece, end);
    end += piece.length;
  }
  return joined;
}
