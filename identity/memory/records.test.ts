import { describeRecords } from '../../test/contracts/identity-records.ts';
import { createMemoryRecords } from './records.ts';

describeRecords('records in memory', async () => createMemoryRecords());
