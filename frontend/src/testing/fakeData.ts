import type { Conversation, Me, Message, Turn, UsableModel } from '@/api/client';

/** What the fake server knows from the start. */

export const ME: Me = {
  id: 1, email: 'erin@acme.example', name: 'Erin Kessler', role: 'employee', locale: 'en', operations: [], scopes: null,
  rate_limits: {}, tenant: { id: 1, slug: 'acme', name: 'Acme', timezone: 'Europe/Berlin' },
  teams: [{ id: 1, slug: 'research', name: 'Research', admin: false }, { id: 2, slug: 'lab', name: 'Laboratory', admin: false }],
};

const model = (name: string, hosting: 'commercial' | 'self_hosted', input: string, output: string, healthy = true): UsableModel => ({
  name, hosting, region: 'eu', context_tokens: 32_000, max_output_tokens: 4_000, price: { input, output }, capabilities: [], healthy,
});
export const MODELS = [
  model('gpt-mini', 'commercial', '0.25', '2.00'),
  model('gpt-large', 'commercial', '5.00', '25.00', false),
  model('local-llama', 'self_hosted', '0', '0'),
  model('local-qwen', 'self_hosted', '0', '0'),
];

export const conversation = (id: string, title: string, at: Date, more: Partial<Conversation> = {}): Conversation => ({
  id, title, owner: 1, owner_name: '', is_own: true, shared: false, team: 1, title_source: 'question' as never, sensitivity: 'clean', entities: [], hosting: null, leaf: null, version: 1, pinned: false,
  archived: false, created_at: at.toISOString(), active_at: at.toISOString(), updated_at: at.toISOString(), ...more,
});

export const message = (id: string, conversationId: string, parent: string | null, more: Partial<Message>): Message => ({
  id, conversation: conversationId, parent, turn: null, role: 'user', author: 1, text: '', state: 'ok', sensitivity: 'clean',
  sensitivity_source: 'own', is_exempt: false, model: '', hosting: '', finish: '', error: '', cost_microusd: null, attachments: [], rating: null, parts: [],
  created_at: new Date().toISOString(), ...more,
});

export interface FakeTurn {
  id: string;
  conversation: string;
  model: string;
  hosting: 'commercial' | 'self_hosted';
  isPrivate: boolean;
  cost: number | null;
  failedModel: string | null;
}

export const recordOf = (turn: FakeTurn | undefined): Turn | null => {
  if (!turn) return null;
  const now = Date.now();
  return {
    id: turn.id, state: turn.cost === null ? 'open' : 'completed', channel: 'chat', conversation: turn.conversation,
    asked_model: 'auto', model: turn.model, hosting: turn.hosting, strategy: 'balanced',
    sensitivity: turn.isPrivate ? 'sensitive' : 'clean', reserved_micro_usd: turn.hosting === 'commercial' ? 11_200 : 0,
    cost_micro_usd: turn.cost, estimated: false, input_tokens: 120, output_tokens: 310, granted_tokens: 2_000, finish: 'stop',
    code: '', answer_entities: {}, vote: null, opened_at: new Date(now - 4_100).toISOString(), first_token_ms: 600,
    closed_at: turn.cost === null ? null : new Date(now).toISOString(),
    attempts: [
      ...(turn.failedModel ? [{ number: 1, model: turn.failedModel, provider: 'cloud', hosting: 'commercial', state: 'failed', code: 'provider_unavailable', cost_micro_usd: 0, keeps: 0 }] : []),
      { number: turn.failedModel ? 2 : 1, model: turn.model, provider: 'cloud', hosting: turn.hosting, state: 'answered', code: '', keeps: 0, cost_micro_usd: turn.cost },
    ],
    decision: {
      intent: { task: 'coding', domain: 'computing', complexity: 4, words: 300 },
      sensitivity: { label: turn.isPrivate ? 'sensitive' : 'clean', entities: turn.isPrivate ? { PERSON: 1, IBAN_CODE: 1 } : {} },
      strategy: 'balanced', policy_version: 14, largest_micro_usd: 32_400,
      reasons: ['It answers coding questions nearly as well as the largest model, at a tenth of the price.'],
      candidates: [
        ...(turn.isPrivate ? [] : [
          { model: 'gpt-mini', hosting: 'commercial', quality: 0.86, estimate_micro_usd: 4_000 },
          { model: 'gpt-large', hosting: 'commercial', quality: 0.89, estimate_micro_usd: 41_000 },
        ]),
        { model: 'local-llama', hosting: 'self_hosted', quality: 0.78, estimate_micro_usd: 0 },
      ],
      rejected: [{ model: 'mistral-eu', code: 'team', reason: 'Team Research has not been given this model.' }],
    },
  };
};

export const ANSWER = `Number the runs of missing values first, then interpolate only the runs that are short enough. A plain \`limit=5\` would also fill the first five minutes of a long gap.

\`\`\`python
def fill_short_gaps(s, longest=5):
    s = s.asfreq("1min")              # make the gaps visible
    gap = s.isna()
    run = gap.ne(gap.shift()).cumsum()   # number each run
    minutes = gap.groupby(run).transform("sum")
    short = gap & (minutes <= longest)
    return s.where(~short, s.interpolate("time"))
\`\`\`

Check two things before you trust the result:

1. The index must be sorted and free of duplicates, or \`asfreq\` raises an error.
2. A gap at the very start stays empty, because there is nothing before it to start from.

| gap | result |
|---|---|
| 3 min | filled |
| 12 min | stays empty |

More in the [guide](https://pandas.example/gaps). ![chart](https://tracker.example/x.png)
`;

export const LETTER = `Dear Ms Lindqvist,

I hope you are well. Our invoice 2026-1187 for €1,240 was due on 2 November, and we have not yet seen your payment. It may simply have crossed with this letter; in that case please disregard it.

If something about the invoice is unclear, reply to this message and I will look into it the same day.

Kind regards
`;
