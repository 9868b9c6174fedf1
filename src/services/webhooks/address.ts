import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
export type Network = [Address, number];

/** Public by their number, but answered by the host's own cloud: Azure's WireServer. */
const CLOUD_HOSTS: readonly Network[] = [ipaddr.parseCIDR('168.63.129.16/32')];

/** The only part of IPv6 that is handed out to networks in the Internet. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/** An address without its disguise: `::ffff:10.0.0.1` reaches 10.0.0.1. Undefined for what is no IP address. */
export function parseAddress(text: string): Address | undefined {
  // isValid alone takes 127.1 and 0x7f000001, too: only the canonical four parts are an address here.
  return ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text)
    ? ipaddr.process(text)
    : undefined;
}

/**
 * The name of the special range that an address is in (`loopback`, `private`, `linkLocal` …), undefined where it is in
 * none: an address in the Internet. IPv6 that carries an IPv4 address (NAT64, 6to4, Teredo) is special as a whole,
 * because it may lead anywhere.
 */
export function specialRange(address: Address): string | undefined {
  const range = address.range();
  if (range !== 'unicast') return range;
  if (address instanceof ipaddr.IPv6) return address.match(GLOBAL_UNICAST) ? undefined : 'reserved';
  return inNetworks(address, CLOUD_HOSTS) ? 'cloudHost' : undefined;
}

/** True where the address lies in one of the networks; networks of the other family are passed over. */
export function inNetworks(address: Address, networks: readonly Network[]): boolean {
  return networks.some((network) => network[0].kind() === address.kind() && address.match(network));
}

/** `10.0.0.0/8`, or one address; undefined for anything else. */
export function parseNetwork(text: string): Network | undefined {
  const [address = '', bits, ...rest] = text.split('/');
  const parsed = parseAddress(address);
  if (parsed === undefined || rest.length > 0) return undefined;
  const most = parsed.kind() === 'ipv4' ? 32 : 128;
  if (bits === undefined) return [parsed, most];
  return /^\d{1,3}$/.test(bits) && Number(bits) <= most ? [parsed, Number(bits)] : undefined;
}
