/** Deployments of models, on their way to the log. */
import { deploymentFrom } from './deployments';

const GOOD = { processor: 'score', slot: 'shadow', model: { name: 'autoencoder', hash: '0123' }, by: 'me' };

describe('a deployment over HTTP', () => {
  test('is taken as it is; without a model it takes back', () => {
    expect(deploymentFrom(JSON.stringify(GOOD))).toEqual(GOOD);
    expect(deploymentFrom(JSON.stringify({ processor: 'score', slot: 'serving' }))).toEqual({ processor: 'score', slot: 'serving', model: null, by: '' });
  });

  test.each<[string, unknown, RegExp]>([
    ['no processor', { ...GOOD, processor: 7 }, /processor/],
    ['another slot', { ...GOOD, slot: 'front' }, /serving, shadow/],
    ['a model without a name', { ...GOOD, model: { name: '', hash: '' } }, /name/],
    ['a model without a hash', { ...GOOD, model: { name: 'a' } }, /hash/],
    ['null', null, /processor/],
  ])('%s is refused', (_, given, message) => {
    expect(() => deploymentFrom(JSON.stringify(given))).toThrow(message);
  });

  test('what is no JSON is refused', () => {
    expect(() => deploymentFrom('{')).toThrow(/JSON/);
  });
});
