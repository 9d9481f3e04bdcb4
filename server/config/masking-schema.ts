import Type from 'typebox';
import { presetNames } from '../masking/text-mask.ts';
import { closed, name, section, text } from './schema-parts.ts';

const rule = Type.Object(
  {
    name: name('The name of the rule. Unique.'),
    preset: Type.Optional(
      Type.Enum([...presetNames], {
        description:
          'What is masked: card numbers with a right check digit, IBANs with right check digits, or US social ' +
          'security numbers. Either this or `pattern`.',
      }),
    ),
    pattern: Type.Optional(
      text(1000, {
        description:
          'What is masked: a regular expression of RE2, which has no lookaround and no back-references. Either ' +
          'this or `preset`.',
      }),
    ),
    applyTo: Type.Enum(['always', 'history'], {
      description:
        'Whether nobody ever sees the words, or those in the live chat do and what is kept afterwards does not ' +
        'hold them.',
      default: 'always',
    }),
    replacement: Type.String({
      description: 'What stands in the place of each character.',
      minLength: 1,
      maxLength: 1,
      pattern: '^[^\\u0000-\\u001f\\u007f0-9]$',
      title: 'one character that is no digit',
      default: '*',
    }),
    who: Type.Enum(['customer', 'agent', 'both'], {
      description: 'Whose words it holds for.',
      default: 'both',
    }),
  },
  closed,
);

export const masking = Type.Object(
  {
    rules: Type.Array(rule, {
      description: 'What is masked in all that people write. See docs/privacy.md.',
      maxItems: 100,
      default: [],
    }),
    typingPreview: Type.Enum(['rules', 'digits', 'leave-out'], {
      description:
        'What becomes of the text that somebody is typing, once a rule holds for their words: the rules are ' +
        'applied, every digit is replaced as well, or it is not shown.',
      default: 'digits',
    }),
    subject: Type.Boolean({
      description: 'Whether the rules hold for the subject of a chat too.',
      default: true,
    }),
  },
  { ...section, description: 'What is masked in the words of customers and agents.' },
);
