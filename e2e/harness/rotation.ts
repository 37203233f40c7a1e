import type { ApiClient } from './api-client.ts';
import { until } from './until.ts';

/** A rotation as the API shows it. */
export interface RotationView {
  readonly id: string;
  readonly status: 'queued' | 'running' | 'succeeded' | 'unchanged' | 'failed';
  readonly step: string;
  readonly attempt: number;
  readonly oldIp: string | null;
  readonly newIp: string | null;
  readonly reason: string | null;
  readonly durationMs: number | null;
}

/** The rotations of one device, asked for and followed by the API. */
export class Rotations {
  readonly #api: ApiClient;
  readonly #deviceId: string;

  constructor(api: ApiClient, deviceId: string) {
    this.#api = api;
    this.#deviceId = deviceId;
  }

  /** Asks for a rotation and answers at once. */
  async begin(): Promise<RotationView> {
    return await this.#api.call('POST', `/devices/${this.#deviceId}/rotate`);
  }

  /** Asks for a rotation and answers with its outcome. */
  async rotate(): Promise<RotationView> {
    return await this.ended(await this.begin());
  }

  /** Resolves when the rotation is at `step`. */
  async at({ id }: RotationView, step: string, withinMs?: number): Promise<RotationView> {
    return await until(
      `rotation ${id} to be ${step}`,
      () => this.#find(id, (one) => one.step === step),
      withinMs,
    );
  }

  /** Resolves when it has ended. Keeps asking while the server restarts. */
  async ended({ id }: RotationView, withinMs = 150_000): Promise<RotationView> {
    return await until(
      `rotation ${id} to end`,
      () => this.#find(id, ({ status }) => status !== 'queued' && status !== 'running'),
      withinMs,
    );
  }

  async #find(id: string, matches: (rotation: RotationView) => boolean): Promise<RotationView | null> {
    const rotation = await this.#api.call<RotationView>('GET', `/rotations/${id}`);
    return matches(rotation) ? rotation : null;
  }
}
