import { sinkSection } from '../connectors/sinks/timescale/settings';
import { enrichSection } from '../connectors/sources/flow/enrichment';
import { collectorSection } from '../connectors/sources/flow/settings';
import { replaySection } from '../connectors/sources/replay/settings';
import { snmpSection } from '../connectors/sources/snmp/settings';
import { topologySection } from '../connectors/sources/topology/settings';
import { dataSection } from '../infra/config/data';
import type { Section } from '../infra/config/section';
import { databaseSection } from '../infra/database/settings';
import { httpSection } from '../infra/http/settings';
import { modelsSection } from '../infra/inference/settings';
import { kafkaSection, logSection } from '../infra/log/settings';
import { registrySection } from '../infra/registry/settings';
import { telemetrySection } from '../infra/telemetry/settings';
import { aggregateSection } from '../processors/aggregate';
import { alertsSection } from '../processors/alerts/settings';
import { featuresSection } from '../processors/features';
import { interfaceRatesSection } from '../processors/interface-rates';
import { linksSection } from '../processors/link-state';
import { measureSection } from '../processors/measure';
import { pathsSection } from '../processors/path-recompute';
import { dedupSection } from '../processors/dedup';
import { detectionSection } from '../processors/pulse/settings';
import { processingSection } from '../processors/runtime/settings';
import { topologyStateSection } from '../processors/topology-state';
import { topicsSection } from '../topics/settings';

/** Every section of the configuration, in the order in which `netweaver config` prints them. A component that declares one adds it here. */
export const sections: readonly Section[] = [dataSection, kafkaSection, logSection, registrySection, topicsSection, collectorSection, enrichSection, snmpSection, topologySection, replaySection, processingSection, modelsSection, dedupSection, aggregateSection, measureSection, featuresSection, detectionSection, interfaceRatesSection, topologyStateSection, linksSection, pathsSection, alertsSection, sinkSection, databaseSection, httpSection, telemetrySection];
