export { parseNetwork } from './address.js';
export { type Deliveries, type DeliveryOptions, startDeliveries } from './deliveries.js';
export {
  type Allowed,
  type CallbackPolicy,
  type Resolve,
  allowedCallbacks,
  callbackPolicy,
} from './policy.js';
export { signatureHeader, verifySignature, webhookSecrets } from './signature.js';
