/**
 * The catalogue: every topic with what it holds, its key, its schema, how many partitions, how long it is kept, who
 * writes and who reads. Code names a topic by its value here, never by a string. Topics flow from above to below.
 */
import { ALERT, ALERT_FEEDBACK, ANOMALY, CAPACITY_FORECAST, COLLECTOR_HEALTH, DEAD_LETTER, DEVICE_METRICS, DISCARDED_PACKET, EXPORTER_NAME, FLOW_BATCH, HOST_TRAFFIC, INTERFACE_COUNTERS, INTERFACE_RATES, INTERFACE_STATE, INTERFACE_TRAFFIC, LATE_RECORDS, LINK_METRICS, LINK_STATE, MODEL_DEPLOYMENT, PATH_POLICY, PREFIX_TRAFFIC, ROUTE_CHANGE, SILENCE, TOPOLOGY_EVENT, TOPOLOGY_STATE as TOPOLOGY_STATE_RECORD, TRAFFIC_FEATURES as TRAFFIC_FEATURES_RECORD, TRAFFIC_FORECAST, TRAFFIC_PARTIALS as TRAFFIC_PARTIALS_RECORD, TRAFFIC_PULSE, TURNS as TURNS_RECORD } from '../schemas';
import type { Alert, AlertFeedback, Anomaly, CapacityForecast, CollectorHealth, DeadLetter, DeviceMetrics, DiscardedPacket, ExporterName, FlowBatch, HostTraffic, InterfaceCounters, InterfaceRates, InterfaceState, InterfaceTraffic, LateRecords, LinkMetrics, LinkState, ModelDeployment, PathPolicy, PrefixTraffic, RouteChange, Silence, TopologyEvent, TopologyState, TrafficFeatures, TrafficForecast, TrafficPartials, TrafficPulse, Turns } from '../schemas';
import type { RecordType } from '../schemas/avro';

/** A topic. */
export interface Topic<T = unknown> {
  /** Name without the prefix, `<domain>.<thing>`. */
  readonly name: string;
  /** What one record is. */
  readonly holds: string;
  /** What the key is; `none` where the partition is chosen otherwise. */
  readonly key: string;
  /** How a record finds its partition. */
  readonly partitioning: string;
  readonly record: RecordType<T>;
  /** Which key of the section `topics` says how many partitions; `one` is always one. */
  readonly partitions: 'flowPartitions' | 'metricPartitions' | 'one';
  readonly cleanup: 'delete' | 'compact';
  /** Which keys of the section `topics` say how long records are kept. */
  readonly retention: 'flows' | 'others';
  readonly writers: readonly string[];
  readonly readers: readonly string[];
  readonly doc: string;
}

/** Flows as decoded. */
export const FLOWS_RAW: Topic<FlowBatch> = {
  name: 'flows.raw',
  holds: 'a batch of flows of one partition, with the datagrams that they came in',
  key: 'none',
  partitioning: 'hash of the 5-tuple of the flow; a batch holds the flows of one partition',
  record: FLOW_BATCH,
  partitions: 'flowPartitions',
  cleanup: 'delete',
  retention: 'flows',
  writers: ['collect'],
  readers: ['process: dedup'],
  doc: 'Flows as the exporters sent them, sampling rate known, nothing removed.',
};

/** Flows without duplicates. */
export const FLOWS_UNIQUE: Topic<FlowBatch> = {
  name: 'flows.unique',
  holds: 'a batch of flows of one partition, with the datagrams that they came in',
  key: 'none',
  partitioning: 'that of flows.raw',
  record: FLOW_BATCH,
  partitions: 'flowPartitions',
  cleanup: 'delete',
  retention: 'flows',
  writers: ['process: dedup'],
  readers: ['process: aggregate', 'process: measure', 'sink: timescale'],
  doc: 'Flows after removal of datagrams sent twice and of flows that several exporters reported; `observers` says how many did.',
};

/** What other exporters reported of flows that are in flows.unique. */
export const FLOWS_OBSERVATIONS: Topic<FlowBatch> = {
  name: 'flows.observations',
  holds: 'a batch of flows of one partition, with the datagrams that they came in',
  key: 'none',
  partitioning: 'that of flows.raw',
  record: FLOW_BATCH,
  partitions: 'flowPartitions',
  cleanup: 'delete',
  retention: 'flows',
  writers: ['process: dedup'],
  readers: ['process: observed-interfaces', 'process: measure-observed'],
  doc: 'Records of flows that stand in flows.unique by the word of another exporter: the same traffic seen again further on its way. Not to be added to flows.unique, but each passed the interfaces that it names.',
};

/** What interfaces carried. */
export const TRAFFIC_BY_INTERFACE: Topic<InterfaceTraffic> = {
  name: 'traffic.by-interface',
  holds: 'a window of one partition of flows.unique or flows.observations: a row an interface and direction',
  key: 'none',
  partitioning: 'that of flows.unique',
  record: INTERFACE_TRAFFIC,
  partitions: 'flowPartitions',
  cleanup: 'delete',
  retention: 'others',
  writers: ['process: aggregate', 'process: observed-interfaces'],
  readers: ['sink: timescale'],
  doc: 'Bytes, packets and flows by exporter, interface and direction, in windows by the end of the flow; partial sums, to be added over `sourcePartition`.',
};

/** What passed between prefixes. */
export const TRAFFIC_BY_PREFIX: Topic<PrefixTraffic> = {
  name: 'traffic.by-prefix',
  holds: 'a window of one partition of flows.unique: a row a pair of prefixes and autonomous systems',
  key: 'none',
  partitioning: 'that of flows.unique',
  record: PREFIX_TRAFFIC,
  partitions: 'flowPartitions',
  cleanup: 'delete',
  retention: 'others',
  writers: ['process: aggregate'],
  readers: ['sink: timescale'],
  doc: 'Bytes, packets and flows by pair of prefixes and autonomous systems, in windows by the end of the flow; partial sums, to be added over `sourcePartition`.',
};

/** What hosts sent and received. */
export const TRAFFIC_BY_HOST: Topic<HostTraffic> = {
  name: 'traffic.by-host',
  holds: 'a window of one partition of flows.unique: a row a host',
  key: 'none',
  partitioning: 'that of flows.unique',
  record: HOST_TRAFFIC,
  partitions: 'flowPartitions',
  cleanup: 'delete',
  retention: 'others',
  writers: ['process: aggregate'],
  readers: ['sink: timescale'],
  doc: 'Bytes, packets and flows to and from a host, in windows by the end of the flow; partial sums, to be added over `sourcePartition`.',
};

/** Counters of interfaces. */
export const INTERFACES_COUNTERS: Topic<InterfaceCounters> = {
  name: 'interfaces.counters',
  holds: 'the counters of one interface at one time',
  key: '`<device>/<ifIndex>`, UTF-8',
  partitioning: 'murmur2 of the key, as by default in Kafka',
  record: INTERFACE_COUNTERS,
  partitions: 'metricPartitions',
  cleanup: 'delete',
  retention: 'others',
  writers: ['collect', 'poll'],
  readers: ['process: interface-rates', 'sink: timescale'],
  doc: 'Counters as a device keeps them since its start: those of SNMP, and the counter samples of sFlow.',
};

/** What interfaces are called. */
export const INTERFACES_STATE: Topic<InterfaceState> = {
  name: 'interfaces.state',
  holds: 'names, speed and status of one interface, as one source tells them',
  key: '`<device>/<ifIndex>`, UTF-8',
  partitioning: 'murmur2 of the key, as by default in Kafka',
  record: INTERFACE_STATE,
  partitions: 'metricPartitions',
  cleanup: 'compact',
  retention: 'others',
  writers: ['collect', 'poll'],
  readers: ['process: interface-rates', 'poll', 'sink: timescale'],
  doc: 'Names of interfaces by SNMP, by options data of NetFlow v9 and IPFIX, and by sFlow; told when something changes, and again every hour. A tombstone: SNMP says that the device has no such interface any more.',
};

/** What interfaces carried a second. */
export const INTERFACES_RATES: Topic<InterfaceRates> = {
  name: 'interfaces.rates',
  holds: 'what one interface carried a second between two readings of its counters',
  key: '`<device>/<ifIndex>`, UTF-8',
  partitioning: 'one partition',
  record: INTERFACE_RATES,
  partitions: 'one',
  cleanup: 'delete',
  retention: 'others',
  writers: ['process: interface-rates'],
  readers: ['process: link-state', 'process: watch', 'process: capacity', 'other programs, by the schema'],
  doc: 'Bits, packets, errors and discards a second, and utilisation, with name and speed as interfaces.state has them; wraps of counters allowed for, resets left out.',
};

/** Packets that devices discarded. */
export const PACKETS_DISCARDED: Topic<DiscardedPacket> = {
  name: 'packets.discarded',
  holds: 'one packet that a device discarded',
  key: '`<device>/<inIf>`, UTF-8',
  partitioning: 'murmur2 of the key, as by default in Kafka',
  record: DISCARDED_PACKET,
  partitions: 'metricPartitions',
  cleanup: 'delete',
  retention: 'others',
  writers: ['collect'],
  readers: ['sink: timescale'],
  doc: 'Packets that a device discarded, each with the reason (sFlow discarded-packet samples).',
};

/** What exporters call their samplers, VRFs and applications. */
export const EXPORTERS_NAMES: Topic<ExporterName> = {
  name: 'exporters.names',
  holds: 'the name of a sampler, VRF or application of an exporter',
  key: '`<device>/<kind>/<id>`, UTF-8',
  partitioning: 'murmur2 of the key, as by default in Kafka',
  record: EXPORTER_NAME,
  partitions: 'metricPartitions',
  cleanup: 'compact',
  retention: 'others',
  writers: ['collect'],
  readers: ['sink: timescale'],
  doc: 'Names in options data of NetFlow v9 and IPFIX; told when one changes, and again every hour.',
};

/** Health of devices. */
export const DEVICES_METRICS: Topic<DeviceMetrics> = {
  name: 'devices.metrics',
  holds: 'the health of one device at one time',
  key: '`<device>`, UTF-8',
  partitioning: 'murmur2 of the key, as by default in Kafka',
  record: DEVICE_METRICS,
  partitions: 'metricPartitions',
  cleanup: 'delete',
  retention: 'others',
  writers: ['collect', 'poll'],
  readers: ['sink: timescale'],
  doc: 'Name, load, memory, temperature, uptime and sessions of a device; what it does not say is null.',
};

/** Measurements of links. */
export const LINKS_METRICS: Topic<LinkMetrics> = {
  name: 'links.metrics',
  holds: 'a measurement of one link at one time',
  key: '`<link>`, UTF-8',
  partitioning: 'one partition',
  record: LINK_METRICS,
  partitions: 'one',
  cleanup: 'delete',
  retention: 'others',
  writers: ['other programs, by the schema'],
  readers: ['process: link-state', 'sink: timescale'],
  doc: 'Latency, jitter, loss and utilisation of a link; what was not measured is null.',
};

/** What sources say of the network. */
export const TOPOLOGY_EVENTS: Topic<TopologyEvent> = {
  name: 'topology.events',
  holds: 'a change of one element of the network, as a source reports it',
  key: '`<element>/<id>`, UTF-8',
  partitioning: 'one partition',
  record: TOPOLOGY_EVENT,
  partitions: 'one',
  cleanup: 'delete',
  retention: 'others',
  writers: ['topology'],
  readers: ['process: topology-state'],
  doc: 'Devices, interfaces and links: added, changed, removed, up, down. Kinds that this program does not know are kept and stepped over.',
};

/** The network as it is. */
export const TOPOLOGY_STATE: Topic<TopologyState> = {
  name: 'topology.state',
  holds: 'an element of the network as it is now',
  key: '`<element>/<id>`, UTF-8',
  partitioning: 'one partition',
  record: TOPOLOGY_STATE_RECORD,
  partitions: 'one',
  cleanup: 'compact',
  retention: 'others',
  writers: ['process: topology-state'],
  readers: ['process: link-state', 'process: interface-features', 'process: watch', 'process: path-recompute'],
  doc: 'The present graph. An element that is gone is a tombstone.',
};

/** Links as paths are computed on them. */
export const LINKS_STATE: Topic<LinkState> = {
  name: 'links.state',
  holds: 'a link with its measurements and its costs as they are now',
  key: '`<link>`, UTF-8',
  partitioning: 'one partition',
  record: LINK_STATE,
  partitions: 'one',
  cleanup: 'compact',
  retention: 'others',
  writers: ['process: link-state'],
  readers: ['process: path-recompute', 'process: capacity', '`netweaver paths`, `netweaver whatif`'],
  doc: 'Topology, measurements and counters joined. A link that is gone is a tombstone.',
};

/** What paths keep to. */
export const POLICIES: Topic<PathPolicy> = {
  name: 'policies',
  holds: 'a policy: the pairs that it applies to, weights of the cost, constraints of their paths',
  key: '`<policy>`, UTF-8',
  partitioning: 'one partition',
  record: PATH_POLICY,
  partitions: 'one',
  cleanup: 'compact',
  retention: 'others',
  writers: ['`netweaver policies`'],
  readers: ['process: path-recompute', '`netweaver policies`, `netweaver paths`, `netweaver whatif`'],
  doc: 'Policies as they are now. One that was removed is a tombstone.',
};

/** Paths that are others now. */
export const ROUTES_CHANGES: Topic<RouteChange> = {
  name: 'routes.changes',
  holds: 'the path of one source and target that changed',
  key: '`<source>/<target>`, of a path to a prefix `<source>/<prefix>`, UTF-8',
  partitioning: 'one partition',
  record: ROUTE_CHANGE,
  partitions: 'one',
  cleanup: 'delete',
  retention: 'others',
  writers: ['process: path-recompute'],
  readers: ['other programs, by the schema'],
  doc: 'Old path, new path, their costs, why, and how long damping held the change back.',
};

/** What hosts did, in parts. */
export const TRAFFIC_PARTIALS: Topic<TrafficPartials> = {
  name: 'traffic.partials',
  holds: 'a window of ten seconds of one partition of flows.unique: a row a host',
  key: 'none',
  partitioning: 'murmur2 of the address as text; a record holds the hosts of one partition',
  record: TRAFFIC_PARTIALS_RECORD,
  partitions: 'metricPartitions',
  cleanup: 'delete',
  retention: 'others',
  writers: ['process: measure'],
  readers: ['process: features'],
  doc: 'Sums and sketches of the hosts with most traffic, to be merged over `sourcePartition` and over the records of a window.',
};

/** What interfaces carried, in parts. */
export const TRAFFIC_INTERFACE_PARTIALS: Topic<TrafficPartials> = {
  name: 'traffic.interface-partials',
  holds: 'a window of ten seconds of one partition of flows.unique or flows.observations: a row an interface and direction',
  key: 'none',
  partitioning: 'one partition',
  record: TRAFFIC_PARTIALS_RECORD,
  partitions: 'one',
  cleanup: 'delete',
  retention: 'others',
  writers: ['process: measure', 'process: measure-observed'],
  readers: ['process: interface-features'],
  doc: 'Sums and sketches of interfaces, to be merged likewise; in one partition, as the topology is, which says what links they are ends of.',
};

/** Vectors of features of hosts, interfaces and links. */
export const TRAFFIC_FEATURES: Topic<TrafficFeatures> = {
  name: 'traffic.features',
  holds: 'a window of one kind of subjects: a row a subject',
  key: 'none',
  partitioning: 'murmur2 of the subject; a record holds the subjects of one partition',
  record: TRAFFIC_FEATURES_RECORD,
  partitions: 'metricPartitions',
  cleanup: 'delete',
  retention: 'others',
  writers: ['process: features', 'process: interface-features'],
  readers: ['process: connections', 'process: score', 'process: forecast', 'other programs, by the schema', 'sink: timescale'],
  doc: 'What hosts, interfaces and links did in windows of 10 s, 1 min and 5 min, whole and not in parts, as vectors that detectors, models and forecasts work on.',
};

/** What subjects are expected to carry. */
export const TRAFFIC_FORECASTS: Topic<TrafficForecast> = {
  name: 'traffic.forecasts',
  holds: 'the forecast of one subject, at all horizons',
  key: '`<subject>`, UTF-8',
  partitioning: 'one partition',
  record: TRAFFIC_FORECAST,
  partitions: 'one',
  cleanup: 'delete',
  retention: 'others',
  writers: ['process: forecast'],
  readers: ['process: capacity', '`netweaver forecast`', 'other programs, by the schema', 'sink: timescale'],
  doc: 'Expected rates 5 min, 15 min, 1 h and 24 h ahead, with quantiles, and which model says so.',
};

/** When interfaces and links will be full. */
export const CAPACITY_FORECASTS: Topic<CapacityForecast> = {
  name: 'capacity.forecasts',
  holds: 'when one direction of an interface or link will pass a share of its capacity',
  key: '`<subject>`, UTF-8',
  partitioning: 'one partition',
  record: CAPACITY_FORECAST,
  partitions: 'one',
  cleanup: 'compact',
  retention: 'others',
  writers: ['process: capacity'],
  readers: ['other programs, by the schema'],
  doc: 'The trend of the daily peaks with its interval, and the earliest, the likely and the latest time at which it meets the threshold.',
};

/** What detectors look at, several times a second. */
export const TRAFFIC_PULSES: Topic<TrafficPulse> = {
  name: 'traffic.pulses',
  holds: 'what of one partition of flows.unique is worth a look in a moment of the time of receipt: hosts, prefixes and sources above a floor, with sketches',
  key: 'none',
  partitioning: 'one partition: a host\'s flows lie in all partitions of flows.unique, and are put together here',
  record: TRAFFIC_PULSE,
  partitions: 'one',
  cleanup: 'delete',
  retention: 'flows',
  writers: ['process: pulse'],
  readers: ['process: detect'],
  doc: 'Partial sums and sketches of what is large or asks many, every `detection.slotMs`, so that floods and scans are seen within a second.',
};

/** What is out of the ordinary. */
export const ANOMALIES: Topic<Anomaly> = {
  name: 'anomalies',
  holds: 'that an anomaly of one subject began, goes on, or is over',
  key: '`<subject>`, UTF-8',
  partitioning: 'one partition',
  record: ANOMALY,
  partitions: 'one',
  cleanup: 'delete',
  retention: 'others',
  writers: ['process: detect', 'process: connections', 'process: watch', 'process: score', 'process: forecast'],
  readers: ['process: alerts', 'other programs, by the schema', 'sink: timescale'],
  doc: 'Floods, scans, changes of pattern, errors of interfaces, flaps of the topology: each with its score, its evidence and what contributes to it.',
};

/** What somebody should look at. */
export const ALERTS: Topic<Alert> = {
  name: 'alerts',
  holds: 'an alert as it is after a change',
  key: '`<alert>`, its id, UTF-8',
  partitioning: 'one partition',
  record: ALERT,
  partitions: 'one',
  cleanup: 'compact',
  retention: 'others',
  writers: ['process: alerts'],
  readers: ['`netweaver alerts`', 'other programs, by the schema', 'sink: timescale'],
  doc: 'Anomalies, failures and poor performance, joined so that one cause is one alert: opened, updated, acknowledged, muted, closed, with what spoke for it when it fired and what does now. A tombstone: it was closed long ago.',
};

/** What people say of alerts. */
export const ALERTS_FEEDBACK: Topic<AlertFeedback> = {
  name: 'alerts.feedback',
  holds: 'what somebody says of an alert',
  key: '`<alert>`, its id, UTF-8',
  partitioning: 'one partition',
  record: ALERT_FEEDBACK,
  partitions: 'one',
  cleanup: 'delete',
  retention: 'others',
  writers: ['`netweaver alerts`', 'other programs, by the schema'],
  readers: ['process: alerts', '`netweaver alerts thresholds`'],
  doc: 'Verdicts, notes, acknowledgements, mutes. Thresholds that feedback raises and lowers are a fold of it.',
};

/** What is out of the ordinary by models that are tried out. */
export const ANOMALIES_SHADOW: Topic<Anomaly> = {
  ...ANOMALIES,
  name: 'anomalies.shadow',
  writers: ['process: score'],
  readers: ['`netweaver models compare`'],
  doc: 'What a model in the shadow takes for an anomaly: nothing acts on it, `netweaver models compare` holds it against `anomalies`.',
};

/** How collection fares. */
export const COLLECTORS_HEALTH: Topic<CollectorHealth> = {
  name: 'collector.health',
  holds: 'what came and what was lost of one exporter\'s observation domain in a window of time; or how the collector itself fared',
  key: '`<exporter>`, or the instance of the collector, UTF-8',
  partitioning: 'murmur2 of the key, as by default in Kafka',
  record: COLLECTOR_HEALTH,
  partitions: 'metricPartitions',
  cleanup: 'delete',
  retention: 'others',
  writers: ['collect'],
  readers: ['poll', 'sink: timescale'],
  doc: 'Every `collector.healthSeconds` a record for each domain of which a datagram came or is missing, and one of the collector: loss as one figure, whether on the way, in the receive buffer or before a slow log.',
};

/** What could not be processed. */
export const DEAD_LETTERS: Topic<DeadLetter> = {
  name: 'dead-letters',
  holds: 'a record that could not be processed, with its bytes',
  key: '`<topic>/<partition>/<offset>` of the record, UTF-8',
  partitioning: 'one partition',
  record: DEAD_LETTER,
  partitions: 'one',
  cleanup: 'delete',
  retention: 'others',
  writers: ['process', 'sink: timescale'],
  readers: ['people, with `netweaver tail dead-letters`'],
  doc: 'Records that a component refused, with the place they came from, the error and the bytes as they were.',
};

/** What came too late. */
export const LATE: Topic<LateRecords> = {
  name: 'late',
  holds: 'rows of one record that came after their window had been closed, counted',
  key: '`<topic>/<partition>/<offset>` of the record, UTF-8',
  partitioning: 'one partition',
  record: LATE_RECORDS,
  partitions: 'one',
  cleanup: 'delete',
  retention: 'others',
  writers: ['process: aggregate', 'process: observed-interfaces', 'process: measure', 'process: measure-observed', 'process: features', 'process: interface-features'],
  readers: ['people, with `netweaver tail late`'],
  doc: 'How much was left out of closed windows, and where it lies.',
};

/** When partitions were silent. */
export const SILENCES: Topic<Silence> = {
  name: 'processing.silences',
  holds: 'that a partition had been silent, and which processor was told',
  key: '`<processor>/<partition>`, UTF-8',
  partitioning: 'one partition',
  record: SILENCE,
  partitions: 'one',
  cleanup: 'delete',
  retention: 'others',
  writers: ['process'],
  readers: ['`netweaver replay-log`'],
  doc: 'The decisions of the clock: windows that wait for flows of a silent partition go out by these. With them the outputs of a processor are a function of the log alone.',
};

/** Which models are in use. */
export const MODELS_DEPLOYED: Topic<ModelDeployment> = {
  name: 'models.deployed',
  holds: 'which model a processor runs in one of its places; without a value: the one of the configuration, or none',
  key: '`<processor>/<slot>`, UTF-8',
  partitioning: 'the same in every partition',
  record: MODEL_DEPLOYMENT,
  partitions: 'metricPartitions',
  cleanup: 'compact',
  retention: 'others',
  writers: ['`netweaver models deploy`'],
  readers: ['process: score', 'process: forecast'],
  doc: 'A table that every processor with models joins, so that a change of the model has its place in the order of the inputs and comes at the same record in a replay.',
};

/** In which order processors read the topics that they join. */
export const TURNS: Topic<Turns> = {
  name: 'processing.turns',
  holds: 'in which order a processor that joins topics read them',
  key: '`<processor>/<partition>`, UTF-8',
  partitioning: 'one partition',
  record: TURNS_RECORD,
  partitions: 'one',
  cleanup: 'delete',
  retention: 'others',
  writers: ['process'],
  readers: ['`netweaver replay-log`'],
  doc: 'Where records of a table came between records of the input, a record a transaction. With them the outputs of a join are a function of the log alone.',
};

/** Every topic, in the order of the data. */
export const CATALOGUE: readonly Topic[] = [
  FLOWS_RAW,
  FLOWS_UNIQUE,
  FLOWS_OBSERVATIONS,
  TRAFFIC_BY_INTERFACE,
  TRAFFIC_BY_PREFIX,
  TRAFFIC_BY_HOST,
  INTERFACES_COUNTERS,
  PACKETS_DISCARDED,
  INTERFACES_STATE,
  INTERFACES_RATES,
  EXPORTERS_NAMES,
  DEVICES_METRICS,
  LINKS_METRICS,
  TOPOLOGY_EVENTS,
  TOPOLOGY_STATE,
  LINKS_STATE,
  POLICIES,
  ROUTES_CHANGES,
  TRAFFIC_PARTIALS,
  TRAFFIC_INTERFACE_PARTIALS,
  TRAFFIC_FEATURES,
  TRAFFIC_FORECASTS,
  CAPACITY_FORECASTS,
  TRAFFIC_PULSES,
  ANOMALIES,
  ANOMALIES_SHADOW,
  ALERTS_FEEDBACK,
  ALERTS,
  COLLECTORS_HEALTH,
  DEAD_LETTERS,
  LATE,
  SILENCES,
  MODELS_DEPLOYED,
  TURNS,
];
