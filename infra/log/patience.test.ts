import { NetWeaverError } from '../errors';
import { patiently } from './patience';

const away = (code: 'NW_LOG_UNREACHABLE' | 'NW_REGISTRY_UNREACHABLE'): NetWeaverError => new NetWeaverError(code, 'away');

test('a step is done again until the log and the registry answer, and each time it is said why', async () => {
  const outcomes = [away('NW_LOG_UNREACHABLE'), away('NW_REGISTRY_UNREACHABLE'), 'done'];
  const said: string[] = [];
  const step = async (): Promise<string> => {
    const outcome = outcomes.shift()!;
    if (typeof outcome === 'string') return outcome;
    throw outcome;
  };
  expect(await patiently(step, new AbortController().signal, ({ code }) => said.push(code))).toBe('done');
  expect(said).toEqual(['NW_LOG_UNREACHABLE', 'NW_REGISTRY_UNREACHABLE']);
});

test('what waiting does not help is thrown at once', async () => {
  let tries = 0;
  const step = async (): Promise<never> => {
    tries++;
    throw new NetWeaverError('NW_TOPIC_MISSING', 'no topic');
  };
  await expect(patiently(step, new AbortController().signal, () => undefined)).rejects.toMatchObject({ code: 'NW_TOPIC_MISSING' });
  expect(tries).toBe(1);
});

test('waiting ends when it is told to', async () => {
  const stop = new AbortController();
  await expect(patiently(() => Promise.reject(away('NW_LOG_UNREACHABLE')), stop.signal, () => stop.abort())).rejects.toThrow('aborted');
});
