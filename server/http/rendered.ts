/** An answer that is not JSON: a document to be saved, never shown in place. */
export class Rendered {
  readonly contentType: string;
  readonly fileName: string;
  readonly body: string;

  constructor(contentType: string, fileName: string, body: string) {
    this.contentType = contentType;
    this.fileName = fileName;
    this.body = body;
  }
}
