/** Object identifiers that are read, by the MIB that defines them. */

/** SNMPv2-MIB (RFC 3418) and SNMP-FRAMEWORK-MIB (RFC 3411): scalars. */
export const SYSTEM = {
  sysDescr: '1.3.6.1.2.1.1.1.0',
  sysObjectID: '1.3.6.1.2.1.1.2.0',
  sysUpTime: '1.3.6.1.2.1.1.3.0',
  sysName: '1.3.6.1.2.1.1.5.0',
  snmpEngineTime: '1.3.6.1.6.3.10.2.1.3.0',
} as const;

const IF_ENTRY = '1.3.6.1.2.1.2.2.1';
const IFX_ENTRY = '1.3.6.1.2.1.31.1.1.1';

/** IF-MIB (RFC 2863): what an interface is, and how it is. */
export const INTERFACE_COLUMNS = {
  ifDescr: `${IF_ENTRY}.2`,
  ifSpeed: `${IF_ENTRY}.5`,
  ifAdminStatus: `${IF_ENTRY}.7`,
  ifOperStatus: `${IF_ENTRY}.8`,
  ifName: `${IFX_ENTRY}.1`,
  ifHighSpeed: `${IFX_ENTRY}.15`,
  ifAlias: `${IFX_ENTRY}.18`,
  ifCounterDiscontinuityTime: `${IFX_ENTRY}.19`,
} as const;

/** IF-MIB: what both kinds of counters have. */
export const FAULT_COLUMNS = {
  ifInDiscards: `${IF_ENTRY}.13`,
  ifInErrors: `${IF_ENTRY}.14`,
  ifInUnknownProtos: `${IF_ENTRY}.15`,
  ifOutDiscards: `${IF_ENTRY}.19`,
  ifOutErrors: `${IF_ENTRY}.20`,
} as const;

/** IF-MIB: counters of 64 bits. */
export const HIGH_COLUMNS = {
  ifHCInOctets: `${IFX_ENTRY}.6`,
  ifHCInUcastPkts: `${IFX_ENTRY}.7`,
  ifHCInMulticastPkts: `${IFX_ENTRY}.8`,
  ifHCInBroadcastPkts: `${IFX_ENTRY}.9`,
  ifHCOutOctets: `${IFX_ENTRY}.10`,
  ifHCOutUcastPkts: `${IFX_ENTRY}.11`,
  ifHCOutMulticastPkts: `${IFX_ENTRY}.12`,
  ifHCOutBroadcastPkts: `${IFX_ENTRY}.13`,
} as const;

/** IF-MIB: counters of 32 bits, for agents without the others; the last four are those of agents older than ifXTable or with it. */
export const LOW_COLUMNS = {
  ifInOctets: `${IF_ENTRY}.10`,
  ifInUcastPkts: `${IF_ENTRY}.11`,
  ifInNUcastPkts: `${IF_ENTRY}.12`,
  ifOutOctets: `${IF_ENTRY}.16`,
  ifOutUcastPkts: `${IF_ENTRY}.17`,
  ifOutNUcastPkts: `${IF_ENTRY}.18`,
  ifInMulticastPkts: `${IFX_ENTRY}.2`,
  ifInBroadcastPkts: `${IFX_ENTRY}.3`,
  ifOutMulticastPkts: `${IFX_ENTRY}.4`,
  ifOutBroadcastPkts: `${IFX_ENTRY}.5`,
} as const;

/** Scalars of health. UCD-SNMP-MIB (net-snmp on Linux and BSD), FORTINET-FORTIGATE-MIB, PAN-COMMON-MIB, CISCO-FIREWALL-MIB. */
export const HEALTH = {
  ssCpuIdle: '1.3.6.1.4.1.2021.11.11.0',
  laLoadInt: '1.3.6.1.4.1.2021.10.1.5.1',
  memTotalReal: '1.3.6.1.4.1.2021.4.5.0',
  memAvailReal: '1.3.6.1.4.1.2021.4.6.0',
  memBuffer: '1.3.6.1.4.1.2021.4.14.0',
  memCached: '1.3.6.1.4.1.2021.4.15.0',
  memSysAvail: '1.3.6.1.4.1.2021.4.27.0',
  fgSysCpuUsage: '1.3.6.1.4.1.12356.101.4.1.3.0',
  fgSysMemUsage: '1.3.6.1.4.1.12356.101.4.1.4.0',
  fgSysSesCount: '1.3.6.1.4.1.12356.101.4.1.8.0',
  panSessionActive: '1.3.6.1.4.1.25461.2.1.2.3.3.0',
  cfwConnectionStatValue: '1.3.6.1.4.1.9.9.147.1.2.2.2.1.5.40.6',
} as const;

/** HOST-RESOURCES-MIB (RFC 2790). */
export const HOST_COLUMNS = { hrProcessorLoad: '1.3.6.1.2.1.25.3.3.1.2' } as const;
export const STORAGE_COLUMNS = { hrStorageType: '1.3.6.1.2.1.25.2.3.1.2', hrStorageAllocationUnits: '1.3.6.1.2.1.25.2.3.1.4', hrStorageSize: '1.3.6.1.2.1.25.2.3.1.5', hrStorageUsed: '1.3.6.1.2.1.25.2.3.1.6' } as const;
/** hrStorageType of memory, and of disks. */
export const HR_STORAGE_RAM = '1.3.6.1.2.1.25.2.1.2';
export const HR_STORAGE_FIXED_DISK = '1.3.6.1.2.1.25.2.1.4';

/** ENTITY-SENSOR-MIB (RFC 3433). */
export const SENSOR_COLUMNS = {
  entPhySensorType: '1.3.6.1.2.1.99.1.1.1.1',
  entPhySensorScale: '1.3.6.1.2.1.99.1.1.1.2',
  entPhySensorPrecision: '1.3.6.1.2.1.99.1.1.1.3',
  entPhySensorValue: '1.3.6.1.2.1.99.1.1.1.4',
  entPhySensorOperStatus: '1.3.6.1.2.1.99.1.1.1.5',
} as const;

/** Columns that only the devices of one maker have: CISCO-PROCESS-MIB, CISCO-MEMORY-POOL-MIB, CISCO-ENVMON-MIB; JUNIPER-MIB. */
export const CISCO_COLUMNS = {
  cpmCPUTotal1minRev: '1.3.6.1.4.1.9.9.109.1.1.1.1.7',
  ciscoMemoryPoolUsed: '1.3.6.1.4.1.9.9.48.1.1.1.5',
  ciscoMemoryPoolFree: '1.3.6.1.4.1.9.9.48.1.1.1.6',
  ciscoEnvMonTemperatureStatusValue: '1.3.6.1.4.1.9.9.13.1.3.1.3',
} as const;
export const JUNIPER_COLUMNS = {
  jnxOperatingTemp: '1.3.6.1.4.1.2636.3.1.13.1.7',
  jnxOperatingCPU: '1.3.6.1.4.1.2636.3.1.13.1.8',
  jnxOperatingBuffer: '1.3.6.1.4.1.2636.3.1.13.1.11',
} as const;
/** Private enterprise numbers (sysObjectID 1.3.6.1.4.1.<number>). */
export const CISCO = 9;
export const JUNIPER = 2636;
