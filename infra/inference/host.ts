import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import { NetWeaverError } from '../errors';
import { ROOT } from '../root';
import { sizeOf, type ModelCard, type Tensor } from './card';
import type { Model, Models } from './model';
import { chooseModel, readModelFile } from './registry';
import type { Reply, Request, TensorFact, ThreadData } from './thread';

/** How models are run. */
export interface HostOptions {
  /** Folders of models, later ones beside the earlier. */
  readonly folders: readonly string[];
  /** Longest wait for the thread; milliseconds. */
  readonly waitMs: number;
}

/** Models that are held in memory; beyond, the one that was run the longest ago is let go, and loaded again when it is wanted. */
const MOST_LOADED = 16;

/** From the build, or from the sources. */
const BUILT = join(__dirname, 'thread.js');
const ENTRY = existsSync(BUILT) ? { file: BUILT, execArgv: [] } : { file: join(__dirname, 'thread.ts'), execArgv: ['-r', join(ROOT, 'bin/ts.cjs')] };

/**
 * Runs models in a thread of its own, which begins with the first model that is opened. Calls return when they are done: the caller's thread waits
 * for the inference thread (`Atomics.wait`), so a step of a processor may call a model as it calls any function.
 */
export class InferenceHost implements Models {
  private readonly loaded = new Map<string, LoadedModel>();
  private thread: Thread | null = null;
  private uses = 0;
  private numbers = 0;

  constructor(private readonly options: HostOptions) {}

  open(name: string, hash = ''): Model {
    const card = chooseModel(this.options.folders, name, hash);
    const known = this.loaded.get(card.id);
    if (known !== undefined) return known;
    const model = new LoadedModel(card, this);
    this.load(model);
    this.loaded.set(card.id, model);
    return model;
  }

  /** Runs a model; loads it first where it was let go. @throws NW_MODEL_FAILED */
  run(model: LoadedModel, rows: number, input: Float32Array): readonly Float32Array[] {
    const { card } = model;
    const width = sizeOf(card.input);
    if (input.length < rows * width) throw new RangeError(`${rows} rows of ${width} numbers, but only ${input.length} are given`);
    if (rows === 0) return card.outputs.map(() => new Float32Array(0));
    if (model.number === 0) this.load(model);
    model.usedAt = ++this.uses;
    const thread = this.running();
    const given = thread.room(rows * width);
    given.set(input.subarray(0, rows * width));
    const reply = this.ask(thread, { op: 'run', model: model.number, rows, shape: card.input.shape, input: given }, card);
    return reply.values!;
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    this.loaded.clear();
    await this.thread?.end();
    this.thread = null;
  }

  /** Loads, checks and proves a model. */
  private load(model: LoadedModel): void {
    const { card } = model;
    const bytes = readModelFile(card);
    this.makeRoom();
    model.number = ++this.numbers;
    model.usedAt = ++this.uses;
    try {
      const { inputs, outputs } = this.ask(this.running(), { op: 'load', model: model.number, bytes }, card, 'NW_MODEL_UNREADABLE');
      checkShapes(card, inputs!, outputs!);
      this.prove(model);
    } catch (error) {
      const { number } = model;
      model.number = 0;
      if (this.thread !== null) this.ask(this.thread, { op: 'release', model: number }, card);
      throw error;
    }
  }

  /** What the card says must come of its probe. */
  private prove(model: LoadedModel): void {
    const { card } = model;
    const outputs = this.run(model, 1, Float32Array.from(card.probe.input));
    outputs.forEach((values, i) => {
      const wanted = card.probe.outputs[i];
      const largest = Math.max(...wanted.map(Math.abs), 1e-30);
      const wrong = wanted.findIndex((value, at) => !(Math.abs(values[at] - value) <= card.probe.tolerance * largest));
      if (wrong >= 0) throw new NetWeaverError('NW_MODEL_FAILED', `${card.name}@${card.sha256.slice(0, 8)} gives ${values[wrong]} for its probe where its card says ${wanted[wrong]} (${card.outputs[i].name}, place ${wrong}).`);
    });
  }

  private makeRoom(): void {
    const live = [...this.loaded.values()].filter(({ number }) => number !== 0);
    if (live.length < MOST_LOADED) return;
    const idle = live.reduce((one, other) => (other.usedAt < one.usedAt ? other : one));
    this.ask(this.running(), { op: 'release', model: idle.number }, idle.card);
    idle.number = 0;
  }

  private ask(thread: Thread, request: Request, { name, sha256 }: ModelCard, code: 'NW_MODEL_FAILED' | 'NW_MODEL_UNREADABLE' = 'NW_MODEL_FAILED'): Extract<Reply, { ok: true }> {
    const reply = thread.ask(request, this.options.waitMs);
    if (reply !== null && reply.ok) return reply;
    if (reply === null) this.forget();
    if (reply?.missing === true) throw new NetWeaverError('NW_MODEL_RUNTIME_MISSING', reply.message);
    if (reply === null) throw new NetWeaverError('NW_MODEL_TIMEOUT', `${name}@${sha256.slice(0, 8)} gave no answer within ${this.options.waitMs} ms.`);
    throw new NetWeaverError(code, `${name}@${sha256.slice(0, 8)}: ${reply.message}`);
  }

  /** The thread does not answer: the next call begins another one, and loads its model there. */
  private forget(): void {
    void this.thread?.end();
    this.thread = null;
    for (const model of this.loaded.values()) model.number = 0;
  }

  private running(): Thread {
    return (this.thread ??= new Thread());
  }
}

/** A model that a host knows; `number` is that of its session, 0 where there is none. */
class LoadedModel implements Model {
  number = 0;
  usedAt = 0;

  constructor(
    readonly card: ModelCard,
    private readonly host: InferenceHost,
  ) {}

  get name(): string {
    return this.card.name;
  }

  get hash(): string {
    return this.card.sha256;
  }

  run(rows: number, input: Float32Array): readonly Float32Array[] {
    return this.host.run(this, rows, input);
  }
}

/** The thread as one sees it that waits for it. */
class Thread {
  private readonly signal = new Int32Array(new SharedArrayBuffer(4));
  private readonly port: MessagePort;
  private readonly worker: Worker;
  private input: Float32Array = new Float32Array(0);

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    const data: ThreadData = { inference: true, port: port2, signal: this.signal };
    this.worker = new Worker(ENTRY.file, { workerData: data, transferList: [port2], execArgv: ENTRY.execArgv });
    // Nobody stays alive for its sake.
    this.worker.unref();
    this.port.unref();
    this.worker.on('error', () => undefined);
  }

  /** Shared memory for an input. */
  room(length: number): Float32Array {
    if (this.input.length < length) this.input = new Float32Array(new SharedArrayBuffer(4 * length));
    return this.input.subarray(0, length);
  }

  /** The reply; null where there is none in time. */
  ask(request: Request, waitMs: number): Reply | null {
    Atomics.store(this.signal, 0, 0);
    this.port.postMessage(request);
    if (Atomics.wait(this.signal, 0, 0, waitMs) === 'timed-out') return null;
    return (receiveMessageOnPort(this.port)?.message as Reply | undefined) ?? null;
  }

  async end(): Promise<void> {
    this.port.close();
    await this.worker.terminate();
  }
}

/** @throws NW_MODEL_SHAPE */
function checkShapes(card: ModelCard, inputs: readonly TensorFact[], outputs: readonly TensorFact[]): void {
  const refuse = (what: string): never => {
    throw new NetWeaverError('NW_MODEL_SHAPE', `${card.folder}: ${what}.`);
  };
  const text = ({ name, type, shape }: TensorFact): string => `${name} ${type}[${shape.join(', ')}]`;
  const check = (found: TensorFact | undefined, wanted: Tensor): void => {
    const shape = ['batch', ...wanted.shape].join(', ');
    if (found === undefined) return refuse(`the model has no ${wanted.name} [${shape}]`);
    const fits = found.name === wanted.name && found.type === 'float32' && found.shape.length === wanted.shape.length + 1 && typeof found.shape[0] === 'string' && wanted.shape.every((length, i) => found.shape[i + 1] === length || typeof found.shape[i + 1] === 'string');
    if (!fits) refuse(`the model has ${text(found)} where its card says ${wanted.name} float32[${shape}]`);
  };
  if (inputs.length !== 1 || outputs.length !== card.outputs.length) refuse(`the model has ${inputs.length} inputs and ${outputs.length} outputs, its card 1 and ${card.outputs.length}`);
  check(inputs[0], card.input);
  card.outputs.forEach((wanted, i) => check(outputs[i], wanted));
}
