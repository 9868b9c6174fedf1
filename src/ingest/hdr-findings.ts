import { isHdr, videoRangeOf } from './colour.js';
import { finding } from './findings.js';
import { describeHdrMetadata } from './hdr-metadata.js';
import type { Finding } from './types.js';
import type { PictureFacts } from './video-facts.js';

/** What a person should know of a picture's light, and of metadata that does not reach what ships. */
export function hdrFindings({ colour, format, hdr }: PictureFacts): Finding[] {
  const findings: Finding[] = [];
  if (isHdr(colour.transfer)) {
    const depth = format.bitDepth > 8 ? '' : ', of 8 bits only (bands may show; it is encoded in 10)';
    findings.push(
      finding(
        'hdr',
        `HDR (${videoRangeOf(colour.transfer)})${depth}, ${describeHdrMetadata(hdr.metadata)}: it stays HDR in HEVC ` +
          'and AV1; H.264 and VP9 get a tone-mapped SDR picture. VMAF has models of SDR only',
      ),
    );
  } else if (hdr.metadata) {
    const curve = colour.transfer ?? 'not tagged';
    findings.push(
      finding(
        'hdr-metadata-unused',
        `has HDR metadata (${describeHdrMetadata(hdr.metadata)}), but its transfer curve is ${curve}: taken for SDR, ` +
          'the metadata is dropped. If it is HDR, tag its transfer as PQ or HLG',
      ),
    );
  }
  if (hdr.faults.length > 0) {
    findings.push(
      finding('hdr-metadata-invalid', `HDR metadata is wrong and dropped: ${hdr.faults.join('; ')}`),
    );
  }
  if (hdr.dynamic.length > 0) {
    const kinds = hdr.dynamic.join(' and ');
    findings.push(
      finding('hdr-dynamic-dropped', `${kinds}: dynamic metadata is dropped, the base picture is kept`),
    );
  }
  return findings;
}
