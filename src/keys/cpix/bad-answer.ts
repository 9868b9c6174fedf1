/**
 * The answer of a key service is not what it should be. The message says what in plain words and never quotes more of
 * the answer than names and ids, because there are keys in it. The service makes KEY_SERVICE_ANSWER of it.
 */
export class BadAnswer extends Error {}
