import { describe, expect, it } from 'vitest';
import { customerPlace } from './customer-paths.ts';

describe('customerPlace', () => {
  it.each([
    ['/genesys/2/chat/sales', 'customerRequestChat', 'sales', ''],
    ['/genesys/2/chat/sales/', 'customerRequestChat', 'sales', ''],
    ['/genesys/2/chat/sales?a=/b', 'customerRequestChat', 'sales', ''],
    ['/genesys/2/chat/sales/0001/send', 'customerSend', 'sales', '0001'],
    ['/genesys/2/chat/sales/0001/send/', 'customerSend', 'sales', '0001'],
    ['/genesys/2/chat/caf%C3%A9/0001/refresh?x=1', 'customerRefresh', 'café', '0001'],
  ])('finds what %s asks for', (url, key, service, chatId) => {
    expect(customerPlace(url)).toEqual({ key, service, chatId, fileId: '' });
  });

  it.each([
    ['the agent API', '/api/v2/chats'],
    ['no service', '/genesys/2/chat/'],
    ['an empty service', '/genesys/2/chat//0001/send'],
    ['no chat', '/genesys/2/chat/sales//send'],
    ['a chat and nothing to do', '/genesys/2/chat/sales/0001'],
    ['an unknown operation', '/genesys/2/chat/sales/0001/explode'],
    ['a name of the prototype', '/genesys/2/chat/sales/0001/constructor'],
    ['more than an operation', '/genesys/2/chat/sales/0001/send/twice'],
    ['a malformed percent sign', '/genesys/2/chat/%E0%A4%A/0001/send'],
    ['another beginning', '/x/genesys/2/chat/sales/0001/send'],
  ])('does not take %s', (_, url) => {
    expect(customerPlace(url)).toBeNull();
  });
});
