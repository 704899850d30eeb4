import { trace } from '@opentelemetry/api';
import { NetWeaverError } from '../../../infra/errors';
import type { LogProducer, OutgoingRecord } from '../../../infra/log/log';
import { Publisher, type Outgoing } from './publisher';

/** A log that answers as told, in order; then it takes everything. */
function publisherOn(answers: (Error | Promise<void>)[]) {
  const appended: (readonly OutgoingRecord[])[] = [];
  const failures: Error[] = [];
  const retries: Error[] = [];
  const producer: LogProducer = {
    append: async (records) => {
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      await answer;
      appended.push(records);
    },
    pendingBytes: 0,
    flush: async () => undefined,
    close: async () => undefined,
  };
  return { publisher: new Publisher(producer, trace.getTracer('test'), (error) => retries.push(error), (error) => failures.push(error)), appended, failures, retries };
}

const batch = (firstSerial: number, bytes = 10): Outgoing => ({ topic: 'flows.raw', partition: 1, key: null, value: Buffer.alloc(bytes), type: 'netweaver.flows.FlowBatch', flows: 3, firstSerial });

describe('the publisher', () => {
  test('knows the oldest datagram that is not durable, whatever order the log answers in', async () => {
    const answer: (() => void)[] = [];
    const { publisher } = publisherOn([0, 1, 2].map((i) => new Promise<void>((resolve) => (answer[i] = resolve))));
    const state = async (): Promise<number[]> => {
      await new Promise(setImmediate);
      return [publisher.oldest(), publisher.bytes, publisher.published];
    };
    publisher.publish([batch(5), batch(4)]);
    publisher.publish([batch(9)]);
    publisher.publish([batch(12)]);
    expect(await state()).toEqual([4, 40, 0]);
    answer[1]();
    expect(await state()).toEqual([4, 30, 3]);
    answer[0]();
    expect(await state()).toEqual([12, 10, 9]);
    answer[2]();
    expect(await state()).toEqual([Infinity, 0, 12]);
  });

  test('lets the memory of a batch go when the batch is durable, not before', async () => {
    let answer: () => void = () => undefined;
    const { publisher } = publisherOn([new NetWeaverError('NW_LOG_UNREACHABLE', 'x'), new Promise<void>((resolve) => (answer = resolve))]);
    const release = jest.fn();
    publisher.publish([{ ...batch(0), release }, batch(1)]);
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(release).not.toHaveBeenCalled();
    answer();
    await publisher.close(10_000);
    expect(release).toHaveBeenCalledTimes(1);
  });

  test('tries again where the log does not answer, and loses nothing', async () => {
    const { publisher, appended, failures, retries } = publisherOn([new NetWeaverError('NW_LOG_UNREACHABLE', 'x'), new NetWeaverError('NW_LOG_UNREACHABLE', 'x')]);
    publisher.publish([batch(0)]);
    expect(await publisher.close(10_000)).toBe(true);
    expect([appended.length, retries.length, failures.length]).toEqual([1, 2, 0]);
  });

  test('where trying again cannot help it fails, and acknowledges nothing of it', async () => {
    const { publisher, failures } = publisherOn([new NetWeaverError('NW_LOG_FENCED', 'x')]);
    publisher.publish([batch(7)]);
    await new Promise(setImmediate);
    expect(failures).toMatchObject([{ code: 'NW_LOG_FENCED' }]);
    expect([publisher.oldest(), publisher.published]).toEqual([7, 0]);
  });

  test('gives up at its end, and says so', async () => {
    const { publisher } = publisherOn([new Promise(() => undefined)]);
    publisher.publish([batch(0)]);
    expect(await publisher.close(10)).toBe(false);
  });

  test('every record has an id of its own', () => {
    const { publisher, appended } = publisherOn([]);
    publisher.publish([batch(0), batch(0)]);
    publisher.publish([batch(1)]);
    return new Promise(setImmediate).then(() => {
      const ids = appended.flat().map(({ headers }) => headers!.ce_id);
      expect(new Set(ids).size).toBe(3);
      expect(ids.every((id) => id.startsWith(publisher.instance))).toBe(true);
    });
  });
});
