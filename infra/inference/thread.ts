/**
 * The inference thread: loads ONNX models and runs them, one request after another. `run` of onnxruntime-node holds the thread that it is called in, therefore it has
 * one of its own; who asks waits for it (`host.ts`).
 */
import { createRequire } from 'node:module';
import { workerData, type MessagePort } from 'node:worker_threads';
import type { InferenceSession, Tensor } from 'onnxruntime-node';

/** What the thread is asked. Models have numbers that the host gives. */
export type Request =
  | { readonly op: 'load'; readonly model: number; readonly bytes: Uint8Array }
  | { readonly op: 'run'; readonly model: number; readonly rows: number; readonly shape: readonly number[]; readonly input: Float32Array }
  | { readonly op: 'release'; readonly model: number };

/** A tensor of a model as the file says it; a length that is not fixed is a text. */
export interface TensorFact {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

/** What it answers. Outputs of a run lie in shared memory, valid until the next. */
export type Reply =
  | { readonly ok: true; readonly inputs?: readonly TensorFact[]; readonly outputs?: readonly TensorFact[]; readonly values?: readonly Float32Array[] }
  | { readonly ok: false; readonly missing: boolean; readonly message: string };

/** What the thread begins with: where requests come from, and the cell that it wakes the host by. */
export interface ThreadData {
  readonly inference: true;
  readonly port: MessagePort;
  readonly signal: Int32Array;
}

/** Rows that are run at once: what lies between the layers of a model is to stay in the cache. */
const ROWS_AT_ONCE = 1024;

class Inference {
  private readonly sessions = new Map<number, InferenceSession>();
  private given = new Float32Array(0);
  /** Shared memory of the outputs, by their place among them. */
  private readonly results: Float32Array[] = [];

  async answer(request: Request): Promise<Reply> {
    let runtime: typeof import('onnxruntime-node');
    try {
      runtime = createRequire(__filename)('onnxruntime-node') as typeof import('onnxruntime-node');
    } catch (error) {
      return { ok: false, missing: true, message: (error as Error).message };
    }
    try {
      if (request.op === 'load') return await this.load(runtime, request.model, request.bytes);
      if (request.op === 'run') return await this.run(runtime, request);
      await this.sessions.get(request.model)?.release();
      this.sessions.delete(request.model);
      return { ok: true };
    } catch (error) {
      return { ok: false, missing: false, message: (error as Error).message };
    }
  }

  private async load({ InferenceSession }: typeof import('onnxruntime-node'), model: number, bytes: Uint8Array): Promise<Reply> {
    // One thread and one order: the same input gives the same bytes. What goes wrong is told by what is thrown, not on the console.
    const session = await InferenceSession.create(bytes, { executionProviders: ['cpu'], intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential', graphOptimizationLevel: 'all', logSeverityLevel: 4 });
    this.sessions.set(model, session);
    const facts = (metadata: InferenceSession['inputMetadata']): TensorFact[] => metadata.map((one) => ({ name: one.name, type: one.isTensor ? one.type : 'no tensor', shape: one.isTensor ? one.shape : [] }));
    return { ok: true, inputs: facts(session.inputMetadata), outputs: facts(session.outputMetadata) };
  }

  private async run({ Tensor: TensorOf }: typeof import('onnxruntime-node'), { model, rows, shape, input }: Extract<Request, { op: 'run' }>): Promise<Reply> {
    const session = this.sessions.get(model);
    if (session === undefined) throw new Error(`model ${model} is not loaded`);
    const width = shape.reduce((product, length) => product * length, 1);
    if (this.given.length < rows * width) this.given = new Float32Array(rows * width);
    // The runtime takes no shared memory.
    this.given.set(input.subarray(0, rows * width));
    const values: Float32Array[] = [];
    for (let row = 0; row < rows; row += ROWS_AT_ONCE) {
      const count = Math.min(ROWS_AT_ONCE, rows - row);
      const tensor = new TensorOf('float32', this.given.subarray(row * width, (row + count) * width), [count, ...shape]);
      const outputs = await session.run({ [session.inputNames[0]]: tensor });
      session.outputNames.forEach((name, i) => {
        const output = outputs[name] as Tensor;
        const data = output.data as Float32Array;
        const each = data.length / count;
        if (row === 0) values[i] = this.room(i, rows * each);
        values[i].set(data, row * each);
        output.dispose();
      });
    }
    return { ok: true, values };
  }

  private room(output: number, length: number): Float32Array {
    const have = this.results[output];
    if (have === undefined || have.length < length) this.results[output] = new Float32Array(new SharedArrayBuffer(4 * length));
    return this.results[output].subarray(0, length);
  }
}

if ((workerData as ThreadData | null)?.inference === true) {
  const { port, signal } = workerData as ThreadData;
  const inference = new Inference();
  port.on('message', (request: Request) => {
    void inference.answer(request).then((reply) => {
      port.postMessage(reply);
      Atomics.store(signal, 0, 1);
      Atomics.notify(signal, 0);
    });
  });
}
