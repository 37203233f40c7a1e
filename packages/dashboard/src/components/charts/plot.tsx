import { useRef } from 'react';
import { usePreferences } from '#lib/preferences.ts';
import { useWidth } from '#lib/use-width.ts';
import { PlotCursor } from './plot-cursor.tsx';
import { PlotDrawing } from './plot-drawing.tsx';
import { layOut } from './plot-layout.ts';
import type { PlotProps } from './series.ts';

/** The picture of a chart, and the values of the point that is pointed at or gone to by keys. */
export function Plot(props: PlotProps) {
  const { byteUnits } = usePreferences();
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame, () => 0);
  const layout = width > 0 && layOut({ ...props, width, byteUnits });
  return (
    <div ref={frame} className="relative" style={{ height: props.height }}>
      {layout && (
        <>
          <PlotDrawing {...props} layout={layout} />
          <PlotCursor {...props} layout={layout} />
        </>
      )}
    </div>
  );
}
