import type { DeviceView } from '@pocketproxy/protocol/api';
import { DurationField, NumberField } from '#components/form/number-fields.tsx';
import { DeviceForm } from './device-form.tsx';

const NAMES = [
  ...(['autoRotateMinutes', 'autoRotateJitterPercent', 'rotationHoldSeconds', 'rotationRetries'] as const),
  ...(['rotationMinIntervalSeconds', 'rotationWaitSeconds', 'rotationUniqueHours'] as const),
];

/** When and how a phone rotates. */
export function RotationSettings({ device }: { readonly device: DeviceView }) {
  return (
    <DeviceForm device={device} names={NAMES} saved={`Rotation of ${device.name} saved`}>
      {(form) => (
        <div className="grid gap-x-8 gap-y-5 sm:grid-cols-2">
          <DurationField
            form={form}
            name="autoRotateMinutes"
            keptIn="minutes"
            label="Rotate by itself every"
            placeholder="Never"
            hint="Empty: only when somebody asks for it."
          />
          <NumberField
            form={form}
            name="autoRotateJitterPercent"
            label="Earlier or later by up to"
            unit="% of that"
            hint="So that rotations do not look like a clock."
          />
          <NumberField
            form={form}
            name="rotationHoldSeconds"
            unit="seconds"
            label="Radio stays off for"
            placeholder="As learned"
            hint="Carriers differ. Empty: as long as worked on this phone before."
          />
          <NumberField
            form={form}
            name="rotationRetries"
            label="Further tries"
            unit="times"
            hint="When the address stays the same, each with the radio off for longer."
          />
          <NumberField
            form={form}
            name="rotationUniqueHours"
            label="An address is new if not had for"
            unit="hours"
            placeholder="Any other"
            hint="Empty: any address but the present one is new."
          />
          <DurationField
            form={form}
            name="rotationMinIntervalSeconds"
            keptIn="seconds"
            label="Not more often than every"
            hint="Whoever asks: people, the schedule and links."
          />
          <NumberField
            form={form}
            name="rotationWaitSeconds"
            unit="seconds"
            label="New requests wait for up to"
            hint="While it rotates; then they are refused with 503."
          />
        </div>
      )}
    </DeviceForm>
  );
}
