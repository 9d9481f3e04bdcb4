/** What the contact centre's desktops load when the file says nothing else. */

export const demoDispositions = [
  { name: 'Answered', group: 'Solved' },
  { name: 'Follow-up', displayName: 'Follow-up needed', group: 'Open' },
  { name: 'Escalated', group: 'Open' },
  { name: 'No reply' },
];

export const demoBusinessUnits = [{ name: 'Everybody' }];

const values = (...names: string[]) =>
  names.map((name, position) => (position === 0 ? { name, default: true } : { name }));

export const demoBusinessAttributes = [
  {
    name: 'DispositionCode',
    displayName: 'Disposition code',
    description: 'How an interaction ended.',
    values: demoDispositions.map(({ name, displayName = name }) => ({ name, displayName })),
  },
  { name: 'ServiceType', displayName: 'Service type', values: values('Support', 'Sales') },
  {
    name: 'InteractionSubtype',
    displayName: 'Interaction subtype',
    values: values('InboundNew', 'InternalConferenceInvite'),
  },
  { name: 'Language', values: values('English', 'Estonian') },
  { name: 'MediaType', displayName: 'Media type', values: values('chat') },
  {
    name: 'ContactAttributes',
    displayName: 'Contact attributes',
    values: values('FirstName', 'LastName', 'EmailAddress', 'PhoneNumber'),
  },
];

export const demoStandardResponses = [
  {
    name: 'Welcome',
    category: 'Greetings',
    body: 'Hello <$ Customer.FirstName $>, my name is <$ Agent.FirstName $>. What can I do for you?',
  },
  {
    name: 'Goodbye',
    category: 'Greetings',
    body: 'Thank you for writing to us. Have a good day!',
  },
  {
    name: 'One moment',
    category: 'Waiting',
    body: 'Please give me a moment while I look that up.',
  },
];

/** `GET /api/v2/settings/{group}`. */
export const defaultSettings = {
  'general-settings': { countryCode: 'US', countryDigits: '10', countryName: 'United States' },
  reporting: {},
  voice: {},
};

/** `settings` of the user and `GET /api/v2/me/settings/{section}`: options that desktops were seen to read (§8.4). */
export const defaultUserSettings = {
  'interaction-workspace': {
    'chat.nickname': '$Agent.UserName$',
    'chat.auto-answer': 'false',
    'chat.typing-is-enabled': 'true',
    'chat.typing-timeout': '10',
    'chat.time-stamp': 'true',
    'chat.prompt-for-done': 'false',
    'chat.prompt-for-end': 'false',
    'chat.enable-auto-disconnect': 'false',
    'chat.pending-response-to-customer': '30, 50',
    'interaction.disposition.key-name': 'DispositionCode',
    'interaction.disposition.is-mandatory': 'false',
    'interaction.disposition.use-attached-data': 'true',
    'interaction.disposition.value-business-attribute': 'DispositionCode',
    'login.chat.isselected': 'true',
    'privilege.chat.can-use': 'true',
    'privilege.chat.can-one-step-transfer': 'true',
    'privilege.chat.can-one-step-conference': 'true',
    'privilege.chat.can-consult': 'true',
    'system.notif.enabled-websocket': 'false',
    'system.cometd.timeout': '60000',
  },
};
