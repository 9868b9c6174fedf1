import type { Delivery, Title, TitleEvent, Token } from '../../db/index.js';
import {
  type ApiDelivery,
  type ApiEvent,
  type ApiTitle,
  type ApiToken,
  titleSchema,
} from '../contract/index.js';

/** A title as the API tells it: what of the row is not in the schema stays inside. */
export function apiTitle(title: Title): ApiTitle {
  return titleSchema.parse(title);
}

export function apiEvent({ id, type, titleId, at, data }: TitleEvent): ApiEvent {
  return { id, type, titleId, at, data: titleSchema.parse(data) };
}

export function apiDelivery(delivery: Delivery): ApiDelivery {
  const { titleId: _titleId, data: _data, at: _at, ...told } = delivery;
  return told;
}

/** What is sent to a callback URL: the event, as the event streams tell it. */
export function deliveredEvent({ eventId, type, titleId, at, data }: Delivery): ApiEvent {
  return apiEvent({ id: eventId, type, titleId, at, data });
}

export function apiToken(token: Token): ApiToken {
  return { ...token };
}
