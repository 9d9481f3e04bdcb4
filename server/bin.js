#!/usr/bin/env node
// Plain JavaScript that old Nodes can read, so that the wrong one is told so in a sentence and not by a syntax error.
const needed = 26;
const major = Number(process.versions.node.split('.')[0]);

if (major < needed) {
  process.stderr.write(
    'Parley needs Node ' +
      needed +
      ' or newer and this is ' +
      process.version +
      '; "npm ci" and "npm start" install and use the right one.\n',
  );
  process.exitCode = 1;
} else {
  import('node:module')
    .then(function (module) {
      // What was compiled once is kept in the system's folder for temporary files: the next start is a third shorter.
      module.enableCompileCache();
      return import('./commands/run-command.ts');
    })
    .then(function (commandLine) {
      return commandLine.runCommand({
        args: process.argv.slice(2),
        env: process.env,
        print: function (text) {
          process.stdout.write(text);
        },
        printError: function (text) {
          process.stderr.write(text);
        },
      });
    })
    .then(function (exitCode) {
      process.exitCode = exitCode;
    })
    .catch(function (error) {
      process.stderr.write('Parley has failed: ' + ((error && error.stack) || error) + '\n');
      process.exitCode = 1;
    });
}
