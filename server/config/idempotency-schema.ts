import Type from 'typebox';
import { durationMs, section, whole } from './schema-parts.ts';

/** `idempotency`: how long requests with an idempotency key are remembered. */
export const idempotency = Type.Object(
  {
    keepMs: durationMs(
      {
        description:
          'How long a request with an `Idempotency-Key` is answered again instead of carried out again.',
        default: 86_400_000,
      },
      1000,
    ),
    maxKeys: whole(100, 10_000_000, {
      description:
        'Such requests that are remembered, some 400 bytes each. Of more the oldest are forgotten.',
      default: 100_000,
    }),
  },
  { ...section, description: 'Requests that are sent again with the same `Idempotency-Key`.' },
);
