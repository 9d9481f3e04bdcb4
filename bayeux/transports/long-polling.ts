/** Long-polling: JSON in the body of a POST, or, for clients of the 3.x era, a form with a `message` field. */

/** The JSON texts in a form. `curl` and some clients label JSON as a form: what starts like JSON is taken as JSON. */
export function messagesText(body: string): readonly string[] {
  const first = body.trimStart().charCodeAt(0);
  if (first === 91 || first === 123) return [body];
  const texts = new URLSearchParams(body).getAll('message');
  return texts.length === 0 ? [body] : texts;
}
