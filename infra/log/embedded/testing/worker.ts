/** A worker thread for the tests of the embedded log: appends its numbers to two partitions, then says that it is done. */
import { parentPort, workerData } from 'node:worker_threads';
import { embeddedLog } from './open';

async function main({ path, name, count }: { path: string; name: string; count: number }): Promise<void> {
  const log = embeddedLog(path);
  const producer = await log.producer(name);
  const appends: Promise<void>[] = [];
  for (let i = 0; i < count; i++) {
    appends.push(producer.append([{ topic: 'shared', partition: i % 2, key: Buffer.from(name), value: Buffer.from(String(i)) }]));
    if (appends.length >= 10) await Promise.all(appends.splice(0));
  }
  await Promise.all(appends);
  await producer.close();
  await log.close();
  parentPort?.postMessage('done');
}

void main(workerData);
