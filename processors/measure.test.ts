import { TRAFFIC_INTERFACE_PARTIALS, TRAFFIC_PARTIALS } from '../topics';
import { measure } from './measure';
import { Driver } from './runtime/driver';
import { batch, HOUR } from './runtime/testing/flows';

test('what hosts that are known already do after a checkpoint is in the next', () => {
  const parts = (restarts: boolean): unknown => {
    const driver = new Driver(measure);
    const flows = (peers: readonly number[]): void => {
      driver.feed(batch(peers.map((peer) => ({ srcAddr: `10.0.0.${peer}`, dstAddr: '10.0.1.1', dstPort: 1000 + peer, end: HOUR + 1000, packets: 7, bytes: 700, inIf: 1, outIf: 2 }))));
      driver.commit(true);
      if (restarts) driver.restart();
    };
    flows([1, 2, 3, 4]);
    // No host is new, so nothing but what is known of them changes.
    flows([4, 3]);
    flows([2, 1, 1]);
    driver.silence(HOUR + 600_000);
    driver.commit();
    return driver.outputs.filter(({ topic }) => topic === TRAFFIC_PARTIALS || topic === TRAFFIC_INTERFACE_PARTIALS).map(({ topic, value }) => [topic.name, value.toString('hex')]);
  };
  const calm = parts(false) as unknown[];
  expect(calm.length).toBeGreaterThan(1);
  expect(parts(true)).toEqual(calm);
});
