import type { BooksReader, Page, PageQuery } from '../../billing/loop/books-reader.ts';
import { type Builder, type ObjectRefOf, objectRef } from '../builder.ts';
import type { Context } from '../context.ts';
import type { Derived } from '../derive/derived.ts';
import { PAGE_MAX, pageSize } from '../derive/list.ts';
import { type CommonTypes, pageInfoOf } from '../types/metadata.ts';
import { type BooksRecord, booksFor, notThere } from './access.ts';

interface PageArgs {
  account: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
}

export interface RecordList<Row> {
  /** Of the field. */
  name: string;
  /** Of the record, as roles name it. */
  kind: BooksRecord;
  /** Of its type. */
  type: string;
  node: ObjectRefOf<Row> | Derived;
  read(books: { reader: BooksReader; currency: string }, query: PageQuery): Promise<Page<Row>>;
}

/** A list of an account's records, newest first, for those who may read them. */
export function addRecordList<Row>(builder: Builder, common: CommonTypes, list: RecordList<Row>): void {
  const connection = connectionOf<Row>(builder, common, { name: list.type, node: list.node });
  builder.queryField(list.name, (t) =>
    t.field({
      type: connection,
      args: {
        account: t.arg.string({ required: true, description: 'Name of the account.' }),
        first: t.arg.int({ description: `At most ${PAGE_MAX}.` }),
        after: t.arg.string({ description: 'Cursor of the last item of the page before.' }),
      },
      resolve: async (_root, args, context) => {
        const books = await readerFor(context, { kind: list.kind, account: args.account });
        return list.read(books, pageQuery(args));
      },
    }),
  );
}

/** The reader, and the account's currency: an account that nothing was booked for has no records. */
export async function readerFor(context: Context, of: { kind: BooksRecord; account: string }) {
  const { reader } = await booksFor(context, of);
  const currency = await reader.currencyOf(of.account);
  if (currency === undefined) throw notThere(of.account);
  return { reader, currency };
}

function pageQuery({ account, first, after }: PageArgs): PageQuery {
  return { account, limit: pageSize(first), ...(after ? { after } : {}) };
}

/** A Relay connection of facts, newest first. */
function connectionOf<Row>(
  builder: Builder,
  common: CommonTypes,
  { name, node }: { name: string; node: ObjectRefOf<Row> | Derived },
) {
  const edge = objectRef<{ row: Row; cursor: string }>(builder, `${name}Edge`).implement({
    fields: (t) =>
      ({
        cursor: t.exposeString('cursor'),
        node: t.field({ type: node, resolve: (item: { row: Row }) => item.row } as Derived),
      }) as Derived,
  });
  return objectRef<Page<Row>>(builder, `${name}Connection`).implement({
    fields: (t) =>
      ({
        edges: t.field({ type: [edge], resolve: (page) => page.items }),
        nodes: t.field({ type: [node], resolve: (page: Page<Row>) => page.items.map(({ row }) => row) } as Derived),
        pageInfo: t.field({ type: common.pageInfo, resolve: pageInfoOf as Derived }),
      }) as Derived,
  });
}

/** Each row of a page as something else. */
export function mapPage<From, To>({ items, hasMore }: Page<From>, of: (row: From) => To): Page<To> {
  return { items: items.map(({ row, cursor }) => ({ row: of(row), cursor })), hasMore };
}
