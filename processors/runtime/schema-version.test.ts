import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Type, type Schema } from 'avsc';
import { WIRE_PREFIX, writeWirePrefix } from '../../infra/registry/registry';
import { decodeDeadLetter, decodeFlowBatch } from '../../schemas';
import { DEAD_LETTERS, FLOWS_RAW, FLOWS_UNIQUE, subjectOf, topicName, topicSettings, type Topic } from '../../topics';
import { batch } from './testing/flows';
import { openProcessing, type Processing } from './testing/processing';

let folder: string;
let processing: Processing;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'netweaver-version-'));
  processing = await openProcessing(folder, ['processing.commitMs=20']);
});
afterEach(async () => {
  await processing.close();
  rmSync(folder, { recursive: true, force: true });
});

const framed = (id: number, bytes: Buffer): Buffer => {
  const value = Buffer.concat([Buffer.alloc(WIRE_PREFIX), bytes]);
  writeWirePrefix(value, id);
  return value;
};

/** Runs the processors on records of flows.raw until a topic has one; its value. */
async function outcome(values: readonly Buffer[], topic: Topic): Promise<Buffer> {
  const { context, log } = processing;
  await log.admin.createTopics([topicSettings(FLOWS_RAW, context.config)]);
  const producer = await log.producer('test');
  await producer.append(values.map((value) => ({ topic: topicName(FLOWS_RAW, context.config), partition: 0, key: null, value })));
  const failures: Error[] = [];
  const role = processing.role((error) => failures.push(error));
  await role.start();
  const reader = await log.reader();
  try {
    for (;;) {
      for (const { partition, begin, end } of await reader.bounds(topicName(topic, context.config))) {
        for await (const record of reader.read({ topic: topicName(topic, context.config), partition }, begin, end)) return record.value!;
      }
      expect(failures).toEqual([]);
      await sleep(20);
    }
  } finally {
    await reader.close();
    await role.drain();
    await producer.close();
  }
}

test('flows that another version of the schema wrote are worked on as ours', async () => {
  const ours = decodeFlowBatch(batch([{ bytes: 1234, srcAddr: '2001:db8::7' }]));
  const schema = JSON.parse(FLOWS_RAW.record.schema) as { fields: { type: { items: { fields: object[] } } }[] };
  schema.fields[1].type.items.fields.splice(3, 0, { name: 'colour', type: 'string', default: '' });
  const theirs = Type.forSchema(schema as unknown as Schema);
  const own = Type.forSchema(JSON.parse(FLOWS_RAW.record.schema) as Schema);
  const plain = own.fromBuffer(batch([{ bytes: 1234, srcAddr: '2001:db8::7' }]).subarray(WIRE_PREFIX)) as { flows: object[] };
  for (const flow of plain.flows) Object.assign(flow, { colour: 'red' });
  const id = await processing.context.registry.register(subjectOf(topicName(FLOWS_RAW, processing.context.config)), JSON.stringify(schema));
  const value = await outcome([framed(id, theirs.toBuffer(plain))], FLOWS_UNIQUE as Topic);
  expect(decodeFlowBatch(value).flows).toEqual(ours.flows);
});

test('a record whose schema nobody knows goes to dead-letters with its bytes', async () => {
  const value = framed(4711, Buffer.from('what is this'));
  const letter = decodeDeadLetter(await outcome([value], DEAD_LETTERS as Topic));
  expect(letter).toMatchObject({ component: 'dedup', code: 'NW_SCHEMA_UNKNOWN', value });
});
