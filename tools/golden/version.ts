import packageJson from '../../package.json' with { type: 'json' };

/** The version of the program, which is also that of the interface it describes. */
export const version: string = packageJson.version;
