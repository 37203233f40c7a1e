import type { Locator, Page } from 'playwright-core';

export interface Login {
  readonly email: string;
  readonly password: string;
}

/** Fills in the form as a person does, and sends it. */
export async function submitLogin(page: Page, { email, password }: Login): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Says that the dashboard hears of what happens. */
export function live(page: Page): Locator {
  return page.getByRole('status').filter({ hasText: 'Live' });
}

/** Signs in, and waits until the dashboard hears of what happens. */
export async function signIn(page: Page, login: Login, path = '/'): Promise<void> {
  await page.goto(path);
  await submitLogin(page, login);
  await live(page).first().waitFor();
}
