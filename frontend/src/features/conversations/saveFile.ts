import { ApiError, type Conversation } from '@/api/client';

const ENDINGS = { markdown: 'md', json: 'json' } as const;

/** The name that the server gives the file; else one made of the title, without what file systems do not take. */
export const nameOf = (disposition: string | null, title: string, form: keyof typeof ENDINGS): string => {
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition ?? '')?.[1];
  const plain = /filename="([^"]+)"/i.exec(disposition ?? '')?.[1];
  if (encoded) return decodeURIComponent(encoded);
  if (plain) return plain;
  // eslint-disable-next-line no-control-regex -- file systems refuse these
  const safe = title.replace(/[\u0000-\u001f<>:"/\\|?*]+/g, ' ').trim().slice(0, 80);
  return `${safe || 'conversation'}.${ENDINGS[form]}`;
};

/** Fetch the export and hand it to the browser as a file. It is fetched, not visited: a refusal must not leave the page. */
export const saveFile = async (row: Conversation, form: keyof typeof ENDINGS): Promise<void> => {
  const reply = await fetch(`/api/v1/conversations/${row.id}/export/?form=${form}`, { credentials: 'same-origin' });
  if (!reply.ok) {
    const told = (await reply.json().catch(() => null)) as { code?: string; detail?: string } | null;
    throw new ApiError(reply.status, told?.code ?? 'internal_error', told?.detail ?? reply.statusText);
  }
  const address = URL.createObjectURL(await reply.blob());
  const link = document.createElement('a');
  link.href = address;
  link.download = nameOf(reply.headers.get('content-disposition'), row.title, form);
  link.click();
  // The browser reads the file after this task.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
};
