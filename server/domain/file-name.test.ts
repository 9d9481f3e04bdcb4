import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attachment, maxFileNameLength, safeFileName } from './file-name.ts';

describe('safeFileName', () => {
  it.each([
    ['report.pdf', 'report.pdf'],
    ['../../etc/passwd', 'passwd'],
    ['..\\..\\windows\\system32\\a.txt', 'a.txt'],
    ['C:\\fakepath\\photo.jpg', 'photo.jpg'],
    ['/', 'file'],
    ['..', 'file'],
    ['', 'file'],
    ['.htaccess', 'htaccess'],
    ['...hidden.txt', 'hidden.txt'],
    ['a.txt. . ', 'a.txt'],
    ['a\u0000.php\u0000.jpg', 'a.php.jpg'],
    ['a\r\nSet-Cookie: b=c.txt', 'aSet-Cookie b=c.txt'],
    // A right-to-left override makes "exe.gpj" look like "jpg.exe" turned round.
    ['photo\u202Egpj.exe', 'photogpj.exe'],
    ['zero\u200Bwidth\uFEFF.txt', 'zerowidth.txt'],
    ['a<b>|"?*.txt', 'ab.txt'],
    ['CON', '_CON'],
    ['con.txt', '_con.txt'],
    ['COM1.txt', '_COM1.txt'],
    ['console.txt', 'console.txt'],
    ['два слова.txt', 'два слова.txt'],
    ['文件.pdf', '文件.pdf'],
    ['café.txt', 'café.txt'],
    ['half\uD800.txt', 'half\uFFFD.txt'],
  ])('makes %j %j', (sent, safe) => {
    expect(safeFileName(sent)).toBe(safe);
  });

  it('keeps the extension of a long name', () => {
    const safe = safeFileName(`${'x'.repeat(500)}.docx`);
    expect(safe).toHaveLength(maxFileNameLength);
    expect(safe.endsWith('.docx')).toBe(true);
  });

  it('is bounded, changes nothing the second time, and never holds what a path or a header could stumble over', () => {
    const names = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ unit: 'grapheme' }));
    fc.assert(
      fc.property(names, (sent) => {
        const safe = safeFileName(sent);
        expect(safe).not.toMatch(/[/\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}"<>|?*:]|^\.|^$/u);
        expect([...safe].length).toBeLessThanOrEqual(maxFileNameLength + 1);
        expect(safeFileName(safe)).toBe(safe);
      }),
    );
  });
});

describe('attachment', () => {
  it('tells the name in ASCII and in UTF-8', () => {
    expect(attachment('a.txt')).toBe(`attachment; filename="a.txt"; filename*=UTF-8''a.txt`);
    expect(attachment('fünf (5)\'s; "x".txt')).toBe(
      `attachment; filename="f_nf (5)'s_ _x_.txt"; filename*=UTF-8''f%C3%BCnf%20%285%29%27s%3B%20%22x%22.txt`,
    );
  });

  it('is a header whatever the name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (sent) => {
        const header = attachment(safeFileName(sent));
        expect(header).toMatch(/^attachment; filename="[^"\\]*"; filename\*=UTF-8''[A-Za-z0-9%._~!-]+$/);
        expect(() => new Headers({ 'content-disposition': header })).not.toThrow();
      }),
    );
  });
});
