import { type IncomingMessage, type RequestOptions, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

/**
 * Sends a request; gives the head of its answer. Always ends: rejects where the connection fails or is closed before an
 * answer, where the options' signal aborts, and where the server wants to speak another protocol (101), which Node tells
 * neither as an answer nor as an error.
 */
export function answerTo(
  url: URL,
  options: RequestOptions,
  body?: string | Uint8Array,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options);
    request.on('response', resolve);
    request.on('upgrade', (_response, socket) => {
      socket.destroy();
      reject(new Error('the server wants to speak another protocol'));
    });
    request.on('error', reject);
    request.on('close', () => reject(new Error('the connection was closed before an answer')));
    request.end(body);
  });
}
