import {
  BINARY,
  NO_STORE,
  type DocumentedAnswer,
  type DocumentedOperation,
  type Headers,
  refusals,
} from '../openapi-operation.js';
import { CHECKSUM_ALGORITHMS } from './checksum.js';

/** Type of the bodies that are bytes of an upload. */
export const BYTES = 'application/offset+octet-stream';
/** Of tus. */
export const VERSION = '1.0.0';

type Responses = NonNullable<DocumentedOperation['responses']>;

const COUNT = { type: 'integer', minimum: 0 } as const;
const TEXT = { type: 'string' } as const;
const always = ({ description, schema }: Headers[string]): Headers[string] => ({
  ...{ description, schema },
  required: true,
});

const version = { description: 'version of tus', schema: { type: 'string', enum: [VERSION] } };
const versions = { ...version, description: 'versions of tus that there are' };
const offset = { description: 'bytes that the upload has', schema: COUNT };
const length = { description: 'bytes that it will have', schema: COUNT };
const metadata = {
  description:
    'keys, each with its value in base64, separated by commas; `filename` is the name of the master',
  schema: TEXT,
};
const checksum = {
  description: `an algorithm (${CHECKSUM_ALGORITHMS.join(', ')}), a space, and the digest of the body in base64`,
  schema: TEXT,
};

const ALWAYS: Headers = { 'Tus-Resumable': always(version) };
const EXPIRES: Headers = {
  'Upload-Expires': { description: 'when it is removed, unless it is finished', schema: TEXT },
};

const begun: DocumentedAnswer = {
  description: 'The upload is begun, with the bytes of the body, if there was one',
  headers: {
    ...{ ...ALWAYS, ...EXPIRES },
    Location: always({ description: 'path of the upload', schema: TEXT }),
    'Upload-Offset': { ...offset, description: 'bytes that the upload has, where the request had a body' },
  },
};
const told: DocumentedAnswer = {
  description: 'How far the upload is',
  headers: {
    ...{ ...ALWAYS, ...EXPIRES },
    'Upload-Offset': always(offset),
    'Upload-Length': always(length),
    'Upload-Metadata': { ...metadata, description: 'as it was given' },
    ...NO_STORE,
  },
};
const taken: DocumentedAnswer = {
  description: 'The bytes are kept',
  headers: { ...ALWAYS, ...EXPIRES, 'Upload-Offset': always(offset) },
};
const ended: DocumentedAnswer = { description: 'The upload is gone', headers: ALWAYS };

/** What every request of tus may be refused for, and those of an upload that there is, or not. */
const ANY = ['TUS_REQUEST', 'TUS_VERSION', 'SCOPE_MISSING'];
const OF_ONE = [...ANY, 'UPLOAD_FOREIGN', 'UPLOAD_NOT_FOUND', 'UPLOAD_EXPIRED', 'UPLOAD_BUSY'];
const OF_BYTES = ['CHECKSUM_INVALID', 'UPLOAD_CHECKSUM', 'UPLOAD_OVERRUN', 'UPLOAD_TOO_LARGE', 'DISK_FULL'];
const OF_NEW = ['UPLOAD_LENGTH', 'UPLOAD_METADATA', 'TUS_UNSUPPORTED'];

/** Who is refused before tus is asked is told nothing of it. */
const SOMETIMES: Headers = { 'Tus-Resumable': version };

function refused(...codes: string[]): Record<number, DocumentedAnswer> & Pick<Responses, 'default'> {
  const { 412: wrongVersion, ...others } = refusals(codes, SOMETIMES);
  const headers = { ...wrongVersion?.headers, ...ALWAYS, 'Tus-Version': always(versions) };
  return { ...others, 412: { ...wrongVersion!, headers }, default: { headers: SOMETIMES } };
}

const content = { [BYTES]: { schema: BINARY } };
const newHeaders: Headers = { 'Upload-Length': length, 'Upload-Metadata': metadata };

export const beginning: DocumentedOperation = {
  headers: { ...ALWAYS, ...newHeaders, 'Upload-Length': always(length), 'Upload-Checksum': checksum },
  requestBody: { required: false, content },
  responses: { 201: begun, ...refused(...ANY, ...OF_NEW, ...OF_BYTES) },
};
export const asking: DocumentedOperation = {
  headers: ALWAYS,
  responses: { 200: told, ...refused(...OF_ONE) },
};
export const sending: DocumentedOperation = {
  headers: { ...ALWAYS, 'Upload-Offset': always(offset), 'Upload-Checksum': checksum },
  requestBody: { required: true, content },
  responses: { 204: taken, ...refused(...OF_ONE, ...OF_BYTES, 'UPLOAD_OFFSET', 'MEDIA_TYPE') },
};
export const givingUp: DocumentedOperation = {
  headers: ALWAYS,
  responses: { 204: ended, ...refused(...OF_ONE, 'UPLOAD_FINISHED') },
};
/** What is meant by X-HTTP-Method-Override decides; without it, an upload is begun. */
export const overriding: DocumentedOperation = {
  headers: {
    ...{ ...ALWAYS, ...newHeaders, 'Upload-Offset': offset, 'Upload-Checksum': checksum },
    'X-HTTP-Method-Override': {
      description: 'the method that is meant',
      schema: { type: 'string', enum: ['HEAD', 'PATCH', 'DELETE', 'POST'] },
    },
  },
  requestBody: { required: false, content },
  responses: {
    200: told,
    201: begun,
    204: {
      description: 'The bytes are kept, or the upload is gone',
      headers: { ...ALWAYS, ...EXPIRES, 'Upload-Offset': offset },
    },
    ...refused(...OF_ONE, ...OF_NEW, ...OF_BYTES, 'UPLOAD_OFFSET', 'UPLOAD_FINISHED', 'MEDIA_TYPE'),
  },
};
export const able: DocumentedOperation = {
  responses: {
    204: {
      description: 'What the server can do',
      headers: {
        ...ALWAYS,
        'Tus-Version': always(versions),
        'Tus-Extension': always({ description: 'extensions of tus, separated by commas', schema: TEXT }),
        'Tus-Max-Size': always({ description: 'bytes that one upload may have', schema: COUNT }),
        'Tus-Checksum-Algorithm': always({ description: 'separated by commas', schema: TEXT }),
      },
    },
  },
};
