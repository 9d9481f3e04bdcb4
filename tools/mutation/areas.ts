/** What is mutated together, and the tests that are to notice: those beside the files, so that a mutant costs little. */
export interface Area {
  /** Globs from the root of the repository. */
  readonly mutate: readonly string[];
  readonly tests: readonly string[];
}

export const areas: Readonly<Record<string, Area>> = {
  sequencing: {
    mutate: [
      'server/domain/{capabilities,chat,chat-event,decide,joining,parting,talk,visibility,waiting}.ts',
      'server/operations/chat-book.ts',
    ],
    tests: [
      'server/domain/{absence,chat-stories,files,fold,lifetime,visibility,waiting}.test.ts',
      'server/operations/{chat-book,take}.test.ts',
    ],
  },
  bayeux: {
    mutate: [
      'bayeux/core.ts',
      'bayeux/protocol/!(*.test).ts',
      'bayeux/exchange/!(*.test|spec-engine).ts',
      'bayeux/extensions/{ack,replay}.ts',
      'bayeux/sessions/{browsers,delivery,event-queue,push-session,subscription-index,timer-wheel}.ts',
    ],
    tests: ['bayeux/{exchange,extensions,protocol,sessions}/*.test.ts', 'bayeux/open-engine.test.ts'],
  },
  // What runs on the threads of the embedded store is out of reach: a mutant is switched on in the thread of the tests only.
  store: {
    mutate: [
      'server/journal/{group-commit,projection}.ts',
      'server/operations/{keyed-request,request-keys}.ts',
    ],
    tests: ['server/journal/{group-commit,projection}.test.ts', 'server/operations/request-keys.test.ts'],
  },
};
