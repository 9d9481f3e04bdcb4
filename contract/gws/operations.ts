import type Type from 'typebox';
import { bounds } from '../bounds.ts';
import { parseParameters, type Parameters } from '../parameters.ts';
import { isRefusal, refuse, type Refusal } from '../refusals.ts';

/** One operation of a resource: what it needs beside `operationName`. */
export interface Operation {
  readonly summary: string;
  readonly parameters: Type.TObject;
  /** Exactly one of these parameters must be there. */
  readonly exactlyOneOf?: readonly string[];
  /** The reply has a `referenceId`; what can go wrong only later is notified with it (gws-agent-api §1.4). */
  readonly isAsynchronous?: boolean;
}

/** The operations that can be posted to one resource, by `operationName`. */
export type OperationTable = Readonly<Record<string, Operation>>;

/** A request for one of the operations of the table, its parameters read; `switch` on `operationName`. */
export type ParsedOperation<Table extends OperationTable> = {
  [Name in keyof Table & string]: { readonly operationName: Name } & Readonly<
    Parameters<Table[Name]['parameters']>
  >;
}[keyof Table & string];

/** A request to go into one of the agent states of the contact centre (`Ready`, `NotReady`, a custom reason). */
export interface SetAgentState {
  readonly operationName: 'SetAgentState';
  /** The `operationName` of the agent state, one of the names that were passed in. */
  readonly agentState: string;
}

/**
 * Reads a posted body as one of the operations of a table. Refused are: no body and a missing parameter as
 * `MissingParameter`, a wrong type or value as `InvalidParameter`, a name that is not in the table as
 * `UnknownOperation` (gws-agent-api §1.2, §1.4). Keys that are not declared are ignored. `aliases`: other names →
 * names of the table.
 */
export function parseOperation<Table extends OperationTable>(
  table: Table,
  body: unknown,
  aliases: Readonly<Record<string, string>> = {},
): ParsedOperation<Table> | Refusal {
  const named = nameOf(body);
  if (isRefusal(named)) return named;
  const { operationName } = named;
  const known = Object.hasOwn(aliases, operationName) ? aliases[operationName] : undefined;
  return parseNamed(table, { ...named, operationName: known ?? operationName });
}

/**
 * The same for `/me` and `/me/channels/{channel}`, where the agent states are operations too (gws-agent-api §6.1).
 * `agentStates` holds their operation names; the table's own operations go first.
 */
export function parseStateOperation<Table extends OperationTable>(
  table: Table,
  agentStates: ReadonlySet<string>,
  body: unknown,
): ParsedOperation<Table> | SetAgentState | Refusal {
  const named = nameOf(body);
  if (isRefusal(named)) return named;
  const { operationName } = named;
  if (!Object.hasOwn(table, operationName) && agentStates.has(operationName))
    return { operationName: 'SetAgentState', agentState: operationName };
  return parseNamed(table, named);
}

interface NamedBody {
  readonly operationName: string;
  readonly body: Readonly<Record<string, unknown>>;
}

function nameOf(body: unknown): NamedBody | Refusal {
  if (body === undefined || body === null || body === '')
    return refuse(
      'MissingParameter',
      'The request has no body; it must be a JSON object with "operationName".',
    );
  if (typeof body !== 'object' || Array.isArray(body))
    return refuse('InvalidParameter', 'The request body must be a JSON object.');
  const fields = body as Readonly<Record<string, unknown>>;
  const operationName = Object.hasOwn(fields, 'operationName') ? fields['operationName'] : undefined;
  if (operationName === undefined || operationName === null)
    return refuse('MissingParameter', 'The parameter "operationName" is missing.');
  if (typeof operationName !== 'string')
    return refuse('InvalidParameter', 'The parameter "operationName" must be a text.');
  return { operationName, body: fields };
}

function parseNamed<Table extends OperationTable>(
  table: Table,
  { operationName, body }: NamedBody,
): ParsedOperation<Table> | Refusal {
  const operation = Object.hasOwn(table, operationName) ? table[operationName] : undefined;
  if (!operation) {
    const shown = operationName.slice(0, bounds.operationNameLength);
    return refuse('UnknownOperation', `There is no operation "${shown}" here.`);
  }
  const parameters = parseParameters(operation.parameters, body);
  if (isRefusal(parameters)) return parameters;
  const refused = checkChoice(operation, parameters);
  return refused ?? ({ operationName, ...parameters } as ParsedOperation<Table>);
}

function checkChoice({ exactlyOneOf }: Operation, parameters: object): Refusal | null {
  if (!exactlyOneOf) return null;
  const given = exactlyOneOf.filter((name) => Object.hasOwn(parameters, name));
  if (given.length === 1) return null;
  const choice = exactlyOneOf.map((name) => `"${name}"`).join(', ');
  return given.length === 0
    ? refuse('MissingParameter', `One of the parameters ${choice} is required.`)
    : refuse('InvalidParameter', `Only one of the parameters ${choice} may be given.`);
}
