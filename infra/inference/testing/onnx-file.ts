/**
 * Small ONNX files for tests, written by hand after onnx.proto (version 17 of the operators): just as much of the format as they need.
 */

/** A field of a protobuf message: varint, or bytes with their length before them. */
const varint = (value: number | bigint): Buffer => {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
    if (rest < 128n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 127n) | 128);
  }
};
const whole = (field: number, value: number): Buffer => Buffer.concat([varint(field << 3), varint(value)]);
const part = (field: number, value: Buffer | string): Buffer => {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([varint((field << 3) | 2), varint(bytes.length), bytes]);
};
const message = (...fields: readonly Buffer[]): Buffer => Buffer.concat(fields);

const FLOAT = 1, INT64 = 7;

/** TypeProto of a tensor; a text is a length that is not fixed. */
const tensorType = (type: number, shape: readonly (number | string)[]): Buffer =>
  part(1, message(whole(1, type), part(2, message(...shape.map((length) => part(1, typeof length === 'string' ? part(2, length) : whole(1, length)))))));

const valueInfo = (name: string, shape: readonly (number | string)[], type = FLOAT): Buffer => message(part(1, name), part(2, tensorType(type, shape)));

const floats = (name: string, values: readonly number[]): Buffer => message(whole(1, values.length), whole(2, FLOAT), part(8, name), part(9, Buffer.from(Float32Array.from(values).buffer)));
const longs = (name: string, values: readonly number[]): Buffer => message(whole(1, values.length), whole(2, INT64), part(8, name), part(9, Buffer.from(BigInt64Array.from(values, BigInt).buffer)));

const node = (op: string, inputs: readonly string[], output: string, ...attributes: readonly Buffer[]): Buffer =>
  message(...inputs.map((input) => part(1, input)), part(2, output), part(4, op), ...attributes.map((attribute) => part(5, attribute)));
const intAttribute = (name: string, value: number): Buffer => message(part(1, name), whole(3, value), whole(20, 2));
const intsAttribute = (name: string, values: readonly number[]): Buffer => message(part(1, name), ...values.map((value) => whole(8, value)), whole(20, 7));

/** What {@link reconstructionModel} is. */
export interface SmallModel {
  /** What each of the ten features is multiplied by. */
  readonly scale: readonly number[];
  /** Name of the output `error`. */
  readonly error?: string;
  /** Features of the input. */
  readonly width?: number;
}

/**
 * A model as the processor `score` takes it: residuals are the features times a scale, the error is the largest of them. It throws, as a look-up beyond a table does, where the
 * last feature is neither 0 nor 1.
 */
export function reconstructionModel({ scale, error = 'error', width = 10 }: SmallModel): Buffer {
  const graph = message(
    part(1, node('Mul', ['features', 'scale'], 'residuals')),
    part(1, node('ReduceMax', ['residuals'], 'largest', intsAttribute('axes', [1]), intAttribute('keepdims', 0))),
    part(1, node('Gather', ['features', 'last'], 'chosen', intAttribute('axis', 1))),
    part(1, node('Cast', ['chosen'], 'place', intAttribute('to', INT64))),
    part(1, node('Gather', ['nothing', 'place'], 'looked', intAttribute('axis', 0))),
    part(1, node('ReduceMax', ['looked'], 'zero', intsAttribute('axes', [1]), intAttribute('keepdims', 0))),
    part(1, node('Add', ['largest', 'zero'], error)),
    part(2, 'small'),
    part(5, floats('scale', scale)),
    part(5, floats('nothing', [0, 0])),
    part(5, longs('last', [width - 1])),
    part(11, valueInfo('features', ['batch', width])),
    part(12, valueInfo(error, ['batch'])),
    part(12, valueInfo('residuals', ['batch', width])),
  );
  return message(whole(1, 8), part(8, message(part(1, ''), whole(2, 17))), part(7, graph));
}
