/** Prints the folder of the database template, made if it has to be: `node database-template-main.ts` */
import { databaseTemplate } from '../db/test-database-template.ts';

console.log(await databaseTemplate());
