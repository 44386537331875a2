import { keepPreviousData, queryOptions } from '@tanstack/react-query';

import { api, body } from '@/api/client';
import { everyPage, LARGEST_PAGE } from '@/api/pages';
import type { components } from '@/api/schema';

type Schemas = components['schemas'];
export type Budget = Schemas['BudgetRead'];
export type Person = Schemas['PersonShown'];
export type Seat = Person['memberships'][number];
export type Team = Schemas['Team'];
export type RoleName = Person['role'];

export const PEOPLE_A_PAGE = 50;

interface PeopleWanted {
  search?: string;
  page?: number;
  team?: number;
}

export const peopleQuery = ({ search = '', page = 1, team }: PeopleWanted) =>
  queryOptions({
    queryKey: ['people', 'page', search, page, team ?? null],
    queryFn: () => {
      const query = { search, page, page_size: PEOPLE_A_PAGE, ...(team === undefined ? {} : { team }) };
      return body(api.GET('/api/v1/people/', { params: { query } }));
    },
    placeholderData: keepPreviousData,
  });

/** Everybody whom one may see, for lists that show names instead of numbers. */
export const everybodyQuery = queryOptions({
  queryKey: ['people', 'all'],
  queryFn: () =>
    everyPage((page) => body(api.GET('/api/v1/people/', { params: { query: { page, page_size: LARGEST_PAGE } } }))),
  staleTime: 60_000,
});

export const createPerson = (order: Schemas['PersonOrderRequest']): Promise<Person> =>
  body(api.POST('/api/v1/people/', { body: order }));

export const changePerson = (user: number, changes: Schemas['PatchedPersonChangesRequest']): Promise<Person> =>
  body(api.PATCH('/api/v1/people/{user}/', { params: { path: { user } }, body: changes }));

export const teamsQuery = queryOptions({
  queryKey: ['teams'],
  queryFn: () =>
    everyPage((page) => body(api.GET('/api/v1/teams/', { params: { query: { page, page_size: LARGEST_PAGE } } }))),
  staleTime: 60_000,
});

export const createTeam = (order: Schemas['TeamOrderRequest']): Promise<Team> =>
  body(api.POST('/api/v1/teams/', { body: order }));

export const changeTeam = (team: number, changes: Schemas['PatchedTeamChangesRequest']): Promise<Team> =>
  body(api.PATCH('/api/v1/teams/{team}/', { params: { path: { team } }, body: changes }));

export const budgetsQuery = queryOptions({
  queryKey: ['budgets'],
  queryFn: () =>
    everyPage((page) => body(api.GET('/api/v1/budgets/', { params: { query: { page, page_size: LARGEST_PAGE } } }))),
});

export const createBudget = (order: Schemas['BudgetWriteRequest']): Promise<Budget> =>
  body(api.POST('/api/v1/budgets/', { body: order }));

export const changeLimit = (budget: number, limit: number): Promise<Budget> =>
  body(api.PATCH('/api/v1/budgets/{budget}/', { params: { path: { budget } }, body: { limit_microusd: limit } }));

export const removeBudget = async (budget: number): Promise<void> => {
  await api.DELETE('/api/v1/budgets/{budget}/', { params: { path: { budget } } });
};

/** All that the company may use, for its admins; for everybody else what they may use. */
export const companyModelsQuery = (isAdmin: boolean) =>
  queryOptions({
    queryKey: ['models', 'company', isAdmin],
    queryFn: () => body(api.GET('/api/v1/models/', { params: { query: isAdmin ? { company: true } : {} } })),
  });

/** The keys of everybody in the teams that one administers, the newest first. */
export const teamKeysQuery = queryOptions({
  queryKey: ['keys', 'everyone'],
  queryFn: () =>
    everyPage((page) =>
      body(api.GET('/api/v1/keys/', { params: { query: { page, page_size: LARGEST_PAGE, everyone: true } } }))),
});
