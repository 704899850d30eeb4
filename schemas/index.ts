// Made by `npm run generate`: the types, encoders and decoders of every schema.
export * from './generated/discarded-packet';
export * from './generated/flow-batch';
export * from './generated/device-metrics';
export * from './generated/exporter-name';
export * from './generated/interface-counters';
export * from './generated/interface-state';
export * from './generated/link-metrics';
export * from './generated/collector-health';
export * from './generated/dead-letter';
export * from './generated/late-records';
export * from './generated/silence';
export * from './generated/turns';
export * from './generated/host-traffic';
export * from './generated/interface-traffic';
export * from './generated/prefix-traffic';
