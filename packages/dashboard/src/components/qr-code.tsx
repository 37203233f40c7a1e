import { QRCodeSVG } from 'qrcode.react';

export interface QrCodeProps {
  readonly text: string;
  /** What it leads to, for those who cannot see it. */
  readonly label: string;
  /** In pixels. */
  readonly size?: number;
}

/** A QR code; dark on light in both themes, as cameras want it. */
export function QrCode({ text, label, size = 200 }: QrCodeProps) {
  return (
    <QRCodeSVG
      value={text}
      size={size}
      level="M"
      marginSize={3}
      bgColor="#fff"
      fgColor="#000"
      role="img"
      aria-label={label}
      className="rounded-md border border-border"
    />
  );
}
