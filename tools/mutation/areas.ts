/** What is mutated together, and the tests that are to notice: those beside the files, so that a mutant costs little. */
export interface Area {
  /** Globs from the root of the repository. */
  readonly mutate: readonly string[];
  readonly tests: readonly string[];
}

export const areas: Readonly<Record<string, Area>> = {
  sequencing: {
    mutate: [
      'server/domain/{activity,capabilities,chat,chat-event,chat-file,decide,files}.ts',
      'server/domain/{joining,lifetime,parting,talk,visibility,waiting}.ts',
      'server/operations/{chat-book,take}.ts',
    ],
    tests: [
      'server/domain/{chat-stories,fold,waiting,lifetime,files,absence}.test.ts',
      'server/operations/{take,chat-book}.test.ts',
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
  store: {
    mutate: [
      'server/journal/{group-commit,projection}.ts',
      'server/journal/verify/{chat-problems,log-problems,table-problems,verify-store}.ts',
      'server/journal/sqlite/{batch-writer,checksum,log-damage,messages,queries,query-queue,reader,request-keys,writer}.ts',
      'server/operations/{keyed-request,request-keys}.ts',
    ],
    tests: [
      'server/journal/*.test.ts',
      'server/journal/sqlite/{forgetting,open,prepare-write,provisioning,sqlite,verify}.test.ts',
      'server/operations/request-keys.test.ts',
    ],
  },
};
