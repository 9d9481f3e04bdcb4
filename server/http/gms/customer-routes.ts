import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  parseCustomerForm,
  type CustomerForm,
  type CustomerFormName,
} from '@parley/contract/gms/requests.ts';
import type { CustomerReply } from '@parley/contract/gms/replies.ts';
import { isRefusal, refusals, type Refusal } from '@parley/contract/refusals.ts';
import { customerFailure } from '../../views/customer-view.ts';
import { parseBasicHeader, type Claim } from '../../auth/basic-header.ts';
import { colonPath, routes, type RouteKey } from '@parley/contract/routes.ts';
import { refusalOf } from '../failure.ts';
import { readForm } from './form.ts';

type CustomerRouteKey = {
  [Key in RouteKey]: (typeof routes)[Key]['auth'] extends 'customer' ? Key : never;
}[RouteKey];

type FormOf<Key extends CustomerRouteKey> = (typeof routes)[Key]['form'];

/** The path of a customer's request; `chatId` is empty while there is no chat yet. */
export interface CustomerPath {
  readonly service: string;
  readonly chatId: string;
  /** What the request claims by HTTP Basic: the credentials of a protected service. */
  readonly claims: readonly Claim[];
}

export type CustomerHandlers = {
  readonly [Key in CustomerRouteKey]: (
    form: CustomerForm<FormOf<Key>>,
    path: CustomerPath,
  ) => Promise<CustomerReply | Refusal>;
};

type AnyHandler = (form: unknown, path: CustomerPath) => Promise<CustomerReply | Refusal>;

function pathOf(request: FastifyRequest): CustomerPath {
  const { service = '', chatId = '' } = request.params as Partial<CustomerPath>;
  return { service, chatId, claims: parseBasicHeader(request.headers.authorization ?? '') };
}

/** Registers the customer API: bodies of every content type are read as forms, answers are HTTP 200 with a status. */
export async function registerCustomerRoutes(
  server: FastifyInstance,
  handlers: CustomerHandlers,
): Promise<void> {
  await server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    scope.setErrorHandler((error: FastifyError, request, reply) => {
      const refusal = refusalOf(error, request);
      const { httpStatus } = refusals[refusal.refused];
      // A body that is too large was not read: only the status of HTTP reaches such a client for sure.
      return reply
        .code(httpStatus === 413 ? 413 : 200)
        .send(customerFailure(refusal, pathOf(request).chatId));
    });
    for (const key of Object.keys(routes) as RouteKey[]) {
      const route = routes[key];
      if (route.auth !== 'customer') continue;
      const handler = handlers[key as CustomerRouteKey] as AnyHandler;
      scope.route({
        method: route.method,
        url: colonPath(route.path),
        handler: (request, reply) => answer(request, reply, { form: route.form, handler }),
      });
    }
  });
}

async function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  way: { readonly form: CustomerFormName; readonly handler: AnyHandler },
): Promise<FastifyReply> {
  const path = pathOf(request);
  const body = typeof request.body === 'string' ? request.body : '';
  const fields = await readForm(body, request.headers['content-type'] ?? '');
  const form = isRefusal(fields) ? fields : parseCustomerForm(way.form, fields);
  const outcome = isRefusal(form) ? form : await way.handler(form, path);
  return reply.send(isRefusal(outcome) ? customerFailure(outcome, path.chatId) : outcome);
}
