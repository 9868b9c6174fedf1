import type { BlobRef } from '../pipeline/index.js';
import type { TitleOptions } from './options.js';
import type { TextInput } from './texts.js';

/** What a title is to be made of. */
export interface TitleRequest {
  /** The master's file name. */
  name: string;
  source: BlobRef;
  /** Text files that come with it. */
  texts?: readonly TextInput[];
  options: TitleOptions;
  /** The title's id at who submitted it. */
  externalId?: string | undefined;
  /** Name of the key service; undefined where there is none. */
  keyService?: string | undefined;
}
