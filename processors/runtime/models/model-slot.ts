import { NetWeaverError, type ErrorCode } from '../../../infra/errors';
import type { ModelCard, ModelTask } from '../../../infra/inference/card';
import type { Model, Models } from '../../../infra/inference/model';
import { decodeModelDeployment } from '../../../schemas';
import type { Context, RecordSteps } from '../processor';
import { KeyValue } from '../state/key-value';
import { KeyValueView } from '../state/key-value-view';
import type { StoreView } from '../state/view';

/** What a {@link ModelSlot} is. */
export interface ModelSlotOptions {
  /** `serving` or `shadow`; it is the `slot` of the records of models.deployed, and names the store. */
  readonly slot: 'serving' | 'shadow';
  readonly processor: string;
  /** What the model must be for, and what it takes a row. */
  readonly task: ModelTask;
  readonly input: readonly number[];
  /** Model where none was deployed, as `name` or `name@hash`; empty: none. */
  readonly configured: string;
  readonly models: Models;
}

/** A model by name and hash; an empty hash is the highest version. */
interface Choice {
  readonly name: string;
  readonly hash: string;
}

const KEY = Buffer.from('model');
/** Models that a slot remembers: the one in use and the one before. */
const REMEMBERED = 2;
const STORE_BYTES = 2 ** 20;

/**
 * The place of a model in a processor: which one is in use, and which one serves where that fails. What was deployed is state, so it outlives a restart and comes
 * at the same record in a replay.
 *
 * A model that throws on its input is asked again with the next; one that cannot be loaded, or that did not answer in time, is left alone until another is deployed or the
 * task begins anew.
 */
export class ModelSlot {
  readonly store: KeyValue;
  /** That which scored the rows of the last {@link run}; null where none did. */
  used: Model | null = null;
  /** Why the last {@link run} gave nothing. */
  trouble: { readonly code: ErrorCode; readonly message: string } | null = null;
  private readonly broken = new Map<string, NetWeaverError>();

  constructor(private readonly options: ModelSlotOptions) {
    this.store = new KeyValue({ name: `${options.slot}-model`, maxBytes: STORE_BYTES });
  }

  /** True where a model is deployed or configured. */
  get occupied(): boolean {
    return this.choices().length > 0;
  }

  /** Another model from here on; null: the configured one. @throws NW_MODEL_* and nothing has changed */
  deploy(choice: Choice | null): void {
    if (choice === null) {
      this.broken.clear();
      this.store.delete(KEY);
      return;
    }
    this.open(choice);
    this.broken.clear();
    const remembered = [choice, ...this.deployed().filter(({ hash }) => hash !== choice.hash)].slice(0, REMEMBERED);
    if (!this.store.put(KEY, Buffer.from(JSON.stringify(remembered)))) throw new NetWeaverError('NW_STATE_FULL', `The store ${this.store.name} has no room for ${choice.name}.`);
  }

  /** `input` gives what a model takes, by its card. The outputs of the model in use, of the one before where that fails, else of the configured one; null where none can: then {@link trouble} says why. */
  run(rows: number, input: (card: ModelCard) => Float32Array, context: Context): readonly Float32Array[] | null {
    let outputs: readonly Float32Array[] | null = null;
    this.used = this.first(context, (model) => (outputs = model.run(rows, input(model.card))));
    return outputs;
  }

  /** For a record of which nothing is scored: {@link used} is the model that would. */
  choose(context: Context): void {
    this.used = this.first(context, () => undefined);
  }

  /** The first of the models of which `use` does not throw. */
  private first(context: Context, use: (model: Model) => unknown): Model | null {
    this.trouble = null;
    for (const choice of this.choices()) {
      const id = `${choice.name}@${choice.hash}`;
      try {
        const known = this.broken.get(id);
        if (known !== undefined) throw known;
        const model = this.open(choice, id);
        use(model);
        return model;
      } catch (error) {
        if (!(error instanceof NetWeaverError)) throw error;
        if (error.code !== 'NW_MODEL_FAILED') this.broken.set(id, error);
        context.failed(error.code);
        this.trouble ??= { code: error.code, message: error.message };
      }
    }
    return null;
  }

  /** The store, to be seen. */
  view(): StoreView {
    return new KeyValueView({
      name: this.store.name,
      doc: `Models deployed in the slot ${this.options.slot}: the one in use, the one before.`,
      store: this.store,
      key: [{ name: 'slot', doc: 'Always `model`.' }],
      readKey: (key) => [key.toString()],
      writeKey: ([key]) => Buffer.from(key),
      values: [{ name: 'models', doc: 'As name@hash, the one in use first.' }],
      readValue: (value) => [(JSON.parse(value.toString()) as Choice[]).map(({ name, hash }) => `${name}@${hash}`).join(' ')],
    });
  }

  private open({ name, hash }: Choice, id = ''): Model {
    const { models, task, input } = this.options;
    let model: Model;
    try {
      model = models.open(name, hash);
    } catch (error) {
      // A probe that fails stays failed.
      if (id !== '' && error instanceof NetWeaverError) this.broken.set(id, error);
      throw error;
    }
    const { card } = model;
    if (card.task !== task || card.input.shape.join() !== input.join()) {
      throw new NetWeaverError('NW_MODEL_SHAPE', `${name} is for ${card.task} and takes [${card.input.shape.join(', ')}]; needed is ${task} of [${input.join(', ')}].`);
    }
    return model;
  }

  private choices(): Choice[] {
    const [name, hash = ''] = this.options.configured.split('@');
    return name === '' ? this.deployed() : [...this.deployed(), { name, hash }];
  }

  private deployed(): Choice[] {
    const kept = this.store.get(KEY);
    return kept === null ? [] : (JSON.parse(kept.toString()) as Choice[]);
  }
}

/** Steps that take the records of models.deployed which are for a processor's slots. One that names a model that cannot be used goes to dead-letters, and nothing changes. */
export function deployedSteps(processor: string, slots: Readonly<Record<'serving' | 'shadow', ModelSlot>>): RecordSteps {
  let slot: ModelSlot | null = null;
  let choice: Choice | null = null;
  const slotOf = (of: string, name: string): ModelSlot | null => {
    if (of !== processor) return null;
    if (name !== 'serving' && name !== 'shadow') throw new NetWeaverError('NW_SCHEMA_MALFORMED', `There is no slot '${name}'; there are serving and shadow.`);
    return slots[name];
  };
  return {
    decode(value) {
      const deployment = decodeModelDeployment(value);
      slot = slotOf(deployment.processor, deployment.slot);
      choice = { name: deployment.model, hash: deployment.modelHash };
    },
    decodeTombstone(key) {
      const [of, name] = key.toString().split('/');
      slot = slotOf(of, name);
      choice = null;
    },
    step(context) {
      context.received(1);
      try {
        slot?.deploy(choice);
      } catch (error) {
        if (!(error instanceof NetWeaverError)) throw error;
        context.deadLetter(error.code, error.message);
      }
    },
  };
}
