import Type from 'typebox';
import { closed, durationMs, text } from './schema-parts.ts';

const jwk = Type.Record(Type.String(), text(4096, { description: 'A parameter of the key.' }), {
  description: 'A public key (RFC 7517): RSA, EC or OKP, told apart by `kid`.',
});

/** Algorithms of signatures with a key pair. A shared secret is used with HS256 alone. */
const algorithms = ['ES256', 'ES384', 'RS256', 'RS512', 'PS256', 'EdDSA'] as const;

export const identity = Type.Union(
  [
    Type.Object(
      {
        required: Type.Boolean({
          description:
            'Whether a chat is refused that comes without a token. A wrong token is always refused.',
          default: false,
        }),
        issuer: text(300, { description: 'What `iss` must be.' }),
        audience: text(300, { description: 'What `aud` must be or contain.' }),
        secret: Type.Union(
          [
            Type.String({
              description: 'The shared secret of HS256. Either this, `jwks` or `jwksFile`.',
              minLength: 32,
              maxLength: 1024,
            }),
            Type.Null(),
          ],
          {
            description: 'The shared secret of HS256 (32 characters or more); null: keys are used.',
            default: null,
            writeOnly: true,
          },
        ),
        jwks: Type.Array(jwk, { description: 'Public keys.', maxItems: 20, default: [] }),
        jwksFile: Type.Union([text(1024, { description: 'A file.' }), Type.Null()], {
          description: 'A file with a JWK set (`{"keys": […]}`), read at the start; null: none.',
          default: null,
        }),
        algorithms: Type.Array(Type.Enum([...algorithms]), {
          description: 'The algorithms that signatures with such keys may have.',
          minItems: 1,
          uniqueItems: true,
          default: ['ES256', 'RS256'],
        }),
        clockToleranceMs: durationMs({
          description: "How far the issuer's clock may be off.",
          default: 30_000,
        }),
        maxAgeMs: durationMs(
          {
            description: 'How long after `iat`, which must be there, a token is taken at most.',
            default: 3_600_000,
          },
          1000,
        ),
      },
      closed,
    ),
    Type.Null(),
  ],
  {
    description:
      'Signed statements (JWT) of who the customer is, made by the page that they are signed in at; null: none are read.',
    default: null,
  },
);
