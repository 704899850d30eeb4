/**
 * A process of its own for the tests of the embedded log: `node -r tests/typescript.cjs child.ts <what> <folder>`.
 * Says on standard output what was acknowledged, a line each.
 */
import { writeSync } from 'node:fs';
import { embeddedLog } from './open';

const [, , what, path] = process.argv;
const tell = (line: string): void => void writeSync(1, `${line}\n`);

/** Appends numbered records of 100 kB in groups of three, for ever. */
async function appendForEver(): Promise<void> {
  const log = embeddedLog(path);
  await log.admin.createTopics([{ name: 'appended', partitions: 1, cleanup: 'delete' }]);
  const reader = await log.reader();
  let next = (await reader.bounds('appended'))[0].end;
  const producer = await log.producer('child');
  for (;;) {
    const group = [next++, next++, next++];
    await Promise.all(group.map((n) => producer.append([{ topic: 'appended', partition: 0, key: Buffer.from(String(n)), value: Buffer.alloc(100_000, n) }])));
    tell(String(next));
  }
}

/** Copies `input` to `output` in transactions of two records, for ever. */
async function processForEver(): Promise<void> {
  const log = embeddedLog(path);
  const member = await log.member({ group: 'copy', instanceId: `copy-${process.pid}`, topics: ['input'], transactional: true });
  for (;;) {
    const records = await member.poll(2, 1000);
    if (records.length === 0) continue;
    const transaction = member.begin();
    for (const { value } of records) transaction.append({ topic: 'output', partition: 0, key: null, value });
    const next = records[records.length - 1].offset + 1;
    await transaction.commit([{ topic: 'input', partition: 0, next }]);
    tell(String(next));
  }
}

/** Becomes the writer and waits to be ended. */
async function hold(): Promise<void> {
  await embeddedLog(path).producer('child');
  tell('holding');
  setInterval(() => undefined, 1000);
}

/** Appends until the file may not grow, tells the code, then shows that what was acknowledged is there and nothing else. */
async function fill(): Promise<void> {
  const log = embeddedLog(path);
  await log.admin.createTopics([{ name: 'filled', partitions: 1, cleanup: 'delete' }]);
  const producer = await log.producer('child');
  let acknowledged = 0;
  for (let failures = 0; failures < 3; ) {
    try {
      await producer.append([0, 1, 2, 3].map((n) => ({ topic: 'filled', partition: 0, key: null, value: Buffer.alloc(100_000, n) })));
      acknowledged += 4;
    } catch (error) {
      failures++;
      tell((error as { code: string }).code);
    }
  }
  const [{ end }] = await (await log.reader()).bounds('filled');
  tell(`${acknowledged > 0} ${end === acknowledged} ${producer.pendingBytes}`);
  await log.close();
}

void { append: appendForEver, process: processForEver, hold, fill }[what]!();
