/** A second reading of what DRM systems put into `pssh` boxes; knows nothing of src/. */

export interface Pssh {
  version: number;
  systemId: string;
  kids: string[];
  data: Buffer;
}

export function readPssh(box: Buffer): Pssh {
  if (box.readUInt32BE(0) !== box.length || box.toString('latin1', 4, 8) !== 'pssh')
    throw new Error('no pssh box');
  const version = box.readUInt8(8);
  if (box.readUIntBE(9, 3) !== 0 || version > 1) throw new Error(`a pssh box of version ${version}`);
  const systemId = box.toString('hex', 12, 28);
  let at = 28;
  const kids: string[] = [];
  if (version === 1) {
    for (let count = box.readUInt32BE((at += 4) - 4); count > 0; count -= 1)
      kids.push(box.toString('hex', at, (at += 16)));
  }
  const size = box.readUInt32BE((at += 4) - 4);
  if (at + size !== box.length) throw new Error('a pssh box with a tail');
  return { version, systemId, kids, data: box.subarray(at) };
}

/** A box as a key service would give it. */
export function psshBox(systemId: string, kids: readonly string[], text: string): Buffer {
  const hex = (value: number): string => value.toString(16).padStart(8, '0');
  const list = kids.length > 0 ? hex(kids.length) + kids.join('') : '';
  const data = Buffer.from(text);
  const rest = `${kids.length > 0 ? '01' : '00'}000000${systemId}${list}${hex(data.length)}${data.toString('hex')}`;
  return Buffer.from(`${hex(8 + rest.length / 2)}${Buffer.from('pssh').toString('hex')}${rest}`, 'hex');
}

/** WidevinePsshData by field number: bytes of length-delimited fields, numbers of varints. */
export function readProtobuf(data: Buffer): [field: number, value: Buffer | number][] {
  const fields: [number, Buffer | number][] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = data.readUInt8((at += 1) - 1);
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
  };
  while (at < data.length) {
    const tag = varint();
    if ((tag & 7) === 0) fields.push([tag >> 3, varint()]);
    else if ((tag & 7) === 2) {
      const length = varint();
      fields.push([tag >> 3, data.subarray(at, (at += length))]);
    } else throw new Error(`wire type ${tag & 7}`);
  }
  if (at !== data.length) throw new Error('a field beyond the end');
  return fields;
}

export interface PlayReadyHeader {
  xml: string;
  version: string;
  /** As a UUID's bytes, hex: a GUID has its first three groups the other way round. */
  kid: string;
  algorithm: string;
  /** Hex; undefined where there is none. */
  checksum: string | undefined;
  licenseUrl: string | undefined;
}

function guidToUuid(guid: Buffer): string {
  const bytes = Buffer.from(guid);
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes.toString('hex');
}

/** A PlayReady object with one record: the header of rights management, in UTF-16. */
export function readPlayReady(object: Buffer): PlayReadyHeader {
  if (object.readUInt32LE(0) !== object.length) throw new Error('a PlayReady object of another length');
  if (object.readUInt16LE(4) !== 1) throw new Error('not one record');
  const [type, length] = [object.readUInt16LE(6), object.readUInt16LE(8)];
  if (type !== 1 || length !== object.length - 10) throw new Error('not a header');
  const xml = object.toString('utf16le', 10);
  const version = /version="([^"]*)"/.exec(xml)?.[1] ?? '';
  const text = (name: string): string | undefined => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  const attributes = /<KID ALGID="([^"]*)" VALUE="([^"]*)">/.exec(xml);
  const checksum = text('CHECKSUM');
  return {
    ...{ xml, version },
    kid: guidToUuid(Buffer.from(attributes?.[2] ?? text('KID') ?? '', 'base64')),
    algorithm: attributes?.[1] ?? text('ALGID') ?? '',
    checksum: checksum === undefined ? undefined : Buffer.from(checksum, 'base64').toString('hex'),
    licenseUrl: text('LA_URL'),
  };
}
