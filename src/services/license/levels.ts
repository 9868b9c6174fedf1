/** How well a device keeps keys and decoded pictures: hardware is Widevine's L1, PlayReady's SL3000, FairPlay on devices. */
export const SECURITY_LEVELS = ['software', 'hardware'] as const;
export type SecurityLevel = (typeof SECURITY_LEVELS)[number];

/** What protects the way to the screen, the weakest first; `none` is an output without any. */
export const HDCP_VERSIONS = ['none', '1.0', '1.1', '1.2', '1.3', '1.4', '2.0', '2.1', '2.2', '2.3'] as const;
export type HdcpVersion = (typeof HDCP_VERSIONS)[number];

/** What a device is known to have; what is not known counts as the weakest. */
export interface DeviceFacts {
  security?: SecurityLevel | undefined;
  hdcp?: HdcpVersion | undefined;
}

export function hasSecurity({ security = 'software' }: DeviceFacts, needed: SecurityLevel): boolean {
  return SECURITY_LEVELS.indexOf(security) >= SECURITY_LEVELS.indexOf(needed);
}

export function hasHdcp({ hdcp = 'none' }: DeviceFacts, needed: HdcpVersion): boolean {
  return HDCP_VERSIONS.indexOf(hdcp) >= HDCP_VERSIONS.indexOf(needed);
}
