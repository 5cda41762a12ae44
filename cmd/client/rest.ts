import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import createFetch from 'openapi-fetch';
import type { components, paths } from '../../graphql/rest/openapi.gen.ts';

export type StoredFile = components['schemas']['StoredFile'];
export type Readiness = components['schemas']['Ready'];

export type Answered<T> = { ok: true; value: T } | { ok: false; status: number; error: string };

export interface DocumentRequest {
  account: string;
  /** Of an invoice or credit note, or `statement`. */
  number: string;
  format: 'pdf' | 'ubl' | 'csv' | 'json';
  /** Local days, of a statement. */
  from?: string;
  to?: string;
}

export interface ReportDownload {
  name: string;
  query: NonNullable<paths['/reports/{name}']['get']['parameters']['query']>;
}

export interface RestClient {
  readyz(): Promise<Readiness>;
  metrics(): Promise<Answered<string>>;
  /** Streams a file up. `checksum` (`sha256:…`): the server keeps nothing else. */
  upload(file: string, options: { name: string; checksum?: string }): Promise<Answered<StoredFile>>;
  /** The bytes of a file, as they come. */
  download(name: string): Promise<Answered<ReadableStream<Uint8Array>>>;
  /** A whole report. */
  report(request: ReportDownload): Promise<Answered<Uint8Array>>;
  /** A whole document. */
  document(request: DocumentRequest): Promise<Answered<Uint8Array>>;
}

/** The REST endpoints, typed by their OpenAPI description. */
export function createRestClient({ url, token }: { url: string; token: string | null }): RestClient {
  const api = createFetch<paths>({
    baseUrl: url,
    redirect: 'error',
    ...(token === null ? {} : { headers: { authorization: `Bearer ${token}` } }),
  });
  return {
    readyz: async () => {
      const { data, error } = await api.GET('/readyz');
      return data ?? error;
    },
    metrics: async () => {
      const { data, error, response } = await api.GET('/metrics', { parseAs: 'text' });
      return answered(data, error, response);
    },
    upload: async (file, { name, checksum }) => {
      const { size } = await stat(file);
      const { data, error, response } = await api.PUT('/files/{name}', {
        params: { path: { name }, query: checksum === undefined ? {} : { checksum } },
        headers: { 'content-type': 'application/octet-stream', 'content-length': String(size) },
        body: '',
        bodySerializer: () => Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>,
        duplex: 'half',
      });
      return answered(data, error, response);
    },
    document: async ({ account, number, ...query }) => {
      const params = { path: { account, number }, query };
      const { data, error, response } = await api.GET('/documents/{account}/{number}', {
        params,
        parseAs: 'arrayBuffer',
      });
      return answered(data === undefined ? undefined : new Uint8Array(data), error, response);
    },
    report: async ({ name, query }) => {
      const params = { path: { name }, query };
      const { data, error, response } = await api.GET('/reports/{name}', { params, parseAs: 'arrayBuffer' });
      return answered(data === undefined ? undefined : new Uint8Array(data), error, response);
    },
    download: async (name) => {
      const params = { path: { name } };
      const { data, error, response } = await api.GET('/files/{name}', { params, parseAs: 'stream' });
      // An empty file has no stream at all.
      return answered(response.ok ? (data ?? new Blob([]).stream()) : undefined, error, response);
    },
  };
}

function answered<T>(data: T | undefined, error: { error: string } | undefined, response: Response): Answered<T> {
  if (data !== undefined) return { ok: true, value: data };
  return { ok: false, status: response.status, error: error?.error ?? `The server answered ${response.status}.` };
}
