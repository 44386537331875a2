import { api, ApiError, csrfToken, type Attachment as Stored } from '@/api/client';
import { saidOf, spoken } from '@/lib/said';

/** Bytes of one file, and files of one question: what the server takes. */
export const MAX_FILE_BYTES = 10_000_000;
export const MAX_FILES = 10;

export const contentAddress = (id: string): string => `/api/v1/attachments/${encodeURIComponent(id)}/content/`;

export type SendFile = (file: File, onProgress: (share: number) => void, signal: AbortSignal) => Promise<Stored>;

/** Upload one file. `onProgress` gets the share that was sent, in [0, 1]. Rejects with the server's sentence. */
export const sendFile: SendFile = (file, onProgress, signal) =>
  // `fetch` does not tell how far an upload is.
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const form = new FormData();
    form.append('file', file);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 1);
    request.onload = () => {
      if (request.status === 201 || request.status === 200) resolve(JSON.parse(request.responseText) as Stored);
      else reject(refusal(request));
    };
    request.onerror = () => reject(new ApiError(0, 'unreachable', ''));
    signal.addEventListener('abort', () => request.abort());
    request.open('POST', '/api/v1/attachments/');
    request.setRequestHeader('x-csrftoken', csrfToken());
    request.setRequestHeader('accept', 'application/json');
    request.send(form);
  });

const refusal = ({ status, responseText }: XMLHttpRequest): ApiError => {
  const told = parsed(responseText);
  const detail = typeof told.detail === 'string' ? told.detail : '';
  return new ApiError(status, typeof told.code === 'string' ? told.code : 'internal_error', spoken(saidOf(told.said), detail));
};

const parsed = (text: string): Record<string, unknown> => {
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === 'object' && found !== null ? (found as Record<string, unknown>) : {};
  } catch {
    return {}; // a proxy's page
  }
};

/** A file that was uploaded and will not be sent. What cannot be removed now the server removes after a day. */
export const dropFile = (attachment: string): void => {
  api.DELETE('/api/v1/attachments/{attachment}/', { params: { path: { attachment } } }).catch(() => undefined);
};
