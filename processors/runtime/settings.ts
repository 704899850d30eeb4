import { choice, flag, list, section, text, whole } from '../../infra/config/section';

/** How processors run. */
export const processingSection = section('processing', 'How the processors run.', {
  processors: list({ doc: 'Names of the processors that this process runs; empty for all.', default: [] }),
  instance: text({ doc: 'Name of this process among those of the role, e.g. of the pod. The same name opened again takes over from the older process.', default: '0' }),
  commitMs: whole({ doc: 'Longest time between the commits of outputs and positions; unit: milliseconds.', default: 300, min: 10, max: 60_000 }),
  commitBytes: whole({ doc: 'Outputs after which a transaction is committed before its time; unit: bytes.', default: 16 * 1024 * 1024, min: 65_536, max: 1024 ** 3 }),
  checkpointMs: whole({ doc: 'Longest time between two writings of changed state to the changelog; after a crash the input since then is read again, without output, to rebuild the state. 0: with every commit. Unit: milliseconds.', default: 10_000, min: 0, max: 600_000 }),
  snapshots: flag({ doc: 'Whether a copy of each changelog is kept in the folder `snapshots` of data.dir, so that a restart reads only what came after it. It takes up to four times the size of the state on disk, and may be deleted at any time.', default: true }),
  idleMs: whole({ doc: 'A partition without records for so long lets its windows go out; unit: milliseconds.', default: 30_000, min: 100, max: 86_400_000 }),
  paused: list({ doc: 'Names of the processors that begin paused: they keep their partitions and read nothing until they are resumed.', default: [] }),
  control: choice({ doc: 'When the HTTP server of the role gives out what stores hold, and pauses processors: where http.host is a loopback address, always, or never. It has no login.', default: 'loopback', of: ['loopback', 'always', 'never'] }),
  pollRecords: whole({ doc: 'Records taken from the log at once.', default: 500, min: 1, max: 100_000 }),
});
