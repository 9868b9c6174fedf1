import { describe, expect, it } from 'vitest';
import { isSameOrigin } from '../../../src/services/api/same-origin.js';

describe('a request of a page of this server', () => {
  it.each([
    ['example.org', { 'sec-fetch-site': 'same-origin' }],
    // A proxy that changes Host: what the browser says counts.
    ['inside:8080', { 'sec-fetch-site': 'same-origin', origin: 'https://example.org' }],
    ['example.org', { origin: 'https://example.org' }],
    ['Example.ORG', { origin: 'http://example.org' }],
    ['example.org:8080', { origin: 'http://example.org:8080' }],
    ['127.0.0.1:8080', { origin: 'http://127.0.0.1:8080' }],
    ['[::1]:8080', { origin: 'http://[::1]:8080' }],
  ])('is one at %s with %j', (host, headers) => {
    expect(isSameOrigin(host, headers)).toBe(true);
  });

  it.each([
    ['example.org', {}],
    ['example.org', { 'sec-fetch-site': 'same-site' }],
    ['example.org', { 'sec-fetch-site': 'cross-site', origin: 'https://example.org' }],
    ['example.org', { 'sec-fetch-site': 'none' }],
    ['example.org', { 'sec-fetch-site': '' }],
    ['example.org', { 'sec-fetch-site': ['same-origin', 'cross-site'] }],
    ['example.org', { origin: 'null' }],
    ['null', { origin: 'null' }],
    ['', { origin: 'file://' }],
    ['example.org', { origin: '' }],
    ['example.org', { origin: 'https://evil.example' }],
    ['example.org', { origin: 'https://example.org.evil.example' }],
    ['example.org', { origin: 'https://example.org:8443' }],
    ['example.org:8080', { origin: 'http://example.org' }],
    ['example.org', { origin: 'https://evil.example/@example.org' }],
  ])('is none at %j with %j', (host, headers) => {
    expect(isSameOrigin(host, headers)).toBe(false);
  });
});
