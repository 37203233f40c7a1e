import type * as api from '@pocketproxy/protocol/api';
import type { z } from 'zod';

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** A time on the wire is text; what the server makes of it is its own affair. */
type Wire<S extends z.ZodType> = z.input<S>;
type Query<S extends z.ZodType> = Partial<z.input<S>>;
type Paging = Query<typeof api.pageQuerySchema>;

/** What is read: path below `/api/v1`, its query and its answer. The server's own schemas are the source. */
export interface Reads {
  '/auth/me': { answer: api.Me };
  '/auth/sessions': { answer: Page<api.SessionView> };
  '/stats/overview': { answer: api.StatsOverview };
  '/stats/bandwidth': {
    query: Query<typeof api.bandwidthQuerySchema>;
    answer: Page<api.BandwidthBucket>;
  };
  '/server': { answer: api.ServerStatusView };
  '/stats/devices': { answer: Page<api.DeviceTotals> };
  '/devices': { query: Query<typeof api.listDevicesQuerySchema>; answer: Page<api.DeviceView> };
  '/devices/:id': { answer: api.DeviceView };
  '/devices/:id/commands': {
    query: Query<typeof api.listCommandsQuerySchema>;
    answer: Page<api.CommandView>;
  };
  '/devices/:id/rotations': { query: Paging; answer: Page<api.RotationView> };
  '/devices/:id/ip-history': { answer: Page<api.IpHistoryEntry> };
  '/devices/:id/uptime': { query: Query<typeof api.uptimeQuerySchema>; answer: api.UptimeView };
  '/devices/:id/bandwidth': {
    query: Query<typeof api.bandwidthQuerySchema>;
    answer: Page<api.BandwidthBucket>;
  };
  '/devices/:id/metrics': {
    query: Query<typeof api.deviceSamplesQuerySchema>;
    answer: Page<api.DeviceSampleView>;
  };
  '/commands/:id': { query: Query<typeof api.waitQuerySchema>; answer: api.CommandView };
  '/rotations/active': { answer: Page<api.RotationView> };
  '/rotations/:id': { query: Query<typeof api.waitQuerySchema>; answer: api.RotationView };
  '/connections': {
    query: Query<typeof api.listConnectionsQuerySchema>;
    answer: Page<api.ConnectionView>;
  };
  '/connections/:id': { answer: api.ConnectionView };
  '/connections/:id/bandwidth': {
    query: Query<typeof api.bandwidthQuerySchema>;
    answer: Page<api.BandwidthBucket>;
  };
  '/pairing-codes': { query: Paging; answer: Page<api.PairingCodeView> };
  '/pairing-codes/:id': { answer: api.PairingCodeView };
  '/rotation-links': {
    query: Query<typeof api.listRotationLinksQuerySchema>;
    answer: Page<api.RotationLinkView>;
  };
  '/rotation-links/:id': { answer: api.RotationLinkView };
  '/notification-channels': { query: Paging; answer: Page<api.NotificationChannelView> };
  '/notification-channels/:id': { answer: api.NotificationChannelView };
  '/notification-channels/:id/deliveries': { query: Paging; answer: Page<api.NotificationDeliveryView> };
  '/users': { query: Query<typeof api.listUsersQuerySchema>; answer: Page<api.UserDetail> };
  '/users/:id': { answer: api.UserDetail };
  '/invitations': { query: Paging; answer: Page<api.InvitationView> };
  '/organizations': { query: Paging; answer: Page<api.OrganizationView> };
  '/organizations/:id': { answer: api.OrganizationView };
  '/api-keys': { query: Paging; answer: Page<api.ApiKeyView> };
  '/api-keys/:id': { answer: api.ApiKeyView };
  '/audit-log': { query: Query<typeof api.auditLogQuerySchema>; answer: Page<api.AuditEntryView> };
}

/** What makes or does something by `POST`. */
export interface Posts {
  '/auth/password': { body: Wire<typeof api.changeOwnPasswordBodySchema>; answer: undefined };
  '/auth/two-factor/setup': {
    body: Wire<typeof api.confirmPasswordBodySchema>;
    answer: z.output<typeof api.twoFactorSetupSchema>;
  };
  '/auth/two-factor/backup-codes': {
    body: Wire<typeof api.confirmPasswordBodySchema>;
    answer: z.output<typeof api.backupCodesSchema>;
  };
  '/devices/:id/rotate': { query: Query<typeof api.waitQuerySchema>; answer: api.RotationView };
  '/devices/:id/commands': { body: Wire<typeof api.createCommandBodySchema>; answer: api.CommandView };
  '/commands/:id/cancel': { answer: api.CommandView };
  '/connections': { body: Wire<typeof api.createConnectionBodySchema>; answer: api.CreatedConnection };
  '/connections/:id/password': {
    body: Wire<typeof api.changePasswordBodySchema>;
    answer: z.output<typeof api.changedPasswordSchema>;
  };
  '/connections/:id/reset-usage': { answer: api.ConnectionView };
  '/pairing-codes': { body: Wire<typeof api.createPairingCodeBodySchema>; answer: api.CreatedPairingCode };
  '/rotation-links': { body: Wire<typeof api.createRotationLinkBodySchema>; answer: api.RotationLinkView };
  '/notification-channels': {
    body: Wire<typeof api.createNotificationChannelBodySchema>;
    answer: api.CreatedNotificationChannel;
  };
  '/notification-channels/:id/test': { answer: api.NotificationTestView };
  '/users': { body: Wire<typeof api.createUserBodySchema>; answer: z.output<typeof api.createdUserSchema> };
  '/users/:id/password': {
    body: Wire<typeof api.resetPasswordBodySchema>;
    answer: z.output<typeof api.resetPasswordSchema>;
  };
  '/invitations': {
    body: Wire<typeof api.createInvitationBodySchema>;
    answer: z.output<typeof api.createdInvitationSchema>;
  };
  '/organizations': { body: Wire<typeof api.organizationBodySchema>; answer: api.OrganizationView };
  '/api-keys': { body: Wire<typeof api.createApiKeyBodySchema>; answer: api.CreatedApiKey };
}

/** What is changed by `PATCH`. */
export interface Patches {
  '/auth/me': { body: Wire<typeof api.updateMeBodySchema>; answer: api.Me };
  '/devices/:id': { body: Wire<typeof api.updateDeviceBodySchema>; answer: api.DeviceView };
  '/connections/:id': { body: Wire<typeof api.updateConnectionBodySchema>; answer: api.ConnectionView };
  '/notification-channels/:id': {
    body: Wire<typeof api.updateNotificationChannelBodySchema>;
    answer: api.NotificationChannelView;
  };
  '/users/:id': { body: Wire<typeof api.updateUserBodySchema>; answer: api.UserDetail };
  '/organizations/:id': { body: Wire<typeof api.organizationBodySchema>; answer: api.OrganizationView };
}

/** What is ended by `DELETE`. */
export type Deletes =
  | '/auth/sessions/:id'
  | '/devices/:id'
  | '/connections/:id'
  | '/pairing-codes/:id'
  | '/rotation-links/:id'
  | '/notification-channels/:id'
  | '/users/:id'
  | '/users/:id/two-factor'
  | '/invitations/:id'
  | '/organizations/:id'
  | '/api-keys/:id';

/** What is answered as a file: `/connections/:id/ovpn` without the password, and tables of traffic. */
export type Files = '/connections/:id/ovpn' | '/connections/:id/bandwidth' | '/devices/:id/bandwidth';
