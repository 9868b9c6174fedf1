import { DOMParser, type Element } from '@xmldom/xmldom';

const BASE = [
  ...[
    'FramePacking',
    'AudioChannelConfiguration',
    'ContentProtection',
    'OutputProtection',
    'EssentialProperty',
  ],
  ...['SupplementalProperty', 'InbandEventStream', 'Switching', 'RandomAccess', 'GroupLabel', 'Label'],
  ...['ProducerReferenceTime', 'ContentPopularityRate', 'Resync'],
];
const SEGMENTS = ['BaseURL', 'SegmentBase', 'SegmentList', 'SegmentTemplate'];
/** Children in the order of the schema (ISO/IEC 23009-1, 5.2.3.2 to 5.3.7.3 and annex B). */
const ORDER: Record<string, readonly string[]> = {
  MPD: [
    ...['ProgramInformation', 'BaseURL', 'Location', 'PatchLocation', 'ServiceDescription'],
    ...[
      'InitializationSet',
      'InitializationGroup',
      'InitializationPresentation',
      'ContentProtection',
      'Period',
    ],
  ],
  Period: [
    ...['BaseURL', 'SegmentBase', 'SegmentList', 'SegmentTemplate', 'AssetIdentifier', 'EventStream'],
    ...['ServiceDescription', 'ContentProtection', 'AdaptationSet', 'Subset', 'SupplementalProperty'],
    ...['EmptyAdaptationSet', 'GroupLabel', 'Preselection'],
  ],
  AdaptationSet: [
    ...BASE,
    ...['Accessibility', 'Role', 'Rating', 'Viewpoint', 'ContentComponent'],
    ...[...SEGMENTS, 'Representation'],
  ],
  Representation: [...BASE, 'BaseURL', 'ExtendedBandwidth', 'SubRepresentation', ...SEGMENTS.slice(1)],
};

/** What stands in an MPD where its schema does not have it, a line for each. */
export function outOfOrder(mpd: string): string[] {
  const root = new DOMParser().parseFromString(mpd, 'application/xml').documentElement!;
  const wrong: string[] = [];
  const visit = (element: Element): void => {
    const order = ORDER[element.localName!];
    let last = 0;
    for (const child of Array.from(element.childNodes).filter(
      (node): node is Element => node.nodeType === 1,
    )) {
      if (child.namespaceURI !== root.namespaceURI) continue;
      if (order) {
        const at = order.indexOf(child.localName!);
        if (at < last) wrong.push(`${element.localName}: ${child.localName} behind ${order[last]}`);
        last = Math.max(last, at);
      }
      visit(child);
    }
  };
  visit(root);
  return wrong;
}
