import { keepPreviousData, queryOptions } from '@tanstack/react-query';

import { api, body } from '@/api/client';
import type { components, operations } from '@/api/schema';

type Schemas = components['schemas'];
export type Suite = Schemas['Suite'];
export type SuiteDetail = Schemas['SuiteDetail'];
export type SuiteQuestion = Schemas['SuiteQuestion'];
export type Run = Schemas['LabRun'];
export type RunDetail = Schemas['LabRunDetail'];
export type Result = Schemas['LabResult'];
export type LabAnswer = Schemas['LabAnswer'];
export type Alarm = Schemas['LabAlarm'];
export type UsualCost = Schemas['LabCost'];
export type LabSchedule = Schemas['LabSchedule'];
export type AnswersWanted = NonNullable<operations['lab_answers_list']['parameters']['query']>;
export type Task = NonNullable<AnswersWanted['task']>;

export const ROWS_A_PAGE = 50;
const LAB = ['lab'] as const;
const RUNS = [...LAB, 'runs'] as const;
/** How often a run that goes on is looked at. Nobody looks while the page is hidden. */
const LIVE_MS = 2_000;
const LIVE_LIST_MS = 5_000;

export const isGoing = ({ state }: Pick<Run, 'state'>): boolean => state === 'queued' || state === 'running';

/** How far a run was when it was looked at. */
export interface Sample {
  at: number;
  done: number;
}

const KEPT_MS = 60_000;

export const doneOf = ({ checked, failed, skipped }: Pick<Run, 'checked' | 'failed' | 'skipped'>): number => checked + failed + skipped;

/** The samples of the last minute with a new one. A run that went back, or on after a pause, begins anew. */
export const withSample = (before: readonly Sample[], next: Sample, isLive: boolean): readonly Sample[] =>
  isLive ? [...before.filter(({ at, done }) => next.at - at <= KEPT_MS && done <= next.done), next] : [];

export const suitesQuery = queryOptions({
  queryKey: [...LAB, 'suites'],
  queryFn: () => body(api.GET('/api/v1/lab/suites/')),
});

export const suiteQuery = (suite: string) =>
  queryOptions({
    queryKey: [...LAB, 'suites', suite],
    queryFn: () => body(api.GET('/api/v1/lab/suites/{suite}/', { params: { path: { suite } } })),
  });

export const questionsQuery = (suite: string, page: number, task?: Task) =>
  queryOptions({
    queryKey: [...LAB, 'suites', suite, 'questions', page, task ?? ''],
    queryFn: () => {
      const query = { page, page_size: ROWS_A_PAGE, ...(task ? { task } : {}) };
      return body(api.GET('/api/v1/lab/suites/{suite}/questions/', { params: { path: { suite }, query } }));
    },
    placeholderData: keepPreviousData,
  });

export const uploadSuite = (order: Schemas['SuiteUploadRequest']): Promise<Suite> =>
  body(api.POST('/api/v1/lab/suites/', { body: order }));

export const runsQuery = (page: number) =>
  queryOptions({
    queryKey: [...RUNS, page],
    queryFn: () => body(api.GET('/api/v1/lab/runs/', { params: { query: { page, page_size: ROWS_A_PAGE } } })),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state: { data } }) => (data?.results.some(isGoing) ? LIVE_LIST_MS : false),
  });

interface Watched {
  run: RunDetail;
  samples: readonly Sample[];
}

/** A run with how far it was lately, which is what its pace is read from. */
export const runQuery = (id: string) =>
  queryOptions({
    queryKey: [...RUNS, 'one', id],
    queryFn: async ({ client, queryKey }): Promise<Watched> => {
      const run = await body(api.GET('/api/v1/lab/runs/{run}/', { params: { path: { run: id } } }));
      const before = client.getQueryData<Watched>(queryKey)?.samples ?? [];
      return { run, samples: withSample(before, { at: Date.now(), done: doneOf(run) }, run.state === 'running') };
    },
    refetchInterval: ({ state: { data } }) => (data && isGoing(data.run) ? LIVE_MS : false),
  });

/** What an answer of each model has cost lately. */
export const costsQuery = queryOptions({
  queryKey: [...LAB, 'costs'],
  queryFn: () => body(api.GET('/api/v1/lab/costs/')),
});

export const startRun = (order: Schemas['LabRunStartRequest']): Promise<RunDetail> =>
  body(api.POST('/api/v1/lab/runs/', { body: order }));

export const stopRun = (run: string): Promise<RunDetail> =>
  body(api.POST('/api/v1/lab/runs/{run}/stop/', { params: { path: { run } } }));

export const goOnWithRun = (run: string, bounds: Schemas['LabRunBoundsRequest']): Promise<RunDetail> =>
  body(api.POST('/api/v1/lab/runs/{run}/go-on/', { params: { path: { run } }, body: bounds }));

export const answersQuery = (run: string, wanted: AnswersWanted, isLive: boolean) =>
  queryOptions({
    queryKey: [...LAB, 'answers', run, wanted],
    queryFn: () => {
      const query = { page_size: ROWS_A_PAGE, ...wanted };
      return body(api.GET('/api/v1/lab/runs/{run}/answers/', { params: { path: { run }, query } }));
    },
    placeholderData: keepPreviousData,
    refetchInterval: isLive ? LIVE_LIST_MS : false,
  });

export const alarmsQuery = queryOptions({
  queryKey: [...LAB, 'alarms'],
  queryFn: () => body(api.GET('/api/v1/lab/alarms/')),
});

export const acknowledgeAlarm = async (alarm: string): Promise<void> => {
  await api.POST('/api/v1/lab/alarms/{alarm}/acknowledge/', { params: { path: { alarm } } });
};

export const scheduleQuery = queryOptions({
  queryKey: [...LAB, 'schedule'],
  queryFn: () => body(api.GET('/api/v1/lab/schedule/')),
});

export const saveSchedule = (order: Schemas['LabScheduleWriteRequest']): Promise<LabSchedule> =>
  body(api.PUT('/api/v1/lab/schedule/', { body: order }));
