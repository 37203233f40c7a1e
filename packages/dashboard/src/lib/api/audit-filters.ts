/** What the audit log is filtered by; the server does it, as the log is long. The live feed has to do the same. */
export interface AuditFilters {
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly targetType?: string | undefined;
  readonly targetId?: string | undefined;
  /** ISO 8601. */
  readonly from?: string | undefined;
}
