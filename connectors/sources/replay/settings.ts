import { list, port, section, text, whole } from '../../../infra/config/section';

/** Keys of `netweaver replay`, of its HTTP control above all. */
export const replaySection = section('replay', 'Replaying captures: where to, and what the HTTP control of `netweaver replay --serve` allows.', {
  target: text({ doc: 'Host of the collector that captures are sent to.', default: '127.0.0.1' }),
  netflowPort: port({ doc: 'Its port for NetFlow v5 and v9.', default: 2055 }),
  ipfixPort: port({ doc: 'Its port for IPFIX.', default: 4739 }),
  sflowPort: port({ doc: 'Its port for sFlow.', default: 6343 }),
  host: text({ doc: 'Address that the HTTP control listens on. It has no login: keep it on loopback or inside a cluster.', default: '127.0.0.1' }),
  folder: text({ doc: 'Folder of the captures that may be replayed over HTTP; nothing outside of it is read. Empty: none.', default: '' }),
  targets: list({ doc: 'Hosts that a request may name instead of `replay.target`.', default: [] }),
  mostRunning: whole({ doc: 'Replays at once over HTTP; more are refused.', default: 4, min: 1, max: 64 }),
  acknowledgeUrl: text({ doc: 'The collector\'s acknowledgements, for replays over HTTP that ask for them.', default: 'http://127.0.0.1:9100/collector/acknowledged' }),
});
