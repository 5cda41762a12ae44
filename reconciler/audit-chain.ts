/** What a look at the whole audit trail came to. */
export interface AuditVerdict {
  /** Rows that were looked at. */
  rows: number;
  /** Hash of the end of the chain, in hex: note it elsewhere, and compare. Null: nothing is linked yet. */
  head: string | null;
  /** Epoch ms when the end was signed. */
  sealedAt: number | null;
  /** The first place that is not as it was written; null: all of it is. */
  broken: AuditBreak | null;
}

export interface AuditBreak {
  /** Position in the chain; null for a row that is not in it. */
  position: number | null;
  /** Epoch ms and number of the row; null where there is none. */
  at: number | null;
  id: number | null;
  why: 'RowChanged' | 'RowMissing' | 'LinkMissing' | 'EndMissing' | 'SealWrong' | 'RowAdded';
}

export interface AuditChain {
  /** Links what was committed since, and signs. Answers how many rows; several instances may try at once. */
  seal(): Promise<number>;
  verify(): Promise<AuditVerdict>;
}
