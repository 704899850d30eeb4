import { dataSection } from '../infra/config/data';
import type { Section } from '../infra/config/section';
import { httpSection } from '../infra/http/settings';
import { telemetrySection } from '../infra/telemetry/settings';

/** Every section of the configuration, in the order in which `netweaver config` prints them. A component that declares one adds it here. */
export const sections: readonly Section[] = [dataSection, httpSection, telemetrySection];
