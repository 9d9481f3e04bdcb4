import { refusals } from '@parley/contract/refusals.ts';

const head = `# Status codes

Every reply of the agents' API is JSON with an integer \`statusCode\`. 0: done. 7: done in part, with \`succeeded\` and
\`failed\`. Any other: refused, nothing was changed, and \`statusMessage\` says why. A refusal is one of these; its HTTP status
goes with it.

The customers' API answers with HTTP 200 and its own \`statusCode\`: 0 done, 1 try again, 2 it is no use. \`errors[0].code\`
says why.

Written by \`npm run golden\` from \`contract/refusals.ts\`.

| statusCode | HTTP | refusal | statusMessage unless there is a better one | customer statusCode | customer error code |
| ---: | ---: | --- | --- | ---: | ---: |
`;

/** The page of status codes, in Markdown. */
export function statusCodes(): string {
  const rows = Object.entries(refusals).toSorted(([, a], [, b]) => a.statusCode - b.statusCode);
  const lines = rows.map(([name, row]) => {
    const cells = [row.statusCode, row.httpStatus, name, row.sentence, row.customerStatus, row.customerCode];
    return `| ${cells.join(' | ')} |`;
  });
  return `${head}${lines.join('\n')}\n`;
}
