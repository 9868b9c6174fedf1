import type { CodePoints } from '../cicp.js';
import { REPRESENTATION, folderOfRepresentation } from './timeline.js';

const SCHEME = 'urn:mpeg:mpegB:cicp';

function properties({ primaries, transfer, matrix }: CodePoints, indent: string): string {
  const named = { ColourPrimaries: primaries, TransferCharacteristics: transfer, MatrixCoefficients: matrix };
  return Object.entries(named)
    .map(
      ([name, value]) =>
        `${indent}<SupplementalProperty schemeIdUri="${SCHEME}:${name}" value="${value}"/>\n`,
    )
    .join('');
}

const OWN_PROPERTY =
  /[ \t]*<SupplementalProperty schemeIdUri="urn:mpeg:mpegB:cicp:(?:ColourPrimaries|TransferCharacteristics|MatrixCoefficients)" value="[^"]*"\/>\n/g;

/**
 * Says the whole colour description of every adaptation set of pictures, by the folders of its representations. The
 * packager tells of SDR only the transfer curve, and of some codecs nothing. The properties are supplemental, as the
 * packager has them: players that know no essential property of that scheme would leave out a title that is HDR alone.
 */
export function withColour(mpd: string, colours: ReadonlyMap<string, CodePoints>): string {
  return mpd.replace(/<AdaptationSet\b[\s\S]*?<\/AdaptationSet>/g, (set) => {
    const folders = (set.match(REPRESENTATION) ?? []).map(folderOfRepresentation);
    const points = colours.get(folders[0] ?? '');
    if (!points) return set;
    // Descriptors come before representations and roles, and after everything about protection.
    return set
      .replace(OWN_PROPERTY, '')
      .replace(
        /^([ \t]*)<(?:Role|Representation)\b/m,
        (tag, indent: string) => properties(points, indent) + tag,
      );
  });
}
