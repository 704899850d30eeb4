/**
 * Model cards: `card.yaml` beside `model.onnx` says what a model is, what it was made from and how it fared (after Mitchell et al., "Model Cards for Model
 * Reporting", 2019). What the program itself stands on is checked; the rest is for people.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { NetWeaverError } from '../errors';

/** Name and shape of an input or output, the batch left out: `[60, 10]` is `[batch, 60, 10]`; `[]` one number a row. */
export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
}

/** What models are for. */
export const TASKS = ['forecast', 'reconstruction'] as const;
/** One of {@link TASKS}. */
export type ModelTask = (typeof TASKS)[number];

/** What the program takes from a card. */
export interface ModelCard {
  readonly name: string;
  /** Counts up with every training that is published. */
  readonly version: number;
  readonly task: ModelTask;
  /** SHA-256 of model.onnx, hexadecimal. */
  readonly sha256: string;
  readonly opset: number;
  readonly input: Tensor;
  readonly outputs: readonly Tensor[];
  /** Names of the features, in the order of the last dimension of the input. */
  readonly features: readonly string[];
  /** Length of the windows that it works on; unit: milliseconds. */
  readonly windowMs: readonly number[];
  /** Reconstruction: the error from which a window is out of the ordinary, mean + 2 sigma of the validation error. Else NaN. */
  readonly threshold: number;
  /** An input of one row and what must come of it; NaN stands for what is not known. */
  readonly probe: { readonly input: readonly number[]; readonly outputs: readonly (readonly number[])[]; readonly tolerance: number };
  /** Everything that the card says, for people. */
  readonly text: Readonly<Record<string, unknown>>;
  /** The folder; and what tells this card from every other, the same folder's at another time too. */
  readonly folder: string;
  readonly id: string;
}

/** Name of the card's file. */
export const CARD = 'card.yaml';
/** Name of the model's file. */
export const MODEL = 'model.onnx';

/** Numbers of one row of a tensor. */
export const sizeOf = ({ shape }: Tensor): number => shape.reduce((product, length) => product * length, 1);

/** Reads the card of a folder. @throws NW_MODEL_UNREADABLE */
export function readCard(folder: string): ModelCard {
  const path = join(folder, CARD);
  let text: unknown;
  try {
    text = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new NetWeaverError('NW_MODEL_UNREADABLE', `${path}: ${(error as Error).message}`);
  }
  return parseCard(text, folder, path);
}

/** A card from what its YAML says. @throws NW_MODEL_UNREADABLE naming the field that is not as it should be */
export function parseCard(text: unknown, folder: string, path: string): ModelCard {
  const refuse = (field: string, allowed: string): never => {
    throw new NetWeaverError('NW_MODEL_UNREADABLE', `${path}: ${field} must be ${allowed}.`);
  };
  const check = <T>(field: string, value: unknown, is: (value: unknown) => boolean, allowed: string): T => (is(value) ? (value as T) : refuse(field, allowed));
  if (!isObject(text)) return refuse('it', 'a mapping');
  const tensor = (field: string, value: unknown): Tensor =>
    check(field, value, (given) => isObject(given) && isText(given.name) && isListOf(given.shape, (length) => isWhole(length) && length > 0), 'a name and a shape without the batch');
  const input = tensor('input', text.input);
  const outputs = check<unknown[]>('outputs', text.outputs, (value) => Array.isArray(value) && value.length > 0, 'a list of outputs').map((value, i) => tensor(`outputs[${i}]`, value));
  const task = check<ModelTask>('task', text.task, (value) => TASKS.includes(value as ModelTask), `one of ${TASKS.join(', ')}`);
  const features = check<string[]>('features', text.features, (value) => isListOf(value, isText), 'a list of names');
  if (features.length !== input.shape.at(-1)) return refuse('features', `as many as the last dimension of the input, ${input.shape.at(-1)}`);
  const probe = check<Record<string, unknown>>('probe', text.probe, isObject, 'a mapping');
  const numbers = (field: string, value: unknown, of: Tensor): number[] => check(field, value, (given) => isListOf(given, isNumber) && (given as unknown[]).length === sizeOf(of), `${sizeOf(of)} numbers`);
  return {
    name: check('name', text.name, (value) => isText(value) && /^[a-z0-9][a-z0-9-]*$/.test(value), 'lower-case letters, digits and dashes'),
    version: check('version', text.version, isWhole, 'a whole number'),
    task,
    sha256: check('sha256', text.sha256, (value) => isText(value) && /^[0-9a-f]{64}$/.test(value), '64 hexadecimal digits'),
    opset: check('opset', text.opset, isWhole, 'a whole number'),
    input,
    outputs,
    features,
    windowMs: check('windowMs', text.windowMs, (value) => isListOf(value, isWhole) && (value as unknown[]).length > 0, 'a list of whole numbers'),
    threshold: task === 'reconstruction' ? check('threshold', text.threshold, (value) => isNumber(value) && value > 0, 'a positive number') : NaN,
    probe: {
      input: numbers('probe.input', probe.input, input),
      outputs: check<unknown[]>('probe.outputs', probe.outputs, (value) => Array.isArray(value) && value.length === outputs.length, 'a list, one an output').map((value, i) => numbers(`probe.outputs[${i}]`, value, outputs[i])),
      tolerance: check('probe.tolerance', probe.tolerance, (value) => isNumber(value) && value > 0, 'a positive number'),
    },
    text,
    folder,
    id: createHash('sha256').update(`${folder} ${JSON.stringify(text)}`).digest('hex'),
  };
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isNumber = (value: unknown): value is number => typeof value === 'number';
const isWhole = (value: unknown): value is number => Number.isInteger(value);
const isListOf = (value: unknown, is: (member: unknown) => boolean): boolean => Array.isArray(value) && value.every(is);
