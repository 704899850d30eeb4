/*
 * Replays a capture through the HTTP control of `netweaver replay --serve` and checks the totals in the database.
 * Every iteration: sum what is stored, replay, wait for its end, wait until the store has grown by exactly what was expected.
 * Nothing else may feed that NetWeaver meanwhile. Environment: see ../../docs/load-testing.md.
 */
import http from 'k6/http';
import exec from 'k6/execution';
import { check, sleep } from 'k6';
import { Counter, Trend } from 'k6/metrics';

const control = __ENV.REPLAY_URL || 'http://127.0.0.1:9200';
const settleSeconds = Number(__ENV.SETTLE_SECONDS || 60);
const expected = { flows: wanted('EXPECT_FLOWS'), packets: wanted('EXPECT_PACKETS'), bytes: wanted('EXPECT_BYTES') };

const datagrams = new Counter('replay_datagrams');
const stored = new Counter('stored_flows');
const replayTime = new Trend('replay_duration', true);
const storeTime = new Trend('stored_after', true);

export const options = {
  scenarios: {
    replay: { executor: 'per-vu-iterations', vus: 1, iterations: Number(__ENV.ITERATIONS || 1), maxDuration: __ENV.MAX_DURATION || '30m' },
  },
  thresholds: { checks: ['rate==1'] },
};

function wanted(name) {
  const value = __ENV[name];
  return value === undefined || value === '' ? undefined : Number(value);
}

function totals() {
  const response = http.get(`${control}/totals`);
  if (response.status !== 200) exec.test.abort(`GET /totals: ${response.status} ${response.body}`);
  return response.json();
}

function request() {
  const body = { pcap: __ENV.CAPTURE, loops: Number(__ENV.LOOPS || 1), acknowledge: __ENV.ACKNOWLEDGE !== 'false', rewriteTime: __ENV.REWRITE_TIME !== 'false' };
  if (__ENV.RATE) body.rate = Number(__ENV.RATE);
  else body.speed = __ENV.SPEED === undefined || __ENV.SPEED === 'max' ? 'max' : Number(__ENV.SPEED);
  return JSON.stringify(body);
}

export default function () {
  if (!__ENV.CAPTURE || expected.flows === undefined) exec.test.abort('CAPTURE and EXPECT_FLOWS must be set');
  const before = totals();
  const begun = http.post(`${control}/replays`, request(), { headers: { 'content-type': 'application/json' } });
  if (!check(begun, { 'the replay began': (r) => r.status === 201 })) exec.test.abort(`POST /replays: ${begun.status} ${begun.body}`);
  const { id } = begun.json();

  let replay;
  do {
    sleep(0.5);
    replay = http.get(`${control}/replays/${id}`).json();
  } while (replay.state === 'loading' || replay.state === 'running');
  check(replay, {
    'the replay ended well': (r) => r.state === 'done' && r.datagrams === r.planned,
    'nobody else sent': (r) => r.foreign === 0,
  });
  datagrams.add(replay.datagrams);
  replayTime.add(replay.seconds * 1000);

  const ended = Date.now();
  const grown = () => {
    const now = totals();
    return { flows: now.flows - before.flows, packets: now.packets - before.packets, bytes: now.bytes - before.bytes };
  };
  let growth = grown();
  while (growth.flows < expected.flows && Date.now() - ended < settleSeconds * 1000) {
    sleep(0.5);
    growth = grown();
  }
  storeTime.add(Date.now() - ended);
  sleep(2);
  growth = grown(); // and not one row more
  stored.add(growth.flows);
  console.log(`stored ${JSON.stringify(growth)}, expected ${JSON.stringify(expected)}`);
  check(growth, {
    'the store has every flow once': (g) => g.flows === expected.flows,
    'the packets in the store are right': (g) => expected.packets === undefined || g.packets === expected.packets,
    'the bytes in the store are right': (g) => expected.bytes === undefined || g.bytes === expected.bytes,
  });
}
