import { defineConfig } from 'drizzle-kit';

/** `npx drizzle-kit generate --name <what>` in this folder writes the next migration. Migrations are append-only. */
export default defineConfig({
  dialect: 'postgresql',
  schema: './src/db/*schema.ts',
  out: './src/db/migrations',
});
